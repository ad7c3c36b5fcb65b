"""What an import wrote, kept for a while so that a whole import can be taken back.

Old values are kept encrypted as a whole, whatever columns they are of, and forgotten when their time is over.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, delete, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base.crypto import Encrypted
from app.core.base.hidden import Hidden
from app.core.base.moments import now
from app.core.base.nodes import Node
from app.core.base.records import Record
from app.core.base.registry import record_name
from app.core.base.scope import EVERYTHING, current
from app.db import db

KEPT = timedelta(days=30)
Line = tuple[int, int, dict[str, Any] | None]


class ImportBatch(db.Model):
    """One import that wrote something; ``left`` are the rows an undo could not take back: record, id, why."""

    __tablename__ = "import_batch"
    __table_args__ = (Index("ix_import_batch_record", "record", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(String(40))
    file: Mapped[str] = mapped_column(String(120))
    by: Mapped[str] = mapped_column(String(64))
    node: Mapped[str] = mapped_column(String(15))
    at: Mapped[datetime]
    new: Mapped[int]
    changed: Mapped[int]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(64))
    left: Mapped[list[Any] | None] = mapped_column(JSON)

    @property
    def expires_at(self) -> datetime:
        return self.at + KEPT

    @property
    def is_being_undone(self) -> bool:
        """Somebody began to take it back in slices; when that broke off, the next one goes on."""
        return self.undone_at is None and self.undone_by is not None

    @property
    def can_be_undone(self) -> bool:
        return self.is_being_undone or (self.undone_at is None or bool(self.left)) and now() < self.expires_at


class ImportPart(db.Model):
    """Up to a thousand rows an import wrote one after the other: id, version, and what stood there before."""

    __tablename__ = "import_part"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), index=True)
    record: Mapped[str] = mapped_column(String(40))
    rows: Mapped[str] = mapped_column(Encrypted())

    def lines(self) -> list[Line]:
        """(id, version, old values; None where the row is new), in the order they were written."""
        return [(number, version, old) for number, version, old in json.loads(self.rows, object_hook=whole)]


class Journal:
    """Notes in the import's own transaction what it writes; a journal is in the database if its rows are."""

    def __init__(self, record: type[Record], file: str, new: int, changed: int) -> None:
        self.batch = ImportBatch(record=record_name(record), file=file[:120], by=current().actor or "system",
                                 node=current().node, at=now(), new=new, changed=changed)
        db.session.add(self.batch)
        db.session.flush()
        self.number = self.batch.id

    def note(self, record: type[Record], lines: list[Line]) -> None:
        """Keeps up to a thousand rows of one record: id, version now, values before."""
        db.session.add(ImportPart(batch_id=self.number, record=record_name(record),
                                  rows=json.dumps(lines, ensure_ascii=False, default=parted)))
        db.session.flush()


def parted(value: Any) -> dict[str, str]:
    """What JSON has no form for."""
    kind = {datetime: "datetime", date: "date", Decimal: "decimal"}[type(value)]
    return {f"${kind}": str(value) if kind == "decimal" else value.isoformat()}


WHOLE: dict[str, Callable[[Any], Any]] = {"$datetime": datetime.fromisoformat, "$date": date.fromisoformat, "$decimal": Decimal}


def whole(found: dict[str, Any]) -> Any:
    name = next(iter(found), "")
    return WHOLE[name](found[name]) if name in WHOLE else found


def batches(record: type[Record], most: int = 50) -> list[ImportBatch]:
    """The newest imports of a record whose undoing the user may see: his own and those made under his node."""
    return list(db.session.scalars(select(ImportBatch).where(ImportBatch.record == record_name(record), _visible())
                                   .order_by(ImportBatch.id.desc()).limit(most)))


def batch_of(record: type[Record], number: int) -> ImportBatch | None:
    """One import of a record, if the user may see it."""
    return db.session.scalar(select(ImportBatch).where(
        ImportBatch.id == number, ImportBatch.record == record_name(record), _visible()))


def _visible() -> Any:
    """Imports of whoever was held to the user's node or a part of it; imports by command belong to the street."""
    mine, node = ImportBatch.by == current().actor, current().node
    through = or_(ImportBatch.undone_by.is_not(None), ImportBatch.id.not_in(select(Hidden.batch_id)))
    if current().sees_all:
        return through
    under = through & or_(ImportBatch.node.startswith(node, autoescape=True), mine & (ImportBatch.node == node))
    return or_(under, through & (ImportBatch.node == EVERYTHING)) if Node(node).level == "street" else under


def sweep() -> None:
    """Forgets old values whose time is over, and imports nobody asks about any more; the caller commits."""
    old = select(ImportBatch.id).where(ImportBatch.at < now() - KEPT)
    db.session.execute(delete(ImportPart).where(ImportPart.batch_id.in_(old)))
    db.session.execute(delete(ImportBatch).where(ImportBatch.at < now() - 3 * KEPT))
