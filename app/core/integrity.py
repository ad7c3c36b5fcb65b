"""Looks for damage and tampering: the history's chain, rows without their history, the search index."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, text

from app.core import history
from app.core.history import History
from app.core.records import Record
from app.core.registry import records
from app.core.scope import system
from app.db import db

CHUNK = 2_000


def check() -> list[str]:
    """Every fault found, as a sentence; empty when all is well."""
    with system("integrity check"):
        found = [fault for record in records() for fault in _chain(record)]
    return [*found, *_database()]


def _chain(record: type[Record]) -> list[str]:
    """Versions of a record against its history rows, and each row's seal against the one before."""
    faults = []
    versions = {row.id: row.version for row in db.session.execute(
        select(record.id, record.version).execution_options(with_deleted=True))}
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
    answer = db.session.execute(text("PRAGMA quick_check")).scalar()
    lost = db.session.execute(text("PRAGMA foreign_key_check")).first()
    faults = [] if answer == "ok" else [str(answer)]
    return faults if lost is None else [*faults, str(lost)]
