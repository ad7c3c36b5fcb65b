"""Running a job: claimed by one worker under a lease, under its owner's rows, role and language."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import Select, and_, or_, select, update

from app.core.base.moments import now
from app.core.base.records import RuleError
from app.core.base.scope import Scope, acting
from app.core.base.storage import reading
from app.core.base.trouble import CANNOT_WRITE, Unavailable
from app.core.jobs.kinds import KINDS, Cancelled, Context, Lost, Stopped, end_of
from app.core.jobs.records import CANCELLED, DONE, FAILED, QUEUED, RUNNING, Job
from app.db import db

log = logging.getLogger(__name__)
LEASE, BEAT_SECONDS = timedelta(seconds=60), 15
MOST_TRIES = 3


class Owner(NamedTuple):
    """Whoever asked for a job, as the accounts know him now."""

    scope: Scope
    may: Callable[[str, str], bool]


_owner_of: list[Callable[[str], Owner | None]] = []


def of_owners(find: Callable[[str], Owner | None]) -> None:
    """Says how the owner of a job is found by his name."""
    _owner_of[:] = [find]


def worker_name() -> str:
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"


def _lost() -> Any:
    """Its lease ran out, or reaches further than any that is given: the clock was put back since."""
    return and_(Job.state == RUNNING, or_(Job.lease_until < now(), Job.lease_until > now() + 2 * LEASE))


def _waiting() -> Select[Any]:
    return select(Job.id).where(or_(Job.state == QUEUED, _lost())).order_by(Job.id).limit(1).correlate(None)


def turn(worker: str, stopping: Callable[[], bool]) -> bool:
    """Runs the job that waits longest; False when none does."""
    with reading():
        if db.session.scalar(_waiting()) is None:
            return False
    give_up_lost()
    number = claim(worker)
    if number is not None:
        run(number, worker, stopping)
    return number is not None


def claim(worker: str, only: int | None = None) -> int | None:
    """Takes a waiting job, or one whose lease ran out, in one statement: no other worker gets it."""
    free = _waiting() if only is None else _waiting().where(Job.id == only)
    taken = db.session.execute(
        update(Job).where(Job.id == free.with_for_update(skip_locked=True).scalar_subquery())
        .values(state=RUNNING, worker=worker, lease_until=now() + LEASE, started_at=now(), tries=Job.tries + 1)
        .returning(Job.id).execution_options(synchronize_session=False)).scalar()
    db.session.commit()
    return taken


def give_up_lost() -> None:
    """Ends jobs whose worker is gone and that may not be run once more."""
    for job in db.session.scalars(select(Job).where(_lost())).all():
        kind = KINDS.get(job.kind)
        if kind and kind.repeatable and job.tries < MOST_TRIES:
            continue
        with force_locale(job.language):
            words = _("The computer or program that ran this ended in the middle, %(count)s times. Nothing of it was "
                      "written: start it again, or tell the administrator.", count=job.tries)
        db.session.execute(end_of(job.id, job.worker, FAILED, words))
    db.session.commit()


def run_now(number: int) -> None:
    """Runs a small job at once, in the process of whoever asked, in a session of its own."""
    db.session.commit()
    worker = worker_name()
    try:
        with current_app.app_context():
            if claim(worker, only=number) is not None:
                run(number, worker, lambda: False)
    except CANNOT_WRITE:
        log.warning("job %s is left to a worker: the database is busy", number)


def run(number: int, worker: str, stopping: Callable[[], bool]) -> None:
    """Runs a claimed job to its end, whatever the end is."""
    job = db.session.get_one(Job, number)
    with force_locale(job.language):
        try:
            result = _work(job, worker, stopping)
            _end(number, worker, DONE, "", result)
        except Lost:
            db.session.rollback()
            log.warning("job %s is held by another worker", number)
        except Stopped:
            _hand_back(number, worker)
        except Cancelled as stop:
            _end(number, worker, CANCELLED, str(stop) or _("Cancelled: nothing of it was written."))
        except Unavailable:  # the worker waits; when the lease is over the job is run again
            db.session.rollback()
            raise
        except RuleError as error:
            _end(number, worker, FAILED, str(error))
        except Exception:
            log.exception("job %s of kind %s", number, job.kind)
            _end(number, worker, FAILED, _("Something went wrong here. Nothing of it was written: try again, or tell "
                                           "the administrator the number %(number)s of this job.", number=number))


def _work(job: Job, worker: str, stopping: Callable[[], bool]) -> dict[str, Any]:
    kind, owner = KINDS.get(job.kind), _owner_of[0](job.owner)
    if kind is None:
        raise RuleError(_("This version of the program does not know this work: start it again."))
    if owner is None or owner.scope.node != job.node:
        raise RuleError(_("Your account or your part of the grid was changed meanwhile: start it again."))
    context = Context(job.id, worker, job.folder, owner.may, stopping)
    arguments = job.arguments
    db.session.commit()
    with _alive(job.id, worker), acting(owner.scope):
        context.progress(0)
        return kind.work(context, arguments)


def _end(number: int, worker: str, state: str, words: str, result: dict[str, Any] | None = None) -> None:
    db.session.rollback()
    db.session.execute(end_of(number, worker, state, words, result))
    db.session.commit()


def _hand_back(number: int, worker: str) -> None:
    """The worker ends in good order: the job waits for the next one, or fails when it cannot be repeated."""
    db.session.rollback()
    job = db.session.get_one(Job, number)
    if not KINDS[job.kind].repeatable:
        return _end(number, worker, FAILED, _("The program was stopped in the middle. Nothing of it was written: "
                                              "start it again."))
    db.session.execute(update(Job).where(Job.id == number, Job.worker == worker).values(
        state=QUEUED, worker=None, lease_until=None, tries=Job.tries - 1
    ).execution_options(synchronize_session=False))
    db.session.commit()
    return None


@contextmanager
def _alive(number: int, worker: str) -> Iterator[None]:
    """Renews the lease while the work goes on, from a thread and a connection of its own."""
    over, engine = threading.Event(), db.engine
    beat = threading.Thread(target=_beat, args=(engine, number, worker, over), daemon=True)
    beat.start()
    try:
        yield
    finally:
        over.set()
        beat.join(1)


def _beat(engine: Any, number: int, worker: str, over: threading.Event) -> None:
    """Where SQLite's writer is busy for longer than it waits, nobody can claim either."""
    while not over.wait(BEAT_SECONDS):
        try:
            with engine.begin() as connection:
                connection.execute(update(Job).where(Job.id == number, Job.worker == worker, Job.state == RUNNING)
                                   .values(lease_until=now() + LEASE))
        except CANNOT_WRITE:
            log.warning("job %s: the lease could not be renewed yet", number)
