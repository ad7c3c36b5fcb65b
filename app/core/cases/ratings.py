"""What was said of a case after its end, kept round by round: how content somebody is, whether it stayed solved.

The case itself holds the answer of its present round; what was said before it was opened again stays here, and counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Index, String, Text, exists, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base.moments import now
from app.core.base.options import option
from app.core.base.scope import current
from app.core.cases.steps import Step
from app.db import db

CONTENT, SOLVED = "satisfaction", "solved"  # the questions, by the columns of a case that hold the answers of its present round
ASKED = (CONTENT, SOLVED)
DISSATISFIED, YES, NO, UNSOLVED = "dissatisfied", "yes", "no", "unsolved"
GOOD, RATED = ("satisfied", "fair"), ("satisfied", "fair", DISSATISFIED)
UNHAPPY = {(CONTENT, DISSATISFIED): DISSATISFIED, (SOLVED, NO): UNSOLVED}  # what is told at once, by question and answer
AFTER = option("follow_up_days", _("The public door"), _("Asked whether it stayed solved, after the end"), default=21, least=1, most=365,
               unit=_("days"))


def is_time_to_ask(case: Any) -> bool:
    """Whether a resident is asked now if it stayed solved: once a round, on the page of his code; the office may ask by phone."""
    return not case.solved and case.closed_at is not None and case.closed_at <= now() - timedelta(days=AFTER.value)


class CaseRating(db.Model):
    """One answer: to which question, in which round of the case, with which words."""

    __tablename__ = "case_rating"
    __table_args__ = (Index("ix_case_rating_case", "record", "record_id", "question"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    round: Mapped[int]
    question: Mapped[str] = mapped_column(String(20))
    answer: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


def keep(case: Any, step: Step, words: str) -> list[str]:
    """Keeps what a step asked of this kind; what must be told of it at once."""
    said = [(name, getattr(case, name)) for name in ASKED if name in step.asked(case) and getattr(case, name)]
    for question, answer in said:
        db.session.add(CaseRating(record=case.__tablename__, record_id=case.id, round=case.round, question=question, answer=answer,
                                  words=words, by=current().actor or "system", at=now()))
    return [UNHAPPY[one] for one in said if one in UNHAPPY]


def ratings(case: Any) -> list[CaseRating]:
    """What was said of a case, the first answer first."""
    return list(db.session.scalars(select(CaseRating).where(
        CaseRating.record == case.__tablename__, CaseRating.record_id == case.id).order_by(CaseRating.id)))


def said(case: Any, question: str, *answers: str) -> Any:
    """The condition of a list for cases of which one of these answers was given, in whatever round."""
    return exists().where(CaseRating.record == case.__tablename__, CaseRating.record_id == case.id,
                          CaseRating.question == question, CaseRating.answer.in_(answers))
