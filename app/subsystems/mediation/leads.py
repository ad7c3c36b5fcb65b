"""包案, 信访代理: which leader answers for a dispute, and who carries a petition on somebody's behalf (plan 六(四)2)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Index, String, Text, select, text
from sqlalchemy.orm import Mapped, relationship

from app.core.base.fields import PERSON, field, reference
from app.core.base.records import RuleError, not_ahead
from app.db import db
from app.subsystems.mediation.dossier import InDossier
from app.subsystems.people.known import take_from_register
from app.subsystems.people.residents import Resident

UNDERWAY = "underway"
CURRENT = text("deleted_at IS NULL AND until_on IS NULL")


class CaseLead(InDossier):
    """A leader who answers for a dispute until it is settled (网格信访事项包案): one at a time."""

    __tablename__ = "case_lead"
    __label__ = _("Leader in charge")
    __table_args__ = (Index("uq_case_lead_current", "dispute_id", unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT),)

    dispute_id: Mapped[int] = reference("dispute.id", _("Dispute"), listed=True, aliases=("纠纷", "纠纷编号"))
    leader: Mapped[str] = field(_("Leader"), String(60), listed=True, search="text", sortable=PERSON, index=True, aliases=("包案领导", "姓名"))
    post: Mapped[str] = field(_("Unit and post"), String(80), listed=True, aliases=("职务", "单位职务"))
    since_on: Mapped[date] = field(_("In charge since"), listed=True, aliases=("包案日期", "开始日期"))
    until_on: Mapped[date | None] = field(_("In charge until"), listed=True, aliases=("结束日期",))
    target_on: Mapped[date | None] = field(_("To be settled by"), listed=True, aliases=("化解时限", "包保期限"))
    measure: Mapped[str | None] = field(_("Measures"), Text, aliases=("化解措施",))
    progress: Mapped[str | None] = field(_("Progress"), Text, aliases=("进展情况",))

    dispute: Mapped[Any] = relationship("Dispute", back_populates="leads")

    def __str__(self) -> str:
        return f"{self.leader}（{self.post}）"

    def searchable(self) -> tuple[str | None, ...]:
        return (self.leader,)

    def check(self) -> None:
        super().check()
        if self.since_on and self.until_on and self.until_on < self.since_on:
            raise RuleError(gettext("It ends after it began: correct one of the days."), "until_on")
        if self.until_on is None and self.deleted_at is None and self.dispute_id:
            with db.session.no_autoflush:
                other = db.session.scalar(select(CaseLead).where(
                    CaseLead.dispute_id == self.dispute_id, CaseLead.until_on.is_(None), CaseLead.id != (self.id or 0)))
            if other is not None and other.until_on is None:
                raise RuleError(gettext("%(leader)s is in charge of this dispute now: write until when, then name the next.", leader=str(other)),
                                "leader")


class PetitionAgency(InDossier):
    """Somebody of the grid carries a petition on behalf of a resident (信访代理): from the request to what came of it."""

    __tablename__ = "petition_agency"
    __label__ = _("Petition carried for a resident")
    __table_args__ = (Index("ix_petition_agency_result", "result", "grid_code", "id"),)

    matter: Mapped[str] = field(_("Matter"), String(120), listed=True, search="text", aliases=("代理事项", "事项", "事项名称"))
    resident_id: Mapped[int | None] = reference("resident.id", _("In the register of residents"), mask="name", ondelete=None, aliases=("居民",),
                                              help=_("What is left empty here follows from there"))
    entrusted_by: Mapped[str] = field(_("Entrusted by"), String(60), mask="name", listed=True, required=False, aliases=("委托人",))
    phone: Mapped[str | None] = field(_("Phone of the person entrusting"), String(20), mask="phone", search="exact", index=True,
                                      aliases=("委托人电话", "联系电话"))
    agent: Mapped[str] = field(_("Agent"), String(60), listed=True, search="text", aliases=("代理员", "代理人"))
    since_on: Mapped[date] = field(_("Entrusted on"), listed=True, sortable=True, index=True, aliases=("委托日期",))
    dispute_id: Mapped[int | None] = reference("dispute.id", _("Dispute"), aliases=("纠纷", "纠纷编号"))
    progress: Mapped[str | None] = field(_("Progress"), Text, aliases=("办理进展", "进展情况"))
    result: Mapped[str] = field(_("Result"), String(12), dictionary="agency_result", default=UNDERWAY, listed=True, aliases=("办理结果", "结果"))
    finished_on: Mapped[date | None] = field(_("Finished on"), listed=True, aliases=("办结日期",))

    dispute: Mapped[Any] = relationship("Dispute", back_populates="agencies")
    resident: Mapped[Resident | None] = relationship()

    def __str__(self) -> str:
        return self.matter or ""

    def searchable(self) -> tuple[str | None, ...]:
        return (self.matter, self.agent)

    def complete(self) -> None:
        super().complete()
        take_from_register(self, entrusted_by="name", phone="phone")

    def check(self) -> None:
        super().check()
        if not (self.entrusted_by or "").strip():
            raise RuleError(gettext("Choose somebody of the register, or write the name."), "entrusted_by")
        self.result = self.result or UNDERWAY
        not_ahead(self, "since_on")
        if self.finished_on and self.since_on and self.finished_on < self.since_on:
            raise RuleError(gettext("It ends after it began: correct one of the days."), "finished_on")
        if self.result != UNDERWAY and self.finished_on is None:
            raise RuleError(gettext("Write when it was finished."), "finished_on")
        if self.result == UNDERWAY and self.finished_on is not None:
            raise RuleError(gettext("It is finished: choose what came of it."), "result")
