"""矛盾纠纷: the dispute itself, who it is between, how it was mediated, and what became of it afterwards."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Index, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.core.base.crypto import Encrypted, keyring
from app.core.base.dates import age_on
from app.core.base.fields import field, fields_of, reference
from app.core.base.identity import parse_id_number
from app.core.base.masks import masked
from app.core.base.moments import today
from app.core.base.owned import Owned
from app.core.base.records import RuleError, not_ahead, unique_live
from app.core.base.texts import InvalidValue
from app.core.cases.records import HANDLING, Case
from app.core.cases.reported import Placed
from app.core.telling.dictionaries import label_of
from app.subsystems.mediation import sweeps
from app.subsystems.mediation.dossier import DossierPaper
from app.subsystems.mediation.steps import WORKFLOW
from app.subsystems.mediation.sweeps import DisputeSweep
from app.subsystems.people.known import take_from_register
from app.subsystems.people.residents import Resident

WHAT, AGREEMENT, AFTERWARDS, DOSSIER = _("What it is about"), _("Agreement"), _("Afterwards"), _("Dossier")
BANDS = ((1, 4, "one"), (5, 29, "group"), (30, None, "large"))  # people at the least and most (GB/T 31000 事件规模)


def band_of(people: int) -> str:
    """The scale of so many people."""
    return next(code for least, most, code in BANDS if people >= least and (most is None or people <= most))


class Dispute(Placed, Case):
    """A quarrel between parties that the community mediates (矛盾纠纷事件, GB/T 31000; 人民调解法)."""

    __tablename__ = "dispute"
    __label__ = _("Dispute")
    __natural_key__ = ("number",)
    __inlines__ = ("parties",)
    __table_args__ = (Index("ix_dispute_state", "state", "grid_code", "id"), Index("ix_dispute_class", "class_code", "id"),
                      unique_live("dispute", "dossier_number"))
    workflow = WORKFLOW
    prefix = "JF"
    limit_by, matter_section = "class_code", WHAT
    worded = {"title": {"aliases": ("名称", "纠纷名称", "标题")},
              "place": {"label": _("Where it happened"), "aliases": ("发生地点", "地点"), "listed": False,
                        "after": "happened_on"}}

    class_code: Mapped[str] = field(_("Type of dispute"), String(10), dictionary="dispute_type", means="class",
                                    listed=True, aliases=("类别", "纠纷类别", "纠纷类型"))
    source: Mapped[str] = field(_("Source"), String(12), dictionary="dispute_source", means="source", default="own", aliases=("来源",))
    sweep_id: Mapped[int | None] = reference("dispute_sweep.id", _("Found in the sweep"), aliases=("排查",))
    happened_on: Mapped[date | None] = field(_("Happened on"), section=WHAT, aliases=("发生日期", "发生时间"))
    people_count: Mapped[int | None] = field(_("People concerned"), section=WHAT, aliases=("涉及人数", "人数"))
    scale: Mapped[str] = field(_("Scale"), String(8), dictionary="event_scale", section=WHAT, required=False,
                               aliases=("规模", "事件规模"), help=_("Follows from the number of people"))
    amount: Mapped[Any] = field(_("Amount concerned (yuan)"), Numeric(14, 2), section=WHAT, nullable=True, aliases=("涉及金额", "金额"))
    units: Mapped[str | None] = field(_("Units concerned"), String(200), section=WHAT, aliases=("涉及单位",))
    brief: Mapped[str] = field(_("Brief account"), Text, means="text", section=WHAT, aliases=("简要情况", "简述"))
    demand: Mapped[str | None] = field(_("Demands"), Text, section=WHAT, aliases=("诉求", "当事人诉求"))
    way: Mapped[str | None] = field(_("Way of mediation"), String(12), dictionary="mediation_way", derived=True, section=HANDLING)
    mediators: Mapped[str | None] = field(_("Mediators"), String(80), derived=True, section=HANDLING)
    mediation_count: Mapped[int] = field(_("Times mediated"), default=0, derived=True, section=HANDLING)
    outcome: Mapped[str | None] = field(_("Outcome"), String(16), dictionary="mediation_result", derived=True, section=HANDLING, listed=True)
    handed_to: Mapped[str | None] = field(_("Handed to"), String(80), derived=True, section=HANDLING)
    agreed_on: Mapped[date | None] = field(_("Agreed on"), derived=True, section=AGREEMENT)
    agreement_number: Mapped[str | None] = field(_("Number of the agreement"), String(40), derived=True, section=AGREEMENT)
    agreement: Mapped[str | None] = field(_("What was agreed"), Text, derived=True, section=AGREEMENT)
    fulfil_by: Mapped[date | None] = field(_("To be fulfilled by"), derived=True, section=AGREEMENT)
    fulfilment: Mapped[str | None] = field(_("Fulfilment"), String(12), dictionary="fulfilment", derived=True, section=AGREEMENT)
    confirmation_applied_on: Mapped[date | None] = field(_("Confirmation applied for on"), derived=True, section=AGREEMENT)
    confirmed_on: Mapped[date | None] = field(_("Confirmed on"), derived=True, section=AGREEMENT)
    court: Mapped[str | None] = field(_("Court"), String(60), derived=True, section=AGREEMENT)
    confirmation_number: Mapped[str | None] = field(_("Number of the confirmation"), String(40), derived=True, section=AGREEMENT)
    revisited_on: Mapped[date | None] = field(_("Last revisit on"), derived=True, section=AFTERWARDS)
    hidden_danger: Mapped[bool] = field(_("Hidden danger at the last revisit"), default=False, derived=True, section=AFTERWARDS)
    dossier_number: Mapped[str | None] = field(_("Dossier number"), String(40), derived=True, section=DOSSIER,
                                               help=_("Empty: the next number of the community"))
    archived_on: Mapped[date | None] = field(_("Filed on"), derived=True, section=DOSSIER)

    sweep: Mapped[DisputeSweep | None] = relationship()
    parties: Mapped[list[DisputeParty]] = relationship(back_populates="dispute", order_by="(DisputeParty.side, DisputeParty.id)")
    mediations: Mapped[list[Mediation]] = relationship(back_populates="dispute", order_by="(Mediation.held_on, Mediation.id)")
    revisits: Mapped[list[DisputeRevisit]] = relationship(back_populates="dispute", order_by="(DisputeRevisit.visited_on, DisputeRevisit.id)")
    papers: Mapped[list[DossierPaper]] = relationship(back_populates="dispute", order_by="DossierPaper.id")
    leads: Mapped[list[Any]] = relationship("CaseLead", back_populates="dispute", order_by="CaseLead.since_on")
    agencies: Mapped[list[Any]] = relationship(
        "PetitionAgency", back_populates="dispute", order_by="PetitionAgency.since_on")

    def complete(self) -> None:
        """The scale follows from the people; what a sweep found came from a sweep."""
        if self.people_count and self.people_count > 0:
            self.scale = self.scale or band_of(self.people_count)
        self.scale = self.scale or "one"
        if self.sweep_id and (self.source or "own") == "own":
            self.source = "sweep"
        super().complete()

    def check(self) -> None:
        super().check()
        not_ahead(self, "happened_on")
        if self.amount is not None and self.amount < 0:
            raise RuleError(gettext("An amount cannot be below nought."), "amount")
        self._check_scale()
        self._check_agreement()
        sweeps.check_count(self)

    def _check_scale(self) -> None:
        if self.people_count is None:
            return
        if self.people_count < 1:
            raise RuleError(gettext("At least one person is concerned."), "people_count")
        if self.scale != band_of(self.people_count):
            raise RuleError(gettext("%(count)s people make it “%(scale)s”: correct the number or the scale.", count=self.people_count,
                                    scale=label_of("event_scale", band_of(self.people_count))), "scale")

    def _check_agreement(self) -> None:
        not_ahead(self, "agreed_on")
        if self.agreed_on and self.fulfil_by and self.fulfil_by < self.agreed_on:
            raise RuleError(gettext("An agreement is fulfilled after it was made, not before."), "fulfil_by")


class DisputeParty(Owned):
    """One side of a dispute: a person or a unit (主要当事人, GB/T 31000), perhaps known as a resident."""

    __tablename__ = "dispute_party"
    __label__ = _("Party of a dispute")
    owned_by = "dispute"
    __inline_columns__ = ("side", "resident_id", "name", "sex", "nation", "age", "job", "employer", "address", "phone")

    dispute_id: Mapped[int] = reference("dispute.id", _("Dispute"), listed=True, aliases=("纠纷", "纠纷编号"))
    side: Mapped[str] = field(_("Side"), String(8), dictionary="party_side", default="first", listed=True, aliases=("甲乙方", "当事方"))
    resident_id: Mapped[int | None] = reference("resident.id", _("In the register of residents"), mask="name", aliases=("居民",),
                                              help=_("What is left empty here follows from there"))
    name: Mapped[str] = field(_("Full name or unit"), String(60), mask="name", listed=True, required=False, aliases=("姓名", "当事人"))
    sex: Mapped[str | None] = field(_("Sex"), String(1), dictionary="sex", means="sex", listed=True, aliases=("性别",))
    nation: Mapped[str | None] = field(_("Ethnic group"), String(2), dictionary="nation", aliases=("民族",))
    age: Mapped[int | None] = field(_("Age in years"), listed=True, aliases=("年龄",))
    id_number: Mapped[str | None] = field(_("ID number"), Encrypted(18), mask="id_number", search="digest", aliases=("身份证号码", "身份证号"))
    job: Mapped[str | None] = field(_("Occupation"), String(60), aliases=("职业",))
    employer: Mapped[str | None] = field(_("Workplace"), String(120), aliases=("工作单位", "单位"))
    address: Mapped[str | None] = field(_("Address"), String(160), mask="address", aliases=("住址", "地址"))
    phone: Mapped[str | None] = field(_("Phone"), String(20), mask="phone", listed=True, search="exact", index=True, aliases=("电话", "联系电话"))
    id_number_digest: Mapped[str | None] = mapped_column(String(32), index=True)

    dispute: Mapped[Dispute] = relationship(back_populates="parties")
    resident: Mapped[Resident | None] = relationship()

    def __str__(self) -> str:
        return f"{label_of('party_side', self.side)} {masked(fields_of(DisputeParty)['name'], self.name or '')}"

    @validates("id_number")
    def _digest(self, key: str, value: str | None) -> str | None:
        self.id_number_digest = keyring().digest("id_number", value) if value else None
        return value

    def complete(self) -> None:
        """What is left empty follows from the register of residents and from the ID number."""
        super().complete()
        self.side = self.side or "first"
        take_from_register(self, name="name", sex="sex", nation="nation", job="occupation", phone="phone", employer="workplace",
                           address="address", age=lambda person: age_on(person.birth_on, today()))
        if self.id_number:
            self._complete_identity()

    def _complete_identity(self) -> None:
        try:
            parsed = parse_id_number(self.id_number)
        except InvalidValue as error:
            raise RuleError(error.message, "id_number") from error
        if self.id_number != parsed.number:
            self.id_number = parsed.number
        self.sex, self.age = self.sex or parsed.sex, self.age if self.age is not None else age_on(parsed.birth_on, today())
        if self.sex != parsed.sex:
            raise RuleError(gettext("The sex differs from the one in the ID number: correct one of them."), "sex")

    def kept_by(self, owner: Any) -> str:
        return "" if owner.is_open else gettext("This dispute has come to its end: its parties stay as they are.")

    def check(self) -> None:
        super().check()
        if not (self.name or "").strip():
            raise RuleError(gettext("Choose somebody of the register, or write the name."), "name")
        if self.age is not None and not 0 <= self.age <= 130:
            raise RuleError(gettext("An age is a whole number from 0 to 130."), "age")

    def searchable(self) -> tuple[str | None, ...]:
        return ()


class Mediation(Owned):
    """One mediation of a dispute: when, where, by whom, in what way, and how it ended (调解登记)."""

    __tablename__ = "mediation"
    __label__ = _("Mediation")
    owned_by = "dispute"

    dispute_id: Mapped[int] = reference("dispute.id", _("Dispute"), listed=True, aliases=("纠纷", "纠纷编号"))
    held_on: Mapped[date] = field(_("Date of mediation"), listed=True, sortable=True, index=True, aliases=("调解日期",))
    place: Mapped[str | None] = field(_("Place of mediation"), String(120), aliases=("调解地点",))
    way: Mapped[str] = field(_("Way of mediation"), String(12), dictionary="mediation_way", listed=True, aliases=("调解方式",))
    mediators: Mapped[str] = field(_("Mediators"), String(80), listed=True, search="text", aliases=("调解员",))
    story: Mapped[str] = field(_("Record of the mediation"), Text, aliases=("调解记录",))
    result: Mapped[str] = field(_("Result of the mediation"), String(16), dictionary="mediation_result", listed=True, aliases=("调解结果",))

    dispute: Mapped[Dispute] = relationship(back_populates="mediations")

    def __str__(self) -> str:
        return f"{self.held_on} {label_of('mediation_result', self.result)}"

    def searchable(self) -> tuple[str | None, ...]:
        return (self.mediators,)

    def kept_by(self, owner: Any) -> str:
        """A step that ends the dispute may add one."""
        return "" if owner.is_open or self.id is None else gettext("This dispute has come to its end: its mediations stay as they are.")

    def check(self) -> None:
        super().check()
        not_ahead(self, "held_on")


class DisputeRevisit(Owned):
    """A look back at a dispute that ended: is the agreement kept, are the parties content, may it flare up (回访)."""

    __tablename__ = "dispute_revisit"
    __label__ = _("Revisit of a dispute")
    owned_by = "dispute"

    dispute_id: Mapped[int] = reference("dispute.id", _("Dispute"), listed=True, aliases=("纠纷", "纠纷编号"))
    visited_on: Mapped[date] = field(_("Revisited on"), listed=True, sortable=True, index=True, aliases=("回访日期",))
    fulfilment: Mapped[str | None] = field(_("Fulfilment"), String(12), dictionary="fulfilment", listed=True, aliases=("履行情况",))
    satisfaction: Mapped[str] = field(_("Satisfaction"), String(12), dictionary="satisfaction", listed=True, aliases=("满意度",))
    hidden_danger: Mapped[bool] = field(_("Hidden danger"), default=False, listed=True, aliases=("有无隐患", "隐患"))
    story: Mapped[str | None] = field(_("What was found"), Text, aliases=("回访情况",))

    dispute: Mapped[Dispute] = relationship(back_populates="revisits")

    def __str__(self) -> str:
        return f"{self.visited_on} {label_of('satisfaction', self.satisfaction)}"

    def searchable(self) -> tuple[str | None, ...]:
        return ()

    def check(self) -> None:
        not_ahead(self, "visited_on")
        if self.hidden_danger and not (self.story or "").strip():
            raise RuleError(gettext("Write what danger there still is, so that somebody can see to it."), "story")
