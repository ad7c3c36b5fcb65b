"""居民投诉, 信访: told within 15 days, answered within 60, reviewed twice at most (plan 机制四, 信访工作条例)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import DateTime, Index, String, Text
from sqlalchemy.orm import Mapped, relationship

from app.core.base.fields import field, reference
from app.core.base.moments import local, now, today
from app.core.base.nodes import Node
from app.core.base.records import RuleError
from app.core.base.scope import Scoped
from app.core.base.workdays import Limit
from app.core.cases.counters import next_number
from app.core.cases.limits import WHOLE
from app.core.cases.loop import (
    CLOSED,
    OUTSIDE,
    REPORTED,
    STEPS,
    extension,
    loop,
)
from app.core.cases.public import PublicForm
from app.core.cases.records import Case
from app.core.cases.reported import Placed
from app.core.cases.steps import HERE, REOPENS, Duty, Said, Step, Whom
from app.core.cases.workflow import Workflow
from app.db import db
from app.subsystems.complaints.measured import FIGURES
from app.subsystems.people.known import take_from_register
from app.subsystems.people.residents import Resident

PETITIONER, WHAT, ANSWERING = _("Petitioner"), _("The matter"), _("Telling and answering")
HANDLING, ANSWERED, REVIEWING, RECHECKING = "handling", "answered", "reviewing", "rechecking"
HANDLE, REVIEW, RECHECK, FINAL = "handle", "review", "recheck", "final"
WORKED_ON = (HANDLING, REVIEWING, RECHECKING)
TIERS = ("grid", "community", "street", "district", "city")
TIER_OF = {"base": "grid", "community": "community", "street": "street"}
LETTER_OF = {HANDLE: "答", REVIEW: "查", RECHECK: "核"}
COLLECTIVE, MOST_EXTENDED = 5, 30
ASKED_WITHIN = timedelta(days=30)  # 信访工作条例: 复查 and 复核 are asked for within 30 days of the written answer


def _told(case: Any) -> None:
    """The resident was told in time when that was decided within the limit of the first state."""
    _between(case.told_on, case.reported_at, "told_on")
    case.told_in_time = case.due_at is None or now() <= case.due_at


def _accepted(case: Any) -> None:
    _told(case)
    case.accepted_at = case.level_since = now()


def _sent_outside(case: Any) -> None:
    if case.state == REPORTED:
        _told(case)


def _answered(case: Any) -> None:
    """The answer has a number, one a stage, however often it is written anew."""
    STEPS["handle"].effect(case)
    case.answered_at = now()
    year = local(case.answered_at).year
    case.answer_number = case.answer_number or f"信{LETTER_OF[case.stage]}〔{year}〕{next_number(f'petition {case.stage} {year}')}号"


def _served(case: Any) -> None:
    """What was served is kept as a written answer of its own; after the second review there is no other."""
    _between(case.served_on, case.answered_at, "served_on")
    db.session.add(ComplaintReply(
        grid_code=case.grid_code, complaint=case, number=case.answer_number, stage=case.stage, tier=case.tier, outcome=case.outcome,
        answer=case.public_answer, answered_at=case.answered_at, served_on=case.served_on, served_way=case.served_way))
    case.satisfaction = case.solved = None  # he was not content with the answer before; this one is rated anew
    case.stage = FINAL if case.stage == RECHECK else case.stage


def _next_stage(case: Any) -> None:
    """One level up with a limit of its own; what was answered before stands among the written answers."""
    case.stage = {HANDLE: REVIEW, REVIEW: RECHECK}[case.stage]
    case.tier = TIERS[min(TIERS.index(case.tier) + 1, len(TIERS) - 1)]
    if Node(case.level_code).parent is not None:
        STEPS["escalate"].effect(case)
    case.review_count += 1
    case.level_since = now()
    case.answer_number = case.public_answer = case.outcome = case.served_on = case.served_way = None
    case.unit = case.handler = case.handler_id = case.result = None


def _between(day: date | None, earliest: datetime, name: str) -> None:
    if day is not None and not local(earliest).date() <= day <= today():
        raise RuleError(gettext("This day lies before the case or in the future: correct it."), name)


def _may_ask(stage: str) -> Any:
    """Whether the next level may be asked: it is this one's turn, and no 30 days have passed since the answer was served."""
    return lambda case: case.stage == stage and case.served_on is not None and today() <= case.served_on + ASKED_WITHIN


def _asked_for(name: str, label: Any, target: str, stage: str) -> Step:
    """The step by which the answer of a stage is taken to the level above."""
    return Step(name, label, (CLOSED,), target, duty=Duty.DIRECT, concerns=(Whom.LEVEL,), reason=True, at_door=REOPENS,
                effect=_next_stage, possible=_may_ask(stage))


def _workflow() -> Workflow:
    told = {"asks": ("told_on", "told_way"), "must": ("told_on", "told_way")}
    return loop(
        "complaint",
        STEPS["accept"].at(REPORTED, label=_("Accept and tell"), target=HANDLING, effect=_accepted, **told),
        STEPS["reject"].at(REPORTED, label=_("Turn down and tell"), effect=_told, **told),
        STEPS["report_outside"].at(REPORTED, HANDLING, label=_("Pass on to the district"), effect=_sent_outside, **told),
        STEPS["merge"].at(REPORTED, HANDLING),
        STEPS["verify"].at(*WORKED_ON),
        STEPS["dispatch"].at(*WORKED_ON, target=HERE, when=Said("unit", None)),
        STEPS["transfer"].at(*WORKED_ON, restarts=False, possible=lambda case: bool(case.unit)),
        STEPS["hand_over"].at(*WORKED_ON, possible=lambda case: bool(case.unit)),
        STEPS["send_back"].at(*WORKED_ON, target=HERE, possible=lambda case: bool(case.unit)),
        STEPS["handle"].at(*WORKED_ON, OUTSIDE, label=_("Write the answer"), target=ANSWERED, answers=True, effect=_answered,
                           asks=("result", "outcome", "public_answer"), must=("result", "outcome", "public_answer")),
        *extension(HANDLING, most=MOST_EXTENDED, kept_in="extension_days"),
        STEPS["close"].at(ANSWERED, label=_("Serve the answer: close"), asks=("served_on", "served_way"),
                          must=("served_on", "served_way"), effect=_served),
        STEPS["rework"].at(ANSWERED, target=HANDLING, possible=lambda case: case.stage == HANDLE),
        STEPS["escalate"].at(REPORTED, HANDLING, restarts=False),
        STEPS["assign_down"].at(REPORTED, HANDLING, restarts=False),
        _asked_for("ask_review", _("Ask for a review"), REVIEWING, HANDLE),
        _asked_for("ask_recheck", _("Ask for a second review"), RECHECKING, REVIEW),
        without=("file", "park", "resume", "reopen"))


class Complaint(Placed, Case):
    """A complaint or petition: by whom, about what, told, answered in writing, and reviewed at most twice (domain 4.9)."""

    __tablename__ = "complaint"
    __label__ = _("Complaint")
    __natural_key__ = ("number",)
    __table_args__ = (Index("ix_complaint_state", "state", "grid_code", "id"), Index("ix_complaint_category", "category", "id"))
    workflow = _workflow()
    prefix = "TS"
    matter_section, stands = WHAT, ("category", "target", "expectation")
    worded = {"title": {"label": _("Matter complained of"), "aliases": ("事由", "标题", "投诉事项")},
              "place": {"label": _("Where it happened"), "aliases": ("地点", "发生地点"), "listed": False,
                        "nullable": True, "after": "target_person"}}
    figures = FIGURES
    public = PublicForm(
        _("A complaint"), _("About a unit, a person or a decision: you are told within 15 days and answered within 60."), "fa-scale-balanced",
        asks=("title", "category", "target", "content", "expectation", "petitioner", "phone"), must=("title", "category", "content"),
        given={"channel": "public", "form": "online"},
        again=_("Within 30 days of the answer: the level above reviews it. After the second review the answer stands."))

    category: Mapped[str] = field(_("Category of complaint"), String(16), dictionary="complaint_category", listed=True, aliases=("类别", "诉求类别"))
    channel: Mapped[str] = field(_("Channel of complaint"), String(12), dictionary="complaint_channel", default="visit", listed=True,
                                 aliases=("渠道", "投诉渠道"))
    form: Mapped[str | None] = field(_("Form of petition"), String(8), dictionary="complaint_form", aliases=("信访形式", "来信来访来电"))
    turn: Mapped[str] = field(_("First or repeated"), String(8), dictionary="complaint_turn", default="first", aliases=("初次重复越级", "信访次数"))
    earlier_number: Mapped[str | None] = field(_("Number of the earlier one"), String(40), aliases=("前次编号",))
    conduct: Mapped[str] = field(_("Conduct of petition"), String(8), dictionary="complaint_conduct", default="normal", aliases=("上访形式",))
    is_anonymous: Mapped[bool] = field(_("Anonymous"), default=False, section=PETITIONER, aliases=("匿名", "实名匿名"))
    resident_id: Mapped[int | None] = reference("resident.id", _("In the register of residents"), mask="name", ondelete=None,
                                                section=PETITIONER, aliases=("居民",),
                                              help=_("What is left empty here follows from there"))
    petitioner: Mapped[str | None] = field(_("Petitioner's name"), String(60), mask="name", section=PETITIONER,
                                           aliases=("姓名", "投诉人", "信访人"))
    phone: Mapped[str | None] = field(_("Petitioner's phone"), String(20), mask="phone", means="phone",
                                      section=PETITIONER, aliases=("电话", "联系电话"))
    address: Mapped[str | None] = field(_("Petitioner's address"), String(120), mask="address", means="place",
                                        section=PETITIONER, aliases=("住址", "地址"))
    people_count: Mapped[int] = field(_("Number of people"), default=1, section=PETITIONER, aliases=("人数",))
    is_collective: Mapped[bool] = field(_("Collective"), default=False, derived=True, section=PETITIONER,
                                        help=_("Five people and more"))
    target_kind: Mapped[str | None] = field(_("Kind of target"), String(8), dictionary="complaint_target", section=WHAT,
                                            aliases=("对象类型",))
    target: Mapped[str | None] = field(_("Unit or matter"), String(120), section=WHAT, aliases=("对象", "投诉对象", "被投诉单位"))
    target_person: Mapped[str | None] = field(_("Person complained of"), String(60), mask="name", section=WHAT, aliases=("被投诉人",))
    content: Mapped[str] = field(_("What is complained of"), Text, means="text", section=WHAT, aliases=("内容", "投诉内容"))
    expectation: Mapped[str | None] = field(_("What is expected"), Text, section=WHAT, aliases=("期望", "诉求"))
    stage: Mapped[str] = field(_("Stage of petition"), String(8), dictionary="petition_stage", derived=True, listed=True, section=ANSWERING)
    tier: Mapped[str] = field(_("Level of handling"), String(12), dictionary="petition_tier", derived=True, section=ANSWERING)
    told_on: Mapped[date | None] = field(_("Told on"), derived=True, section=ANSWERING)
    told_way: Mapped[str | None] = field(_("Way of telling"), String(8), dictionary="told_way", derived=True, section=ANSWERING)
    told_in_time: Mapped[bool | None] = field(_("Told in time"), derived=True, section=ANSWERING)
    accepted_at: Mapped[datetime | None] = field(_("Accepted at"), DateTime, derived=True, section=ANSWERING)
    level_since: Mapped[datetime | None] = field(_("In this stage since"), DateTime, derived=True, section=ANSWERING)
    extension_days: Mapped[int | None] = field(_("Days of extension"), derived=True, section=ANSWERING)
    outcome: Mapped[str | None] = field(_("Outcome of complaint"), String(12), dictionary="complaint_outcome", derived=True, section=ANSWERING)
    answer_number: Mapped[str | None] = field(_("Number of the answer"), String(40), derived=True, section=ANSWERING)
    answered_at: Mapped[datetime | None] = field(_("Answered at"), DateTime, derived=True, section=ANSWERING)
    served_on: Mapped[date | None] = field(_("Served on"), derived=True, section=ANSWERING)
    served_way: Mapped[str | None] = field(_("Way of serving"), String(8), dictionary="told_way", derived=True, section=ANSWERING)
    review_count: Mapped[int] = field(_("Reviews asked for"), default=0, derived=True, section=ANSWERING)

    resident: Mapped[Resident | None] = relationship()

    @property
    def granted(self) -> int:
        """The extension belongs to the handling alone, however often that is entered."""
        return (self.extension_days or 0) if self.state == HANDLING else 0

    @property
    def clock_since(self) -> datetime:
        """The days of a stage run on from its acceptance, over what is sent back or done again."""
        return self.level_since or self.since if self.state in WORKED_ON else self.since

    @property
    def whole_since(self) -> datetime:
        return self.level_since or self.reported_at

    @property
    def whole_limit(self) -> Limit | None:
        """60 days with what was granted, then 30 a review."""
        state = {REVIEW: REVIEWING, RECHECK: RECHECKING, FINAL: RECHECKING}.get(self.stage, WHOLE)
        return self.limit_in(state, (self.extension_days or 0) if state == WHOLE else 0)

    @property
    def round(self) -> int:
        """Each review is another round."""
        return (self.review_count or 0) + 1

    def complete(self) -> None:
        """A new complaint begins with its handling; the level follows the grid tree until a review leaves it."""
        if not self.number:
            self.stage, self.review_count = HANDLE, 0
            if self.by_public:
                self.is_anonymous = not (self.petitioner or self.phone)
        take_from_register(self, petitioner="name", phone="phone", address="address")
        super().complete()
        self.is_collective = (self.people_count or 0) >= COLLECTIVE
        if self.stage == HANDLE:
            self.tier = TIER_OF[Node(self.level_code).level]

    def check(self) -> None:
        super().check()
        if self.people_count is not None and self.people_count < 1:
            raise RuleError(gettext("At least one person complains."), "people_count")
        if self.is_anonymous and (self.resident_id or self.petitioner or self.phone or self.address):
            raise RuleError(gettext("Who stays anonymous has no name, phone or address here: empty them, or untick it."), "is_anonymous")
        if not self.is_anonymous and not (self.petitioner or self.phone):
            raise RuleError(gettext("Write the name or the phone, or tick that it is anonymous."), "petitioner")

    def searchable(self) -> tuple[str | None, ...]:
        return (self.number, self.title, self.target, self.answer_number)


class ComplaintReply(Scoped):
    """答复书: what was answered in writing at one stage of a complaint, and when it was served."""

    __tablename__ = "complaint_reply"
    __label__ = _("Written answer")
    __natural_key__ = ("number",)

    complaint_id: Mapped[int] = reference("complaint.id", _("Complaint"), derived=True, listed=True)
    number: Mapped[str] = field(_("Number of the answer"), String(40), derived=True, listed=True, unique=True, search="exact")
    stage: Mapped[str] = field(_("Stage of petition"), String(8), dictionary="petition_stage", derived=True, listed=True)
    tier: Mapped[str] = field(_("Level of handling"), String(12), dictionary="petition_tier", derived=True, listed=True)
    outcome: Mapped[str | None] = field(_("Outcome of complaint"), String(12), dictionary="complaint_outcome", derived=True, listed=True)
    answer: Mapped[str] = field(_("Answer to the resident"), Text, derived=True)
    answered_at: Mapped[datetime] = field(_("Answered at"), DateTime, derived=True)
    served_on: Mapped[date] = field(_("Served on"), derived=True, listed=True)
    served_way: Mapped[str] = field(_("Way of serving"), String(8), dictionary="told_way", derived=True, listed=True)

    complaint: Mapped[Complaint] = relationship()

    def __str__(self) -> str:
        return self.number

    def searchable(self) -> tuple[str | None, ...]:
        return (self.number,)
