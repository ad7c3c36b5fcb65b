"""The clock that runs without anyone opening a page: raises 督办单, keeps the 责任追究 register, follows the calendar.

Every worker asks each minute; one statement decides which of them runs, on SQLite and PostgreSQL alike.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, String, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from app.core.cases.records import AMBER, GREEN, RED, Case
from app.core.cases.supervision import RED_CARD, YELLOW_CARD, Accountability, Supervision, about
from app.core.records import now
from app.core.registry import records
from app.core.revisions import revision
from app.core.scope import system
from app.core.storage import reading
from app.db import db

log = logging.getLogger(__name__)
EVERY = timedelta(seconds=55)
BATCH = 200


class Pulse(db.Model):
    """When the clock last ran, and the calendar by which deadlines were last worked out."""

    __tablename__ = "pulse"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    ran_at: Mapped[datetime] = mapped_column(DateTime)
    calendar: Mapped[str] = mapped_column(String(60), default="")


def tick() -> bool:
    """Runs the clock if a minute has passed; False when it is not time, or another worker was first."""
    with reading():
        pulse = db.session.get(Pulse, "cases")
        if pulse is not None and pulse.ran_at > now() - EVERY:
            return False
    if pulse is None:
        return _first()
    mine = db.session.execute(update(Pulse).where(Pulse.name == "cases", Pulse.ran_at <= now() - EVERY)
                              .values(ran_at=now()).execution_options(synchronize_session=False)).rowcount
    db.session.commit()
    if not mine:
        return False
    with system("the clock of cases"):
        follow_calendar()
        for record in case_records():
            raise_cards(record)
    return True


def _first() -> bool:
    """The clock starts a minute after the first worker asked."""
    try:
        db.session.add(Pulse(name="cases", ran_at=now()))
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
    return False


def case_records() -> list[type[Case]]:
    return [record for record in records() if issubclass(record, Case)]


def raise_cards(record: type[Case]) -> None:
    """A yellow sheet for each step past 80 per cent of its limit, a red one and an entry for each past the whole."""
    moment = now()
    _each(record, (record.due_at < moment) & (record.warned != RED), _red)
    _each(record, (record.amber_at <= moment) & (record.due_at >= moment) & (record.warned == GREEN), _yellow)


def _each(record: type[Case], condition: Any, rule: Any) -> None:
    """One transaction a case: what somebody changes in the same moment is left to the next minute."""
    for number in db.session.scalars(select(record.id).where(condition).order_by(record.id).limit(BATCH)).all():
        case = db.session.get(record, number, populate_existing=True)
        if case is None:
            continue
        try:
            rule(case)
            db.session.commit()
        except (StaleDataError, IntegrityError):
            db.session.rollback()
            log.info("%s was changed while the clock looked at it", number)


def _yellow(case: Case) -> None:
    case.warned = AMBER
    db.session.add(Supervision(card=YELLOW_CARD, **about(case)))


def _red(case: Case) -> None:
    case.warned = RED
    db.session.add(Supervision(card=RED_CARD, **about(case)))
    db.session.add(Accountability(late_hours=0, **about(case)))


def follow_calendar() -> None:
    """Works out the deadlines of open cases anew when the calendar, the office hours or the limits were changed."""
    pulse = db.session.get_one(Pulse, "cases", populate_existing=True)
    as_it_is = "-".join(str(revision(name)) for name in ("calendar", "options", "case_limit"))
    if pulse.calendar == as_it_is:
        return
    for record in case_records():
        for case in _open(record):
            case.set_deadlines(restart=False)
    pulse = db.session.get_one(Pulse, "cases")
    pulse.calendar = as_it_is
    db.session.commit()


def _open(record: type[Case]) -> Iterator[Case]:
    """Every case with a clock running, batch by batch; each batch is committed."""
    last = 0
    while True:
        rows = db.session.scalars(select(record).where(record.id > last, or_(
            record.due_at.is_not(None), record.state.not_in(record.workflow.final))).order_by(record.id).limit(BATCH)).all()
        if not rows:
            return
        last = rows[-1].id
        yield from rows
        try:
            db.session.commit()
        except StaleDataError:
            db.session.rollback()
            log.info("cases were changed while the clock worked out their deadlines")

