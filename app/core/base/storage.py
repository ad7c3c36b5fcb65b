"""How the embedded database is opened: written by one, read by many, never half-written.

Every request reads until it writes: the writer's place on SQLite is taken at the first write and let go at the
commit. Since SQLite never lets a reader become the writer once somebody else wrote, the transaction begins anew
there: rows are held by their version, and rules, running numbers and history are worked out inside.
"""

from __future__ import annotations

import ctypes
import gc
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

from flask import Flask, has_request_context
from sqlalchemy import Engine, event

from app.core.base import trouble
from app.core.base.trouble import CANNOT_WRITE, Busy, of_engine
from app.db import db

PRAGMAS = (
    "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000",
    "cache_size=-65536", "temp_store=MEMORY", "mmap_size=1073741824", "journal_size_limit=67108864",
)
LOOKED_AT = 1_000  # rows of an index that statistics are made from
PATIENCE, LONG_PATIENCE = 3.0, 30.0  # seconds a request, and a job or command, waits for the writer's place
MOST_WAITING, LITTLE_PATIENCE = 4, 0.25  # so many requests of a process wait; one more hardly: readers need threads
PAUSE, SHARE = 0.06, 0.5  # seconds others have between two slices at least, and their share of what a slice took
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "ANALYZE", "REINDEX")


class Place:
    """The writer's place of one database, as the threads of this process ask for it, one after the other."""

    def __init__(self) -> None:
        self.lock, self.few = threading.Lock(), threading.BoundedSemaphore(MOST_WAITING)

    def take(self) -> float:
        """Waits in the process's own queue; the seconds left of the patience. Busy when it is over."""
        begun, patience = time.monotonic(), PATIENCE if has_request_context() else LONG_PATIENCE
        if not self.lock.acquire(blocking=False):
            self._wait(patience)
        return max(patience - (time.monotonic() - begun), 0.1)

    def _wait(self, patience: float) -> None:
        one_of_few = self.few.acquire(blocking=False)
        try:
            if not self.lock.acquire(timeout=patience if one_of_few else LITTLE_PATIENCE):
                raise Busy
        finally:
            if one_of_few:
                self.few.release()


_places: defaultdict[str, Place] = defaultdict(Place)


def install(app: Flask) -> None:
    """Sets the pragmas on every new connection to SQLite, and takes the writer's place late; PostgreSQL needs nothing."""
    if event.contains(Engine, "connect", _opened):
        return
    for name, rule in (("connect", _opened), ("begin", _begun), ("before_execute", _about_to_lock),
                       ("before_cursor_execute", _about_to_write), ("savepoint", _about_to_nest),
                       ("commit", _written), ("rollback", _over), ("checkin", _given_back)):
        event.listen(Engine, name, rule)
    event.listen(Engine, "handle_error", of_engine, retval=True)
    event.listen(db.session.session_factory, "before_flush", _about_to_flush, insert=True)  # before every rule


@contextmanager
def reading() -> Iterator[None]:
    """A long look at the database that holds up nobody who writes; begins and ends its own transaction."""
    db.session.commit()
    db.session.connection(execution_options={"reading": True})
    try:
        yield
    finally:
        db.session.commit()


def take_place() -> None:
    """From here on nobody else writes on SQLite: what is looked at now still holds when it is written."""
    _take(db.session.connection())
    db.session.info.pop("revisions", None)


def give_way(since: float, keep: bool = True) -> float:
    """Ends what was written since then (or only tried), lets everybody else write, and begins anew; when that is."""
    (db.session.commit if keep else db.session.rollback)()
    time.sleep(max(PAUSE, SHARE * (time.monotonic() - since)))
    take_place()
    return time.monotonic()


def _opened(connection: Any, record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")


def _begun(connection: Any) -> None:
    """A request reads until it writes; whatever runs without one says ``reading``, or takes the place at once."""
    if connection.dialect.name != "sqlite":
        return
    connection.info["reads"] = True
    connection.exec_driver_sql("BEGIN")
    if not has_request_context() and not connection.get_execution_options().get("reading"):
        _take(connection)


def _take(connection: Any) -> None:
    """Ends the look and begins to write, in a transaction of its own; Busy when others write for too long."""
    if not connection.info.pop("reads", False):
        return
    connection.exec_driver_sql("COMMIT")
    place = _places[str(connection.engine.url)]
    left = place.take()
    connection.info["place"] = place
    try:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={int(left * 1000)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except CANNOT_WRITE:
        _leave(connection.info)
        raise


def _leave(info: Any) -> None:
    info.pop("reads", None)
    place = info.pop("place", None)
    if place:
        place.lock.release()


def _written(connection: Any) -> None:
    if trouble.refused[1] and connection.dialect.name == "sqlite" and not connection.info.get("reads"):
        trouble.wrote()
    _leave(connection.info)


def _over(connection: Any) -> None:
    _leave(connection.info)


def _given_back(connection: Any, record: Any) -> None:
    _leave(record.info)


def _about_to_nest(connection: Any, name: str) -> None:
    """A COMMIT would end savepoints: the place is taken before the first of them."""
    _take(connection)


def _about_to_flush(session: Any, *rest: Any) -> None:
    """Before rules, numbers and history: they are to look at what nobody else changes any more."""
    _take(session.connection())
    session.info.pop("revisions", None)


def _about_to_lock(connection: Any, statement: Any, *rest: Any) -> None:
    """SELECT … FOR UPDATE, which SQLite has no words for."""
    if getattr(statement, "_for_update_arg", None) is not None:
        _take(connection)


def _about_to_write(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
    if connection.info.get("reads") and statement.lstrip()[:8].upper().startswith(WRITES):
        _take(connection)


def after_many() -> None:
    """After many rows: the write-ahead log is small again, and memory goes back to the machine."""
    if db.engine.dialect.name == "sqlite":
        with suppress(sqlite3.OperationalError), closing(db.engine.raw_connection()) as connection:
            for words in ("busy_timeout=1000", "wal_checkpoint(TRUNCATE)"):  # whoever reads for longer is let alone
                connection.cursor().execute(f"PRAGMA {words}").fetchall()
    gc.collect()
    with suppress(OSError, AttributeError):  # only the C library of Linux has it
        ctypes.CDLL(None).malloc_trim(0)


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
