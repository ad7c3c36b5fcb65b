"""Who did too much of something lately, and must wait: counted in the database, so that every worker knows.

Names, addresses and codes are counted under a keyed digest: what was typed is never kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from flask import current_app
from sqlalchemy import String, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base.crypto import keyring
from app.core.base.moments import now
from app.db import db

KEPT = timedelta(hours=1)


@dataclass(frozen=True)
class Limit:
    """So many tries within a time lock what is counted for another time; ``kind`` keeps counts apart."""

    kind: str
    tries: int
    within: timedelta
    locked: timedelta

    def key(self, value: str) -> str:
        return keyring().digest("sign in", self.kind, value.strip().lower())


class Tries(db.Model):
    """The tries of one name or one address since a moment, and until when it is locked."""

    __tablename__ = "sign_in_failures"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(7))
    about: Mapped[str | None] = mapped_column(String(64))
    count: Mapped[int]
    since: Mapped[datetime] = mapped_column(index=True)
    locked_until: Mapped[datetime | None]

    @property
    def is_locked(self) -> bool:
        return bool(self.locked_until and self.locked_until > now())


def minutes_to_wait(*keys: str) -> int:
    """How many minutes the longest lock among these still lasts; 0 when there is none."""
    if not current_app.config["SIGN_IN_LIMITED"]:
        return 0
    until = db.session.scalar(select(func.max(Tries.locked_until)).where(Tries.key.in_(keys), Tries.locked_until > now()))
    return ceil((until - now()).total_seconds() / 60) if until else 0


def count(limit: Limit, value: str, about: str | None = None) -> None:
    """One more try, in a row that is held until the caller commits: tries at the same moment all count.

    ``about`` is what an administrator may read beside it.
    """
    if not current_app.config["SIGN_IN_LIMITED"]:
        return
    make, key, moment = {"sqlite": sqlite, "postgresql": postgresql}[db.engine.dialect.name].insert, limit.key(value), now()
    db.session.execute(make(Tries).values(key=key, kind=limit.kind, count=0, since=moment).on_conflict_do_nothing())
    row = db.session.scalars(select(Tries).where(Tries.key == key).with_for_update()
                             .execution_options(populate_existing=True)).one()
    if row.since < moment - limit.within:
        row.count, row.since = 0, moment
    row.about = about
    row.count += 1
    if row.count >= limit.tries:
        row.count, row.since, row.locked_until = 0, moment, moment + limit.locked
    db.session.execute(delete(Tries).where(
        Tries.since < moment - KEPT, or_(Tries.locked_until.is_(None), Tries.locked_until < moment)))


def forget(key: str) -> None:
    """Lifts what is counted under a key; the caller commits."""
    db.session.execute(delete(Tries).where(Tries.key == key))
