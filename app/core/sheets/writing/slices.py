"""A large import on SQLite in slices of a thousand rows, so that others may write between two of them.

The rows of a slice are hidden in its own transaction and shown, all at once, by the last one. Whatever ends an import
before that (a fault, a cancel, a killed worker) has its rows taken away for good, history and journal with them.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from app.core.base import hidden
from app.core.base.hidden import Hidden
from app.core.base.moments import now
from app.core.base.records import Record
from app.core.base.scope import CHECKED
from app.core.base.storage import take_place
from app.core.sheets.writing.batches import ImportBatch, ImportPart, Journal
from app.db import db

PAUSE, SHARE = 0.06, 0.5  # seconds others have between two slices at least, and their share of what a slice took
AWAY = 2_000  # rows taken away in one transaction
DEAD = timedelta(seconds=45)  # an import that wrote no slice for so long is gone; less than the lease of a job


class TakenAway(Exception):
    """The import was taken for dead, and its rows are gone."""


class Slices:
    """The slices of one import; the first begins with an empty range, which says that it is under way."""

    def __init__(self, journal: Journal, record: type[Record]) -> None:
        self.number, self.since = journal.number, time.monotonic()
        db.session.add(Hidden(batch_id=self.number, record=record.__tablename__, low=1, high=0, at=now()))
        db.session.flush()

    def hide(self, record: type[Record], ids: list[int]) -> None:
        """Rows of this slice are passed over by everybody until the last slice is in."""
        low, high = ids[0], ids[-1]
        grown = self._touch(Hidden.record == record.__tablename__, Hidden.high == low - 1, high=high)
        if not grown:
            db.session.connection().execute(Hidden.__table__.insert(), {
                "batch_id": self.number, "record": record.__tablename__, "low": low, "high": high, "at": now()})
        hidden.changed()

    def next(self) -> None:
        """Ends a slice, lets everybody else write, and begins the next one; TakenAway when it was given up."""
        db.session.commit()
        time.sleep(max(PAUSE, SHARE * (time.monotonic() - self.since)))
        take_place()
        self.since = time.monotonic()
        if not self._touch():
            raise TakenAway

    def show(self) -> None:
        """In the last transaction: from here on everything is seen."""
        db.session.execute(delete(Hidden).where(Hidden.batch_id == self.number))
        hidden.changed()

    def _touch(self, *which: Any, **values: Any) -> int:
        """Says of ranges of this import that it is alive; how many there are."""
        found: Any = db.session.execute(update(Hidden).where(Hidden.batch_id == self.number, *which).values(
            at=now(), **values).execution_options(synchronize_session=False))
        return int(found.rowcount)


def take_away(batch: int) -> None:
    """Removes for good what an import wrote and nobody saw, the last rows first, in short transactions."""
    db.session.rollback()
    for number in db.session.scalars(select(Hidden.id).where(Hidden.batch_id == batch).order_by(Hidden.id.desc())).all():
        while _take_part_away(number):
            db.session.commit()
            time.sleep(PAUSE)
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
    """Imports whose worker was killed between two slices."""
    for batch in db.session.scalars(select(Hidden.batch_id).where(Hidden.at < now() - DEAD).distinct()).all():
        take_away(batch)
