"""The clock that runs without anyone opening a page: raises 督办单, keeps the 责任追究 register, follows the calendar.

Every worker asks each minute; one statement decides which of them runs, on SQLite and PostgreSQL alike.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.core.base.moments import lately, not_lately, now
from app.core.base.registry import records
from app.core.base.revisions import revision
from app.core.base.scope import system
from app.core.base.storage import reading
from app.core.cases import news
from app.core.cases.counters import Pulse
from app.core.cases.lights import AMBER, RED
from app.core.cases.records import Case
from app.core.cases.supervision import RED_CARD, YELLOW_CARD, Accountability, Supervision, about
from app.db import db

log = logging.getLogger(__name__)
EVERY = timedelta(seconds=55)
BATCH = 200


def tick() -> bool:
    """Runs the clock if a minute has passed; False when it is not time, or another worker was first."""
    with reading():
        pulse = db.session.get(Pulse, "cases")
        if pulse is not None and lately(pulse.ran_at, EVERY):
            return False
    if pulse is None:
        return _first()
    mine = db.session.execute(update(Pulse).where(Pulse.name == "cases", not_lately(Pulse.ran_at, EVERY))
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
    """Looks at every case whose step is past 80 per cent of its limit and has not been looked at for it."""
    moment = now()
    late = (record.due_at < moment) & func.coalesce(record.warned, "").not_in((RED_CARD,))
    nearly = (record.amber_at <= moment) & (record.due_at >= moment) & record.warned.is_(None)
    for condition in (late, nearly):
        for number in db.session.scalars(select(record.id).where(condition).order_by(record.id).limit(BATCH)).all():
            _look(record, number)


def _look(record: type[Case], number: int) -> None:
    """One transaction a case: what somebody changes in the same moment is left to the next minute."""
    case = db.session.get(record, number, populate_existing=True)
    try:
        if case is not None:
            look_at(case)
        db.session.commit()
    except (StaleDataError, IntegrityError):
        db.session.rollback()
        log.info("%s was changed while the clock looked at it", number)


def look_at(case: Case) -> None:
    """Raises what the light of a case asks for: a yellow sheet, or a red one and an entry in the register."""
    light = case.light
    if light == AMBER and case.warned is None:
        case.warned = YELLOW_CARD
        db.session.add(Supervision(card=YELLOW_CARD, **about(case)))
        news.warn(case, news.NEARLY_DUE)
    elif light == RED and case.warned != RED_CARD:
        case.warned = RED_CARD
        db.session.add_all([Supervision(card=RED_CARD, **about(case)), Accountability(**about(case))])
        news.warn(case, news.OVERDUE)


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
            record.due_at.is_not(None), record.workflow.open_in(record))).order_by(record.id).limit(BATCH)).all()
        if not rows:
            return
        last = rows[-1].id
        yield from rows
        try:
            db.session.commit()
        except StaleDataError:
            db.session.rollback()
            log.info("cases were changed while the clock worked out their deadlines")

