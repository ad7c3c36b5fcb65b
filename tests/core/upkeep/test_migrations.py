"""The schema goes up and down on both databases, and is what the records say."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Column, String, inspect

from app import create_app
from app.commands import main
from app.core.base.scope import system
from app.core.upkeep import schema
from app.core.upkeep.backup import restore
from app.db import db
from app.subsystems.people.residents import Resident
from config import Settings
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
        schema.downgrade("base", drop=True)
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


OLD = Path(__file__).parents[2] / "data"


@pytest.mark.parametrize("archive", sorted(OLD.glob("*.zip")), ids=lambda path: path.stem)
def test_a_data_folder_of_an_earlier_release_is_opened_by_the_newest(tmp_path: Path, archive: Path) -> None:
    """Each release leaves a small installation here (`run.py backup`); none is ever made anew."""
    settings = Settings(tmp_path / "data")
    restore(settings, archive)
    assert main(["migrate", "--data", str(settings.data_dir)]) == 0
    assert main(["check", "--data", str(settings.data_dir)]) == 0
    with create_app(settings).app_context(), system("look"):
        assert schema.migration_state()["current"]
        people = db.session.scalars(db.select(Resident)).all()
        assert people and all(len(person.id_number or "") == 18 for person in people)
        db.session.remove()
        db.engine.dispose()


def test_a_database_of_another_program_under_the_same_revision_is_refused_as_it_is(tmp_path: Path, capsys: Any) -> None:
    """A revision that was numbered anew: every id agrees, the columns do not."""
    restore(Settings(tmp_path / "data"), sorted(OLD.glob("*.zip"))[-1])
    words, file = ["--data", str(tmp_path / "data")], tmp_path / "data" / "gewu.db"
    assert main(["migrate", *words]) == 0
    with closing(sqlite3.connect(file)) as database:
        database.execute("ALTER TABLE hidden_rows RENAME COLUMN at TO since")
        database.commit()
    for command_ in (["migrate"], ["check"], ["user", "list"], ["serve", "--no-demo", "--port", "0"]):
        capsys.readouterr()
        assert main([*command_, *words]) == 2, command_
        assert "hidden_rows.at" in capsys.readouterr().err
    with closing(sqlite3.connect(file)) as database:
        assert "since" in str(database.execute("SELECT sql FROM sqlite_master WHERE name='hidden_rows'").fetchone())


def test_going_back_asks_before_it_drops_data_and_takes_histories_along(tmp_path: Path, capsys: Any) -> None:
    restore(Settings(tmp_path / "data"), sorted(OLD.glob("*.zip"))[-1])
    words, file = ["--data", str(tmp_path / "data")], tmp_path / "data" / "gewu.db"
    assert main(["migrate", *words]) == 0
    with closing(sqlite3.connect(file)) as database:
        before = database.execute("SELECT count(*) FROM history WHERE record = 'dictionary_entry'").fetchone()
        assert before[0] and not database.execute("SELECT count(*) FROM import_batch").fetchone()[0]
    capsys.readouterr()
    assert main(["migrate", "0001", *words]) == 2 and "会删除数据" in capsys.readouterr().err
    assert main(["check", *words]) == 0
    assert main(["migrate", "0001", "--drop", *words]) == 0
    assert main(["migrate", *words]) == 0
    assert main(["check", *words]) == 0


def test_the_name_of_a_new_migration_is_its_own() -> None:
    revisions = [script.revision for script in ScriptDirectory(str(schema.FOLDER)).walk_revisions()]
    assert len(set(revisions)) == len(revisions)
    assert all("_" in revision for revision in revisions if revision[:4] > "0020")
