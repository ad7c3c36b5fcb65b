"""Rows that are written and not shown yet: the slices of a large import, until the last of them is in.

SQLite has one writer. A large import therefore writes in many short transactions, and every question of the session
passes over its rows until one last transaction forgets the ranges: to whoever reads, it is all or nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, not_, or_, select
from sqlalchemy.orm import Mapped, mapped_column, with_loader_criteria

from app.core.base.registry import records
from app.core.base.revisions import Cached
from app.db import db

REVISION = "hidden"


class Hidden(db.Model):
    """Ids from low to high of one table, written by an import that is not through."""

    __tablename__ = "hidden_rows"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), index=True)
    record: Mapped[str] = mapped_column(String(40))
    low: Mapped[int]
    high: Mapped[int]
    at: Mapped[datetime]


def _load() -> dict[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    rows = select(Hidden.record, Hidden.low, Hidden.high).where(Hidden.low <= Hidden.high).order_by(Hidden.id)
    for name, low, high in db.session.execute(rows):
        found.setdefault(name, []).append((low, high))
    return found


_ranges = Cached(REVISION, _load)


def criteria() -> list[Any]:
    """What every statement of the session passes over; nothing, but while a large import writes."""
    ranges = _ranges.get()
    return [_passing_over(record, ranges[record.__tablename__])
            for record in (records() if ranges else ()) if record.__tablename__ in ranges]


def _passing_over(record: Any, ranges: list[tuple[int, int]]) -> Any:
    return with_loader_criteria(record, not_(or_(*(record.id.between(*ends) for ends in ranges))), include_aliases=True)


def changed() -> None:
    """Every worker learns at the next commit that the ranges are others."""
    db.session.info.setdefault("stale", set()).add(REVISION)
