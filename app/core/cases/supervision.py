"""预警督办, 责任追究: what the clock raises when a limit is nearly over, and when it is over (plan 机制二)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import DateTime, Index, Numeric, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped

from app.core.base import workdays
from app.core.base.fields import field
from app.core.base.moments import now
from app.core.base.scope import Scoped
from app.db import db

YELLOW_CARD, RED_CARD = "yellow", "red"


class _AboutCase:
    """The case, the step and the person a sheet or an entry of the register is about."""

    case_type: Mapped[str] = field(_("Case type"), String(20), dictionary="case_type", derived=True, listed=True)
    case_number: Mapped[str] = field(_("Case number"), String(24), derived=True, listed=True, search="exact", index=True)
    title: Mapped[str] = field(_("About"), String(120), derived=True, listed=True, search="text")
    step: Mapped[str] = field(_("Step"), String(12), dictionary="case_state", derived=True, listed=True)
    unit: Mapped[str | None] = field(_("Handling unit"), String(20), dictionary="handling_unit", derived=True, listed=True)
    person: Mapped[str | None] = field(_("Person in charge"), String(60), derived=True, listed=True)
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
                      Index("ix_supervision_card", "card", "id"))

    card: Mapped[str] = field(_("Card"), String(8), dictionary="supervision_card", derived=True, listed=True)
    answer: Mapped[str | None] = field(_("Answer of the unit"), Text, aliases=("回复",))
    answered_at: Mapped[datetime | None] = field(_("Answered at"), DateTime, derived=True, listed=True)

    def complete(self) -> None:
        """The first answer stamps the sheet."""
        self.answered_at = (self.answered_at or now()) if self.answer else None


class Accountability(_AboutCase, Scoped):
    """责任追究: a step that ran past its limit, with its unit, its person, how late it was, and what followed."""

    __tablename__ = "accountability"
    __label__ = _("Accountability entry")
    __table_args__ = (UniqueConstraint("case_number", "since", name="uq_accountability"),)

    done_at: Mapped[datetime | None] = field(_("Done at"), DateTime, derived=True, listed=True)
    late_hours: Mapped[Any] = field(_("Hours late"), Numeric(8, 1), derived=True, listed=True, default=0)
    reason: Mapped[str | None] = field(_("Why it was late"), Text)
    measure: Mapped[str | None] = field(_("Measure"), String(12), dictionary="measure", listed=True)
    decided_by: Mapped[str | None] = field(_("Decided by"), String(60))


def cards_of(case: Any) -> list[Supervision]:
    """The sheets raised on a case, the first one first."""
    return list(db.session.scalars(select(Supervision).where(Supervision.case_number == case.number).order_by(Supervision.id)))


def about(case: Any) -> dict[str, Any]:
    """What a sheet or an entry takes over from its case."""
    return {"case_type": case.workflow.case_type, "case_number": case.number, "title": str(case)[:120],
            "grid_code": case.grid_code, "step": case.state, "unit": case.unit, "person": case.handler,
            "since": case.since, "due_at": case.due_at}


def settle_late(case: Any) -> None:
    """A late step is taken at last: its entry says when, and how late; one is made if the clock was not there meanwhile."""
    moment = now()
    if case.due_at is None or moment <= case.due_at:
        return
    entry = db.session.scalar(select(Accountability).where(
        Accountability.case_number == case.number, Accountability.since == case.since))
    if entry is None:
        entry = Accountability(**about(case))
        db.session.add(entry)
    entry.done_at, entry.late_hours = moment, hours_late(case.due_at, moment)


def hours_late(due_at: datetime, moment: datetime) -> Decimal:
    """Office hours between a limit and a moment, to one place."""
    return Decimal(workdays.calendar().worked(due_at, moment).total_seconds() / 3600).quantize(Decimal("0.1"))
