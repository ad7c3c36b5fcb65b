"""Backup while in use, and restore onto a clean machine: database, keys and files in one archive."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from flask import Flask

DATABASE, DUMP = "gewu.db", "gewu.dump"


class BackupError(Exception):
    """A backup cannot be made or restored; the sentence says why."""


def backup(app: Flask, target: Path) -> None:
    """Writes one archive of a consistent database, the keys and the files."""
    settings = app.extensions["settings"]
    with tempfile.TemporaryDirectory() as folder:
        dump = _dump(settings, Path(folder))
        part = target.with_suffix(target.suffix + ".part")
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(dump, dump.name)
            for path in sorted(settings.data_dir.rglob("*")):
                inside = path.relative_to(settings.data_dir)
                if inside.parts[0] == "jobs":
                    continue  # files that expire, and come and go while the backup runs
                if path.is_file() and not path.name.startswith(DATABASE) and path != part:
                    archive.write(path, (Path("data") / inside).as_posix())
        part.replace(target)


def _dump(settings: Any, folder: Path) -> Path:
    if settings.url.startswith("sqlite"):
        copy = folder / DATABASE
        source = sqlite3.connect(settings.url.removeprefix("sqlite:///"))
        sink = sqlite3.connect(copy)
        with source, sink:
            source.backup(sink)
        source.close()
        sink.close()
        return copy
    copy = folder / DUMP
    _run(["pg_dump", "--format=custom", f"--file={copy}", _plain(settings.url)])
    return copy


def restore(settings: Any, source: Path, force: bool = False) -> None:
    """Puts an archive back; existing data is written over only when asked to."""
    if not zipfile.is_zipfile(source):
        raise BackupError(f"{source}: 不是备份文件，或已损坏。 / Not a backup, or damaged.")
    if settings.data_dir.exists() and any(settings.data_dir.iterdir()) and not force:
        raise BackupError(f"{settings.data_dir} 不是空目录；确要覆盖请加 --force。 / The folder is not empty; "
                          "use --force to write over it.")
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(source) as archive:
        if archive.testzip():
            raise BackupError(f"{source}: 备份文件已损坏。 / The backup is damaged.")
        archive.extractall(folder)
        shutil.copytree(Path(folder) / "data", settings.data_dir, dirs_exist_ok=True)
        _load(settings, Path(folder))


def _load(settings: Any, folder: Path) -> None:
    if (folder / DATABASE).exists():
        for leftover in settings.data_dir.glob(f"{DATABASE}*"):
            leftover.unlink()
        shutil.copy2(folder / DATABASE, settings.data_dir / DATABASE)
        return
    _run(["pg_restore", "--clean", "--if-exists", "--no-owner", f"--dbname={_plain(settings.url)}",
          str(folder / DUMP)])


def _plain(url: str) -> str:
    """The address in the words of PostgreSQL's own tools."""
    return url.replace("postgresql+psycopg://", "postgresql://")


def _run(words: list[str]) -> None:
    tool = shutil.which(words[0])
    if tool is None:
        raise BackupError(f"找不到 {words[0]}：请安装 PostgreSQL 客户端。 / {words[0]} is missing: install "
                          "PostgreSQL's client.")
    done = subprocess.run([tool, *words[1:]], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(done.stderr.strip())
