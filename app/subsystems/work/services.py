"""代办服务: what the office does for residents, from a catalogue of matters with promised times (plan 四(四)2, 六(一))."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, relationship

from app.core.base.fields import field, reference
from app.core.base.moments import today
from app.core.base.records import Record, RuleError, unique_live
from app.core.base.workdays import LONGEST, WORK_DAYS, Limit
from app.core.cases.figures import Figures, Rate, counted
from app.core.cases.loop import CLOSED, DISPATCHED, HANDLED, REJECTED, REPORTED, STEPS, loop
from app.core.cases.records import Case
from app.core.cases.steps import Duty, Step
from app.core.cases.views import CaseView
from app.core.cases.workflow import Workflow
from app.core.screens import NamedFilter, RecordView
from app.db import db
from app.subsystems.people.known import take_from_register
from app.subsystems.people.residents import Resident

PAPERS, WHO, MATTER = _("Papers and delivery"), _("For whom"), _("The matter")
BESIDE = 3  # working days beside the promised ones: to take it on, and to hand the result over
SUPPLEMENT = "supplement"  # papers are missing: no clock runs while the resident fetches them


class ServiceItem(Record):
    """One matter of the catalogue: whose it is, what it takes, how many working days are promised."""

    __tablename__ = "service_item"
    __label__ = _("Service item")
    __natural_key__ = ("code",)
    __known_by__ = ("name",)
    __table_args__ = (unique_live("service_item", "code"),)

    code: Mapped[str] = field(_("Item code"), String(20), listed=True, search="exact", sortable=True, aliases=("事项编码", "编码"))
    name: Mapped[str] = field(_("Item"), String(80), listed=True, search="text", index=True, aliases=("事项名称", "事项"))
    domain: Mapped[str] = field(_("Domain"), String(16), dictionary="service_domain", listed=True, aliases=("服务领域", "类别"))
    unit: Mapped[str | None] = field(_("Handling unit"), String(20), dictionary="handling_unit", listed=True, aliases=("承办单位",))
    promised_days: Mapped[int | None] = field(_("Promised working days"), listed=True, aliases=("承诺时限", "办理时限"))
    by_proxy: Mapped[bool] = field(_("Grid worker may carry the papers"), default=True, listed=True, aliases=("可代办",))
    papers: Mapped[str | None] = field(_("Papers needed"), Text, section=PAPERS, aliases=("所需材料", "申请材料"))
    basis: Mapped[str | None] = field(_("Legal basis"), Text, section=PAPERS, aliases=("办理依据",))
    in_use: Mapped[bool] = field(_("In use"), default=True, aliases=("启用",))

    def __str__(self) -> str:
        return self.name or ""

    def check(self) -> None:
        if self.promised_days is not None and not 1 <= self.promised_days <= LONGEST.days:
            raise RuleError(gettext("A limit is a whole number from 1 to %(most)s.", most=LONGEST.days), "promised_days")

    def note(self) -> str:
        return gettext("%(days)s working days", days=self.promised_days) if self.promised_days else ""


def _accepted(case: Any) -> None:
    if not case.item.in_use:
        raise RuleError(gettext("This matter is not in use any more: choose another one."), "item_id")
    case.unit = case.unit or case.item.unit
    case.papers_complete = True


def _missing(case: Any) -> None:
    if not case.papers_missing:
        raise RuleError(gettext("Write which papers are missing."), "papers_missing")
    case.papers_complete = False


def _completed(case: Any) -> None:
    case.papers_missing, case.papers_complete = None, True


def _delivered(case: Any) -> None:
    case.delivered_on = case.delivered_on or today()


def _workflow() -> Workflow:
    return loop(
        "service",
        STEPS["accept"].at(REPORTED, target=DISPATCHED, asks=("unit", "handler"), effect=_accepted),
        Step("ask_papers", _("Ask for missing papers"), (REPORTED, DISPATCHED), SUPPLEMENT, duty=Duty.DIRECT,
             asks=("papers_missing",), must=("papers_missing",), effect=_missing),
        STEPS["resume"].at(SUPPLEMENT, target=DISPATCHED, label=_("Papers are complete"), effect=_completed),
        STEPS["reject"].at(REPORTED, SUPPLEMENT),
        STEPS["merge"].at(REPORTED),
        STEPS["send_back"].at(DISPATCHED, target=REPORTED),
        STEPS["close"].at(HANDLED, label=_("Hand over the result: close"), asks=("delivered_on", "delivered_way"),
                          must=("delivered_way",), effect=_delivered),
        STEPS["escalate"].at(REPORTED, DISPATCHED),
        STEPS["report_outside"].at(DISPATCHED),
        STEPS["assign_down"].at(REPORTED),
        STEPS["reopen"].at(CLOSED, REJECTED, target=REPORTED),
        without=("verify", "file", "dispatch", "park", "follow_up"), idle=(SUPPLEMENT, "outside"))


class ServiceRequest(Case):
    """One matter taken on for one person, carried to the office that decides it, and its result brought back."""

    __tablename__ = "service_request"
    __label__ = _("Service request")
    __natural_key__ = ("number",)
    __table_args__ = (Index("ix_service_request_state", "state", "grid_code", "id"),)
    workflow = _workflow()
    prefix = "DB"
    stands = ("item_id",)
    figures = Figures(
        counted("dispatched", "returned", "handled", "owed", "handled_late", "reworked", "closed", "turned_down", "rated", "content"),
        (Rate(_("Done"), "handled", "dispatched"), Rate(_("Done in time"), "handled_late", "owed", but=True),
         Rate(_("Done again"), "reworked", "handled"), Rate(_("Satisfied"), "content", "rated")))

    item_id: Mapped[int] = reference("service_item.id", _("Service item"), listed=True, aliases=("服务事项", "事项", "代办事项"))
    resident_id: Mapped[int | None] = reference("resident.id", _("Resident"), section=WHO, aliases=("居民",))
    applicant: Mapped[str] = field(_("Applicant"), String(60), means="person", required=False, listed=True, section=WHO, aliases=("申请人", "姓名"))
    phone: Mapped[str | None] = field(_("Applicant's phone"), String(20), mask="phone", means="phone", section=WHO, aliases=("联系电话", "电话"))
    way: Mapped[str] = field(_("How it came"), String(12), dictionary="service_way", default="visit", listed=True, section=MATTER,
                             aliases=("申请方式", "服务方式"))
    proxy: Mapped[str | None] = field(_("Carried by"), String(60), section=MATTER, aliases=("代办人", "代办员"))
    wish: Mapped[str | None] = field(_("What is wanted"), Text, means="text", section=MATTER, aliases=("申请内容", "诉求"))
    papers_received: Mapped[str | None] = field(_("Papers received"), Text, section=PAPERS, aliases=("已收材料",))
    papers_missing: Mapped[str | None] = field(_("Papers missing"), Text, derived=True, section=PAPERS)
    papers_complete: Mapped[bool | None] = field(_("Papers complete"), derived=True, section=PAPERS)
    delivered_on: Mapped[date | None] = field(_("Handed over on"), derived=True, section=PAPERS)
    delivered_way: Mapped[str | None] = field(_("Way of handing over"), String(12), dictionary="delivery_way", derived=True, section=PAPERS)

    item: Mapped[ServiceItem] = relationship()
    resident: Mapped[Resident | None] = relationship()

    def __str__(self) -> str:
        return str(self.item or "")

    @property
    def promised(self) -> int | None:
        """The working days the catalogue promises; a new row knows its item by number only."""
        item = self.item or db.session.get(ServiceItem, self.item_id)
        return item.promised_days if item else None

    @property
    def step_limit(self) -> Limit | None:
        """The handling lasts as long as the catalogue promises; all else as the limits say."""
        promised = self.promised if self.state == DISPATCHED else None
        return Limit(promised + self.granted, WORK_DAYS) if promised else super().step_limit

    @property
    def whole_limit(self) -> Limit | None:
        """What is promised, and the days for taking it on and handing the result over."""
        promised = self.promised
        return Limit(promised + BESIDE, WORK_DAYS) if promised else super().whole_limit

    def complete(self) -> None:
        take_from_register(self, applicant="name", phone="phone")
        super().complete()

    def check(self) -> None:
        super().check()
        if not self.applicant:
            raise RuleError(gettext("Choose the resident, or write who applies."), "applicant")

    def searchable(self) -> tuple[str | None, ...]:
        return (self.number, self.applicant)


class ServiceItemView(RecordView):
    record = ServiceItem
    menu = "settings"
    menu_order = 926
    icon = "fa-book-open"
    charts = ["domain", "unit"]
    named_filters = {"proxy": NamedFilter(_("By proxy"), lambda item: item.by_proxy.is_(True))}


class ServiceRequestView(CaseView):
    record = ServiceRequest
    menu_order = 21
    icon = "fa-hand-holding-heart"
    charts = ["item_id", "way", "state", "unit", "satisfaction", "grid_code"]
    named_filters = {"papers": NamedFilter(_("Waiting for papers"), lambda case: case.state == SUPPLEMENT)}
