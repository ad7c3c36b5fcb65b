"""What can run in the background: a kind of job is declared beside the work it does, then put in the queue."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask_babel import get_locale, lazy_gettext
from sqlalchemy import select, update

from app.core.base.moments import now
from app.core.base.records import RuleError
from app.core.base.scope import Scope
from app.core.jobs.records import CANCEL, DONE, OPEN, QUEUED, RUNNING, Job, Progress, write_progress
from app.db import db

LOOK_SECONDS = 0.2
KEPT_FOLDERS, WAITING = 10, 50
Arguments = dict[str, Any]


class Cancelled(Exception):
    """The owner wants the job to stop; with words where something of it was written by then."""


class Stopped(Exception):
    """The worker is told to end while the job runs."""


class Lost(Exception):
    """Another worker holds the job: this one was taken for dead."""


@dataclass(frozen=True)
class Kind:
    """One kind of background work.

    ``page`` is the address of the result, with {id} and the arguments filled in; ``repeatable``
    work may be run again after its worker was lost; its files are kept for ``keep``.
    """

    name: str
    label: Any
    work: Callable[[Context, Arguments], Arguments]
    page: str
    repeatable: bool
    keep: timedelta

    def address(self, job: Job) -> str:
        return self.page.format(id=job.id, **job.arguments)


@dataclass
class Context:
    """What the work is given: its folder, its owner's rights, and a way to say how far it is."""

    number: int
    worker: str
    folder: Path
    may: Callable[[str, str], bool]
    stopping: Callable[[], bool]
    looked: float = field(default=0.0)

    @property
    def cancelled(self) -> bool:
        return (self.folder / CANCEL).exists()

    def progress(self, done: int, total: int = 0, words: str = "") -> None:
        """Tells how far the work is; raises when it is to stop, so that its transaction is rolled back."""
        if time.monotonic() - self.looked < LOOK_SECONDS:
            return
        self.looked = time.monotonic()
        if self.cancelled:
            raise Cancelled
        if self.stopping():
            raise Stopped
        write_progress(self.folder, Progress(done, total, words))

    def settle(self, result: Arguments) -> None:
        """Writes the job's end into the transaction of its work: both are in, or neither."""
        if self.cancelled:
            raise Cancelled
        if not db.session.execute(end_of(self.number, self.worker, DONE, result=result)).rowcount:
            raise Lost


def end_of(number: int, worker: str | None, state: str, words: str = "", result: Arguments | None = None) -> Any:
    """The statement that ends a job, as long as this worker still holds it."""
    return update(Job).where(Job.id == number, Job.worker == worker, Job.state == RUNNING).values(
        state=state, words=words[:300], result=result, finished_at=now(), lease_until=None,
    ).execution_options(synchronize_session=False)


KINDS: dict[str, Kind] = {}


def job(name: str, label: Any, *, page: str = "/jobs/", repeatable: bool = False,
        keep: timedelta = timedelta(days=3)) -> Callable[[Callable[[Context, Arguments], Arguments]], Kind]:
    """Declares the function below as a kind of background work; what it gives back is the result, in numbers."""

    def declare(work: Callable[[Context, Arguments], Arguments]) -> Kind:
        KINDS[name] = Kind(name, label, work, page, repeatable, keep)
        return KINDS[name]

    return declare


def label_of(kind: str) -> str:
    return str(KINDS[kind].label) if kind in KINDS else str(lazy_gettext("Work of an older version"))


def enqueue(kind: Kind, owner: Scope, title: str, arguments: Arguments,
            bring: Callable[[Path], object] = lambda folder: None) -> Job:
    """Puts a job into the queue and commits; ``bring`` lays files into its folder first.

    Arguments hold names and numbers, never values of records: those belong into the folder, which
    expires. Of each owner only the newest KEPT_FOLDERS are kept, so that nobody fills the disk.
    """
    mine = db.session.scalars(select(Job).where(
        Job.owner == owner.actor, Job.expires_at.is_not(None)).order_by(Job.id.desc())).all()
    if sum(not job.is_over for job in mine) >= WAITING:
        raise RuleError(lazy_gettext("Too much of yours is waiting: let something end, or cancel it, and try again."))
    found = Job(key=secrets.token_hex(16), kind=kind.name, title=title[:200], owner=owner.actor, node=owner.node,
                language=str(get_locale() or "zh")[:2], arguments=arguments, expires_at=now() + kind.keep)
    found.folder.mkdir(mode=0o700)
    try:
        bring(found.folder)
    except RuleError:
        found.drop_files()
        raise
    db.session.add(found)
    for old in mine[KEPT_FOLDERS - 1:]:
        if old.is_over:
            old.drop_files()
            old.expires_at = None
    db.session.commit()
    return found


def again(job: Job, change: Callable[[], object], **values: Any) -> bool:
    """Puts a job that is over back into the queue, with its files and new ``values``; False while it runs.

    ``change`` may change its files first: nobody else does so at the same time, and no worker sees half of it.
    """
    taken = db.session.execute(update(Job).where(Job.id == job.id, Job.state.not_in(OPEN)).values(
        state=QUEUED, result=None, words="", tries=0, finished_at=None, expires_at=now() + KINDS[job.kind].keep, **values
    ).execution_options(synchronize_session=False)).rowcount
    if taken:
        (job.folder / CANCEL).unlink(missing_ok=True)
        change()
    db.session.commit()
    return bool(taken)
