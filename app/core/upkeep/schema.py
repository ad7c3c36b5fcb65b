"""The database's schema: migrations up and down, and whether it is current."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import NullPool, create_engine, inspect, text

from app.core.asking.search import statements
from app.core.base.registry import records
from app.core.base.scope import CHECKED
from app.db import db

FOLDER = Path(__file__).parents[3] / "migrations"


def config() -> Config:
    found = Config()
    found.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    found.attributes["url"] = current_app.config["SQLALCHEMY_DATABASE_URI"]
    return found


def upgrade(revision: str = "head") -> None:
    """Brings the schema up to a revision; at the head, tables of new subsystems are made too."""
    command.upgrade(config(), revision)
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
        made = command.revision(fresh, words, autogenerate=True, rev_id=f"{int(last[:4]) + 1:04d}",
                                process_revision_directives=changes_only)
    return Path(made.path) if made else None  # type: ignore[union-attr]


def downgrade(revision: str) -> None:
    command.downgrade(config(), revision)


def migration_state() -> dict[str, Any]:
    """The database's revision, the program's, and whether they agree."""
    with db.engine.connect() as connection:
        have = MigrationContext.configure(connection).get_current_revision()
    return {"database": have, "program": newest(), "current": have == newest()}


def newest() -> str | None:
    """The revision of this program."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def revision_of(url: str) -> str | None:
    """The revision of a database that is not the one in use."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
