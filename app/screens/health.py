"""Whether the console works, for whoever watches the server."""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify, request

from app.core.upkeep.condition import condition, measures
from app.screens.metrics import refuse_without_token


def install(app: Flask) -> None:
    """Gives the page its address."""
    app.add_url_rule("/health", "health", health)


def health() -> Any:
    """Database, migration state, worker, and whether the disk takes what is written; ``?full`` for who bears the token."""
    found = condition()
    if "full" in request.args:
        refuse_without_token()
        found |= {"measures": measures()} if found["status"] == "ok" else {}
    return jsonify(found), 200 if found["status"] == "ok" else 503
