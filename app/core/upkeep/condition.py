"""How an installation stands: can it be reached, can it write, does a worker live."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import func, select, text

from app.core.base import trouble
from app.core.base.moments import now
from app.core.base.trouble import GONE
from app.core.cases.counters import clock_ran_at, worker_seen
from app.core.jobs.records import QUEUED, Job
from app.core.upkeep.schema import migration_state
from app.db import db

LAST_BACKUP = "last-backup"
PROBE, LOOK_SECONDS, FRESH_SECONDS = bytes(64 * 1024), 5, 60
_looked: dict[Path, tuple[float, str]] = {}


def condition() -> dict[str, Any]:
    """What whoever watches the server is told; ``status`` is ok, or down when pages or saves fail."""
    try:
        db.session.execute(text("SELECT 1"))
        state = migration_state()
        worker = "working" if worker_seen() else "none"  # imports, exports and the clock wait until one runs
    except Exception as error:
        current_app.logger.warning("the database does not answer: %s", type(error).__name__)
        return {"status": "down", "database": "unreachable", "disk": disk()}
    found = {"status": "ok", "database": db.engine.dialect.name, "migrations": state, "worker": worker, "disk": disk()}
    return {**found, "status": "ok" if found["disk"] == "ok" else "down"}


def disk() -> str:
    """Whether the data folder takes what is written to it, and the database did lately; looked at every few seconds."""
    folder = current_app.extensions["settings"].data_dir
    when, found = _looked.get(folder, (float("-inf"), ""))
    if time.monotonic() - when > LOOK_SECONDS:
        found = probe(folder)
        _looked[folder] = (time.monotonic(), found)
    refused_at, why = trouble.refused
    if found == "ok" and why and time.monotonic() - refused_at < FRESH_SECONDS:
        return why
    return found


def probe(folder: Path) -> str:
    """Writes a few pages as a save does, and removes them."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".probe-") as file:
            file.write(PROBE)
            file.flush()
            os.fsync(file.fileno())
        return "ok"
    except OSError as error:
        return trouble.OF_DISK.get(error.errno or 0, GONE)


def measures() -> dict[str, float | None]:
    """How it fares in numbers: seconds, bytes, counts, 1 for yes; None where there is nothing to measure."""
    folder = current_app.extensions["settings"].data_dir
    waiting, oldest = db.session.execute(select(func.count(), func.min(Job.created_at)).where(Job.state == QUEUED)).one()
    ran_at = clock_ran_at()
    return {"jobs_waiting": waiting, "oldest_job_seconds": _since(oldest) or 0, "disk_free_bytes": shutil.disk_usage(folder).free,
            "writable": disk() == "ok", "worker": worker_seen(), "clock_seconds": _since(ran_at),
            "backup_seconds": _since(backed_up_at(folder))}


def _since(moment: datetime | None) -> float | None:
    return None if moment is None else max((now() - moment).total_seconds(), 0)


def note_backup(folder: Path) -> None:
    """Remembers beside the data that a backup was made now; one that cannot be noted is one all the same."""
    with suppress(OSError):
        (folder / LAST_BACKUP).write_text(now().isoformat(), encoding="ascii")


def backed_up_at(folder: Path) -> datetime | None:
    """When the last backup of this installation was made; None before the first."""
    with suppress(OSError, ValueError):
        return datetime.fromisoformat((folder / LAST_BACKUP).read_text(encoding="ascii"))
    return None
