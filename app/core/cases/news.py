"""What happened to a case, told to the people it concerns: the bell of every page, a line each until it is read.

Whom a step concerns stands with the step (``Step.concerns``). Nobody is told what he did himself, and nobody hears of
a case he may not see.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index, String, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base.moments import now
from app.core.base.records import RuleError
from app.core.base.registry import security, view_of, view_of_table
from app.core.base.scope import GridCode, current
from app.core.cases.charge import colleagues
from app.core.cases.owners import answering, owners
from app.core.cases.ratings import DISSATISFIED, UNSOLVED
from app.core.cases.steps import IN_CHARGE, Duty, Whom
from app.core.cases.takers import holder
from app.core.cases.turning import page_of
from app.db import db

URGE, INSTRUCT, ANSWER = "urge", "instruct", "answer"  # what is said on a case (prompts)
NEW, MENTION, NEARLY_DUE, OVERDUE, RECEIVED = "new", "mention", "amber", "red", "received"
WORDS = {NEW: _("A new case at your level"), MENTION: _("You are asked to look at this"),
         NEARLY_DUE: _("Nearly due"), OVERDUE: _("Overdue"), DISSATISFIED: _("The resident is not satisfied"),
         UNSOLVED: _("The resident says that it is not solved"),
         URGE: _("You are urged"), INSTRUCT: _("A leader's instruction to answer"), ANSWER: _("Your instruction was answered"),
         RECEIVED: _("Another report of it was merged into this")}
READ_KEPT, ALL_KEPT = timedelta(days=30), timedelta(days=180)
_silent_before: ContextVar[datetime] = ContextVar("silent_before", default=datetime.min)


class News(db.Model):
    """One line for one person: which case, what was done, by whom. ``what`` is a step or one of WORDS."""

    __tablename__ = "news"
    __table_args__ = (Index("ix_news_unread", "user_id", "read_at", "id"), Index("ix_news_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    record: Mapped[str] = mapped_column(String(40))
    case_number: Mapped[str] = mapped_column(String(24))
    grid_code: Mapped[str] = mapped_column(GridCode)
    title: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(200), default="")
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    @property
    def view(self) -> Any:
        """The screens of its type of case."""
        return view_of_table(self.record)

    @property
    def words(self) -> Any:
        """What was done, in the reader's language."""
        step = self.view.record.workflow.by_name.get(self.what)
        return step.label if step else WORDS.get(self.what, self.what)

    @property
    def url(self) -> str:
        """The page of its case; empty when that is gone, or not the reader's any more."""
        return page_of(self.case_number)


@contextmanager
def silent_before(moment: datetime) -> Iterator[None]:
    """Tells nobody what is played as having happened before a moment: for the demo's past."""
    token = _silent_before.set(moment)
    try:
        yield
    finally:
        _silent_before.reset(token)


@dataclass(frozen=True)
class Involved:
    """Whom a case is with, by user names: who takes its next step, and who is named as in charge besides."""

    owning: Set[str] = frozenset()
    named: Set[str] = frozenset()


def involved(case: Any) -> Involved:
    """Whom a case is with now; asked before a step, and after it."""
    if now() < _silent_before.get():
        return Involved()
    people = colleagues(case)
    return Involved({one.username for one in owners(case, people)}, {one.username for one in people if _concerns(one, case, IN_CHARGE)})


def announce(case: Any) -> None:
    """A new case, to whoever takes its first step, and where the type says somebody must know of it beside."""
    beside = case.informs()
    near = {one.username for one in colleagues(case) if beside and one.node == beside and holder(one).charged(Duty.DIRECT, view_of(type(case)))}
    _send(case, NEW, (Whom.LEVEL,), named=near)


def tell(case: Any, step: Any, note: str, asked: Sequence[str] = (), before: Involved | None = None) -> None:
    """A step that was taken, once to everybody it concerns; ``asked`` are user names of people asked to look.

    Beside those the step names, whoever has the next step now and had not before is told, and by one that goes into
    another case those who have that. RuleError when somebody who is asked cannot see the case.
    """
    before = before or Involved()
    fresh = involved(case).owning - before.owning
    was = before.owning | before.named if Whom.BEFORE in step.concerns else frozenset()
    told = _send(case, step.name, step.concerns, note, set(asked), fresh | was)
    other = step.into(case)
    if other is not None:
        _send(other, RECEIVED, (Whom.LEVEL, *IN_CHARGE), f"{case.number} {case}", but=told)
    if now() >= _silent_before.get():
        mark_read(current().actor, News.case_number == case.number)


def mark_read(username: str, *which: Any) -> None:
    """Marks lines of somebody as read, all or some; the caller commits."""
    account = security().user_model
    reader = select(account.id).where(account.username == username).scalar_subquery()
    with db.session.no_autoflush:
        db.session.execute(update(News).where(News.user_id == reader, News.read_at.is_(None), *which)
                           .values(read_at=now()).execution_options(synchronize_session=False))


def warn(case: Any, what: str) -> None:
    """A step nearly due or overdue, to whoever may take it."""
    _send(case, what, (Whom.LEVEL,))


def alarm(case: Any, what: str, note: str) -> None:
    """What somebody says after the end and the office must know at once: to whoever answers for it, and who handled it."""
    _send(case, what, (Whom.CHIEFS, *IN_CHARGE), note)


def prompt(case: Any, what: str, said: str, to: Sequence[Any]) -> None:
    """What somebody said on a case, to these accounts, which see it."""
    for person in to if now() >= _silent_before.get() else ():
        if person.username != current().actor:
            db.session.add(_line(case, person, what, said))


def _send(case: Any, what: str, audience: tuple[Whom, ...], note: str = "", asked: Set[str] = frozenset(),
          named: Set[str] = frozenset(), but: Set[str] = frozenset()) -> Set[str]:
    """Writes a line for everybody meant, once; the user names of those who got one."""
    if now() < _silent_before.get() or not (audience or asked or named):
        return set()
    people = colleagues(case)
    owning = {one.id for one in owners(case, people)} if Whom.LEVEL in audience else set()
    owning |= {one.id for one in answering(case, people)} if Whom.CHIEFS in audience else set()
    strangers = asked - {person.username for person in people}
    if strangers:
        raise RuleError(gettext("%(names)s cannot see this case.", names="、".join(sorted(strangers))), "asked")
    told = set()
    for person in people:
        mentioned, meant = person.username in asked, person.username in named or person.id in owning
        if person.username not in but | {current().actor} and (mentioned or meant or _concerns(person, case, audience)):
            told.add(person.username)
            db.session.add(_line(case, person, MENTION if mentioned else what, note))
    return told


def _line(case: Any, person: Any, what: str, note: str) -> News:
    return News(user_id=person.id, record=case.__tablename__, case_number=case.number, grid_code=case.grid_code, title=str(case)[:80],
                what=what, by=current().actor or "system", note=note[:200], at=now())


def _concerns(person: Any, case: Any, audience: tuple[Whom, ...]) -> bool:
    return (Whom.PERSON in audience and case.handler_id is not None and case.handler_id == person.id
            or Whom.UNIT in audience and bool(case.unit) and case.unit == person.unit
            or Whom.REPORTER in audience and case.created_by == person.username)


def unread_of(account: Any) -> Any:
    """How many lines an account has not read, as part of the query that loads it."""
    here = func.substr(News.grid_code, 1, func.length(account.node)) == account.node
    return select(func.count(News.id)).where(News.user_id == account.id, News.read_at.is_(None), here).scalar_subquery()


def sweep() -> None:
    """Removes what was read a month ago, and what nobody read for half a year; the caller commits."""
    db.session.execute(delete(News).where(News.read_at < now() - READ_KEPT))
    db.session.execute(delete(News).where(News.at < now() - ALL_KEPT))
