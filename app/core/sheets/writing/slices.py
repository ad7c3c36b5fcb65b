"""Large work on an import in slices of a thousand rows, so that others may write between two of them.

The rows of a slice of an import are hidden in its own transaction and shown, all at once, by the last one. Whatever
ends an import before that (a fault, a cancel, a killed worker) has its rows taken away for good, history and journal
with them. An import taken back hides first what will go; when it ends in the middle, what has not gone is shown again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from app.core.base import hidden
from app.core.base.hidden import Hidden
from app.core.base.moments import lately, now
from app.core.base.records import Record
from app.core.base.registry import records
from app.core.base.scope import CHECKED
from app.core.base.storage import give_way, take_place
from app.core.sheets.writing.batches import ImportBatch, ImportPart
from app.db import db

AWAY = 2_000  # rows taken away in one transaction
DEAD = timedelta(seconds=45)  # an import that wrote no slice for so long is gone; less than the lease of a job
GIVEN_UP = timedelta(minutes=10)  # and one that is taken back is not gone on with
MOST_RANGES = 100  # every statement names them


class TakenAway(Exception):
    """The import was taken for dead, and its rows are gone."""


class Ranges:
    """What one import keeps hidden while it is written or taken back; an empty range says that it is under way."""

    def __init__(self, batch: int) -> None:
        self.number, self.since = batch, time.monotonic()
        self._add(Hidden.__tablename__, 1, 0)

    def _add(self, record: str, low: int, high: int) -> None:
        db.session.connection().execute(Hidden.__table__.insert(), {
            "batch_id": self.number, "record": record, "low": low, "high": high, "at": now()})

    def next(self) -> None:
        """Ends a slice, lets everybody else write, and begins the next one; TakenAway when it was given up."""
        self.since = give_way(self.since)
        if not self._touch():
            raise TakenAway

    def show(self) -> None:
        """In the last transaction: from here on everything is seen."""
        show(self.number)

    def _touch(self, *which: Any, **values: Any) -> int:
        """Says of ranges of this import that it is alive; how many there are."""
        found: Any = db.session.execute(update(Hidden).where(Hidden.batch_id == self.number, *which).values(
            **{"at": now(), **values}).execution_options(synchronize_session=False))
        return int(found.rowcount)


class Slices(Ranges):
    """The slices of an import that is written."""

    def hide(self, record: type[Record], ids: list[int]) -> None:
        """Rows of this slice are passed over by everybody until the last slice is in."""
        low, high = ids[0], ids[-1]
        if not self._touch(Hidden.record == record.__tablename__, Hidden.high == low - 1, high=high):
            self._add(record.__tablename__, low, high)
        hidden.changed()


class Going(Ranges):
    """The slices of an import that is taken back."""

    def hide(self, rows: dict[type[Record], set[int]]) -> None:
        """What will go is passed over from now on; of very many ranges the shorter ones are seen until they go."""
        found = [(high - low, record.__tablename__, low, high)
                 for record, ids in rows.items() for low, high in ranges(ids)]
        for _length, record, low, high in sorted(found, reverse=True)[:MOST_RANGES]:
            self._add(record, low, high)
        stale(self.number)

    def hand_over(self) -> None:
        """Whoever runs it next need not wait until this one counts as dead."""
        db.session.rollback()
        self._touch(at=now() - 2 * DEAD)
        db.session.commit()


def ranges(ids: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers as the fewest ranges, both ends in."""
    found: list[tuple[int, int]] = []
    for number in sorted(ids):
        low = found.pop()[0] if found and found[-1][1] == number - 1 else number
        found.append((low, number))
    return found


def show(batch: int) -> None:
    """What an import hid is seen again, by caches too; the caller commits."""
    stale(batch)
    db.session.execute(delete(Hidden).where(Hidden.batch_id == batch))


def stale(batch: int) -> None:
    """Caches of what an import hides are made anew."""
    hidden.changed()
    names = set(db.session.scalars(select(Hidden.record).where(Hidden.batch_id == batch)))
    db.session.info.setdefault("stale", set()).update(
        record.__revision__ for record in records() if record.__tablename__ in names and hasattr(record, "__revision__"))


def take_away(batch: int) -> None:
    """Removes for good what an import wrote and nobody saw, the last rows first, in short transactions."""
    db.session.rollback()
    for number in db.session.scalars(select(Hidden.id).where(Hidden.batch_id == batch).order_by(Hidden.id.desc())).all():
        since = time.monotonic()
        while _take_part_away(number):
            since = give_way(since)
    take_place()
    for table, column in ((ImportPart, ImportPart.batch_id), (Hidden, Hidden.batch_id), (ImportBatch, ImportBatch.id)):
        db.session.execute(delete(table).where(column == batch))
    hidden.changed()
    db.session.commit()


def _take_part_away(number: int) -> bool:
    """The last rows of one range; False when there are none."""
    take_place()
    ends = db.session.execute(select(Hidden.record, Hidden.low, Hidden.high).where(Hidden.id == number)).one_or_none()
    if ends is None or ends.low > ends.high:
        return False
    tables = ImportBatch.metadata.tables
    table, history, low = tables[ends.record], tables["history"], max(ends.low, ends.high - AWAY + 1)
    run = db.session.connection().execute
    run(delete(table).where(table.c.id.between(low, ends.high)), execution_options=CHECKED)
    run(delete(history).where(history.c.record == ends.record, history.c.record_id.between(low, ends.high)))
    db.session.execute(update(Hidden).where(Hidden.id == number).values(high=low - 1, at=now())
                       .execution_options(synchronize_session=False))
    hidden.changed()
    return True


def take_away_dead() -> None:
    """Imports whose worker was killed between two slices; those taken back that nobody goes on with are seen again."""
    quiet = select(Hidden.batch_id, ImportBatch.undone_by, func.max(Hidden.at).label("at")).join(
        ImportBatch, ImportBatch.id == Hidden.batch_id).group_by(Hidden.batch_id, ImportBatch.undone_by)
    for batch, undone_by, at in db.session.execute(quiet).all():
        if undone_by is None and not lately(at, DEAD):
            take_away(batch)
        elif undone_by is not None and not lately(at, GIVEN_UP):
            give_up(batch)


def give_up(batch: int) -> None:
    """An import taken back in part: what has not gone is seen again, and may be taken back once more."""
    db.session.rollback()
    take_place()
    show(batch)
    db.session.execute(update(ImportBatch).where(ImportBatch.id == batch, ImportBatch.undone_at.is_(None)).values(
        undone_by=None).execution_options(synchronize_session=False))
    db.session.commit()
