"""The steps a case took: who, when, under which limit, with which words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, DateTime, Index, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import workdays
from app.core.base.scope import GridCode, current
from app.core.cases.steps import Step
from app.db import db


class CaseStep(db.Model):
    """One step a case took: the line of its timeline."""

    __tablename__ = "case_step"
    __table_args__ = (Index("ix_case_step_case", "record", "record_id", "id"), Index("ix_case_step_at", "record", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    grid_code: Mapped[str] = mapped_column(GridCode)
    step: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(12))
    target: Mapped[str] = mapped_column(String(12))
    by: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime)
    since: Mapped[datetime] = mapped_column(DateTime)
    due_at: Mapped[datetime | None] = mapped_column(DateTime)
    changes: Mapped[dict[str, list[Any]] | None] = mapped_column(JSON(none_as_null=True))  # of its matter: (old, new) by column

    @classmethod
    def of(cls, case: Any, step: Step, note: str) -> CaseStep:
        """The line for a step about to be taken, with the limit it was under."""
        return cls(record=case.__tablename__, record_id=case.id, grid_code=case.grid_code, step=step.name,
                   source=case.state, target=step.target or case.state, by=current().actor or "system", note=note,
                   since=case.since, due_at=case.due_at)

    @property
    def late(self) -> timedelta:
        """How much office time the step took beyond its limit."""
        if self.due_at is None or self.at <= self.due_at:
            return timedelta()
        return workdays.calendar().worked(self.due_at, self.at) or timedelta(minutes=1)


def timeline(case: Any) -> list[CaseStep]:
    """The steps of a case the user may see, the first one first."""
    return list(db.session.scalars(select(CaseStep).where(
        CaseStep.record == case.__tablename__, CaseStep.record_id == case.id).order_by(CaseStep.id)))
