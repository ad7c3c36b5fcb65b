"""Whether the console works, for whoever watches the server."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, jsonify
from sqlalchemy import text

from app.core.cases.counters import worker_seen
from app.core.upkeep.schema import migration_state
from app.db import db


def install(app: Flask) -> None:
    """Gives the page its address."""
    app.add_url_rule("/health", "health", health)


def health() -> Any:
    """Database, migration state and worker."""
    try:
        db.session.execute(text("SELECT 1"))
        state = migration_state()
    except Exception:
        current_app.logger.exception("health")
        return jsonify(status="down", database="unreachable"), 503
    worker = "working" if worker_seen() else "none"  # imports, exports and the clock wait until one runs
    return jsonify(status="ok", database=db.engine.dialect.name, migrations=state, worker=worker)
