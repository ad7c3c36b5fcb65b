"""Backups by the clock, closed for a key that is not on the server, and the drill that shows they can be restored."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.commands.backups import Daily
from app.core.base import moments
from app.core.upkeep import regular
from config import Settings
from tests.commands import run
from tests.databases import street


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return street("sqlite", tmp_path_factory.mktemp("filled")).data_dir


def test_a_closed_backup_opens_with_its_key_alone(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, other, archive = tmp_path / "own.key", tmp_path / "other.key", tmp_path / "street.backup"
    word = run("backup", "--make-key", str(key)).stdout.splitlines()[0]
    assert word.startswith("age1") and key.stat().st_mode & 0o777 == 0o600 and word not in key.read_text()
    assert run("backup", "--make-key", str(key)).returncode == 2, "a key is never written over"
    run("backup", "--make-key", str(other))
    monkeypatch.setenv("GEWU_BACKUP_KEY", word)
    assert run("backup", str(archive), "--data", str(filled)).returncode == 0
    held = archive.read_bytes()
    assert held.startswith(b"age-encryption.org/v1") and b"gewu.db" not in held and archive.stat().st_mode & 0o777 == 0o600
    for words in ([], ["--key", str(other)], ["--key", str(tmp_path / "none")], ["--key", str(archive)]):
        refused = run("restore", str(archive), "--data", str(tmp_path / "back"), *words)
        assert refused.returncode == 2 and "密钥" in refused.stderr and not (tmp_path / "back").exists(), refused.stderr
    assert run("restore", str(archive), "--data", str(tmp_path / "back"), "--key", str(key)).returncode == 0
    assert "wangwan" in run("user", "list", "--data", str(tmp_path / "back")).stdout
    archive.write_bytes(held[:-100])
    assert run("restore", str(archive), "--data", str(tmp_path / "cut"), "--key", str(key)).returncode == 2
    assert {path.name for path in tmp_path.iterdir()} == {"own.key", "other.key", "street.backup", "back"}, "nothing in clear is left"
    monkeypatch.setenv("GEWU_BACKUP_KEY", "age1nonsense")
    wrong = run("backup", str(tmp_path / "x"), "--data", str(filled))
    assert wrong.returncode == 2 and "GEWU_BACKUP_KEY" in wrong.stderr and not (tmp_path / "x").exists()


def test_the_drill_restores_aside_and_finds_what_was_tampered_with(filled: Path, tmp_path: Path) -> None:
    archive, data = tmp_path / "street.backup", tmp_path / "data"
    shutil.copytree(filled, data)
    assert run("backup", str(archive), "--data", str(data)).returncode == 0
    good = run("backup", "--verify", str(archive), "--data", str(data))
    assert good.returncode == 0 and "可以恢复" in good.stdout, good.stdout + good.stderr
    with closing(sqlite3.connect(data / "gewu.db")) as database:
        database.execute("UPDATE history SET at = '2020-01-01 00:00:00' WHERE id = (SELECT min(id) FROM history)")
        database.commit()
    assert run("backup", str(archive), "--data", str(data)).returncode == 0
    bad = run("backup", "--verify", str(archive), "--data", str(data))
    assert bad.returncode == 1 and "变更记录被改动过" in bad.stdout, bad.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "street.backup"]
    assert not list(data.glob(".backup-*")), "nothing of the drill is left"


def test_what_a_killed_backup_left_in_clear_goes_with_the_next(filled: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(filled, data)
    for name, age in (("old", 2 * 86_400), ("young", 60)):
        (data / f".backup-{name}").mkdir()
        os.utime(data / f".backup-{name}", (time.time() - age,) * 2)
    assert run("backup", str(tmp_path / "b"), "--data", str(data)).returncode == 0
    assert [path.name for path in data.glob(".backup-*")] == [".backup-young"]
    assert run("backup", "--into", "x", "--verify", "--data", str(data)).returncode == 2


def test_of_the_daily_ones_the_newest_are_kept_and_other_files_stay(filled: Path, tmp_path: Path,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    old = [folder / f"gewu-2020010{day}-020000.backup" for day in (1, 2, 3)]
    for path in (*old, folder / "gewu-mine.backup", folder / "notes.txt"):
        path.write_text("old")
    monkeypatch.setenv("GEWU_BACKUP_KEEP", "2")
    done = run("backup", "--into", str(folder), "--data", str(filled))
    assert done.returncode == 0, done.stderr
    left = {path.name for path in folder.iterdir()}
    assert left == {Path(done.stdout.splitlines()[0]).name, old[2].name, "gewu-mine.backup", "notes.txt"}
    assert run("backup", "--data", str(filled)).returncode == run("backup", "a", "--into", "b").returncode == 2


@pytest.mark.parametrize(("last", "here", "due"), [
    (None, "2026-11-29T00:30", True), ("2026-11-28T02:05", "2026-11-29T01:59", False), ("2026-11-28T02:05", "2026-11-29T02:00", True),
    ("2026-11-29T02:01", "2026-11-29T23:59", False), ("2026-11-29T01:30", "2026-11-29T02:00", True),
    ("2026-11-20T02:00", "2026-11-29T01:00", True), ("2026-12-31T02:00", "2027-01-01T02:00", True)])
def test_when_a_backup_is_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str | None, here: str, due: bool) -> None:
    """By hand, in the office's time: once a day after two, and at once where the last one is missing."""
    shift = moments.local(moments.now()) - moments.now()
    monkeypatch.setattr(regular, "now", lambda: datetime.fromisoformat(here) - shift)
    (tmp_path / "gewu-mine.backup").write_text("of another name")
    for when in filter(None, (last, "2026-01-01T00:00" if last else None)):
        (tmp_path / f"{datetime.fromisoformat(when):gewu-%Y%m%d-%H%M%S.backup}").write_text("made")
    assert regular.is_due(tmp_path) is due


class Process:
    """A backup that runs until it is told how it ended."""

    def __init__(self, words: Any, **_more: Any) -> None:
        self.words, self.code = words, None

    def poll(self) -> int | None:
        return self.code


def test_a_server_makes_one_backup_at_a_time_and_waits_after_one_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Process] = []
    monkeypatch.setattr("app.commands.backups.subprocess.Popen", lambda words, **more: begun.append(Process(words)) or begun[-1])
    clock = [0.0]
    monkeypatch.setattr("app.commands.backups.time.monotonic", lambda: clock[0])
    Daily(Settings(data_dir=tmp_path), dict(os.environ)).look_after()
    assert begun == [], "without a folder none comes by itself"
    daily = Daily(Settings(data_dir=tmp_path, backup_dir=str(tmp_path / "b")), dict(os.environ))
    for seconds, code, count in ((0, None, 1), (120, None, 1), (121, 1, 1), (200, 1, 1), (3_700, 1, 2), (3_900, 0, 3)):
        if begun:
            begun[-1].code = code
        clock[0] = seconds
        daily.look_after()
        assert len(begun) == count, seconds
    assert begun[0].words[-2:] == ["--into", str(tmp_path / "b")]
