"""A matter assessed for the risk of unrest, and what it owns: surveys, risk points, follow-up."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Index, Numeric, String, Text
from sqlalchemy.orm import Mapped, relationship

from app.core.base.fields import field, reference
from app.core.base.owned import Owned
from app.core.base.records import Choices, RuleError, not_ahead
from app.core.cases.records import Case
from app.core.cases.reported import Titled
from app.core.telling.dictionaries import label_of
from app.db import db
from app.subsystems.risk.rules import MOST, Tally
from app.subsystems.risk.workflow import GRADING, IDENTIFYING, SCORED, SURVEYING, TRACKING, WORKFLOW

PEOPLE, ASSESSED, DECIDED, FILED = _("People concerned by it"), _("Assessment"), _("Decision on it"), _("Filing with the authorities")
POLL = "poll"
VOICES = ("support_count", "against_count", "unclear_count")


class RiskAssessment(Titled, Case):
    """One matter, such as a demolition or a building site, whose risk to social stability is assessed before it begins."""

    __tablename__ = "risk_assessment"
    __label__ = _("Stability risk assessment")
    __natural_key__ = ("number",)
    __table_args__ = (Index("ix_risk_assessment_state", "state", "grid_code", "id"), Index("ix_risk_assessment_start", "start_on", "id"))
    workflow = WORKFLOW
    prefix = "FX"
    worded = {"title": {"label": _("Matter"), "aliases": ("事项", "评估事项", "事项名称")}}
    stands = ("matter_field", "subject_unit", "summary", "start_on")
    grows = False

    matter_field: Mapped[str] = field(_("Field of the matter"), String(12), dictionary="risk_field", listed=True, aliases=("领域", "事项类别"))
    subject_unit: Mapped[str] = field(_("Unit answerable"), String(80), aliases=("责任主体", "责任单位"))
    assessing_unit: Mapped[str] = field(_("Assessing unit"), String(80), aliases=("评估主体", "评估单位"))
    lead: Mapped[str | None] = field(_("Led by"), String(60), aliases=("牵头人",))
    contact: Mapped[str | None] = field(_("Contact"), String(60), mask="name", aliases=("联系人",))
    contact_phone: Mapped[str | None] = field(_("Contact's phone"), String(20), mask="phone", aliases=("联系人电话", "联系电话"))
    summary: Mapped[str] = field(_("Outline of the matter"), Text, aliases=("概况", "事项概况"))
    start_on: Mapped[date] = field(_("Planned start"), listed=True, aliases=("计划开始", "拟实施日期", "开工日期"))
    end_on: Mapped[date | None] = field(_("Planned end"), aliases=("计划结束", "计划完成日期"))
    methods: Mapped[list[str] | None] = field(_("Ways of assessment"), Choices, dictionary="risk_method", aliases=("评估方式",))
    region: Mapped[str | None] = field(_("Area concerned"), String(200), section=PEOPLE, aliases=("涉及区域",))
    household_count: Mapped[int | None] = field(_("Households concerned"), section=PEOPLE, aliases=("涉及户数", "影响户数"))
    people_count: Mapped[int | None] = field(_("Persons concerned"), section=PEOPLE, aliases=("涉及群众", "涉及人数"))
    plan: Mapped[str | None] = field(_("Assessment plan"), Text, derived=True, section=ASSESSED)
    mass_event_likely: Mapped[bool] = field(_("A mass event is likely"), default=False, derived=True, section=ASSESSED)
    legality: Mapped[int | None] = field(_("Legality (1 to 5)"), derived=True, section=ASSESSED)
    reasonableness: Mapped[int | None] = field(_("Reasonableness (1 to 5)"), derived=True, section=ASSESSED)
    feasibility: Mapped[int | None] = field(_("Feasibility (1 to 5)"), derived=True, section=ASSESSED)
    controllability: Mapped[int | None] = field(_("Controllability (1 to 5)"), derived=True, section=ASSESSED)
    support_rate: Mapped[Any] = field(_("Support, per cent"), Numeric(4, 1), nullable=True, derived=True, section=ASSESSED)
    against_rate: Mapped[Any] = field(_("Against, per cent"), Numeric(4, 1), nullable=True, derived=True, section=ASSESSED)
    unclear_rate: Mapped[Any] = field(_("Not clear about it, per cent"), Numeric(4, 1), nullable=True, derived=True, section=ASSESSED)
    proposed_level: Mapped[str | None] = field(_("Level by rule"), String(8), dictionary="risk_level", derived=True, section=ASSESSED)
    level: Mapped[str | None] = field(_("Risk level"), String(8), dictionary="risk_level", derived=True, listed=True, section=ASSESSED)
    level_reason: Mapped[str | None] = field(_("Why not the level by rule"), Text, derived=True, section=ASSESSED)
    report: Mapped[str | None] = field(_("Conclusion of the report"), Text, derived=True, section=ASSESSED)
    emergency_plan: Mapped[str | None] = field(_("What is done in an emergency"), Text, derived=True, section=ASSESSED)
    decision: Mapped[str | None] = field(_("Decision"), String(12), dictionary="risk_decision", derived=True, listed=True, section=DECIDED)
    conditions: Mapped[str | None] = field(_("Measures demanded"), Text, derived=True, section=DECIDED)
    decided_on: Mapped[date | None] = field(_("Decided on"), derived=True, section=DECIDED)
    filing_number: Mapped[str | None] = field(_("Number of the filing"), String(40), derived=True, section=FILED)
    local_filed_on: Mapped[date | None] = field(_("Filed at this level on"), derived=True, section=FILED)
    upper_filed_on: Mapped[date | None] = field(_("Filed with the level above on"), derived=True, section=FILED)

    surveys: Mapped[list[RiskSurvey]] = relationship(back_populates="assessment", order_by="(RiskSurvey.held_on, RiskSurvey.id)")
    points: Mapped[list[RiskPoint]] = relationship(back_populates="assessment", order_by="RiskPoint.id")
    follow_ups: Mapped[list[RiskFollowUp]] = relationship(back_populates="assessment", order_by="(RiskFollowUp.seen_on, RiskFollowUp.id)")

    def check(self) -> None:
        super().check()
        if self.start_on and self.end_on and self.end_on < self.start_on:
            raise RuleError(gettext("The end lies before the start."), "end_on")
        for name in ("household_count", "people_count"):
            _not_negative(self, name)
        for name in SCORED:
            _one_to_five(self, name)

    def kept(self, name: str) -> list[Any]:
        """The rows of a relation that are not in the recycle bin, those of this very moment included."""
        with db.session.no_autoflush:
            return [row for row in getattr(self, name) if row.deleted_at is None]

    @property
    def tally(self) -> Tally:
        return Tally.of(self.kept("surveys"))

    @property
    def values(self) -> list[int]:
        return [row.likelihood * row.impact for row in self.kept("points")]


class _OfAssessment(Owned):
    """A row that may be written only while its assessment is at that stage."""

    __abstract__ = True
    owned_by = "assessment"
    stages: ClassVar[tuple[str, ...]] = ()

    def check(self) -> None:
        owner = self.owner
        if owner is not None and owner.state not in self.stages:
            raise RuleError(gettext("The assessment is past this stage: what it was decided by is not changed any more."))


class RiskSurvey(_OfAssessment):
    """One time the people were asked: visits, a talk, ballots, a hearing (forms 走访记录, 座谈记录, 民意测评表, 听证记录)."""

    __tablename__ = "risk_survey"
    __label__ = _("Survey of opinion")
    stages = (SURVEYING, IDENTIFYING, GRADING)

    assessment_id: Mapped[int] = reference("risk_assessment.id", _("Stability risk assessment"), listed=True, aliases=("评估事项",))
    method: Mapped[str] = field(_("Way of asking"), String(8), dictionary="risk_method", listed=True, aliases=("方式",))
    held_on: Mapped[date] = field(_("Held on"), listed=True, aliases=("日期",))
    place: Mapped[str | None] = field(_("Held at"), String(80), aliases=("地点",))
    people_count: Mapped[int] = field(_("People asked"), listed=True, aliases=("人数", "参加人数"))
    ballots_sent: Mapped[int | None] = field(_("Ballots given out"), aliases=("发放份数",))
    ballots_returned: Mapped[int | None] = field(_("Ballots that came back"), listed=True, aliases=("收回份数",))
    support_count: Mapped[int] = field(_("For it"), default=0, listed=True, aliases=("支持",))
    against_count: Mapped[int] = field(_("Against it"), default=0, listed=True, aliases=("反对",))
    unclear_count: Mapped[int] = field(_("Not clear about it"), default=0, listed=True, aliases=("不理解",))
    opinions: Mapped[str | None] = field(_("Main opinions"), Text, aliases=("主要意见",))
    recorder: Mapped[str | None] = field(_("Written down by"), String(60), aliases=("记录人",))

    assessment: Mapped[RiskAssessment] = relationship(back_populates="surveys")

    def __str__(self) -> str:
        return f"{label_of('risk_method', self.method)} {self.held_on or ''}".strip()

    def complete(self) -> None:
        super().complete()
        for name in VOICES:
            setattr(self, name, getattr(self, name) or 0)

    def check(self) -> None:
        super().check()
        for name in ("people_count", "ballots_sent", "ballots_returned", *VOICES):
            _not_negative(self, name)
        not_ahead(self, "held_on", _("This day lies in the future: write it down when it was held."))
        self._check_ballots()

    def _check_ballots(self) -> None:
        """Ballots that came back are no more than went out, and every voice is one of them, or one of the people."""
        sent, returned = self.ballots_sent, self.ballots_returned
        if self.method == POLL and returned is None:
            raise RuleError(gettext("A poll needs the number of ballots that came back."), "ballots_returned")
        if sent is not None and (returned or 0) > sent:
            raise RuleError(gettext("More ballots came back than were given out."), "ballots_returned")
        voices = (self.support_count or 0) + (self.against_count or 0) + (self.unclear_count or 0)
        if voices > ((self.people_count or 0) if returned is None else returned):
            raise RuleError(gettext("For, against and not clear are more than the people asked, or the ballots that came back."),
                            "support_count")


class RiskPoint(_OfAssessment):
    """What may go wrong: how likely, how bad, what is done against it and by whom."""

    __tablename__ = "risk_point"
    __label__ = _("Risk point")
    stages = (SURVEYING, IDENTIFYING, GRADING)

    assessment_id: Mapped[int] = reference("risk_assessment.id", _("Stability risk assessment"), listed=True, aliases=("评估事项",))
    description: Mapped[str] = field(_("Risk"), String(200), listed=True, search="text", aliases=("风险点", "描述"))
    likelihood: Mapped[int] = field(_("Likelihood (1 to 5)"), listed=True, aliases=("概率", "可能性"))
    impact: Mapped[int] = field(_("Impact (1 to 5)"), listed=True, aliases=("影响", "影响程度"))
    value: Mapped[int] = field(_("Risk value"), derived=True, listed=True)
    measure: Mapped[str] = field(_("Measure against it"), Text, aliases=("防范措施",))
    person: Mapped[str] = field(_("Person answerable"), String(60), listed=True, aliases=("责任人",))

    assessment: Mapped[RiskAssessment] = relationship(back_populates="points")

    def __str__(self) -> str:
        return self.description or ""

    def complete(self) -> None:
        super().complete()
        self.value = (self.likelihood or 0) * (self.impact or 0)

    def check(self) -> None:
        super().check()
        _one_to_five(self, "likelihood")
        _one_to_five(self, "impact")


class RiskFollowUp(_OfAssessment):
    """What was seen while the matter was carried out: quiet, or the first signs of trouble."""

    __tablename__ = "risk_follow_up"
    __label__ = _("Follow-up")
    stages = (TRACKING,)

    assessment_id: Mapped[int] = reference("risk_assessment.id", _("Stability risk assessment"), listed=True, aliases=("评估事项",))
    seen_on: Mapped[date] = field(_("Day"), listed=True, aliases=("日期",))
    progress: Mapped[str] = field(_("How it goes"), String(300), listed=True, search="text", aliases=("实施情况",))
    is_trouble: Mapped[bool] = field(_("Sign of trouble"), default=False, listed=True, aliases=("苗头",))
    measure: Mapped[str | None] = field(_("What was done"), String(300), listed=True, aliases=("处置措施",))
    person: Mapped[str | None] = field(_("Followed by"), String(60), listed=True, aliases=("跟踪人",))

    assessment: Mapped[RiskAssessment] = relationship(back_populates="follow_ups")

    def __str__(self) -> str:
        return f"{self.seen_on or ''} {self.progress or ''}".strip()

    def check(self) -> None:
        super().check()
        not_ahead(self, "seen_on", _("This day lies in the future: write what you saw."))
        if self.is_trouble and not (self.measure or "").strip():
            raise RuleError(gettext("There is a sign of trouble: write what was done."), "measure")


def _one_to_five(row: Any, name: str) -> None:
    value = getattr(row, name)
    if value is not None and not 1 <= value <= MOST:
        raise RuleError(gettext("This is a whole number from 1 to %(most)s.", most=MOST), name)


def _not_negative(row: Any, name: str) -> None:
    if (getattr(row, name) or 0) < 0:
        raise RuleError(gettext("This number cannot be below nought."), name)
