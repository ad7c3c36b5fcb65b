"""How the embedded database is opened: written by one, read by many, never half-written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app, has_request_context, request
from sqlalchemy import Engine, event

from app.db import db

PRAGMAS = (
    "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000",
    "cache_size=-65536", "temp_store=MEMORY", "mmap_size=1073741824",
)
LOOKED_AT = 1_000  # rows of an index that statistics are made from


def install(app: Flask) -> None:
    """Sets the pragmas on every new connection to SQLite; PostgreSQL needs nothing."""
    if not event.contains(Engine, "connect", _opened):
        event.listen(Engine, "connect", _opened)
        event.listen(Engine, "begin", _begun)


@contextmanager
def reading() -> Iterator[None]:
    """A long look at the database that holds up nobody who writes; begins and ends its own transaction."""
    db.session.commit()
    db.session.connection(execution_options={"reading": True})
    try:
        yield
    finally:
        db.session.commit()


def _opened(connection: Any, record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")


def only_reads(view: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a view that is asked by POST but writes nothing into the database: it never waits for the writer."""
    view.only_reads = True  # type: ignore[attr-defined]
    return view


def _asks() -> bool:
    if not has_request_context():
        return False
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in ("GET", "HEAD", "OPTIONS") or getattr(view, "only_reads", False)


def _begun(connection: Any) -> None:
    """A request that may write takes the writer's place at once: a reader cannot turn writer later."""
    if connection.dialect.name == "sqlite":
        reading = _asks() or connection.get_execution_options().get("reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def refresh_statistics(table: str = "") -> None:
    """After many rows, of one table or of all: without statistics a planner may take a plan ten thousand times slower.

    Of each index a thousand rows are looked at on SQLite: less than a tenth of a second at a million residents, and
    the plans of the whole. PostgreSQL is vacuumed too when all was loaded, for its index-only scans read the
    visibility map.
    """
    name = db.engine.dialect.identifier_preparer.quote(table) if table else ""
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA analysis_limit={LOOKED_AT}")
            connection.exec_driver_sql(f"ANALYZE {name}")
            connection.commit()
        else:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql(f"ANALYZE {name}" if name else "VACUUM ANALYZE")
