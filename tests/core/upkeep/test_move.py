"""An installation moved to the other database and back: all of it, compared, gone on with after a kill, the old one untouched."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import create_engine, select

from app import create_app
from app.core.base.scope import system
from app.core.upkeep import installation, schema
from app.core.upkeep.copies import BackupError
from app.core.upkeep.halves import Half
from app.core.upkeep.integrity import check
from app.core.upkeep.move import Rows, move
from app.db import db
from app.subsystems.events.events import Event
from app.subsystems.people.residents import Resident
from config import Refusal, Settings
from tests.databases import databases, drop_postgres, postgres_url, settings_of, street
from tests.street import FIRST, add_family

pytestmark = pytest.mark.skipif("postgresql" not in databases(), reason="a move needs both databases")


@pytest.fixture
def new() -> Iterator[str]:
    url = postgres_url()
    yield url
    drop_postgres(url)


@pytest.fixture
def old(tmp_path: Path) -> Settings:
    """The street with what is hard to carry: encrypted, several of a list, JSON, a file, a row that was deleted."""
    settings = street("sqlite", tmp_path / "old")
    with create_app(settings).app_context(), system("before the move"):
        person = add_family(FIRST, 21)
        person.remark = "多行\n文字 👍"
        db.session.add(Event(grid_code=FIRST, title="路灯不亮", class_code="0101", source="worker", place="1号楼", description="三天不亮"))
        db.session.flush()
        users = db.session.scalars(select(User).order_by(User.id).limit(2)).all()
        users[0].changed_by_fk = users[1].id  # an account changed by one that came later
        gone = db.session.scalars(select(Resident).order_by(Resident.id).limit(1)).one()
        gone.deleted_at = gone.changed_at
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    (settings.data_dir / "files" / "ab").mkdir(parents=True, exist_ok=True)
    (settings.data_dir / "files" / "ab" / "photo").write_bytes(b"\x00\x01 photo")
    return settings


def carried(source: Settings, target: Settings) -> list[str]:
    def make() -> None:
        with create_app(target).app_context():
            schema.upgrade()
            db.engine.dispose()

    lines: list[str] = []
    move(source, target, make, lines.append)
    return lines


def dump(settings: Settings) -> list[str]:
    """Every row of an embedded database as it is stored."""
    with closing(sqlite3.connect(settings.data_dir / "gewu.db")) as database:
        return [f"{name} {row}" for name in sorted(db.Model.metadata.tables)
                for row in sorted(database.execute(f'SELECT * FROM "{name}"'), key=repr)]


def people(settings: Settings) -> list[Any]:
    with create_app(settings).app_context(), system("look"):
        found = list(db.session.execute(select(Resident.id, Resident.id_number, Resident.remark).order_by(Resident.id)
                                        .execution_options(with_deleted=True)))
        faults = check()
        db.session.remove()
        db.engine.dispose()
    assert faults == []
    return found


def test_there_and_back_everything_is_as_it_was(old: Settings, new: str, tmp_path: Path) -> None:
    before, told = dump(old), people(old)
    there = settings_of(tmp_path / "there", new)
    lines = carried(old, there)
    assert any(line.startswith("resident: 4") for line in lines) and dump(old) == before
    assert (there.data_dir / "files" / "ab" / "photo").read_bytes() == b"\x00\x01 photo"
    assert {path.stat().st_mode & 0o077 for path in (there.data_dir / "files", *(there.data_dir / "files").rglob("*"))} == {0}
    assert people(there) == told
    with create_app(there).app_context(), system("goes on"):
        assert add_family(FIRST, 23).id == told[-1][0] + 1
        db.session.rollback()
        db.session.remove()
        db.engine.dispose()
    back = Settings(data_dir=tmp_path / "back")
    carried(there, back)
    assert dump(back) == before and people(back) == told


def test_a_move_that_was_broken_off_serves_nobody_and_goes_on(old: Settings, new: str, tmp_path: Path,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    there, copy, done = settings_of(tmp_path / "there", new), Rows._copy, []

    def dies(rows: Rows, table: Any, *connections: Any) -> None:
        copy(rows, table, *connections)
        done.append(table.name)
        if table.name == "resident":
            raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Rows, "_copy", dies)
        with pytest.raises(KeyboardInterrupt):
            carried(old, there)
    with create_app(there).app_context():
        with pytest.raises(Refusal, match="搬迁尚未完成"):
            installation.bring_up(upgrade=True)
        db.engine.dispose()
    with closing(sqlite3.connect(old.data_dir / "gewu.db")) as database:  # somebody worked on meanwhile
        database.execute("UPDATE grid SET name = '改名社区' WHERE code = ?", (FIRST,))
        database.commit()
    noted: list[str] = []
    monkeypatch.setattr(Half, "note", lambda half, connection, table, last, note=Half.note: (
        noted.append(table.name), note(half, connection, table, last)))
    carried(old, there)
    assert not set(noted) & set(done) - {"grid"}, "what was in is not copied again"
    with create_engine(new).connect() as connection:
        assert connection.exec_driver_sql(f"SELECT name FROM grid WHERE code = '{FIRST}'").scalar() == "改名社区"
        assert connection.exec_driver_sql("SELECT count(*) FROM resident").scalar() == 4


def test_what_cannot_be_moved_is_refused_with_a_sentence(old: Settings, new: str, tmp_path: Path) -> None:
    there = settings_of(tmp_path / "there", new)
    with create_engine(new).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (id INTEGER)")
    with pytest.raises(Refusal, match="已有数据"):
        carried(old, there)
    with pytest.raises(Refusal, match="同一处"):
        carried(old, old)
    with closing(sqlite3.connect(old.data_dir / "gewu.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("SELECT count(*) FROM grid").fetchone()
        with pytest.raises(BackupError, match="正在使用"):
            carried(old, there)
        database.execute("UPDATE resident SET name = ? WHERE id = 1", ("长" * 300,))
        database.execute("CREATE TABLE another (id INTEGER)")
        database.commit()
    with pytest.raises(Refusal, match="another"):
        carried(old, there)
