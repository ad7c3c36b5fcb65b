"""Writes an import: rows in bulk with stamps, search text, digests and history, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, insert, select, text, tuple_

from app.core import history
from app.core.crypto import keyring
from app.core.fields import fields_of
from app.core.pinyin import search_text
from app.core.records import Record, now
from app.core.revisions import bump
from app.core.scope import CHECKED, OutOfScope, Scoped, current, scope_column, system
from app.db import db

CHUNK = 500


def chunks(items: list[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    for start in range(0, len(items), size):
        yield items[start:start + size]


def existing_rows(record: type[Record], keys: list[tuple[Any, ...]]) -> tuple[dict[Any, Record], set[Any]]:
    """The user's own records with these natural keys, and the keys registered out of his sight."""
    columns = [getattr(record, _stored(record, name)) for name in record.__natural_key__]
    asked = {_asked(record, key): key for key in keys}
    known: dict[Any, Record] = {}
    for part in chunks(list(asked)):
        for row in db.session.scalars(select(record).where(_among(columns, part))):
            found = tuple(getattr(row, column.key) for column in columns)
            if found in asked:
                known[asked[found]] = row
    if current().sees_all:
        return known, set()
    with system("natural keys registered elsewhere"):
        every = {tuple(row) for part in chunks(list(asked))
                 for row in db.session.execute(select(*columns).where(_among(columns, part)))}
    return known, {asked[found] for found in every if found in asked} - set(known)


def _among(columns: list[Any], keys: list[tuple[Any, ...]]) -> Any:
    """The condition for rows with one of these keys."""
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(keys)


def _stored(record: type[Record], name: str) -> str:
    return f"{name}_digest" if fields_of(record)[name].search == "digest" else name


def _asked(record: type[Record], key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(keyring().digest(name, value) if fields_of(record)[name].search == "digest" else value
                 for name, value in zip(record.__natural_key__, key, strict=True))


class Writer:
    """Collects new rows of any record and writes everything together."""

    def __init__(self, record: type[Record]) -> None:
        self.record = record
        self.queued: dict[type[Record], list[Record]] = {}
        self.next_ids: dict[type[Record], int] = {}

    def add(self, row: Record) -> int:
        """Queues a new row and gives it the id it will have."""
        kind = type(row)
        if kind not in self.next_ids:
            self.next_ids[kind] = self._last_id(kind)
        self.next_ids[kind] += 1
        row.id = self.next_ids[kind]
        self.queued.setdefault(kind, []).append(row)
        return row.id

    @staticmethod
    def _last_id(record: type[Record]) -> int:
        with system("next free number"):
            return db.session.scalar(select(func.max(record.id)).execution_options(with_deleted=True)) or 0

    def write(self, rows: list[Any]) -> None:
        """New rows by bulk insert, changed ones through the session; committed at the end or not at all."""
        try:
            for row in rows:
                if row.existing is None and row.record.id is None:
                    self.add(row.record)
            for kind in self._ordered():
                self._insert(kind, self.queued[kind])
            for row in rows:
                if row.existing is not None:
                    for name, (_old, new) in row.changes.items():
                        setattr(row.existing, name, new)
            self._finish_sequences()
            db.session.commit()
        except Exception:
            db.session.rollback()
            raise

    def _ordered(self) -> list[type[Record]]:
        """Records in an order in which whatever is pointed to comes first."""
        order = [table.name for table in db.Model.metadata.sorted_tables]
        return sorted(self.queued, key=lambda kind: order.index(kind.__tablename__))

    def _insert(self, kind: type[Record], rows: list[Record]) -> None:
        connection = db.session.connection()
        self._lock(kind, connection)
        for part in chunks(rows, 2_000):
            values, entries = [], []
            for row in part:
                self._stamp(row)
                values.append(_values(kind, row))
                entries.append(history.entry(row, history.IMPORTED, {}))
            connection.execute(insert(kind.__table__).execution_options(**CHECKED), values)
            connection.execute(insert(history.History.__table__), entries)
        if hasattr(kind, "__revision__"):
            bump(kind.__revision__)

    @staticmethod
    def _lock(kind: type[Record], connection: Any) -> None:
        """PostgreSQL: nobody takes a number meanwhile; the counter goes on behind ours."""
        if connection.dialect.name == "postgresql":
            name = kind.__tablename__
            connection.execute(text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE").execution_options(**CHECKED))

    def _finish_sequences(self) -> None:
        """PostgreSQL's counters go on behind the numbers given here."""
        if db.engine.dialect.name == "postgresql":
            for kind, last in self.next_ids.items():
                db.session.execute(text(
                    f"SELECT setval(pg_get_serial_sequence('{kind.__tablename__}', 'id'), {last})"))

    @staticmethod
    def _stamp(row: Record) -> None:
        if isinstance(row, Scoped) and not current().covers(getattr(row, scope_column(type(row)))):
            raise OutOfScope("Outside the user's part of the grid.", "grid_code")
        row.version = 1
        row.created_at = row.changed_at = now()
        row.created_by = row.changed_by = current().actor or "system"
        row.search_text = search_text(*(part or "" for part in row.searchable()))


def _values(kind: type[Record], row: Record) -> dict[str, Any]:
    """A row's columns, defaults of the declaration filled in."""
    found = {}
    for column in kind.__table__.columns:
        value = getattr(row, column.key)
        if value is None and column.default is not None and column.default.is_scalar:
            value = column.default.arg
        found[column.key] = value
    return found
