"""The table of photos and files, each of one record, perhaps of one step of a case; their contents lie beside the database."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Index, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base.moments import now
from app.core.base.records import Record, RuleError
from app.core.base.scope import current
from app.core.files.reading import MOST, PHOTO, VIDEO, Sent, looked_at
from app.core.files.refusing import Crowded
from app.db import db

KEPT_REMOVED = timedelta(days=30)
ORPHAN_SECONDS = 24 * 3600
THUMB = ".thumb"


class Attachment(db.Model):
    """One photo or file; whoever may see its record may see it. Taken away, it is named for good and kept for 30 days."""

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_record", "record", "record_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    record: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    step_id: Mapped[int | None] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(8))
    suffix: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    removed_at: Mapped[datetime | None] = mapped_column(index=True)
    removed_by: Mapped[str | None] = mapped_column(String(64))

    @property
    def is_photo(self) -> bool:
        return self.kind == PHOTO

    @property
    def is_video(self) -> bool:
        return self.kind == VIDEO

    @property
    def file_name(self) -> str:
        return f"{self.name}{self.suffix}"

    @property
    def path(self) -> Path:
        return folder() / self.key[:2] / self.key

    @property
    def thumb(self) -> Path:
        return self.path.with_name(self.key + THUMB)

    @property
    def size_words(self) -> str:
        return f"{self.size / 1024 / 1024:.1f} MB" if self.size >= 1024 * 1024 else f"{max(1, self.size // 1024)} KB"


def folder() -> Path:
    """Where contents lie; readable by this installation's user alone, never served as it is."""
    found: Path = current_app.extensions["settings"].data_dir / "files"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def read_all(uploads: Iterable[Any], stranger: bool = False) -> tuple[list[Sent], list[str]]:
    """Looks at everything that was sent: what can be kept, and for each of the others the sentence that says why not.

    It is asked before anything is written: nobody waits for a writer who unfolds photos.
    """
    found, refused = [], []
    for upload in uploads:
        if not upload or not upload.filename:
            continue
        try:
            found.append(looked_at(upload.filename, upload.read(), stranger))
        except Crowded:
            raise
        except RuleError as error:
            refused.append(str(error))
    return found, refused


def attach(row: Record, sent: list[Sent], step_id: int | None = None) -> list[Attachment]:
    """Keeps what was looked at with a record, in the caller's transaction; contents without a row are swept away."""
    if not sent:
        return []
    if count_of(row) + len(sent) > MOST.value:
        raise RuleError(_("A record keeps at most %(most)s files: take some away first.", most=MOST.value), "files")
    found = [_kept(row, one, step_id) for one in sent]
    db.session.add_all(found)
    db.session.flush()
    return found


def _kept(row: Record, sent: Sent, step_id: int | None) -> Attachment:
    kept = Attachment(key=secrets.token_hex(16), record=row.__tablename__, record_id=row.id, step_id=step_id, name=sent.name,
                      kind=sent.kind, suffix=sent.suffix, size=len(sent.content), width=sent.width, height=sent.height,
                      by=current().actor or "system", at=now())
    kept.path.parent.mkdir(mode=0o700, exist_ok=True)
    for path, content in ((kept.path, sent.content), (kept.thumb, sent.thumb)):
        if content is not None:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
    return kept


def of(row: Record) -> list[Attachment]:
    """What is kept with a record, the first one first; what was taken away is named too."""
    return list(db.session.scalars(select(Attachment).where(
        Attachment.record == row.__tablename__, Attachment.record_id == row.id).order_by(Attachment.id)))


def one_of(row: Record, number: int) -> Attachment | None:
    """One file of a record, unless it was taken away."""
    return db.session.scalar(select(Attachment).where(
        Attachment.id == number, Attachment.record == row.__tablename__, Attachment.record_id == row.id,
        Attachment.removed_at.is_(None)))


def count_of(row: Record) -> int:
    return db.session.scalar(select(func.count(Attachment.id)).where(
        Attachment.record == row.__tablename__, Attachment.record_id == row.id, Attachment.removed_at.is_(None))) or 0


def remove(kept: Attachment) -> None:
    kept.removed_at, kept.removed_by = now(), current().actor or "system"


def hand_over(source: Record, target: Record) -> None:
    """What came with one record belongs to another from now on."""
    for kept in of(source):
        kept.record, kept.record_id = target.__tablename__, target.id


def sweep() -> None:
    """Removes the contents of files taken away long ago, and those no row knows: the caller of theirs died or was refused."""
    for kept in db.session.scalars(select(Attachment).where(Attachment.removed_at < now() - KEPT_REMOVED)):
        kept.path.unlink(missing_ok=True)
        kept.thumb.unlink(missing_ok=True)
    old = {path.name.removesuffix(THUMB): path.name for path in folder().glob("*/*")
           if time.time() - path.stat().st_mtime > ORPHAN_SECONDS}
    names = sorted(old)
    for start in range(0, len(names), 500):
        part = names[start:start + 500]
        known = set(db.session.scalars(select(Attachment.key).where(Attachment.key.in_(part))))
        for key in set(part) - known:
            for path in ((folder() / key[:2] / key), (folder() / key[:2] / (key + THUMB))):
                path.unlink(missing_ok=True)
