"""The schema goes up and down on both databases, and is what the records say."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Column, String, inspect

from app import create_app
from app.core.upkeep import schema
from app.db import db
from tests.databases import databases, drop_postgres, postgres_url, settings_of


@pytest.mark.parametrize("kind", databases())
def test_up_down_and_up_again(tmp_path: Path, kind: str) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}" if kind == "sqlite" else postgres_url()
    app = create_app(settings_of(tmp_path, url))
    with app.app_context():
        schema.upgrade()
        first = sorted(inspect(db.engine).get_table_names())
        assert schema.migration_state()["current"] and "resident" in first
        command.check(schema.config())
        schema.downgrade("base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        schema.upgrade()
        assert sorted(inspect(db.engine).get_table_names()) == first
        db.session.remove()
        db.engine.dispose()
    if kind == "postgresql":
        drop_postgres(url)


def test_a_changed_record_is_a_migration_and_an_unchanged_one_is_none(tmp_path: Path) -> None:
    app = create_app(settings_of(tmp_path, f"sqlite:///{tmp_path / 'x.db'}"))
    table = db.metadata.tables["organization"]
    with app.app_context():
        assert schema.make("nothing") is None
        column = Column("mascot", String(20))
        table.append_column(column)
        made = None
        try:
            made = schema.make("A mascot")
            assert made is not None and "add_column(sa.Column('mascot'" in made.read_text(encoding="utf-8")
        finally:
            table._columns.remove(column)
            if made:
                made.unlink()
