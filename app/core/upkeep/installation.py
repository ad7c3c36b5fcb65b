"""One installation: starts one at a time, with its own keys, its schema as new as the program."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import NullPool, String, create_engine, inspect, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base.crypto import keyring
from app.core.upkeep import schema
from app.core.upkeep.copies import database_of
from app.core.upkeep.halves import refuse_half
from app.db import db
from config import Refusal, Settings

STARTING = 4_203_030_02  # the advisory lock of PostgreSQL that a start holds
WAIT_SECONDS = 300
FAR = 1 << 20  # the byte that is locked, behind anything written
KEY_CHECK, DEMO = "key check", "demo"
LOADING, LOADED = "loading", "loaded"


class Fact(db.Model):
    """Something to know about the installation itself."""

    __tablename__ = "installation"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(80))


@contextmanager
def one_start(settings: Settings) -> Iterator[None]:
    """Holds up every other start of the same installation; a start that dies lets the next one in."""
    if settings.url.startswith("sqlite"):
        with _file_turn(settings.data_dir / "starting.db"):
            yield
    else:
        with _server_turn(settings.url):
            yield


@contextmanager
def _file_turn(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)) as turn:
        turn.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def _server_turn(url: str) -> Iterator[None]:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"SELECT pg_advisory_lock({STARTING})"))
        yield


def bring_up(upgrade: bool) -> None:
    """Makes an empty database, and brings an older one up when asked to; Refusal when it stays unfit for this program."""
    refuse_half(db.engine)
    state = schema.migration_state()
    refuse_newer(state["database"])
    if state["database"] is None or upgrade:
        schema.upgrade()
        return
    if not state["current"]:
        raise Refusal("数据库结构不是最新：请先备份，再运行 run.py migrate。 / The database has an older schema: make a backup, then "
                      "run `run.py migrate`.")
    schema.add_new_tables()
    with db.engine.connect() as connection:
        schema.refuse_disagreement(connection)


def refuse_newer(have: str | None, wanted: str = "head") -> None:
    """Refusal where this program does not know the database's revision, or the one that is wanted."""
    if have is not None and _is_newer(have):
        raise Refusal("数据库来自更新版本的程序：请使用新版本的程序。 / The database was made by a newer version of the program: "
                      "run that version.")
    if _is_newer(wanted):
        raise Refusal(f"没有 {wanted} 这个版本。 / There is no revision {wanted}.")


def _is_newer(revision: str) -> bool:
    """Whether this program does not know a revision."""
    if revision in ("head", "base"):
        return False
    try:
        return ScriptDirectory.from_config(schema.config()).get_revision(revision) is None
    except CommandError:
        return True


def refuse_lost_keys(settings: Settings) -> None:
    """Refusal where a database has data and the folder no keys: new ones would read nothing of it."""
    if not (settings.keys_dir / "data.json").exists() and not database_of(settings.url).is_empty():
        raise Refusal("数据库里已有数据，而数据目录里没有密钥（keys）：请放回原来的 keys 文件夹，或从备份恢复。 / The database has data, but "
                      "there are no keys in the data folder: put the right keys folder back, or restore a backup.")


@contextmanager
def only_server(settings: Settings) -> Iterator[tuple[int, ...]]:
    """Refusal where another server has this folder. What it gives is handed on to the server's own processes, so that
    the place is taken as long as one of them lives; with PostgreSQL several servers may share a database."""
    if not settings.url.startswith("sqlite"):
        yield ()
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / "serving").open("a+", encoding="ascii") as file:
        if not _locked(file.fileno()):
            file.seek(0)
            raise Refusal(f"这个数据目录已有一个服务在运行（进程 {file.read().strip() or '?'}）：请先停止它。 / Another server runs on this "
                          "folder: stop it first.")
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield (file.fileno(),) if os.name != "nt" else ()  # Windows hands no files on


def _locked(number: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            os.lseek(number, FAR, os.SEEK_SET)  # it locks where it stands, and what is locked cannot be read
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def demo_state() -> str | None:
    """How far the demo street is: loading, loaded; None where none was begun."""
    kept = db.session.get(Fact, DEMO)
    return kept.value if kept else None


def note_demo(state: str) -> None:
    kept = db.session.get(Fact, DEMO) or Fact(name=DEMO)
    kept.value = state
    db.session.add(kept)
    db.session.commit()


def check_keys() -> None:
    """Refusal when the database was written with other keys than those in the data folder; notes them at the first start."""
    if not inspect(db.engine).has_table(Fact.__tablename__):
        return
    mine, kept = keyring().digest(KEY_CHECK), db.session.get(Fact, KEY_CHECK)
    if kept is None:
        db.session.add(Fact(name=KEY_CHECK, value=mine))
        db.session.commit()
    elif kept.value != mine:
        raise Refusal("数据目录里的密钥与数据库不符：身份证号无法读取。请放回原来的 keys 文件夹，或从备份恢复。 / The keys in the data "
                      "folder are not those of this database: put the right keys folder back, or restore a backup.")
