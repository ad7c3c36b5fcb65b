"""The slow way to the figures: case by case, from the lines of its timeline and from its history."""

from __future__ import annotations

from typing import Any

from app.core.base.history import History
from app.core.base.moments import now
from app.core.cases.timeline import CaseStep
from app.db import db

RATED = {"satisfied", "fair", "dissatisfied"}


def steps_of(case: Any) -> list[CaseStep]:
    """The steps a case took, the first one first."""
    return list(db.session.scalars(db.select(CaseStep).where(
        CaseStep.record == case.__tablename__, CaseStep.record_id == case.id).order_by(CaseStep.id)))


def answers(case: Any, question: str = "satisfaction") -> set[str]:
    """Everything a case was ever rated, opened again or not, as its history tells."""
    changes = db.session.scalars(db.select(History.changes).where(
        History.record == case.__tablename__, History.record_id == case.id))
    return {line[question][1] for line in changes if line.get(question, [None, None])[1]}


def rated(case: Any) -> dict[str, int]:
    """Whether a case counts as rated, and as content: never once dissatisfied."""
    found = answers(case) & RATED
    return {"rated": int(bool(found)), "content": int(bool(found) and "dissatisfied" not in found)}


def waits_too_long(case: Any, *states: str) -> bool:
    """Whether it should be handled by now, and is not."""
    return case.state in states and case.due_at is not None and case.due_at < now()
