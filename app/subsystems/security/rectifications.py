"""Security areas put on the list, and how each is set right until it comes off the list (plan 六(四)4, GB/T 31000)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Index, String, Text, select
from sqlalchemy.orm import Mapped, relationship

from app.core.base.fields import field, reference
from app.core.base.moments import local, today
from app.core.base.records import Choices, RuleError, changes, unique_live
from app.core.base.scope import Scoped
from app.core.cases.loop import CLOSED, REJECTED, STEPS
from app.core.cases.records import Case
from app.core.cases.steps import Duty, Step
from app.core.cases.views import CaseView
from app.core.cases.workflow import Workflow
from app.core.screens import NamedFilter, RecordView
from app.db import db

LISTING, PLAN, OUTCOME = _("Listing as a security area"), _("Plan of rectification"), _("Rectification and outcome")
FOUND, RECTIFYING, RECTIFIED, PASSED = "found", "rectifying", "rectified", "passed"


class SecurityArea(Scoped):
    """治安重点地区: a part of the street whose problems of public security stand out, put on the list until they are gone."""

    __tablename__ = "security_area"
    __label__ = _("Security area")
    __natural_key__ = ("grid_code", "name")
    __table_args__ = (unique_live("security_area", "grid_code", "name"),)

    name: Mapped[str] = field(_("Name of the area"), String(80), listed=True, search="text", sortable=True, index=True,
                              aliases=("区域名称", "名称", "重点地区"))
    kind: Mapped[str] = field(_("Kind of area"), String(12), dictionary="security_area", listed=True, aliases=("区域类型", "涉及区域类型"))
    extent: Mapped[str] = field(_("Extent of the area"), String(200), listed=True, aliases=("区域范围", "涉及区域范围", "四至"),
                                help=_("Streets, estates or buildings, or what it borders on"))
    issues: Mapped[list[str]] = field(_("Outstanding problems"), Choices(300), dictionary="security_issue", listed=True,
                                      aliases=("治安突出问题", "突出问题"))
    problem: Mapped[str | None] = field(_("Problems in detail"), Text, aliases=("问题描述",))
    level: Mapped[str | None] = field(_("Listed by"), String(12), dictionary="listing_level", section=LISTING, listed=True, aliases=("挂牌级别",))
    listed_on: Mapped[date | None] = field(_("On the list since"), section=LISTING, listed=True, aliases=("挂牌日期",))
    delisted_on: Mapped[date | None] = field(_("Off the list since"), section=LISTING, listed=True, aliases=("摘牌日期",))
    leader: Mapped[str | None] = field(_("Leader in charge"), String(60), section=LISTING, aliases=("包保领导", "责任领导"))
    officer: Mapped[str | None] = field(_("Police officer in charge"), String(60), section=LISTING, aliases=("责任民警",))
    remark: Mapped[str | None] = field(_("Remark"), Text, aliases=("备注",))

    def __str__(self) -> str:
        return self.name

    def check(self) -> None:
        if self.delisted_on and (self.listed_on is None or self.delisted_on < self.listed_on):
            raise RuleError(gettext("An area comes off the list after it was put on it."), "delisted_on")

    def put_on_list(self) -> None:
        """The list begins with the plan; an area that fell back begins anew."""
        if self.listed_on is None or self.delisted_on is not None:
            self.listed_on, self.delisted_on = today(), None

    def take_off_list(self) -> None:
        self.listed_on, self.delisted_on = self.listed_on or today(), today()


def _planned(case: Any) -> None:
    _due_ahead(case)
    case.area.put_on_list()


def _due_ahead(case: Any) -> None:
    if case.fix_by < today():
        raise RuleError(gettext("This day is over: choose the day by which it can be put right."), "fix_by")


def _again(case: Any) -> None:
    _due_ahead(case)
    STEPS["rework"].effect(case)


def _counts_possible(case: Any) -> None:
    for name in ("solved_count", "handled_count"):
        if (getattr(case, name) or 0) < 0:
            raise RuleError(gettext("Write a whole number, 0 for none."), name)
    STEPS["handle"].effect(case)


class Rectification(Case):
    """重点地区整治: one round of setting an area right: found, planned, carried out, accepted or again, off the list."""

    __tablename__ = "rectification"
    __label__ = _("Rectification")
    __natural_key__ = ("number",)
    __table_args__ = (Index("ix_rectification_state", "state", "grid_code", "id"),)
    workflow = Workflow(
        "rectification", FOUND, (
            Step("plan", _("Put on the list with a plan"), (FOUND,), RECTIFYING, duty=Duty.DIRECT, main=True,
                 asks=("unit", "partner_units", "handler", "plan", "fix_by"), must=("unit", "handler", "plan", "fix_by"), effect=_planned),
            STEPS["reject"].at(FOUND, label=_("Not to be listed")),
            STEPS["handle"].at(RECTIFYING, name="rectify", label=_("Report the rectification"), target=RECTIFIED,
                asks=("result", "solved_count", "handled_count"), must=("result", "solved_count", "handled_count"), effect=_counts_possible),
            STEPS["transfer"].at(RECTIFYING, label=_("Change the leading unit"), asks=("unit", "partner_units", "handler")),
            STEPS["ask_extension"].at(RECTIFYING), STEPS["grant_extension"].at(RECTIFYING), STEPS["refuse_extension"].at(RECTIFYING),
            Step("pass_inspection", _("Inspected: accept"), (RECTIFIED,), PASSED, duty=Duty.CHECK, main=True, reason=True,
                 asks=("effect", "evaluation"), must=("effect", "evaluation")),
            STEPS["rework"].at(RECTIFIED, PASSED, label=_("Inspected: rectify again"), target=RECTIFYING,
                asks=("fix_by",), must=("fix_by",), effect=_again),
            Step("delist", _("Take off the list"), (PASSED,), CLOSED, duty=Duty.CONTROL, counts=("closed", "closed_late"), main=True,
                 effect=lambda case: case.area.take_off_list()),
            STEPS["escalate"].at(FOUND, RECTIFYING), STEPS["assign_down"].at(FOUND),
            STEPS["revisit"].at(CLOSED, label=_("Note a look back")),
            STEPS["reopen"].at(CLOSED, target=FOUND, label=_("Fallen back: open again"))),
        final=(CLOSED, REJECTED), filed=(RECTIFYING, RECTIFIED, PASSED, CLOSED))
    prefix = "ZZ"
    grows = False
    until = {RECTIFYING: "fix_by"}
    stands = ("area_id", "issues", "problem")

    area_id: Mapped[int] = reference("security_area.id", _("Security area"), listed=True, aliases=("治安重点地区", "重点地区"))
    title: Mapped[str] = field(_("Name of the area"), String(80), derived=True, search="text", means="title")
    area_kind: Mapped[str] = field(_("Kind of area"), String(12), dictionary="security_area", derived=True, listed=True)
    extent: Mapped[str] = field(_("Extent of the area"), String(200), derived=True)
    issues: Mapped[list[str]] = field(_("Outstanding problems"), Choices(300), dictionary="security_issue", listed=True,
                                      aliases=("治安突出问题", "突出问题"))
    problem: Mapped[str] = field(_("What was found"), Text, aliases=("排查情况", "问题描述"))
    found_on: Mapped[date] = field(_("Found on"), default=today, aliases=("排查日期", "发现日期"))
    unit: Mapped[str | None] = field(_("Leading unit"), String(20), dictionary="handling_unit", derived=True, index=True, section=PLAN, listed=True)
    partner_units: Mapped[list[str] | None] = field(_("Units taking part"), Choices(400), dictionary="handling_unit", derived=True, section=PLAN)
    plan: Mapped[str | None] = field(_("Measures planned"), Text, derived=True, section=PLAN)
    fix_by: Mapped[date | None] = field(_("To be put right by"), derived=True, section=PLAN, listed=True)
    result: Mapped[str | None] = field(_("What the rectification did"), Text, derived=True, section=OUTCOME)
    solved_count: Mapped[int | None] = field(_("Criminal cases solved"), derived=True, section=OUTCOME, listed=True)
    handled_count: Mapped[int | None] = field(_("Offences dealt with"), derived=True, section=OUTCOME, listed=True)
    effect: Mapped[str | None] = field(_("Effect of the rectification"), String(8), dictionary="security_effect", derived=True,
                                       section=OUTCOME, listed=True)
    evaluation: Mapped[str | None] = field(_("Evaluation of the effect"), Text, derived=True, section=OUTCOME)

    area: Mapped[SecurityArea] = relationship()

    def __str__(self) -> str:
        return self.title or ""

    def complete(self) -> None:
        """It lies where the area lies, and keeps the area's words as they are now."""
        area = db.session.get(SecurityArea, self.area_id) if self.area_id else self.area
        if area is not None and (not self.number or changes(self, "area_id")):
            self.grid_code, self.title, self.area_kind, self.extent = area.grid_code, area.name, area.kind, area.extent
        self.found_on = self.found_on or today()
        super().complete()

    def check(self) -> None:
        super().check()
        if self.found_on > local(self.reported_at).date():
            raise RuleError(gettext("This lies in the future: write when it was found."), "found_on")
        if self.is_open and changes(self, "state", "area_id") and self._other_is_open():
            raise RuleError(gettext("This area is being rectified already: go on with that case."), "area_id")

    def _other_is_open(self) -> bool:
        return db.session.scalar(select(Rectification.id).where(
            Rectification.area_id == (self.area_id or self.area.id), Rectification.id != (self.id or 0),
            self.workflow.open_in(Rectification)).limit(1)) is not None

    def searchable(self) -> tuple[str | None, ...]:
        return (self.number, self.title)


# The columns of the office's 挂牌整治表, in its order (GB/T 31000 重点地区排查整治).
SHEET = ("number", "area_id", "area_kind", "extent", "issues", "unit", "partner_units", "handler", "fix_by", "solved_count",
         "handled_count", "result", "effect", "evaluation", "state")


class SecurityAreaView(RecordView):
    record = SecurityArea
    list_columns = ["name", "kind", "issues", "level", "listed_on", "delisted_on", "grid_code"]
    menu_order = 20
    icon = "fa-location-crosshairs"
    charts = ["kind", "level", "grid_code"]
    named_filters = {
        "on_list": NamedFilter(_("On the list"), lambda area: area.listed_on.is_not(None) & area.delisted_on.is_(None)),
        "off_list": NamedFilter(_("Off the list"), lambda area: area.delisted_on.is_not(None)),
    }


class RectificationView(CaseView):
    record = Rectification
    list_columns = ["number", "area_id", "area_kind", "issues", "state", "unit", "fix_by", "effect", "grid_code"]
    more_pages = (*CaseView.more_pages, (f"list/?cols={','.join(SHEET)}", _("Sheet of listed areas"), "fa-table"))
    menu_order = 25
    icon = "fa-broom"
    charts = ["area_kind", "state", "unit", "effect", "grid_code"]
    named_filters = {"overdue": NamedFilter(
        lazy_pgettext("Rectification", "Past the day to be put right"), lambda case: (case.fix_by < today()) & (case.state == RECTIFYING))}
