"""One row per change of a record: who, when, what, from, to; chained so that tampering shows.

The chain runs per record: each row seals the one before it with a key kept outside the database,
and a record of version n owns exactly n rows, so a row taken off the end is missed too.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, event, inspect, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import History as Changes

from app.core.base.crypto import keyring
from app.core.base.fields import Field, fields_of
from app.core.base.masks import masked
from app.core.base.moments import now
from app.core.base.ordering import orders_of
from app.core.base.pinyin import search_text
from app.core.base.records import Record
from app.core.base.revisions import bump
from app.core.base.scope import CHECKED, GridCode, current, scope_column
from app.db import db

AS_IT_IS, IN_JSON = (bool, int, float), (str, list, dict)
BODY = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
ADDED, CHANGED, DELETED, RESTORED, IMPORTED = "added", "changed", "deleted", "restored", "imported"
UNDONE = "undone"  # an import of it was taken back


class History(db.Model):
    """One change of one record."""

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_record", "record", "record_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    version: Mapped[int]
    grid_code: Mapped[str | None] = mapped_column(GridCode)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(12))
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    seal: Mapped[str] = mapped_column(String(32))


def plain(words: Field, value: Any) -> Any:
    """A value as history keeps it: sensitive ones masked, dates as text."""
    if value is None or isinstance(value, AS_IT_IS):
        return value
    if words.mask:
        return masked(words, "、".join(value) if isinstance(value, list) else str(value))
    return value if isinstance(value, IN_JSON) else str(value)


def seal(previous: str, row: dict[str, Any]) -> str:
    """Digest over a history row and the one before it."""
    body = [row[name] for name in ("record", "record_id", "version", "by", "action", "changes")]
    return keyring().digest(previous, row["at"].isoformat(), BODY.encode(body))


def entry(row: Record, action: str, changes: dict[str, Any], previous: str = "") -> dict[str, Any]:
    """A history row for a record as it is now, sealed."""
    return sealed(previous, {
        "record": row.__tablename__, "record_id": row.id, "version": row.version,
        "grid_code": getattr(row, scope_column(type(row)), None), "at": now(),
        "by": current().actor or "system", "action": action, "changes": changes,
    })


def sealed(previous: str, values: dict[str, Any]) -> dict[str, Any]:
    """A history row with the seal over itself and the row before it."""
    return {**values, "seal": seal(previous, values)}


def prepare(session: Session, context: Any, instances: Any) -> None:
    """Before a flush: complete, check and stamp every record, and note what changed."""
    noted = session.info.setdefault("noted", [])
    for row in list(session.new):
        if isinstance(row, Record):
            _stamp(row, new=True)
            noted.append((row, ADDED, _values(row)))
    for row in list(session.dirty):
        if isinstance(row, Record) and session.is_modified(row, include_collections=False):
            _stamp(row, new=False)
            noted.append((row, _action(row), _changes(row)))


def _stamp(row: Record, new: bool) -> None:
    row.complete()
    if new:
        row.take_number()
    row.check()
    row.changed_at, row.changed_by = now(), current().actor or "system"
    if new:
        row.created_at, row.created_by = row.changed_at, row.changed_by
        row.announce()
    row.search_text = search_text(*(text or "" for text in row.searchable()))
    for name, place in orders_of(type(row), row).items():
        setattr(row, name, place)


def _values(row: Record) -> dict[str, Any]:
    found = {}
    for name, words in fields_of(type(row)).items():
        value = getattr(row, name)
        if value not in (None, "", []) and name not in STAMPS:
            found[name] = [None, plain(words, value)]
    return found


STAMPS = {"created_at", "created_by", "changed_at", "changed_by"}


def _changes(row: Record) -> dict[str, Any]:
    found = {}
    for name, words in fields_of(type(row)).items():
        history: Changes = inspect(row).attrs[name].history
        if history.has_changes() and name not in STAMPS:
            old = history.deleted[0] if history.deleted else None
            found[name] = [plain(words, old), plain(words, getattr(row, name))]
    return found


def _action(row: Record) -> str:
    history: Changes = inspect(row).attrs.deleted_at.history
    if not history.has_changes():
        return CHANGED
    return RESTORED if row.deleted_at is None else DELETED


def write(session: Session, context: Any) -> None:
    """After a flush: the history rows of what was flushed, and the caches that became stale."""
    noted = session.info.pop("noted", [])
    if not noted:
        return
    rows = [entry(row, action, changes, _last_seal(session, row) if action != ADDED else "")
            for row, action, changes in noted]
    session.connection().execute(History.__table__.insert(), rows)
    session.info.setdefault("stale", set()).update(
        row.__revision__ for row, *_ in noted if hasattr(row, "__revision__"))


def forget(session: Session, *rest: Any) -> None:
    """After a failed flush: nothing was changed, nothing is noted."""
    session.info.pop("noted", None)
    session.info.pop("stale", None)


def refresh_caches(session: Session) -> None:
    """Before a commit: every worker learns that its caches are stale."""
    session.flush()
    for name in session.info.pop("stale", ()):
        bump(name)


def _last_seal(session: Session, row: Record) -> str:
    last = select(History.seal).where(
        History.record == row.__tablename__, History.record_id == row.id
    ).order_by(History.id.desc()).limit(1)
    return session.connection().execute(last.execution_options(**CHECKED)).scalar() or ""


def of(row: Record, since_version: int = 0) -> list[History]:
    """The changes of a record the user may see, the newest first."""
    return list(db.session.scalars(
        select(History).where(History.record == row.__tablename__, History.record_id == row.id,
                              History.version > since_version).order_by(History.id.desc()).limit(200)))


def install() -> None:
    """Hangs preparation and history on the session; must come before the scope's guard."""
    factory = db.session.session_factory
    for name, rule in (("before_flush", prepare), ("after_flush", write),
                       ("after_soft_rollback", forget), ("before_commit", refresh_caches)):
        if not event.contains(factory, name, rule):
            event.listen(factory, name, rule)
