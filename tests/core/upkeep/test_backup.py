"""Backup while in use, and restore: everything comes back, and what stands there is not lost on the way."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from app import create_app
from app.core.base.scope import system
from app.core.upkeep import schema
from app.core.upkeep.backup import BackupError, backup, restore
from app.db import db
from app.subsystems.grids.grids import Grid
from app.subsystems.people.residents import Resident
from config import Settings
from tests.databases import databases, drop_postgres, postgres_url
from tests.street import STREET, add_family


@pytest.fixture(params=databases())
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[str]]:
    """The addresses of two empty databases of one kind; an empty address is the embedded one."""
    if request.param == "sqlite":
        yield ["", ""]
        return
    found = [postgres_url(), postgres_url()]
    yield found
    for url in found:
        drop_postgres(url)


def fill(settings: Settings, archive: Path | None = None) -> str:
    """Makes an installation with one family and, if asked, its backup; the head's ID number."""
    app = create_app(settings)
    with app.app_context(), system("backup test"):
        schema.upgrade()
        db.session.add(Grid(code=STREET, name="红卫街道"))
        db.session.flush()
        number = add_family(STREET, 1).id_number
        db.session.commit()
        if archive:
            backup(app, archive)
        db.session.remove()
        db.engine.dispose()
    return str(number)


def numbers(settings: Settings) -> list[str]:
    """The ID numbers an installation can read."""
    with create_app(settings).app_context(), system("restored"):
        found = list(db.session.scalars(db.select(Resident.id_number)))
        db.session.remove()
        db.engine.dispose()
    return found


def keys_of(settings: Settings) -> str:
    return hashlib.sha256((settings.keys_dir / "data.json").read_bytes()).hexdigest()


def test_what_was_backed_up_comes_back_readable(tmp_path: Path, urls: list[str]) -> None:
    number = fill(Settings(tmp_path / "one", urls[0]), tmp_path / "backup.zip")
    settings = Settings(tmp_path / "two", urls[1])
    restore(settings, tmp_path / "backup.zip")
    assert numbers(settings) == [number]
    assert all(path.stat().st_mode & 0o077 == 0 for path in settings.keys_dir.iterdir())


def test_a_backup_is_readable_by_its_owner_only_and_holds_no_other_files(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "one")
    settings.data_dir.mkdir()
    (settings.data_dir / "an old backup.zip").write_bytes(b"everything, once more")
    fill(settings, tmp_path / "backup.zip")
    assert (tmp_path / "backup.zip").stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert set(archive.namelist()) == {"gewu.db", "data/keys/data.json", "data/keys/secret.key"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.zip", "one"]


def test_a_backup_cannot_hold_itself(tmp_path: Path, monkeypatch: Any) -> None:
    settings = Settings(tmp_path / "one")
    with pytest.raises(BackupError):
        fill(settings, settings.data_dir / "backup.zip")
    monkeypatch.chdir(settings.data_dir)
    with create_app(settings).app_context() as context, pytest.raises(BackupError):
        backup(context.app, Path("backup.zip"))


@pytest.mark.skipif("postgresql" not in databases(), reason="this run does not ask for PostgreSQL")
def test_the_password_of_the_database_is_on_no_command_line(tmp_path: Path, monkeypatch: Any) -> None:
    url = postgres_url()
    seen: list[list[str]] = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda words, **rest: seen.append(words) or run(words, **rest))
    settings = Settings(tmp_path / "one", url.replace("postgres@", "postgres:gehei%6d@"))
    number = fill(settings, tmp_path / "backup.zip")
    restore(settings, tmp_path / "backup.zip", force=True)
    assert numbers(settings) == [number]
    assert len(seen) == 4 and "gehei" not in str(seen)
    drop_postgres(url)


def test_rubbish_is_refused(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "data")
    (tmp_path / "rubbish.zip").write_bytes(b"no archive")
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("one.jpg", b"")
    with zipfile.ZipFile(tmp_path / "no keys.zip", "w") as archive:
        archive.writestr("gewu.db", b"")
    for name in ("rubbish.zip", "photos.zip", "no keys.zip", "absent.zip"):
        with pytest.raises(BackupError):
            restore(settings, tmp_path / name)
    assert not settings.data_dir.exists()


def test_an_archive_of_the_other_kind_of_database_is_refused(tmp_path: Path, urls: list[str]) -> None:
    fill(Settings(tmp_path / "one", urls[0]), tmp_path / "backup.zip")
    other = "" if urls[0] else "postgresql+psycopg://postgres@127.0.0.1:5432/absent"
    with pytest.raises(BackupError, match="SQLite.*PostgreSQL|PostgreSQL.*SQLite"):
        restore(Settings(tmp_path / "two", other), tmp_path / "backup.zip")
    assert not (tmp_path / "two").exists()


def test_an_embedded_database_elsewhere_is_restored_there(tmp_path: Path) -> None:
    number = fill(Settings(tmp_path / "one"), tmp_path / "backup.zip")
    settings = Settings(tmp_path / "two", f"sqlite:///{tmp_path / 'elsewhere' / 'other.db'}")
    restore(settings, tmp_path / "backup.zip")
    assert numbers(settings) == [number] and not (settings.data_dir / "gewu.db").exists()


def test_a_filled_database_is_written_over_only_when_asked_to(tmp_path: Path, urls: list[str]) -> None:
    url = urls[0] or f"sqlite:///{tmp_path / 'kept.db'}"
    number = fill(Settings(tmp_path / "one", url), tmp_path / "backup.zip")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE made_later (id integer)"))
    engine.dispose()
    fresh = Settings(tmp_path / "two", url)
    with pytest.raises(BackupError, match="--force"):
        restore(fresh, tmp_path / "backup.zip")
    assert not fresh.data_dir.exists()
    restore(fresh, tmp_path / "backup.zip", force=True)
    assert numbers(fresh) == [number]
    with create_engine(url).connect() as connection:
        assert not connection.dialect.has_table(connection, "made_later")
        connection.engine.dispose()


def test_a_restore_that_fails_leaves_keys_and_data_as_they_were(tmp_path: Path, urls: list[str]) -> None:
    fill(Settings(tmp_path / "one", urls[0]), tmp_path / "good.zip")
    settings = Settings(tmp_path / "two", urls[1])
    number, keys = fill(settings), keys_of(settings)
    with zipfile.ZipFile(tmp_path / "good.zip") as good, zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
        for name in good.namelist():
            content = good.read(name)
            bad.writestr(name, content if name.startswith("data/") else content[:len(content) // 2])
    with pytest.raises(BackupError):
        restore(settings, tmp_path / "bad.zip", force=True)
    assert keys_of(settings) == keys and numbers(settings) == [number]


def test_a_database_in_use_is_not_restored(tmp_path: Path, urls: list[str]) -> None:
    settings = Settings(tmp_path / "one", urls[0])
    fill(settings, tmp_path / "backup.zip")
    engine = create_engine(settings.url)
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM alembic_version"))
        connection.rollback()
        with pytest.raises(BackupError, match="stop"):
            restore(settings, tmp_path / "backup.zip", force=True)
    engine.dispose()
    restore(settings, tmp_path / "backup.zip", force=True)


def test_what_an_installation_has_of_its_own_goes_with_a_restore(tmp_path: Path) -> None:
    (tmp_path / "one" / "files" / "ab").mkdir(parents=True)
    (tmp_path / "one" / "files" / "ab" / "photo").write_bytes(b"a photo")
    fill(Settings(tmp_path / "one"), tmp_path / "backup.zip")
    settings = Settings(tmp_path / "two")
    settings.data_dir.mkdir()
    (settings.data_dir / "demo").touch()
    (settings.data_dir / "notes.txt").write_text("of the office's own", encoding="utf-8")
    restore(settings, tmp_path / "backup.zip", force=True)
    assert {path.name for path in settings.data_dir.iterdir()} == {"gewu.db", "keys", "files", "notes.txt"}
    kept = [path for name in ("keys", "files") for path in (settings.data_dir / name, *(settings.data_dir / name).rglob("*"))]
    assert len(kept) == 6 and not any(path.stat().st_mode & 0o077 for path in kept), "its user's alone, as before"
    with closing(sqlite3.connect(settings.data_dir / "gewu.db")) as database:
        assert database.execute("SELECT count(*) FROM resident").fetchone() == (1,)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_locks_pin_hashes_and_name_no_host(lock: str) -> None:
    text = (Path(__file__).parents[3] / lock).read_text(encoding="utf-8")
    assert "--hash=sha256:" in text and "http" not in text
