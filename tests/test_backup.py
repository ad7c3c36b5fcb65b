"""Backup while in use, restore onto a clean folder, and commands that answer a wrong word with a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import create_app
from app.core import schema
from app.core.backup import BackupError, backup, restore
from app.core.scope import system
from app.db import db
from app.subsystems.grids import Grid
from app.subsystems.residents import Resident
from config import Settings
from tests.conftest import STREET, add_family

ROOT = Path(__file__).parents[1]


def test_what_was_backed_up_comes_back_readable(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path / "one"))
    with app.app_context(), system("backup test"):
        schema.upgrade()
        db.session.add(Grid(code=STREET, name="红卫街道"))
        db.session.flush()
        number = add_family(STREET, 1).id_number
        db.session.commit()
        backup(app, tmp_path / "backup.zip")
        db.session.remove()
        db.engine.dispose()
    settings = Settings(data_dir=tmp_path / "two")
    restore(settings, tmp_path / "backup.zip")
    with create_app(settings).app_context(), system("restored"):
        assert db.session.scalars(db.select(Resident.id_number)).all() == [number]
        db.session.remove()
        db.engine.dispose()


def test_existing_data_and_rubbish_are_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "rubbish.zip").write_bytes(b"no archive")
    with pytest.raises(BackupError):
        restore(Settings(data_dir=tmp_path / "data"), tmp_path / "rubbish.zip")


@pytest.mark.parametrize("words", [["improt"], ["import"], ["serve", "--port", "x"], ["user", "sing"]])
def test_a_wrong_word_is_a_sentence_and_exit_code_2(words: list[str]) -> None:
    done = subprocess.run([sys.executable, "run.py", *words], cwd=ROOT, capture_output=True, text=True, check=False,
                          env={**os.environ, "GEWU_SKIP_BOOTSTRAP": "1", "PYTHONUTF8": "1"})
    assert done.returncode == 2 and done.stderr.strip() and "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["serve", "demo", "import", "export", "user", "migrate", "backup", "restore",
                                     "check", "bench", "test"])
def test_every_command_explains_itself(command: str) -> None:
    done = subprocess.run([sys.executable, "run.py", command, "--help"], cwd=ROOT, capture_output=True, text=True,
                          check=False, env={**os.environ, "GEWU_SKIP_BOOTSTRAP": "1", "PYTHONUTF8": "1"})
    assert done.returncode == 0 and command in done.stdout


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_locks_pin_hashes_and_name_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "--hash=sha256:" in text and "http" not in text
