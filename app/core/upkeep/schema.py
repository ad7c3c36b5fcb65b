"""The database's schema: migrations up and down, and whether it is current."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import NullPool, bindparam, create_engine, inspect, text

from app.core.asking.search import statements
from app.core.base.registry import records
from app.core.base.scope import CHECKED
from app.db import db
from config import Refusal

FOLDER = Path(__file__).parents[3] / "migrations"


def config() -> Config:
    found = Config()
    found.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    found.attributes["url"] = current_app.config["SQLALCHEMY_DATABASE_URI"]
    return found


def upgrade(revision: str = "head") -> None:
    """Brings the schema up to a revision, or leaves it; at the head, tables of new subsystems are made too."""
    found = config()
    if revision == "head":
        found.attributes["after"] = refuse_disagreement
    command.upgrade(found, revision)
    if revision == "head":
        add_new_tables()


def add_new_tables() -> None:
    """Makes the tables no migration knows yet, so that a new subsystem is one file and nothing else."""
    searched = {record.__tablename__ for record in records()}
    with db.engine.begin() as connection:
        known = set(inspect(connection).get_table_names())
        for table in db.Model.metadata.sorted_tables:
            if table.name in known:
                continue
            table.create(connection)
            for statement in statements(table.name, connection.dialect.name) if table.name in searched else ():
                connection.execute(text(statement).execution_options(**CHECKED))


def make(words: str) -> Path | None:
    """Writes the migration from the last one to what the records say now; None when nothing changed.

    The records are compared with a new database, so no state of an installation gets into it. Tables no
    migration knows are left out: they are made when they are missing.
    """
    def changes_only(context: Any, revision: Any, directives: Any) -> None:
        if directives[0].upgrade_ops.is_empty():
            directives[:] = []

    with TemporaryDirectory() as folder:
        fresh = config()
        fresh.attributes.update(url=f"sqlite:///{Path(folder) / 'fresh.db'}", known_tables_only=True)
        command.upgrade(fresh, "head")
        last = ScriptDirectory.from_config(fresh).get_current_head() or "0"
        made = command.revision(fresh, words, autogenerate=True, rev_id=f"{int(last[:4]) + 1:04d}_{_slug(words)}",
                                process_revision_directives=changes_only)
    return Path(made.path) if made else None  # type: ignore[union-attr]


def _slug(words: str) -> str:
    """What makes the id of a migration its own: two that were numbered alike are never taken for each other."""
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:24] or "changed"


def columns(connection: Any) -> dict[str, set[str]]:
    """The tables of a database with their columns; SQLite's search tables are no part of the schema."""
    look = inspect(connection)
    return {name: {column["name"] for column in look.get_columns(name)} for name in look.get_table_names()
            if "_fts" not in name and not name.endswith("_search")}


def disagreement(connection: Any) -> list[str]:
    """Columns the records have and the database lacks, or the other way round; a table that is missing is made."""
    there, found = columns(connection), []
    for table in db.Model.metadata.sorted_tables:
        have, want = there.get(table.name), {column.name for column in table.columns}
        found += sorted(f"{table.name}.{name}" for name in want ^ have) if have is not None else []
    return found


def refuse_disagreement(connection: Any) -> None:
    """Refusal where the database is not what the records say, whatever its revision is called."""
    wrong = disagreement(connection)
    if wrong:
        raise Refusal(f"数据库结构与程序不一致（{'、'.join(wrong[:5])} 等 {len(wrong)} 处），没有改动：请用原来版本的程序，或从备份恢复。 / The "
                      f"database does not agree with the program in {len(wrong)} columns; nothing was changed: run the version "
                      "of the program that made it, or restore a backup.")


class Tried(Exception):
    """A downgrade was only tried; what the schema would be."""


def downgrade(revision: str, drop: bool = False) -> None:
    """Back to an older schema. Refusal where data would be dropped and nobody said so; histories go with their records."""
    tables, lost = _lost(revision)
    if lost and not drop:
        raise Refusal(f"退回 {revision} 会删除数据（{'、'.join(lost[:8])}）：请先备份；确要删除请加 --drop。 / Going back to {revision} "
                      "drops data: make a backup first, and add --drop if it may go.")

    def forget_histories(connection: Any) -> None:
        if tables and inspect(connection).has_table("history"):
            connection.execute(text("DELETE FROM history WHERE record IN :names").bindparams(
                bindparam("names", expanding=True)), {"names": tables})

    found = config()
    found.attributes["after"] = forget_histories
    command.downgrade(found, revision)


def _lost(revision: str) -> tuple[list[str], list[str]]:
    """The tables a downgrade would drop, and what of it has data; found by trying, which leaves nothing."""
    def only_tried(connection: Any) -> None:
        raise Tried(columns(connection))

    found = config()
    found.attributes["after"] = only_tried
    try:
        command.downgrade(found, revision)
        return [], []
    except Tried as tried:
        after: dict[str, set[str]] = tried.args[0]
    with db.engine.connect() as connection:
        before = columns(connection)
        tables = sorted(name for name in before if name not in after and name != "alembic_version")
        gone = [(name, None) for name in tables] + [
            (name, column) for name in sorted(after) for column in sorted(before.get(name, set()) - after[name])]
        quote = connection.dialect.identifier_preparer.quote
        return tables, [name + (f".{column}" if column else "") for name, column in gone if connection.execute(text(
            f"SELECT 1 FROM {quote(name)}" + (f" WHERE {quote(column)} IS NOT NULL" if column else "") + " LIMIT 1"
        ).execution_options(**CHECKED)).first()]


def is_older(revision: str) -> bool:
    """Whether a revision comes before that of the database."""
    scripts, now = ScriptDirectory(str(FOLDER)), migration_state()["database"]
    if revision == "base":
        return True
    wanted = scripts.get_revision(revision)
    return wanted is not None and now is not None and wanted.revision != now and wanted.revision in {
        script.revision for script in scripts.iterate_revisions(now, "base")}


def migration_state() -> dict[str, Any]:
    """The database's revision, the program's, and whether they agree."""
    with db.engine.connect() as connection:
        have = MigrationContext.configure(connection).get_current_revision()
    return {"database": have, "program": newest(), "current": have == newest()}


@cache
def newest() -> str | None:
    """The revision of this program; read once, for whoever asks after its health every second."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def revision_of(url: str) -> str | None:
    """The revision of a database that is not the one in use."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
