"""Whether the console works, for whoever watches the server."""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify

from app.core.upkeep.condition import condition


def install(app: Flask) -> None:
    """Gives the page its address."""
    app.add_url_rule("/health", "health", health)


def health() -> Any:
    """Database, migration state, worker, and whether the disk takes what is written."""
    found = condition()
    return jsonify(found), 200 if found["status"] == "ok" else 503
