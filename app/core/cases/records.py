"""What every case is: numbered, in a state, at a level of the grid, under a limit."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import DateTime, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import flag_modified

from app.core.base import workdays
from app.core.base.fields import OPEN_END, Field, field, fields_of
from app.core.base.moments import local, now
from app.core.base.nodes import Node
from app.core.base.ordering import Stretch
from app.core.base.records import RuleError, changes, part_index
from app.core.base.scope import GridCode, Scoped
from app.core.cases import matter, news
from app.core.cases.lights import AMBER_SHARE, CARD_TONES, light_of
from app.core.cases.limits import WHOLE, extension_of, limit_of
from app.core.cases.prompts import check_answered
from app.core.cases.public import PublicForm
from app.core.cases.steps import Step
from app.core.cases.turning import Numbered
from app.core.cases.workflow import Workflow

HANDLING, CLOCK = _("Handling"), _("Limits")


class Case(Numbered, Scoped):
    """Something reported that comes to an end, on time, with a name to it."""

    __abstract__ = True
    __attachments__ = True
    workflow: ClassVar[Workflow]
    public: ClassVar[PublicForm | None] = None  # what residents are asked, where they may report it themselves
    figures: ClassVar[Any] = None  # what it is measured by (figures.Figures), where that is not the usual loop's
    limit_by: ClassVar[str] = ""  # the column by which, beside the urgency, its limits differ: its class, its grade
    stands: ClassVar[tuple[str, ...]] = ()  # what else of the report, beside its kind, words and place, stands from 立案 on
    until: ClassVar[dict[str, str]] = {}  # state: the column with the day agreed for it, which counts before any limit

    number: Mapped[str] = field(_("Case number"), String(24), derived=True, listed=True, sortable=True, unique=True,
                                search="exact", aliases=("编号", "工单号"))
    state: Mapped[str] = field(_("State"), String(12), dictionary="case_state", derived=True, listed=True)
    urgency: Mapped[str] = field(_("Urgency"), String(10), dictionary="urgency", default="normal", listed=True,
                                 aliases=("紧急程度",), tones={"urgent": "yes", "critical": "warn"})
    level_code: Mapped[str] = mapped_column(GridCode, index=True, info={
        "field": Field(_("Handled at"), kind="grid", derived=True), "required": False})
    unit: Mapped[str | None] = field(_("Handling unit"), String(20), dictionary="handling_unit", derived=True, index=True, section=HANDLING)
    handler: Mapped[str | None] = field(_("Person in charge"), String(60), derived=True, index=True, section=HANDLING)
    handler_id: Mapped[int | None] = mapped_column(ForeignKey(User.id), index=True)
    result: Mapped[str | None] = field(_("Result"), Text, derived=True, section=HANDLING)
    by_public: Mapped[bool] = field(_("Reported at the public door"), default=False, derived=True, section=HANDLING)
    public_answer: Mapped[str | None] = field(_("Answer to the resident"), Text, derived=True, section=HANDLING)
    merged_into: Mapped[str | None] = field(_("Merged into"), String(24), derived=True, section=HANDLING)
    in_time: Mapped[bool | None] = field(_("Handled in time"), derived=True, section=HANDLING)
    satisfaction: Mapped[str | None] = field(_("Satisfaction"), String(12), dictionary="satisfaction", derived=True, section=HANDLING)
    solved: Mapped[str | None] = field(_("Stayed solved"), String(8), dictionary="still_solved", derived=True, section=HANDLING)
    extension_asked: Mapped[int | None] = field(_("Extension asked"), derived=True, section=CLOCK)
    extension_by: Mapped[str | None] = mapped_column(String(64))
    extended: Mapped[int] = field(_("Extended by"), default=0, derived=True, section=CLOCK)
    returned_count: Mapped[int] = field(_("Times returned"), default=0, derived=True, section=CLOCK)
    rework_count: Mapped[int] = field(_("Times reworked"), default=0, derived=True, section=CLOCK)
    reopened_count: Mapped[int] = field(_("Times reopened"), default=0, derived=True, section=CLOCK)
    reported_at: Mapped[datetime] = field(_("Reported at"), DateTime, derived=True, section=CLOCK, listed=True, sortable=True, index=True)
    since: Mapped[datetime] = field(_("In this state since"), DateTime, derived=True, section=CLOCK)
    amber_at: Mapped[datetime | None] = mapped_column(DateTime, index=True)
    due_at: Mapped[datetime | None] = field(_("Step due"), DateTime, derived=True, section=CLOCK, listed=True, sortable=OPEN_END,
                                                  index=True)
    case_due_at: Mapped[datetime | None] = field(_("Case due"), DateTime, derived=True, section=CLOCK)
    closed_at: Mapped[datetime | None] = field(_("Closed at"), DateTime, derived=True, section=CLOCK)
    warned: Mapped[str | None] = field(_("Supervised by"), String(8), dictionary="supervision_card", derived=True, section=CLOCK,
                                               tones=CARD_TONES)

    def __init_subclass__(cls, **options: Any) -> None:
        """Each type has an index of its open cases alone, and one of those merged into others: both stay small for good."""
        if (table := cls.__dict__.get("__tablename__")):
            cls.__table_args__ = (*cls.__dict__.get("__table_args__", ()), part_index(f"ix_{table}_open", "closed_at IS NULL", "due_at", "number"),
                                  part_index(f"ix_{table}_merged", "merged_into IS NOT NULL", "merged_into"))
        super().__init_subclass__(**options)

    @classmethod
    def __in_order__(cls) -> tuple[Stretch, ...]:
        """Overdue, nearly due, in time, each the first due on top; then what no clock presses, the newest first."""
        moment, due, by_due = now(), cls.due_at, (cls.due_at, cls.id)
        nearly = (due >= moment) & (cls.amber_at <= moment)
        in_time = (due >= moment) & (cls.amber_at.is_(None) | (cls.amber_at > moment))
        return (Stretch(due < moment, by_due), Stretch(nearly, by_due), Stretch(in_time, by_due),
                Stretch(due.is_(None), (cls.id,), falling=True))

    @property
    def is_open(self) -> bool:
        return self.state not in self.workflow.final

    @property
    def is_filed(self) -> bool:
        """Whether it is 立案, or was before it came back to an earlier state: then its matter changes by 更正 alone."""
        return self.state not in self.workflow.unfiled or bool(self.reopened_count or self.returned_count)

    @property
    def round(self) -> int:
        """How often it is gone through: once more each time it is opened again."""
        return (self.reopened_count or 0) + 1

    @property
    def light(self) -> str:
        """The colour of the current step now; nothing when no clock runs."""
        return light_of(self.amber_at, self.due_at, now())

    @property
    def whole_light(self) -> str:
        """The colour of the whole case now, by the same shares; nothing when it has no limit or has come to its end."""
        if self.case_due_at is None or not self.is_open:
            return ""
        limit = self.whole_limit
        amber_at = workdays.calendar().part(self.whole_since, self.case_due_at, limit, AMBER_SHARE) if limit else None
        return light_of(amber_at, self.case_due_at, now())

    @property
    def step_limit(self) -> workdays.Limit | None:
        """How long the current state may last, with what was granted on top."""
        return self.agreed_limit() or self.limit_in(self.state, self.granted)

    @property
    def whole_limit(self) -> workdays.Limit | None:
        """How long the case may last from ``whole_since``."""
        return self.limit_in(WHOLE)

    @property
    def step_doubt(self) -> str:
        """What may still change about the moment the step is due."""
        return workdays.calendar().doubt(self.due_at, self.step_limit)

    @property
    def whole_doubt(self) -> str:
        """What may still change about the moment the whole case is due."""
        return workdays.calendar().doubt(self.case_due_at, self.whole_limit)

    @property
    def limit_class(self) -> str | None:
        """By what, beside the urgency, its limits differ."""
        return getattr(self, self.limit_by) if self.limit_by else None

    @property
    def granted(self) -> int:
        """What was granted on top of the limit of the current state."""
        return self.extended or 0

    @property
    def clock_since(self) -> datetime:
        """The moment from which the limit of the current state counts."""
        return self.since

    @property
    def whole_since(self) -> datetime:
        """The moment from which the limit of the whole case counts."""
        return self.reported_at

    def limit_in(self, state: str, more: int = 0) -> workdays.Limit | None:
        """The limit of a state for this very case, and more on top; None where it has none."""
        found = limit_of(self.workflow.case_type, state, self.limit_class, self.urgency)
        return workdays.Limit(found.amount + more, found.unit) if found else None

    def most_granted(self, most: int) -> workdays.Limit:
        """How much may be granted on top of the current state's limit: as 办理时限 says, else that limit once more; ``most`` by law."""
        limit = self.step_limit
        said = extension_of(self.workflow.case_type, self.state, self.limit_class, self.urgency)
        allowed = said if said is not None else limit.amount if limit else most
        return workdays.Limit(min(most, allowed), limit.unit if limit else workdays.DAYS)

    def agreed_limit(self) -> workdays.Limit | None:
        """The days to the day agreed for the current state (整改时限) with what was granted on top, where there is one."""
        day = getattr(self, self.until[self.state]) if self.state in self.until else None
        return workdays.Limit(max((day - local(self.since).date()).days, 0) + self.granted, workdays.DAYS) if day else None

    def complete(self) -> None:
        """A new case gets its number, its first state and its limits; a changed urgency or class changes the limits."""
        if self.number:
            if self.reported_at:
                self._follow_grid()
                self.set_deadlines(restart=False)
            return
        self.reported_at = self.since = now()
        self.state, self.urgency = self.workflow.initial, self.urgency or "normal"
        self.level_code = Node(self.grid_code or "").at("community")
        self.extended = self.returned_count = self.rework_count = self.reopened_count = 0
        self.take_over()
        self.set_deadlines(restart=True)

    def informs(self) -> str:
        """The place that hears of a new case although it is with another; empty where there is none."""
        return ""

    def announce(self) -> None:
        self.keep_origin()
        news.announce(self)

    def check(self) -> None:
        if self.id is not None and changes(self, "state") and not self.__dict__.get("_stepping"):
            raise RuleError(gettext("The state of a case changes by its steps only."), "state")
        if self.id is not None and not self.__dict__.get("_stepping"):
            self._stay_as_it_is()

    def _stay_as_it_is(self) -> None:
        """RuleError when something of a case at its end is changed by hand, or the matter of one that is filed."""
        if self.deleted_at is not None and changes(self, "deleted_at") and not self.is_open:
            raise RuleError(gettext("This case has come to its end: it is kept."))
        if self.deleted_at is not None and changes(self, "deleted_at"):
            check_answered(self)
        changed = [name for name, words in fields_of(type(self)).items() if words.editable and changes(self, name)]
        if changed and not self.is_open:
            raise RuleError(gettext("This case has come to its end: it is read, and changed no more."), changed[0])
        standing = next((name for name in changed if name in matter.columns(type(self))), None) if self.is_filed else None
        if standing:
            raise RuleError(gettext("The case is filed: this changes by its step “%(step)s” only, with the reason.",
                                    step=self.workflow.by_name[matter.CORRECT].label), standing)

    def _follow_grid(self) -> None:
        """A case that lies in another grid is with the same level there."""
        if self.level_code and changes(self, "grid_code"):
            self.level_code = Node(self.grid_code).at(Node(self.level_code).level)

    def enter(self, step: Step) -> None:
        """Moves to where a step leads; every step makes another version of the case, also one that changes no column."""
        self.__dict__["_stepping"] = True
        flag_modified(self, "changed_at")
        self.state = step.target or self.state
        final = self.state in self.workflow.final
        self.closed_at = (self.closed_at or now()) if final else None

    def set_deadlines(self, restart: bool) -> None:
        """Works out when the current state and the case are due, from the limits and the calendar as they are now."""
        if restart:
            self.since, self.warned, self.extended, self.extension_asked, self.extension_by = now(), None, 0, None, None
        calendar, limit = workdays.calendar(), self.step_limit
        if not self.is_open or self.state in self.workflow.idle or limit is None:
            self.amber_at = self.due_at = None
        else:
            self.due_at = calendar.due(self.clock_since, limit)
            self.amber_at = calendar.part(self.clock_since, self.due_at, limit, AMBER_SHARE)
        whole = self.whole_limit
        self.case_due_at = calendar.due(self.whole_since, whole) if whole else None

    def searchable(self) -> tuple[str | None, ...]:
        return (self.number, str(self))
