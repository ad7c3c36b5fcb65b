"""An installation from SQLite to PostgreSQL, or back: every row, file and key, compared at the end.

The old installation is only read. A move that was broken off goes on where it stood: what is done lies in the
new database itself, in a table that only a half-moved one has, and by which every start refuses it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    MetaData,
    NullPool,
    Table,
    create_engine,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import DataError
from sqlalchemy.types import TypeDecorator

from app.core.upkeep import schema
from app.core.upkeep.backup import kept_files
from app.core.upkeep.copies import database_of
from app.core.upkeep.halves import STATE, Half
from app.core.upkeep.installation import one_start, only_server
from app.db import db
from config import Refusal, Settings

CHUNK = 2_000
SHADOWS = ("_fts", "_fts_data", "_fts_idx", "_fts_docsize", "_fts_config", "_fts_content")  # of SQLite's search index
OWN = {"alembic_version", "sqlite_sequence", "sqlite_stat1", "sqlite_stat4", STATE.name}
Say = Callable[[str], None]


def move(source: Settings, target: Settings, make: Callable[[], None], say: Say) -> None:
    """Carries everything; ``make`` brings the new database's schema up, ``say`` hears a line for each table.

    Refusal, with the remedy, when the new place is taken, the old one is in use or has another schema, or what
    arrived is not what left; the new installation cannot be served until the last comparison has held.
    """
    _refuse_unfit(source, target)
    _copy_files(source, target, say)
    with only_server(source), one_start(target), Half(target.url) as half:
        if half.begins:
            make()
            half.open_up()
        Rows(source.url, half, say).carry()
        database_of(source.url).refuse_when_in_use()
        half.close()


def _refuse_unfit(source: Settings, target: Settings) -> None:
    if source.url == target.url or source.data_dir == target.data_dir:
        raise Refusal("新旧不能是同一处：请用 --into 另指定一个目录。 / The new place is the old one: name another folder with --into.")
    if target.data_dir.resolve().is_relative_to(source.data_dir.resolve()):
        raise Refusal("新目录不能放在旧数据目录里。 / The new folder does not belong inside the old one.")
    old = database_of(source.url)
    if old.is_empty():
        raise Refusal("这里还没有数据可搬。 / There is no data here to move.")
    old.refuse_when_in_use()
    found = schema.revision_of(source.url)
    if found != schema.newest():
        raise Refusal("请先用 run.py migrate 升级旧数据库，再搬迁。 / Bring the old database up with `run.py migrate` first, then move.")
    _refuse_strays(source.url)


def _refuse_strays(url: str) -> None:
    """Tables the program does not know would be left behind: they are named instead."""
    names = inspect(create_engine(url, poolclass=NullPool)).get_table_names()
    strays = sorted(name for name in names if name not in db.Model.metadata.tables and name not in OWN
                    and not name.endswith(SHADOWS))
    if strays:
        raise Refusal(f"旧数据库里有本程序不认识的表：{'、'.join(strays)}。请先处理。 / The old database has tables this program "
                      f"does not know: {', '.join(strays)}. See to them first.")


def _copy_files(source: Settings, target: Settings, say: Say) -> None:
    """Keys first: the new installation must never make its own. What is there already and the same is not copied again."""
    paths = kept_files(source.data_dir)
    for path in paths:
        there = target.data_dir / path.relative_to(source.data_dir)
        if there.exists() and _digest(there) == _digest(path):
            continue
        _make_folder(there.parent, target.data_dir)
        part = there.with_name(f".{there.name}.moving")
        with path.open("rb") as file, os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as copy:
            shutil.copyfileobj(file, copy)
        if _digest(part) != _digest(path):
            raise Refusal(f"{path} 复制后内容不一致，请检查磁盘。 / {path} arrived changed: look after the disk.")
        part.replace(there)
    say(f"文件 / files: {len(paths)}")


def _make_folder(folder: Path, top: Path) -> None:
    """A folder and those above it, up to the data folder: their user's alone."""
    if not folder.exists():
        if folder != top:
            _make_folder(folder.parent, top)
        folder.mkdir(mode=0o700, parents=folder == top)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Rows:
    """The rows of all tables on their way; values as they are stored: what is encrypted stays as it is."""

    def __init__(self, source: str, half: Half, say: Say) -> None:
        self.source, self.half, self.say = create_engine(source, poolclass=NullPool), half, say
        plain = MetaData()
        self.tables = [_plain(table, plain) for table in db.Model.metadata.sorted_tables]

    def carry(self) -> None:
        """Copies and compares table by table; one that was changed while the move lay still is copied anew, once."""
        with self.source.connect() as old, self.half.engine.connect() as new:
            for table in self.tables:
                self._copy(table, old, new)
                if self._differs(table, old, new):
                    self.half.forget(new, table)
                    self._copy(table, old, new)
                    self._refuse_difference(table, old, new)
                self.say(f"{table.name}: {self._count(table, new)}")

    def _copy(self, table: Table, old: Connection, new: Connection) -> None:
        for rows in self._batches(table, old, self.half.last(new, table)):
            try:
                new.execute(insert(table), rows)
            except DataError as error:
                new.rollback()
                raise Refusal(f"{table.name}：有内容放不进新数据库（{error.orig}）。请在旧系统里改正后再搬。 / Something does not fit into "
                              "the new database: correct it in the old one, then move again.") from error
            self.half.note(new, table, rows[-1][_key(table).name])
            new.commit()

    def _batches(self, table: Table, old: Connection, last: Any) -> Iterator[list[dict[str, Any]]]:
        key = _key(table)
        while True:
            asked = select(table).order_by(key).limit(CHUNK)
            rows = old.execute(asked if last is None else asked.where(key > last)).mappings().all()
            if not rows:
                return
            yield [dict(row) for row in rows]
            last = rows[-1][key.name]

    def _differs(self, table: Table, old: Connection, new: Connection) -> bool:
        return self._count(table, old) != self._count(table, new) or self._hash(table, old) != self._hash(table, new)

    def _refuse_difference(self, table: Table, old: Connection, new: Connection) -> None:
        if self._differs(table, old, new):
            raise Refusal(f"{table.name}：新旧内容不一致，旧系统是否仍在使用？请停用后重来。 / What arrived is not what left: is the old "
                          "installation still in use? Stop it and run the move again.")

    def _count(self, table: Table, connection: Connection) -> int:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)

    def _hash(self, table: Table, connection: Connection) -> int:
        """The rows' own hashes added up: the order in which a database gives them does not matter."""
        found = 0
        for rows in self._batches(table, connection, None):
            for row in rows:
                words = "\x1f".join(_told(row[column.name]) for column in table.columns)
                found += int.from_bytes(hashlib.sha256(words.encode()).digest(), "big")
        return found


def _key(table: Table) -> Column[Any]:
    [key] = table.primary_key.columns  # no table of ours has a key of several columns
    return key


def _plain(table: Table, metadata: MetaData) -> Table:
    """A table's twin whose columns give what is stored: no decrypting, no splitting of lists."""
    return Table(table.name, metadata, *(Column(column.name, _stored_type(column.type), primary_key=column.primary_key)
                                         for column in table.columns))


def _stored_type(kind: Any) -> Any:
    if isinstance(kind, TypeDecorator):
        return kind.impl_instance
    return JSON(none_as_null=True) if isinstance(kind, JSON) else kind


def _told(value: Any) -> str:
    """A value in words that both databases give alike."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def words_of_end(target: Settings) -> str:
    """What whoever moved does next."""
    address = "" if target.url.startswith("sqlite") else " --database-url …"
    return (f"搬迁完成，逐表核对一致。旧系统原样未动；用新系统：run.py serve --data {target.data_dir}{address} / Moved; every table "
            "compared. The old installation is untouched.")
