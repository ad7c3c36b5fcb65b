"""Many rows into the database at once, with everything a single save has: scope, stamps, history."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, func, insert, select, update

from app.core.base import history
from app.core.base.chunks import chunks
from app.core.base.fields import fields_of
from app.core.base.history import IMPORTED, STAMPS, History, plain
from app.core.base.moments import now
from app.core.base.records import Record
from app.core.base.scope import CHECKED, OutOfScope, current, scope_column
from app.core.sheets.writing.batches import Journal, Line
from app.core.sheets.writing.slices import Slices
from app.db import db


class Moved(Exception):
    """Somebody changed meanwhile what a check had found: the check no longer holds."""


class Writer:
    """Writes rows in the caller's transaction; whoever acts must be allowed every one of them.

    ``action`` is what history says of them; a ``journal`` keeps what is needed to take them back; with ``slices``
    new rows are written in several transactions and hidden until ``show``.
    """

    def __init__(self, action: str = IMPORTED, journal: Journal | None = None, slices: Slices | None = None) -> None:
        self.action, self.journal, self.slices = action, journal, slices
        self.made: set[type[Record]] = set()
        self.actor = current().actor or "system"
        self.at = now()

    def insert(self, record: type[Record], rows: list[dict[str, Any]]) -> list[int]:
        """Makes new rows of completed and checked values; their ids in the same order."""
        self._guard(record, rows)
        ids: list[int] = []
        for part in chunks(rows):
            if ids and self.slices:
                self.slices.next()
            ids += self._insert(record, part)
            if self.slices:
                self.slices.hide(record, ids[-len(part):])
        if ids:
            self.made.add(record)
            self._stale(record)
        return ids

    def _insert(self, record: type[Record], rows: list[dict[str, Any]]) -> list[int]:
        names = sorted({name for row in rows for name in row})
        stamps = {"version": 1, "created_at": self.at, "created_by": self.actor,
                  "changed_at": self.at, "changed_by": self.actor}
        blank = {**dict.fromkeys(names), **stamps}
        table = record.__table__
        ids = self._numbers(table, len(rows))
        self._run(insert(table), [{**blank, **row, "id": number} for number, row in zip(ids, rows, strict=True)])
        self._note(record, [(number, 1, row, self._first(record, row), "")
                            for number, row in zip(ids, rows, strict=True)])
        if self.journal:
            self.journal.note(record, [(number, 1, None) for number in ids])
        return ids

    @staticmethod
    def _numbers(table: Any, count: int) -> list[int]:
        """Ids for new rows, given beforehand: asking the database for each as it is made is slow."""
        connection = db.session.connection()
        if connection.dialect.name == "postgresql":
            counter = func.nextval(func.pg_get_serial_sequence(table.name, "id"))
            taken = select(counter).select_from(func.generate_series(1, count).alias())
            return list(connection.execute(taken).scalars())
        last = connection.execute(select(func.max(table.c.id)), execution_options=CHECKED).scalar() or 0
        return list(range(last + 1, last + 1 + count))  # SQLite has one writer, and that is this transaction

    def update(self, record: type[Record], rows: list[tuple[int, dict[str, Any], dict[str, Any]]]) -> None:
        """Changes stored rows: (id, stored values with their version, changed values).

        Moved when one of them has another version by now.
        """
        place = scope_column(record)
        self._guard(record, [stored for _id, stored, _changed in rows])
        self._guard(record, [changed for _id, _stored, changed in rows if place in changed])
        by_columns = sorted(rows, key=lambda row: sorted(row[2]))
        for names, group in groupby(by_columns, key=lambda row: sorted(row[2])):
            for part in chunks(list(group)):
                self._update(record, names, part)
        self._stale(record)

    def _update(self, record: type[Record], names: list[str],
                rows: list[tuple[int, dict[str, Any], dict[str, Any]]]) -> None:
        table = record.__table__
        if self.journal:
            self.journal.note(record, self._before(record, names, rows))
        statement = update(table).where(
            table.c.id == bindparam("which"), table.c.version == bindparam("seen")
        ).values(**{name: bindparam(f"new_{name}") for name in names}, version=bindparam("next"),
                 changed_at=self.at, changed_by=self.actor)
        lines = [{"which": number, "seen": stored["version"], "next": stored["version"] + 1,
                  **{f"new_{name}": value for name, value in changed.items()}}
                 for number, stored, changed in rows]
        if self._run(statement, lines).rowcount not in (len(rows), -1):
            raise Moved(record.__tablename__)
        seals = self._seals(record, [number for number, *_rest in rows])
        self._note(record, [(number, stored["version"] + 1, {**stored, **changed},
                             self._difference(record, stored, changed), seals.get(number, ""))
                            for number, stored, changed in rows])

    @staticmethod
    def _before(record: type[Record], names: list[str], rows: list[tuple[int, dict[str, Any], dict[str, Any]]]) -> list[Line]:
        """What stands in the columns that are about to be written, encrypted ones and search texts too."""
        columns = [record.__table__.c[name] for name in names]
        found = db.session.connection().execute(
            select(record.__table__.c.id, *columns).where(record.__table__.c.id.in_([number for number, *_rest in rows])),
            execution_options=CHECKED)
        old = {row[0]: dict(zip(names, row[1:], strict=True)) for row in found}
        return [(number, stored["version"] + 1, old[number]) for number, stored, _changed in rows if number in old]

    def _run(self, statement: Any, lines: list[dict[str, Any]]) -> Any:
        return db.session.connection().execute(statement, lines, execution_options=CHECKED)

    def _guard(self, record: type[Record], rows: list[dict[str, Any]]) -> None:
        place = scope_column(record)
        if place in record.__mapper__.columns and not all(current().covers(row.get(place)) for row in rows):
            raise OutOfScope(_("This place is not in your part of the grid."), place)

    def show(self) -> None:
        """Everything written in slices is seen from here on, by caches too."""
        if self.slices:
            self.slices.show()
            for record in self.made:
                self._stale(record)

    @staticmethod
    def _stale(record: type[Record]) -> None:
        if hasattr(record, "__revision__"):
            db.session.info.setdefault("stale", set()).add(record.__revision__)

    @staticmethod
    def _first(record: type[Record], row: dict[str, Any]) -> dict[str, Any]:
        words = fields_of(record)
        return {name: [None, plain(words[name], value)] for name, value in row.items()
                if (value or value == 0) and name in words and name not in STAMPS}

    @staticmethod
    def _difference(record: type[Record], stored: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
        return {name: [plain(words, stored.get(name)), plain(words, changed[name])]
                for name, words in fields_of(record).items() if name in changed}

    def _seals(self, record: type[Record], ids: list[int]) -> dict[int, str]:
        """The last seal of each record's history."""
        rows = db.session.execute(select(History.record_id, History.seal).where(
            History.record == record.__tablename__, History.record_id.in_(ids)).order_by(History.id))
        return {row.record_id: row.seal for row in rows}

    def _note(self, record: type[Record], lines: list[tuple[int, int, dict[str, Any], dict[str, Any], str]]) -> None:
        place = scope_column(record)
        entries = [history.sealed(previous, {
            "record": record.__tablename__, "record_id": number, "version": version, "grid_code": values.get(place),
            "at": self.at, "by": self.actor, "action": self.action, "changes": changes,
        }) for number, version, values, changes, previous in lines]
        db.session.connection().execute(History.__table__.insert(), entries)
