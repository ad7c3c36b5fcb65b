"""Hazards to public security, and the informants who point to them: the security grid (plan 六(四)4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import DateTime, Index, String, Text
from sqlalchemy.orm import Mapped, relationship

from app.core.base import workdays
from app.core.base.fields import field, reference
from app.core.base.moments import local, now, today
from app.core.base.nodes import Node
from app.core.base.records import RuleError, changes, not_ahead, unique_live
from app.core.base.scope import Scoped
from app.core.cases.figures import PARTS, RATES, Figures, part
from app.core.cases.limits import check_small_class
from app.core.cases.loop import ACCEPTED, DISPATCHED, FILED, PARKED, REPORTED, STEPS, loop
from app.core.cases.public import PublicForm
from app.core.cases.records import Case
from app.core.cases.reported import Located, Placed, Reported
from app.core.cases.views import CaseView
from app.core.screens import NamedFilter, RecordView
from app.core.telling.dictionaries import label_of
from app.db import db

WHAT, WHO, REMEDY, SERVICE = _("What is dangerous"), _("Who reported it"), _("How it is put right"), _("Service as informant")
MAJOR, INFORMANT, PENDING = "major", "informant", "pending"


def _fix_by_suggested(case: Any) -> dict[str, Any]:
    """The day on which the limit of its class ends, counted from now."""
    limit = case.limit_in(DISPATCHED)
    return {"fix_by": local(workdays.calendar().due(now(), limit)).date()} if limit else {}


def _fix_by_ahead(case: Any) -> None:
    if case.fix_by < today():
        raise RuleError(gettext("This day is over: choose the day by which it can be put right."), "fix_by")


def _rechecked(case: Any) -> None:
    case.rechecked_on = today()


def _again(case: Any) -> None:
    _fix_by_ahead(case)
    _rechecked(case)
    STEPS["rework"].effect(case)


UNFIXED = (REPORTED, ACCEPTED, FILED, DISPATCHED, PARKED)
OVERDUE = part(_("Past the day to be put right"), lambda hazard: (hazard.fix_by < today()) & hazard.state.in_(UNFIXED))


class Hazard(Located, Reported, Placed, Case):
    """Something that endangers people or invites crime: a blocked fire lane, a broken camera, a gambling den."""

    __tablename__ = "hazard"
    __label__ = _("Hazard")
    __natural_key__ = ("number",)
    __table_args__ = (Index("ix_hazard_state", "state", "grid_code", "id"), Index("ix_hazard_class", "class_code", "id"),
                      Index("ix_hazard_fix_by", "fix_by"))
    workflow = loop(
        "hazard",
        replace(STEPS["dispatch"], asks=("unit", "handler", "measure", "fix_by"), must=("unit", "fix_by"),
                effect=_fix_by_ahead, suggests=_fix_by_suggested),
        replace(STEPS["handle"], photo=True),
        replace(STEPS["close"], label=_("Rechecked: put right"), asks=("rechecked_by",), must=("rechecked_by",),
                effect=_rechecked, photo=True),
        replace(STEPS["rework"], label=_("Rechecked: not put right"), asks=("rechecked_by", "fix_by"),
                must=("rechecked_by", "fix_by"), effect=_again, photo=True),
        replace(STEPS["assign_down"], possible=lambda case: case.severity != MAJOR and STEPS["assign_down"].possible(case)))
    prefix = "YH"
    limit_by, matter_section = "class_code", WHAT
    stands = (*Located.stands, "severity")
    worded = {"title": {"aliases": ("标题", "隐患名称")}, "place": {"aliases": ("地点", "隐患地点", "位置"), "after": "found_at"},
              "reporter": {"aliases": ("发现人", "上报人", "反映人"), "after": "reporter_trade",
                           "help": _("Leave it empty for an informant: the name is kept with the tip only")},
              "reporter_phone": {"aliases": ("发现人电话", "联系电话", "反映人电话")}}
    figures = Figures({**PARTS, "overdue": OVERDUE}, RATES)
    until = {DISPATCHED: "fix_by"}
    public = PublicForm(
        _("Hazard to public security"), _("A blocked fire lane, a broken camera, unsafe charging: what endangers people."),
        "fa-shield-halved", asks=("longitude", "latitude", "place", "title", "description", "reporter", "reporter_phone"),
        must=("title", "place", "description"), given={"source": "public", "class_code": "9901"})

    class_code: Mapped[str] = field(_("Class"), String(8), dictionary="hazard_class", means="class", listed=True, aliases=("类别", "隐患类别"))
    severity: Mapped[str] = field(_("Level of the hazard"), String(8), dictionary="hazard_level", default="general", listed=True,
                                  aliases=("隐患级别", "隐患等级"), help=_("A major one goes to the street at once"))
    source: Mapped[str] = field(_("Source"), String(12), dictionary="hazard_source", means="source", default="worker", aliases=("来源", "隐患来源"))
    found_at: Mapped[datetime | None] = field(_("Found at"), DateTime, section=WHAT, aliases=("发现时间",))
    description: Mapped[str] = field(_("Description"), Text, means="text", section=WHAT, aliases=("描述", "隐患情况", "情况描述"))
    reporter_trade: Mapped[str | None] = field(_("Trade of the informant"), String(12), dictionary="informant_trade", section=WHO,
                                               aliases=("信息员职业", "发现人职业"))
    owner: Mapped[str | None] = field(_("Responsible unit"), String(80), section=REMEDY, aliases=("隐患责任单位", "责任单位"),
                                      help=_("The unit that owns the place or the facility"))
    owner_person: Mapped[str | None] = field(_("Responsible person"), String(60), mask="name", section=REMEDY, aliases=("责任人", "隐患责任人"))
    owner_phone: Mapped[str | None] = field(_("Responsible person's phone"), String(20), mask="phone", section=REMEDY, aliases=("责任人电话",))
    measure: Mapped[str | None] = field(_("Measure to put it right"), Text, section=REMEDY, aliases=("整改措施",))
    fix_by: Mapped[date | None] = field(_("To be put right by"), section=REMEDY, derived=True, listed=True)
    rechecked_by: Mapped[str | None] = field(_("Rechecked by"), String(60), section=REMEDY, derived=True)
    rechecked_on: Mapped[date | None] = field(_("Rechecked on"), section=REMEDY, derived=True)

    def complete(self) -> None:
        """A hazard found to be major is urgent and lies with the street, whoever reported it."""
        major = self.severity == MAJOR and changes(self, "severity")
        if major and self.urgency in (None, "normal"):
            self.urgency = "urgent"
        super().complete()
        if major and self.is_open:
            self.level_code = Node(self.grid_code or "").at("street")
            if self.id is not None and not self.is_filed:
                self.announce()

    def informs(self) -> str:
        """A major one lies with the street; its community sees to it that nobody is hurt meanwhile."""
        return Node(self.grid_code or "").at("community") if self.severity == MAJOR else ""

    def check(self) -> None:
        super().check()
        check_small_class(self, "class_code")
        not_ahead(self, "found_at", _("This lies in the future: write when it was found."))
        if self.source == INFORMANT and (self.reporter or self.reporter_phone):
            raise RuleError(gettext("Leave out who the informant is: write his trade here, and his tip under his number."), "reporter")


class SecurityInformant(Scoped):
    """治安信息员: a cleaner, plumber, taxi driver or guide who tells what he notices; known to very few by name."""

    __tablename__ = "security_informant"
    __label__ = _("Security informant")
    __natural_key__ = ("grid_code", "number")
    __table_args__ = (unique_live("security_informant", "grid_code", "number"),)

    number: Mapped[str] = field(_("Informant's number"), String(20), listed=True, search="text", sortable=True, index=True,
                                aliases=("编号", "信息员编号"), help=_("Everywhere else only this number is used"))
    trade: Mapped[str] = field(_("Trade"), String(12), dictionary="informant_trade", listed=True, aliases=("职业", "行业"))
    name: Mapped[str] = field(_("Full name"), String(60), mask="name", listed=True, aliases=("姓名",))
    phone: Mapped[str] = field(_("Phone"), String(20), mask="phone", listed=True, search="exact", index=True, aliases=("联系电话", "电话"))
    workplace: Mapped[str | None] = field(_("Workplace and whereabouts"), String(120), aliases=("工作单位", "活动范围"))
    liaison: Mapped[str | None] = field(_("Security liaison"), String(60), listed=True, section=SERVICE, aliases=("治安联络员", "联络员"),
                                        help=_("Who in the community keeps in touch with the informant"))
    since_on: Mapped[date] = field(_("Since"), listed=True, section=SERVICE, default=today, aliases=("聘任日期", "起始日期"))
    until_on: Mapped[date | None] = field(_("Until"), listed=True, section=SERVICE, aliases=("解聘日期", "截止日期"))
    remark: Mapped[str | None] = field(_("Remark"), Text, aliases=("备注",))

    def __str__(self) -> str:
        return f"{self.number}（{label_of('informant_trade', self.trade)}）"

    def complete(self) -> None:
        self.since_on = self.since_on or today()

    def check(self) -> None:
        if self.until_on and self.until_on < self.since_on:
            raise RuleError(gettext("The service cannot end before it begins."), "until_on")

    def searchable(self) -> tuple[str | None, ...]:
        return (self.number, self.workplace)


class SecurityTip(Scoped):
    """What an informant told, what came of it, and the hazard it led to; only who may see informants sees the link."""

    __tablename__ = "security_tip"
    __label__ = _("Informant's tip")
    __table_args__ = (Index("ix_security_tip_trade", "trade", "id"),)

    informant_id: Mapped[int] = reference("security_informant.id", _("Security informant"), listed=True, aliases=("信息员", "信息员编号"))
    trade: Mapped[str] = field(_("Trade"), String(12), dictionary="informant_trade", derived=True, listed=True)
    received_at: Mapped[datetime] = field(_("Received at"), DateTime, listed=True, default=now, aliases=("接报时间",))
    class_code: Mapped[str] = field(_("Class"), String(8), dictionary="hazard_class", listed=True, aliases=("类别", "线索类别"))
    content: Mapped[str] = field(_("What the tip says"), Text, aliases=("线索内容",))
    place: Mapped[str | None] = field(_("Place"), String(120), listed=True, aliases=("地点", "位置"))
    outcome: Mapped[str] = field(_("Outcome of the verification"), String(8), dictionary="tip_outcome", default=PENDING, listed=True,
                                 aliases=("核实结果",))
    verified_by: Mapped[str | None] = field(_("Verified by"), String(60), aliases=("核实人",))
    hazard_id: Mapped[int | None] = reference("hazard.id", _("Hazard"), listed=True, aliases=("治安隐患", "隐患编号"))

    informant: Mapped[SecurityInformant] = relationship()
    hazard: Mapped[Hazard | None] = relationship()

    def __str__(self) -> str:
        return f"{label_of('informant_trade', self.trade)} · {label_of('hazard_class', self.class_code)}"

    def complete(self) -> None:
        """The trade stays what it was when he told it."""
        told_by = db.session.get(SecurityInformant, self.informant_id) if self.informant_id else self.informant
        self.trade = self.trade or (told_by.trade if told_by is not None else "")
        self.received_at, self.outcome = self.received_at or now(), self.outcome or PENDING

    def check(self) -> None:
        not_ahead(self, "received_at", _("This lies in the future: write when the tip was received."))
        if self.outcome == PENDING and self.hazard_id:
            raise RuleError(gettext("Say what the verification showed before the tip leads to a hazard."), "outcome")

    def searchable(self) -> tuple[str | None, ...]:
        return (self.place,)


class HazardView(CaseView):
    record = Hazard
    list_columns = ["number", "title", "class_code", "severity", "state", "fix_by", "grid_code", "due_at"]
    menu_order = 10
    icon = "fa-shield-halved"
    charts = ["class_code", "severity", "state", "source", "reporter_trade", "unit", "satisfaction", "grid_code"]
    named_filters = {"overdue": replace(OVERDUE, tab=True), "major": NamedFilter(_("Major hazards"), lambda hazard: hazard.severity == MAJOR)}

    def tags(self, row: Hazard) -> list[str]:
        return [*super().tags(row), *([label_of("hazard_level", row.severity)] if row.severity != "general" else [])]


class SecurityInformantView(RecordView):
    record = SecurityInformant
    menu_order = 15
    icon = "fa-user-secret"
    charts = ["trade", "grid_code"]
    named_filters = {"serving": NamedFilter(
        _("Serving today"), lambda informant: (informant.since_on <= today()) & (
            informant.until_on.is_(None) | (informant.until_on >= today())))}


class SecurityTipView(RecordView):
    record = SecurityTip
    menu_order = 16
    icon = "fa-comment-dots"
    charts = ["trade", "class_code", "outcome", "grid_code"]
    named_filters = {"pending": NamedFilter(_("To be verified"), lambda tip: tip.outcome == PENDING),
                     "led": NamedFilter(_("Led to a hazard"), lambda tip: tip.hazard_id.is_not(None))}
