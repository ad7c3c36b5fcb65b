"""A start that is killed is completed by the next, two servers never share a folder, and damage ends in a sentence."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from app.commands import CANNOT_NOW, main
from app.core.base.scope import system
from app.core.upkeep.installation import only_server
from app.db import db
from app.demo import loading
from app.subsystems.grids.grids import Grid
from config import Refusal, Settings
from tests.commands.test_commands import ROOT
from tests.core.upkeep.test_backup import fill

ENVIRONMENT = {**os.environ, "GEWU_SKIP_BOOTSTRAP": "1", "PYTHONUTF8": "1"}


@pytest.fixture
def one(tmp_path: Path) -> Settings:
    """An installation with one family, and a backup of it beside."""
    settings = Settings(tmp_path / "one")
    fill(settings, tmp_path / "backup.zip")
    return settings


@pytest.mark.parametrize("lost", ("gone", "empty", "damaged"))
def test_without_its_keys_nothing_is_made_served_or_backed_up(one: Settings, tmp_path: Path, capsys: Any, lost: str) -> None:
    old, key = (tmp_path / "backup.zip").read_bytes(), one.keys_dir / "data.json"
    if lost == "gone":
        shutil.rmtree(one.keys_dir)
    else:
        key.write_text("" if lost == "empty" else '{"current": "v1"')
    for words in (("backup", str(tmp_path / "backup.zip")), ("user", "list"), ("check",), ("migrate",), ("serve", "--no-demo", "--port", "0")):
        assert main([*words, "--data", str(one.data_dir)]) == 2
        assert "密钥" in capsys.readouterr().err
    assert (tmp_path / "backup.zip").read_bytes() == old and key.exists() == (lost != "gone")


def test_damaged_pages_are_told_and_the_older_backup_stays(one: Settings, tmp_path: Path, capsys: Any) -> None:
    old, file = (tmp_path / "backup.zip").read_bytes(), one.data_dir / "gewu.db"
    with file.open("r+b") as database:
        for page in range(30, file.stat().st_size // 4096, 7):
            database.seek(page * 4096)
            database.write(b"\xa5" * 4096)
    assert main(["backup", str(tmp_path / "backup.zip"), "--data", str(one.data_dir)]) in (2, CANNOT_NOW)
    assert "损坏" in capsys.readouterr().err and (tmp_path / "backup.zip").read_bytes() == old
    assert main(["check", "--data", str(one.data_dir)]) in (1, CANNOT_NOW)
    told = capsys.readouterr()
    assert "损坏" in told.out + told.err
    assert main(["restore", str(tmp_path / "backup.zip"), "--force", "--data", str(one.data_dir)]) == 0
    assert main(["check", "--data", str(one.data_dir)]) == 0


def mounted(folder: Path, how: str) -> bool:
    words = ["mount", "-t", "tmpfs", "-o", how, "tmpfs", str(folder)]
    return shutil.which("mount") is not None and not subprocess.run(words, check=False, capture_output=True).returncode


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes, where this machine may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mounted(folder, "size=4m"):
        pytest.skip("this machine mounts nothing")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_a_full_and_a_read_only_disk_end_in_sentences(one: Settings, tmp_path: Path, small_disk: Path, capsys: Any) -> None:
    (small_disk / "backup.zip").write_bytes(b"an older one")
    left = os.statvfs(small_disk)
    (small_disk / "full").write_bytes(bytes(left.f_bavail * left.f_frsize - 8_192))
    assert main(["backup", str(small_disk / "backup.zip"), "--data", str(one.data_dir)]) == CANNOT_NOW
    assert "磁盘已满" in capsys.readouterr().err and (small_disk / "backup.zip").read_bytes() == b"an older one"
    assert sorted(path.name for path in small_disk.iterdir()) == ["backup.zip", "full"]
    assert main(["user", "list", "--data", str(small_disk / "new")]) == CANNOT_NOW
    assert "磁盘已满" in capsys.readouterr().err
    subprocess.run(["umount", "-l", str(small_disk)], check=True)
    assert mounted(small_disk, "ro")
    assert main(["user", "list", "--data", str(small_disk / "other")]) == CANNOT_NOW
    assert "只读" in capsys.readouterr().err


def test_two_servers_do_not_share_a_folder_as_long_as_one_process_of_the_first_lives(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "data")
    with only_server(settings) as seat:
        with pytest.raises(Refusal, match=str(os.getpid())), only_server(settings):
            pass
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=seat)
    with pytest.raises(Refusal), only_server(settings):
        pass
    child.communicate(b"\n")
    with only_server(settings):
        pass


def listens(number: int) -> bool:
    """Whether a process has its own answer to SIGTERM by now."""
    words = Path(f"/proc/{number}/status").read_text()
    caught = next(line.split()[1] for line in words.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells")
def test_a_worker_ends_without_a_word(one: Settings) -> None:
    command = [sys.executable, str(ROOT / "run.py"), "work", "--with-parent", "--data", str(one.data_dir)]
    worker = subprocess.Popen(command, env=ENVIRONMENT, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert worker.stdin is not None and worker.stderr is not None
    while not listens(worker.pid) and worker.poll() is None:
        time.sleep(0.2)
    time.sleep(0.5)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0 and worker.stderr.read() == b""


def test_a_demo_street_whose_loading_broke_off_is_loaded_anew(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    loaded: list[str] = []

    def load(residents: int | None = None, year: bool = False) -> None:
        loaded.append(f"42030300{len(loaded) + 1}")
        db.session.add(Grid(code=loaded[-1], name="载了一半" if len(loaded) == 1 else "载完"))
        db.session.commit()
        if len(loaded) == 1:
            raise KeyboardInterrupt

    def grids() -> list[str]:
        with create_app(Settings.load(tmp_path / "data")).app_context(), system("look"):
            found = list(db.session.scalars(db.select(Grid.name)))
            db.session.remove()
            db.engine.dispose()
        return found

    monkeypatch.setattr(loading, "load", load)
    words = ["demo", "--data", str(tmp_path / "data")]
    with pytest.raises(KeyboardInterrupt):
        main(words)
    assert grids() == ["载了一半"]
    assert main(words) == 0 and "重新载入" in capsys.readouterr().out and grids() == ["载完"]
    assert main(words) == 2 and "已有数据" in capsys.readouterr().err and grids() == ["载完"]
