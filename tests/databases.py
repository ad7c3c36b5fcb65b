"""The databases of the tests: the small street is built once for this code and day, and copied for every module."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from app import create_app
from app.core import assembly
from app.core.base.moments import today
from app.db import db
from config import Settings
from tests.street import build_street

ROOT = Path(__file__).parents[1]
KINDS = ("sqlite", "postgresql")
SERVER = os.environ.get("GEWU_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")
HOME = Path(tempfile.gettempdir()) / f"gewu-tests-{os.getuid()}"
WHAT_MAKES_IT = ("app/**/*.py", "app/**/*.csv", "migrations/**/*.py", "tests/street.py", "config.py")
KEPT_SECONDS = 86_400
IN_CI = bool(os.environ.get("GEWU_CI"))
serial = count(1)


def databases() -> list[str]:
    """Which databases this run asks for (GEWU_TEST_DATABASES); SQLite unless told."""
    found = os.environ.get("GEWU_TEST_DATABASES", "sqlite").split(",")
    if not set(found) <= set(KINDS):
        raise pytest.UsageError(f"GEWU_TEST_DATABASES names some of {', '.join(KINDS)}, with a comma between them")
    return found


def settings_of(folder: Path, url: str) -> Settings:
    return Settings(data_dir=folder, database_url=url, demo=False)


def street(kind: str, folder: Path) -> Settings:
    """A copy of the small street in an empty folder, with a database of its own."""
    shutil.copytree(template(), folder, dirs_exist_ok=True)
    if kind == "sqlite":
        return settings_of(folder, f"sqlite:///{folder / 'gewu.db'}")
    return settings_of(folder, postgres_url(postgres_template()))


@cache
def template() -> Path:
    """The folder with the database and the keys of the street; whoever comes first builds it."""
    with turn():
        folder = HOME / f"{_digest()}-{today()}"
        if not folder.exists():
            _forget_old()
            part = Path(tempfile.mkdtemp(dir=HOME))
            _build(part, f"sqlite:///{part / 'gewu.db'}")
            part.rename(folder)
    return folder


@cache
def postgres_template() -> str:
    """The name of the same street's database on the server, under the same keys."""
    keys = (template() / "keys" / "data.json").read_bytes()
    name = f"gewu_street_{hashlib.sha256(template().name.encode() + keys).hexdigest()[:16]}"
    with turn():
        if not _ask_server("SELECT 1 FROM pg_database WHERE datname = :name", name=name):
            for old in _ask_server("SELECT datname FROM pg_database WHERE datname LIKE 'gewu_street_%' AND "
                                   "shobj_description(oid, 'pg_database') < :before", before=str(today())):
                _tell_server(f"DROP DATABASE IF EXISTS {old}")
            _tell_server(f"DROP DATABASE IF EXISTS {name}_part WITH (FORCE)", f"CREATE DATABASE {name}_part")
            with tempfile.TemporaryDirectory() as folder:
                shutil.copytree(template() / "keys", Path(folder) / "keys")
                _build(Path(folder), _address(f"{name}_part"))
            _tell_server(f"COMMENT ON DATABASE {name}_part IS '{today()}'", f"ALTER DATABASE {name}_part RENAME TO {name}")
    return name


def postgres_url(copied: str = "") -> str:
    """A database of this test process, empty or a copy; skipped without a server, a failure in CI."""
    name = f"gewu_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}_{next(serial)}"
    _tell_server(f"CREATE DATABASE {name}" + (f" TEMPLATE {copied}" if copied else ""))
    return _address(name)


def drop_postgres(url: str) -> None:
    """Drops a database while the tests go on: the server takes its time over that."""
    name = url.rpartition("/")[2]
    threading.Thread(target=_tell_server, args=(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",)).start()


def _address(name: str) -> str:
    return f"{SERVER.rsplit('/', 1)[0]}/{name}"


def _tell_server(*statements: str) -> None:
    with _server() as connection:
        for statement in statements:
            connection.execute(text(statement))


def _ask_server(statement: str, **values: str) -> list[Any]:
    with _server() as connection:
        return list(connection.execute(text(statement), values).scalars())


@contextmanager
def _server() -> Iterator[Any]:
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    try:
        connection = engine.connect()
    except Exception as error:
        if IN_CI:
            raise
        pytest.skip(f"no PostgreSQL server: {error.__class__.__name__}")
    with connection:
        yield connection
    engine.dispose()


def _build(folder: Path, url: str) -> None:
    with create_app(settings_of(folder, url)).app_context():
        build_street()
        db.session.remove()
        db.engine.dispose()


def _digest() -> str:
    """What the street is made of: the records, their rules, the migrations and the rows the program ships with."""
    assembly.discover()
    found = hashlib.sha256(" ".join(sorted(db.metadata.tables)).encode())  # a test may add a subsystem from elsewhere
    for pattern in WHAT_MAKES_IT:
        for path in sorted(ROOT.glob(pattern)):
            found.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _forget_old() -> None:
    """Templates of former days and of builds that died."""
    for folder in HOME.iterdir():
        if folder.is_dir() and time.time() - folder.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def turn() -> Iterator[None]:
    """One process at a time; the turn of one that died is free again."""
    HOME.mkdir(exist_ok=True)
    with (HOME / "turn").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
