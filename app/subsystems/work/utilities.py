"""市政服务监督: what residents and grid workers say of water, power, gas, heat, cleaning and green (plan 四(四)3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import abort, render_template
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Index, String, Text, func, select
from sqlalchemy.orm import Mapped, relationship

from app.core.base.fields import field, reference
from app.core.base.moments import today
from app.core.base.records import Record, RuleError, unique_live
from app.core.base.scope import WHOLE_RANGE
from app.core.cases.figures import Figures, Rate, counted, span
from app.core.cases.loop import CLOSED, DISPATCHED, HANDLED, REPORTED, STEPS, loop
from app.core.cases.number_pages import chosen_days
from app.core.cases.records import Case
from app.core.cases.reported import Located, Placed, Reported
from app.core.cases.views import CaseView
from app.core.cases.workflow import Workflow
from app.core.screens import NamedFilter, RecordView
from app.db import db

WHAT, WHO, ANSWER = _("What is wrong"), _("Who reported it"), _("The unit's answer")
UTILITY = "utility"  # the handling unit every report is with once it was passed on


class UtilityUnit(Record):
    """市政服务单位: who supplies, cleans or plants, and is answerable to the residents of the street."""

    __tablename__ = "utility_unit"
    __label__ = _("Utility unit")
    __natural_key__ = ("name",)
    __table_args__ = (unique_live("utility_unit", "name"),)

    name: Mapped[str] = field(_("Name of the unit"), String(80), listed=True, search="text", sortable=True, aliases=("单位名称", "名称"))
    service: Mapped[str] = field(_("Service"), String(12), dictionary="utility_service", listed=True, aliases=("服务类别", "类别"))
    liaison: Mapped[str | None] = field(_("Liaison"), String(60), listed=True, aliases=("联系人", "联络员"))
    phone: Mapped[str | None] = field(_("Liaison's phone"), String(20), listed=True, aliases=("联系电话", "电话"))
    hotline: Mapped[str | None] = field(_("Repair hotline"), String(20), listed=True, aliases=("报修电话", "服务热线"))
    remark: Mapped[str | None] = field(_("Remark"), Text, aliases=("备注",))

    def __str__(self) -> str:
        return self.name or ""


def _passed_on(case: Any) -> None:
    case.unit, case.forwarded_on = UTILITY, case.forwarded_on or today()


def _answered(case: Any) -> None:
    case.answered_on = case.answered_on or today()
    if case.forwarded_on and case.answered_on < case.forwarded_on:
        raise RuleError(gettext("The answer cannot be older than the day it was passed on."), "answered_on")
    STEPS["handle"].effect(case)


def _workflow() -> Workflow:
    return loop(
        "utility",
        STEPS["verify"].at(REPORTED),
        STEPS["reject"].at(REPORTED),
        STEPS["merge"].at(REPORTED),
        STEPS["dispatch"].at(REPORTED, label=_("Pass on to the unit"), asks=("forwarded_on", "handler"), must=(), effect=_passed_on),
        STEPS["handle"].at(DISPATCHED, "outside", label=_("Note the unit's answer"), asks=("result", "answered_on"), effect=_answered),
        STEPS["send_back"].at(DISPATCHED, target=REPORTED, label=_("The unit sends it back")),
        STEPS["close"].at(HANDLED, label=_("Looked at: close")),
        STEPS["park"].at(DISPATCHED),
        STEPS["resume"].at("parked", target=REPORTED),
        STEPS["escalate"].at(REPORTED, DISPATCHED),
        STEPS["report_outside"].at(REPORTED, DISPATCHED),
        STEPS["assign_down"].at(REPORTED),
        STEPS["reopen"].at(CLOSED, "rejected", target=REPORTED),
        without=("accept", "file", "transfer", "follow_up"))


class UtilityFeedback(Located, Reported, Placed, Case):
    """One report on a utility: passed on, answered by it, looked at, rated."""

    __tablename__ = "utility_feedback"
    __label__ = _("Utility report")
    __natural_key__ = ("number",)
    __table_args__ = (Index("ix_utility_feedback_state", "state", "grid_code", "id"),)
    workflow = _workflow()
    prefix = "SZ"
    limit_by, matter_section = "problem", WHAT
    stands = ("utility_id",)
    worded = {"title": {"aliases": ("标题", "问题"), "after": "utility_id"},
              "place": {"aliases": ("地点", "地址", "位置"), "listed": False, "after": "problem"},
              "reporter": {"aliases": ("反映人",), "after": "source"},
              "reporter_phone": {"aliases": ("反映人电话", "联系电话")}}
    figures = Figures(
        counted("dispatched", "returned", "handled", "owed", "handled_late", "reworked", "closed", "turned_down", "rated", "content"),
        (Rate(_("Answered"), "handled", "dispatched"), Rate(_("Answered in time"), "handled_late", "owed", but=True),
         Rate(_("Done again"), "reworked", "handled"), Rate(_("Closed"), "closed", "dispatched"), Rate(_("Satisfied"), "content", "rated")))

    utility_id: Mapped[int] = reference("utility_unit.id", _("Utility unit"), listed=True, aliases=("市政服务单位", "责任单位"))
    problem: Mapped[str] = field(_("Kind of problem"), String(12), dictionary="utility_problem", listed=True, aliases=("问题类型",))
    description: Mapped[str] = field(_("Description"), Text, means="text", section=WHAT, aliases=("描述", "问题描述", "情况描述"))
    households: Mapped[int | None] = field(_("Households concerned"), section=WHAT, aliases=("影响户数",))
    source: Mapped[str] = field(_("Source"), String(12), dictionary="event_source", means="source", default="worker", section=WHO, aliases=("来源",))
    forwarded_on: Mapped[date | None] = field(_("Passed on"), derived=True, section=ANSWER, aliases=("转交日期",))
    answered_on: Mapped[date | None] = field(_("Answered on"), derived=True, section=ANSWER, aliases=("回复日期", "答复日期"))

    utility: Mapped[UtilityUnit] = relationship()

    @property
    def is_filed(self) -> bool:
        """Once it was passed on it stands as it was."""
        return super().is_filed or self.forwarded_on is not None

    def check(self) -> None:
        super().check()
        if self.households is not None and self.households < 0:
            raise RuleError(gettext("Write a number from 0."), "households")


@dataclass(frozen=True)
class Standing:
    """A unit in the league: its reports of a stretch of time, and what became of them."""

    unit: UtilityUnit
    total: int
    counts: dict[str, int]
    days: float | None
    rates: list[tuple[Rate, float | None]]

    @property
    def score(self) -> float:
        """By what the league is ordered: the mean of the shares answered in time and satisfied; unrated ones come last."""
        known = [percent for rate, percent in self.rates if rate.part in ("handled_late", "content") and percent is not None]
        return sum(known) / len(known) if known else -1.0


def league(first: date, last: date) -> list[Standing]:
    """Every unit with reports from a day to a day, the best first; one statement."""
    since, until = span(first, last)
    figures = UtilityFeedback.figures
    sums = [func.sum(db.case((part.condition(UtilityFeedback), 1), else_=0)) for part in figures.parts.values()]
    waited = db.session.execute(select(
        UtilityFeedback.utility_id, UtilityFeedback.forwarded_on, UtilityFeedback.answered_on).where(
            UtilityFeedback.reported_at >= since, UtilityFeedback.reported_at < until, UtilityFeedback.answered_on.is_not(None),
            UtilityFeedback.forwarded_on.is_not(None)), execution_options=WHOLE_RANGE).all()
    days: dict[int, list[int]] = {}
    for number, forwarded, answered in waited:
        days.setdefault(number, []).append((answered - forwarded).days)
    rows = db.session.execute(select(UtilityFeedback.utility_id, func.count(), *sums).where(
        UtilityFeedback.reported_at >= since, UtilityFeedback.reported_at < until).group_by(UtilityFeedback.utility_id),
        execution_options=WHOLE_RANGE).all()
    units = {unit.id: unit for unit in db.session.scalars(select(UtilityUnit).where(UtilityUnit.id.in_([row[0] for row in rows])))}
    found = []
    for number, total, *sums in rows:
        counts = {name: int(n or 0) for name, n in zip(figures.parts, sums, strict=True)}
        spent = days.get(number)
        found.append(Standing(units[number], total, counts, sum(spent) / len(spent) if spent else None,
                              [(rate, rate.of(counts)) for rate in figures.rates]))
    return sorted(found, key=lambda one: (-one.score, one.unit.name))


class UtilityUnitView(RecordView):
    record = UtilityUnit
    menu = "settings"
    menu_order = 927
    icon = "fa-plug"


class UtilityFeedbackView(CaseView):
    record = UtilityFeedback
    menu_order = 41
    icon = "fa-faucet-drip"
    charts = ["utility_id", "problem", "state", "satisfaction", "grid_code"]
    more_pages = (*CaseView.more_pages, ("league/", _("League of units"), "fa-ranking-star"))
    named_filters = {"unanswered": NamedFilter(_("Waiting for the unit"), lambda case: case.state == DISPATCHED)}

    @expose("/league/")
    @has_access
    @permission_name("chart")
    def league(self) -> str:
        """The units side by side; each number opens its list, each unit its letter."""
        first, last = chosen_days()
        return self.page("league", first=first, last=last, rows=league(first, last), parts=UtilityFeedback.figures.parts,
                         behind=self._feedback_behind(first, last))

    def _feedback_behind(self, first: date, last: date) -> Any:
        period = {"f.reported_at.from": first.isoformat(), "f.reported_at.below": (last + timedelta(days=1)).isoformat()}
        return lambda unit, part="": f"{self.route_base}/list/?" + urlencode(
            {**period, "f.utility_id": unit.id, **({f"f.{part}": "1"} if part else {})})

    @expose("/letter/<int:unit>")
    @has_access
    @permission_name("chart")
    def letter(self, unit: int) -> Any:
        """The letter to a unit about a stretch of time: its figures, its place, and what it has not answered; names nobody."""
        first, last = chosen_days()
        rows = league(first, last)
        place = next((number for number, row in enumerate(rows, 1) if row.unit.id == unit), None) or abort(404)
        waiting = db.session.scalars(select(UtilityFeedback).where(
            UtilityFeedback.utility_id == unit, UtilityFeedback.state == DISPATCHED).order_by(UtilityFeedback.due_at).limit(30)).all()
        return render_template("printed/utility_letter.html", view=self, row=None, standing=rows[place - 1], place=place, of=len(rows),
                               waiting=waiting, first=first, last=last, parts=UtilityFeedback.figures.parts, day=today())
