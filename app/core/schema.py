"""The database's schema: migrations up and down, and whether it is current."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from app.db import db

FOLDER = Path(__file__).parents[2] / "migrations"


def config() -> Config:
    found = Config()
    found.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    found.attributes["url"] = current_app.config["SQLALCHEMY_DATABASE_URI"]
    return found


def upgrade(revision: str = "head") -> None:
    """Brings the schema up to a revision; a current one is left alone."""
    command.upgrade(config(), revision)


def downgrade(revision: str) -> None:
    command.downgrade(config(), revision)


def migration_state() -> dict[str, Any]:
    """The database's revision, the program's, and whether they agree."""
    with db.engine.connect() as connection:
        have = MigrationContext.configure(connection).get_current_revision()
    want = ScriptDirectory.from_config(config()).get_current_head()
    return {"database": have, "program": want, "current": have == want}
