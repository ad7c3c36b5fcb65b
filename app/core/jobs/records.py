"""The table of background work: who asked for what, how it stands, and the folder of its files.

Progress and the wish to cancel lie in that folder, not in the table: SQLite has one writer, and
while an import writes nobody else can, not even to say how far it is.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base.moments import now
from app.db import db

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
OPEN = (QUEUED, RUNNING)
CANCEL, PROGRESS = "cancel", "progress.json"


@dataclass
class Progress:
    """How far a job is: steps done, of how many (0: unknown), and words for people."""

    done: int = 0
    total: int = 0
    words: str = ""


class Job(db.Model):
    """One piece of background work, run under the rows, role and language of whoever asked for it."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state", "state", "id"), Index("ix_job_owner", "owner", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    owner: Mapped[str] = mapped_column(String(64))
    node: Mapped[str] = mapped_column(String(15))
    language: Mapped[str] = mapped_column(String(8))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default=QUEUED)
    tries: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(String(300), default="")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]

    @property
    def folder(self) -> Path:
        return folders() / self.key

    @property
    def is_over(self) -> bool:
        return self.state not in OPEN

    @property
    def is_cancelling(self) -> bool:
        return not self.is_over and (self.folder / CANCEL).exists()

    def cancel(self) -> None:
        """Asks the worker to stop; it looks at every step, and before the first."""
        if not self.is_over:
            (self.folder / CANCEL).touch()

    def progress(self) -> Progress:
        """How far it is now; nothing yet when no worker has begun."""
        try:
            return Progress(**json.loads((self.folder / PROGRESS).read_text(encoding="utf-8")))
        except (FileNotFoundError, PermissionError):
            return Progress()

    def file(self, name: str) -> Path | None:
        """One of the job's files; None when there is none, or no longer."""
        path = self.folder / name
        expired = self.expires_at is not None and self.expires_at <= now()
        return path if path.is_file() and not expired else None

    def drop_files(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def folders() -> Path:
    """The folder of the folders of all jobs; readable by this installation's user alone."""
    found: Path = current_app.extensions["settings"].data_dir / "jobs"
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def write_progress(folder: Path, progress: Progress) -> None:
    """Replaces the progress as a whole, so that no reader finds half of it."""
    part = folder / f"{PROGRESS}.part"
    part.write_text(json.dumps(asdict(progress)), encoding="utf-8")
    try:
        os.replace(part, folder / PROGRESS)
    except PermissionError:
        return  # Windows: somebody reads it at this moment; the next step says it again
