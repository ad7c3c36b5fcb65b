"""Counters that tell every worker when a cache of its own (dictionaries, grids, roles) is stale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import event, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.db import db


class Revision(db.Model):
    """How often something that workers cache has changed."""

    __tablename__ = "revision"

    name: Mapped[str] = mapped_column(db.String(30), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)


def revision(name: str) -> int:
    """The counter now; all counters cost one query a transaction."""
    kept = db.session.info
    if "revisions" not in kept:
        kept["revisions"] = _read()
    return int(kept["revisions"].get(name, 0))


def _read() -> dict[str, int]:
    with db.session.no_autoflush:
        return {row.name: row.number for row in db.session.execute(
            select(Revision.name, Revision.number))}


def bump(name: str) -> None:
    """Counts one change; takes effect with the caller's transaction."""
    changed = db.session.execute(
        update(Revision).where(Revision.name == name).values(number=Revision.number + 1)
        .execution_options(synchronize_session=False))
    if not changed.rowcount:
        db.session.add(Revision(name=name, number=1))
    forget(db.session)


def forget(session: Any, *rest: Any) -> None:
    """After a flush, and at the end of a transaction: counters and uncommitted values are read again."""
    session.info.pop("revisions", None)
    session.info.pop("uncommitted", None)


def install() -> None:
    """Hangs forgetting on the session."""
    factory = db.session.session_factory
    for name in ("after_flush", "after_commit", "after_soft_rollback"):
        if not event.contains(factory, name, forget):
            event.listen(factory, name, forget)


T = TypeVar("T")


class Cached(Generic[T]):
    """A value of one worker, computed again when its revision moved.

    What a transaction has changed and not committed is seen by that transaction alone: a value
    computed from it is kept beside the session, not for the worker.
    """

    def __init__(self, name: str, compute: Callable[[], T]) -> None:
        self.name = name
        self.compute = compute
        self.held: dict[Any, tuple[int, T]] = {}

    def get(self) -> T:
        if self.name in db.session.info.get("stale", ()):
            return self._uncommitted()
        key = db.engine
        number = revision(self.name)
        held = self.held.get(key)
        if held is None or held[0] != number:
            held = self.held[key] = (number, self.compute())
        return held[1]

    def _uncommitted(self) -> T:
        found: dict[str, Any] = db.session.info.setdefault("uncommitted", {})
        if self.name not in found:
            found[self.name] = self.compute()
        return cast(T, found[self.name])
