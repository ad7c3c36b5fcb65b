"""A database that is half moved: what is done, what stands aside until the end, and that nobody serves it."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from sqlalchemy import (
    Connection,
    NullPool,
    String,
    Table,
    Text,
    column,
    create_engine,
    delete,
    event,
    inspect,
    select,
    table,
    text,
)

from app.core.upkeep.copies import database_of
from app.db import db
from config import Refusal

STATE = table("moving", column("kind", String), column("name", String), column("words", Text))
LEFT = "搬迁尚未完成：请再运行一次同样的 run.py move。 / The move into this database is not finished: run the same `run.py move` again."
FOREIGN_KEYS = text("SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
                    "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace")
SEQUENCES = text("SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace")


def refuse_half(engine: Any) -> None:
    """Refusal where a move into a database was broken off."""
    if inspect(engine).has_table(STATE.name):
        raise Refusal(LEFT)


def _without_foreign_keys(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys=OFF")


class Half:
    """The new database while rows come in; its state is a table, so that whoever finds it knows.

    Foreign keys stand aside until all rows are there: tables point at each other, and at themselves.
    """

    def __init__(self, url: str) -> None:
        self.engine = create_engine(url, poolclass=NullPool)
        self.postgres = self.engine.dialect.name == "postgresql"
        if not self.postgres:
            event.listen(self.engine, "connect", _without_foreign_keys)

    def __enter__(self) -> Half:
        """Takes an empty database, or one a move of ours has begun to fill."""
        empty = database_of(self.engine.url.render_as_string(hide_password=False)).is_empty()
        if not inspect(self.engine).has_table(STATE.name):
            if not empty:
                raise Refusal("新数据库里已有数据：请给一个空库。 / The new database has data in it: give an empty one.")
            with self.engine.begin() as connection:
                connection.execute(text(f"CREATE TABLE {STATE.name} (kind TEXT, name TEXT, words TEXT)"))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.engine.dispose()

    @property
    def begins(self) -> bool:
        """Whether the schema is still to be made."""
        with self.engine.connect() as connection:
            return self._known(connection, "opened", "") is None

    def open_up(self) -> None:
        """Sets the foreign keys aside, and empties what the migrations filled."""
        with self.engine.begin() as connection:
            for place, name, words in connection.execute(FOREIGN_KEYS).all() if self.postgres else ():
                self._keep(connection, "key", name, f'ALTER TABLE {place} ADD CONSTRAINT "{name}" {words}')
                connection.execute(text(f'ALTER TABLE {place} DROP CONSTRAINT "{name}"'))
            for known in reversed(db.Model.metadata.sorted_tables):
                connection.execute(delete(known))
            self._keep(connection, "opened", "", "yes")

    def last(self, connection: Connection, place: Table) -> Any:
        """The key of the last row of a table that is in; None before the first."""
        found = self._known(connection, "table", place.name)
        [key] = place.primary_key.columns
        return None if found is None else key.type.python_type(found)

    def note(self, connection: Connection, place: Table, last: Any) -> None:
        self._drop(connection, "table", place.name)
        self._keep(connection, "table", place.name, str(last))

    def forget(self, connection: Connection, place: Table) -> None:
        """Takes the rows of a table out again."""
        connection.execute(delete(place))
        self._drop(connection, "table", place.name)
        connection.commit()

    def close(self) -> None:
        """Everything is in: foreign keys hold again, numbers go on behind the last, and the database may be served."""
        with self.engine.begin() as connection:
            for words in connection.scalars(select(STATE.c.words).where(STATE.c.kind == "key")).all():
                connection.execute(text(words))
            if self.postgres:
                self._set_sequences(connection)
            elif connection.execute(text("PRAGMA foreign_key_check")).first():
                raise Refusal("新数据库里有指向不存在记录的行：请先在旧系统运行 run.py check。 / Rows point to what is not there: run "
                              "`run.py check` on the old installation first.")
            connection.execute(text(f"DROP TABLE {STATE.name}"))

    def _set_sequences(self, connection: Connection) -> None:
        there = set(connection.scalars(SEQUENCES))
        for known in db.Model.metadata.sorted_tables:
            if f"{known.name}_id_seq" in there:
                connection.execute(text(f"SELECT setval('{known.name}_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM "
                                        f"{known.name}), false)"))

    def _known(self, connection: Connection, kind: str, name: str) -> str | None:
        return connection.scalar(select(STATE.c.words).where(STATE.c.kind == kind, STATE.c.name == name))

    def _keep(self, connection: Connection, kind: str, name: str, words: str) -> None:
        connection.execute(STATE.insert().values(kind=kind, name=name, words=words))

    def _drop(self, connection: Connection, kind: str, name: str) -> None:
        connection.execute(delete(STATE).where(STATE.c.kind == kind, STATE.c.name == name))
