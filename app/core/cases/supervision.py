"""预警督办, 责任追究: what the clock raises when a limit is nearly over, and when it is over (plan 机制二)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import DateTime, Index, Numeric, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import workdays
from app.core.base.fields import Field, field
from app.core.base.moments import now
from app.core.base.ordering import Stretch
from app.core.base.scope import GridCode, Scoped
from app.core.cases.lights import CARD_TONES
from app.core.cases.owners import names_of, owners
from app.core.cases.steps import Duty
from app.db import db

YELLOW_CARD, RED_CARD = "yellow", "red"
NAMES = 60


class _AboutCase:
    """The case, the step and the person a sheet or an entry of the register is about."""

    case_type: Mapped[str] = field(_("Case type"), String(20), dictionary="case_type", derived=True, listed=True)
    case_number: Mapped[str] = field(_("Case number"), String(24), derived=True, listed=True, search="exact", index=True)
    title: Mapped[str] = field(_("About"), String(120), derived=True, listed=True, search="text")
    step: Mapped[str] = field(_("Step"), String(12), dictionary="case_state", derived=True, listed=True)
    unit: Mapped[str | None] = field(_("Handling unit"), String(20), dictionary="handling_unit", derived=True, listed=True)
    person: Mapped[str | None] = field(_("Who could have acted"), String(NAMES), derived=True, listed=True)
    at_code: Mapped[str | None] = mapped_column(GridCode, info={
        "field": Field(_("Place that could have acted"), kind="grid", derived=True), "required": False})
    since: Mapped[datetime] = field(_("In this state since"), DateTime, derived=True)
    due_at: Mapped[datetime] = field(_("Step due"), DateTime, derived=True, listed=True)

    def __str__(self) -> str:
        return f"{self.case_number} {self.title}"

    def searchable(self) -> tuple[str | None, ...]:
        return (self.case_number, self.title, self.person)


class Supervision(_AboutCase, Scoped):
    """督办单: a yellow one when 80 per cent of a step's limit is used, a red one when it is over."""

    __tablename__ = "supervision"
    __label__ = _("Supervision sheet")
    __table_args__ = (UniqueConstraint("case_number", "since", "card", name="uq_supervision"),
                      Index("ix_supervision_card", "card", "id"), Index("ix_supervision_asking", "answered_at", "ended_at", "card", "due_at", "id"))

    card: Mapped[str] = field(_("Card"), String(8), dictionary="supervision_card", derived=True, listed=True, tones=CARD_TONES)
    answer: Mapped[str | None] = field(_("Answer of the unit"), Text, aliases=("回复",))
    answered_at: Mapped[datetime | None] = field(_("Answered at"), DateTime, derived=True, listed=True)
    ended_at: Mapped[datetime | None] = field(_("Case ended at"), DateTime, derived=True)

    @classmethod
    def __in_order__(cls) -> tuple[Stretch, ...]:
        """What wants an answer on top: red before yellow, the first due first; then the others, the newest first."""
        asking, by_due = unanswered(cls), (cls.due_at, cls.id)
        red = cls.card == RED_CARD
        return Stretch(asking & red, by_due), Stretch(asking & ~red, by_due), Stretch(~asking, (cls.id,), falling=True)

    def complete(self) -> None:
        """The first answer stamps the sheet."""
        self.answered_at = (self.answered_at or now()) if self.answer else None

    @property
    def late(self) -> Decimal | None:
        """Office hours past the limit: of a red one to its answer, its end or now; a yellow one was raised before the limit."""
        moment = self.answered_at or self.ended_at or now()
        return hours_late(self.due_at, moment) if self.card == RED_CARD and moment > self.due_at else None


class Accountability(_AboutCase, Scoped):
    """责任追究: a step that ran past its limit, with its unit, its person, how late it was, and what followed."""

    __tablename__ = "accountability"
    __label__ = _("Accountability entry")
    __table_args__ = (UniqueConstraint("case_number", "since", name="uq_accountability"),
                      Index("ix_accountability_running", "done_at", "due_at", "id"))

    done_at: Mapped[datetime | None] = field(_("Done at"), DateTime, derived=True, listed=True)
    late_hours: Mapped[Any] = field(_("Hours late"), Numeric(8, 1), derived=True, listed=True, default=0)
    reason: Mapped[str | None] = field(_("Why it was late"), Text)
    measure: Mapped[str | None] = field(_("Measure"), String(12), dictionary="measure", listed=True)
    decided_by: Mapped[str | None] = field(_("Decided by"), String(60))

    @classmethod
    def __in_order__(cls) -> tuple[Stretch, ...]:
        """What is still not done on top, the first due first; then the others, the newest first."""
        running = cls.done_at.is_(None)
        return Stretch(running, (cls.due_at, cls.id)), Stretch(~running, (cls.id,), falling=True)


def unanswered(sheet: Any) -> Any:
    """The condition of a list for sheets that still want an answer: their case goes on."""
    return sheet.answered_at.is_(None) & sheet.ended_at.is_(None)


def cards_of(case: Any) -> list[Supervision]:
    """The sheets raised on a case, the first one first."""
    return list(db.session.scalars(select(Supervision).where(Supervision.case_number == case.number).order_by(Supervision.id)))


def about(case: Any) -> dict[str, Any]:
    """What a sheet or an entry takes over from its case: the step, and who could have taken it."""
    could = owners(case)
    return {"case_type": case.workflow.case_type, "case_number": case.number, "title": str(case)[:120],
            "grid_code": case.grid_code, "step": case.state, "unit": _unit(case, could), "person": _names(case, could),
            "at_code": could[0].node if could else case.level_code, "since": case.since, "due_at": case.due_at}


def _unit(case: Any, could: Sequence[Any]) -> str | None:
    """The handling unit while it handles; else that of whoever could have acted."""
    if Duty.HANDLE in case.workflow.awaited(case.state) and case.unit:
        return case.unit
    return next((person.unit for person in could if person.unit), None)


def _names(case: Any, could: Sequence[Any]) -> str | None:
    """The person in charge while it is handled, with an account or without; else whoever could have acted, as far as it fits."""
    if Duty.HANDLE in case.workflow.awaited(case.state) and case.handler:
        return case.handler
    return names_of(could, NAMES) or None


def end_sheets(case: Any) -> None:
    """A case came to its end: its sheets ask for no answer any more."""
    for sheet in cards_of(case):
        sheet.ended_at = sheet.ended_at or now()


def settle_late(case: Any) -> None:
    """A late step is taken at last: its entry says when, and how late; one is made if the clock was not there meanwhile.

    Where the limit became another one meanwhile, the entry goes by that.
    """
    moment = now()
    late = case.due_at is not None and moment > case.due_at
    if not late and case.warned != RED_CARD:
        return
    entry = db.session.scalar(select(Accountability).where(
        Accountability.case_number == case.number, Accountability.since == case.since))
    if entry is None and not late:
        return
    if entry is None:
        entry = Accountability(**about(case))
        db.session.add(entry)
    entry.done_at, entry.due_at = moment, case.due_at or entry.due_at
    entry.late_hours = hours_late(case.due_at, moment) if late else Decimal()


def hours_late(due_at: datetime, moment: datetime) -> Decimal:
    """Office hours between a limit and a moment, to one place."""
    return Decimal(workdays.calendar().worked(due_at, moment).total_seconds() / 3600).quantize(Decimal("0.1"))
