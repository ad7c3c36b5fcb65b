"""Runs the migrations of an installation, on SQLite or PostgreSQL."""

from alembic import context
from sqlalchemy import create_engine

from app.core import assembly
from app.core.upkeep import installation  # noqa: F401 - its table belongs to the schema
from app.db import db

assembly.discover()
url = context.config.attributes["url"]


def is_ours(thing: object, name: str, type_: str, reflected: bool, compare_to: object) -> bool:
    """Search tables of SQLite are made by hand, and are no records; a new migration may leave new tables out."""
    if type_ == "table" and compare_to is None and not reflected and context.config.attributes.get("known_tables_only"):
        return False
    return "_fts" not in (name or "") and not (name or "").endswith("_search")


engine = create_engine(url)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=db.Model.metadata, transactional_ddl=True,
                      render_as_batch=True, compare_type=True, include_object=is_ours)
    with context.begin_transaction():  # all of it, or nothing
        context.run_migrations()
        context.config.attributes.get("after", lambda connection: None)(connection)
engine.dispose()
