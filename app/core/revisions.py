"""Counters that tell every worker when a cache of its own (dictionaries, grids, roles) is stale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from flask import g, has_request_context
from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.db import db


class Revision(db.Model):
    """How often something that workers cache has changed."""

    __tablename__ = "revision"

    name: Mapped[str] = mapped_column(db.String(30), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)


def revision(name: str) -> int:
    """The counter now; all counters cost one query a request."""
    if has_request_context():
        if "revisions" not in g:
            g.revisions = _read()
        return g.revisions.get(name, 0)
    return _read().get(name, 0)


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
    if has_request_context():
        g.pop("revisions", None)


T = TypeVar("T")


class Cached(Generic[T]):
    """A value of one worker, computed again when its revision moved."""

    def __init__(self, name: str, compute: Callable[[], T]) -> None:
        self.name = name
        self.compute = compute
        self.held: dict[Any, tuple[int, T]] = {}

    def get(self) -> T:
        key = db.engine
        number = revision(self.name)
        held = self.held.get(key)
        if held is None or held[0] != number:
            held = self.held[key] = (number, self.compute())
        return held[1]
