"""Looks for damage and tampering: the history's chain, rows without their history, the search index."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from app.core.base import history
from app.core.base.fields import fields_of
from app.core.base.history import History
from app.core.base.records import Record
from app.core.base.registry import records
from app.core.base.scope import CHECKED, system
from app.core.base.trouble import Unavailable
from app.db import db

CHUNK = 2_000


def check() -> list[str]:
    """Every fault found, as a sentence; empty when all is well."""
    damaged = _database()
    if damaged:
        return damaged
    with system("integrity check"):
        found = [fault for record in records() for fault in (*_chain(record), *_clear_values(record), *_index(record))]
    return found


def _chain(record: type[Record]) -> list[str]:
    """Versions of a record against its history rows, and each row's seal against the one before."""
    faults = []
    versions = {row.id: row.version for row in db.session.execute(
        select(record.id, record.version).execution_options(with_deleted=True, with_hidden=True))}
    entries = db.session.execute(
        select(History.__table__).where(History.record == record.__tablename__)
        .order_by(History.record_id, History.id).execution_options(yield_per=CHUNK)).mappings()
    for row_id, rows in groupby(entries, key=lambda row: row["record_id"]):
        kept = list(rows)
        if versions.pop(row_id, None) != len(kept):
            faults.append(_("%(record)s %(id)s: its history is incomplete.",
                            record=record.__tablename__, id=row_id))
        elif not _sealed(kept):
            faults.append(_("%(record)s %(id)s: its history was altered.",
                            record=record.__tablename__, id=row_id))
    faults += [_("%(record)s %(id)s: it has no history.", record=record.__tablename__, id=row_id)
               for row_id in versions]
    return faults


def _clear_values(record: type[Record]) -> list[str]:
    """Sensitive values stand masked in the history; one in clear would outlive the record itself."""
    hidden = [words for words in fields_of(record).values() if words.mask and not words.relation]  # numbers name nobody
    if not hidden:
        return []
    found = db.session.execute(select(History.record_id, History.changes).where(
        History.record == record.__tablename__).execution_options(yield_per=CHUNK))
    rows = {row_id for row_id, changes in found for words in hidden
            for value in changes.get(words.name, ()) if value and "*" not in str(value)}
    return [_("%(record)s %(id)s: its history holds a sensitive value in clear.", record=record.__tablename__, id=row_id)
            for row_id in sorted(rows)]


def _index(record: type[Record]) -> list[str]:
    """SQLite's search index against the rows it was made from; PostgreSQL keeps its own."""
    if db.engine.dialect.name != "sqlite":
        return []
    table = f"{record.__tablename__}_fts"
    try:
        with db.session.begin_nested():
            db.session.execute(text(f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)")
                               .execution_options(**CHECKED))
    except (DatabaseError, Unavailable):
        return [_("%(record)s: the search index does not agree with the records.", record=record.__tablename__)]
    return []


def _sealed(rows: list[Any]) -> bool:
    previous = ""
    for row in rows:
        if history.seal(previous, dict(row)) != row["seal"]:
            return False
        previous = row["seal"]
    return True


def _database() -> list[str]:
    if db.engine.dialect.name != "sqlite":
        return []
    try:
        answer = db.session.execute(text("PRAGMA quick_check")).scalar()
    except (DatabaseError, Unavailable) as error:
        answer = str(error)
    if answer != "ok":
        return [str(answer), _("The database is damaged: restore a backup. Nothing else was looked at.")]
    lost = db.session.execute(text("PRAGMA foreign_key_check")).first()
    return [] if lost is None else [str(lost)]
