"""How an installation stands: can it be reached, can it write, does a worker live."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import text

from app.core.base import trouble
from app.core.base.trouble import GONE
from app.core.cases.counters import worker_seen
from app.core.upkeep.schema import migration_state
from app.db import db

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
