"""The whole database as one file, out and in: SQLite's own copy, or PostgreSQL's dump."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, NullPool, create_engine, inspect, make_url, text

from config import Refusal

IN_USE = "数据库正在使用：请先停止服务。 / The database is in use: stop the server first."
OTHERS = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
              "AND pid <> pg_backend_pid() AND backend_type = 'client backend'")


class BackupError(Refusal):
    """A backup cannot be made or restored; the sentence says why."""


class Embedded:
    """SQLite: a file."""

    kind, file = "SQLite", "gewu.db"

    def __init__(self, url: URL) -> None:
        self.path = Path(url.database or "").resolve()

    def dump(self, copy: Path) -> None:
        if self.is_empty():
            raise BackupError(f"{self.path} 还没有数据。 / There is no data yet.")
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(copy)) as sink:
            source.backup(sink)
            sink.execute("PRAGMA journal_mode=DELETE")  # one file, whole in itself

    def is_empty(self) -> bool:
        return not self.path.exists() or self.path.stat().st_size == 0

    def clear(self) -> None:
        for ending in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)

    def prove(self, copy: Path) -> None:
        """BackupError when a copy that was just made is damaged, as its original then is."""
        with closing(sqlite3.connect(copy)) as database:
            try:
                found = database.execute("PRAGMA quick_check").fetchone()
            except sqlite3.DatabaseError as error:
                found = (str(error),)
        if found != ("ok",):
            raise BackupError(f"数据库已损坏，没有备份，旧备份原样保留：{found[0]} / The database is damaged: nothing was backed up, and an "
                              "older backup stays as it was.")

    def refuse_when_in_use(self) -> None:
        """Only the last connection may leave the write-ahead log, so an idle server shows too."""
        if self.is_empty():
            return
        with closing(sqlite3.connect(self.path, timeout=1)) as database:
            try:
                database.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.OperationalError as error:
                raise BackupError(IN_USE) from error
            except sqlite3.DatabaseError:
                return  # a damaged file is what a restore is for

    def load(self, copy: Path) -> None:
        """Takes the place of the database once the copy has proved whole."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(f"{self.path.name}.restoring")
        try:
            shutil.copy(copy, part)
            with closing(sqlite3.connect(part)) as database:
                found = database.execute("PRAGMA quick_check").fetchone()
            if found != ("ok",):
                raise BackupError(str(found))
            for leftover in ("-wal", "-shm"):
                self.path.with_name(self.path.name + leftover).unlink(missing_ok=True)
            part.replace(self.path)
        except sqlite3.DatabaseError as error:
            raise BackupError(str(error)) from error
        finally:
            part.unlink(missing_ok=True)


class Server:
    """PostgreSQL: a database of a server, through PostgreSQL's own tools."""

    kind, file = "PostgreSQL", "gewu.dump"

    def __init__(self, url: URL) -> None:
        self.url = url

    def dump(self, copy: Path) -> None:
        self._run("pg_dump", "--format=custom", f"--file={copy}", self._address(), "--no-password")

    def is_empty(self) -> bool:
        return not self._tables()

    def clear(self) -> None:
        with create_engine(self.url, poolclass=NullPool).begin() as connection:
            for name in self._tables():
                connection.execute(text(f'DROP TABLE "{name}" CASCADE'))

    def prove(self, copy: Path) -> None:
        """BackupError when PostgreSQL cannot read its own dump."""
        self._run("pg_restore", "--list", f"--file={os.devnull}", str(copy))

    def refuse_when_in_use(self) -> None:
        """Asks a few times: a connection that was just closed may still be listed."""
        engine = create_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for _try in range(10):
                if not connection.scalar(OTHERS):
                    return
                time.sleep(0.2)
        raise BackupError(IN_USE)

    def load(self, copy: Path) -> None:
        """All or nothing: the old tables go and the new ones come in one transaction."""
        script, drop = copy.with_suffix(".sql"), copy.with_suffix(".drop.sql")
        self._run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(copy))
        drop.write_text("".join(f'DROP TABLE "{name}" CASCADE;\n' for name in self._tables()), encoding="utf-8")
        self._run("psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
                  f"--output={os.devnull}", f"--file={drop}", f"--file={script}", self._address(), "--no-password")

    def _tables(self) -> list[str]:
        return inspect(create_engine(self.url, poolclass=NullPool)).get_table_names()

    def _address(self) -> str:
        """The database in the words of PostgreSQL's tools, without the password: anybody may list processes."""
        url = self.url
        plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
        return f"--dbname={plain.render_as_string()}"

    def _run(self, tool: str, *words: str) -> None:
        found = shutil.which(tool)
        if found is None:
            raise BackupError(f"找不到 {tool}：请安装 PostgreSQL 客户端。 / {tool} is missing: install "
                              "PostgreSQL's client.")
        environment = {**os.environ, "PGPASSWORD": str(self.url.password)} if self.url.password else None
        done = subprocess.run([found, *words], capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            raise BackupError(done.stderr.strip())


def database_of(address: str) -> Embedded | Server:
    url = make_url(address)
    return Embedded(url) if url.get_backend_name() == "sqlite" else Server(url)
