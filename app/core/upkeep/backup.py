"""Backup while in use, and restore onto a clean machine: database, keys and files in one archive."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Flask

from app.core.upkeep.copies import BackupError, Embedded, Server, database_of
from app.core.upkeep.sealed import close, opened

KEPT = ("keys", "files", "jobs", "demo")  # what the data folder holds besides the database
KEYS = "data/keys/data.json"
PREFIX, BROKEN_SECONDS = ".backup-", 24 * 3600


def backup(app: Flask, target: Path, word: str = "") -> None:
    """Writes one archive of a consistent database, the keys and the files; its owner alone may read it.

    It takes the place of an older one when it has proved whole; ``word`` closes it for the key of that word.
    """
    settings, target = app.extensions["settings"], target.resolve()
    if target.is_relative_to(settings.data_dir.resolve()):
        raise BackupError("备份不能放在数据目录里，请换一个地方。 / A backup does not belong inside the data folder: "
                          "name another place.")
    if not target.parent.is_dir() or target.is_dir():
        raise BackupError(f"{target} 不能写入：请写一个已有目录里的文件名。 / Name a file in a folder that exists.")
    forget_broken(settings.data_dir)
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=PREFIX) as folder:
        part, database = Path(folder) / "part.zip", database_of(settings.url)
        database.dump(Path(folder) / database.file)
        database.prove(Path(folder) / database.file)
        with (os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
              zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive):
            archive.write(Path(folder) / database.file, database.file)
            for path in kept_files(settings.data_dir):
                with suppress(FileNotFoundError):  # a job has just ended
                    archive.write(path, (Path("data") / path.relative_to(settings.data_dir)).as_posix())
        _refuse_strange(part, database)
        if word:
            close(part, Path(folder) / "closed", word)
            part = Path(folder) / "closed"
        _put(part, target)


def _put(part: Path, target: Path) -> None:
    """Brings the finished archive to where it belongs, perhaps another disk; nothing in clear was there before."""
    handle, beside = tempfile.mkstemp(dir=target.parent, prefix=PREFIX)
    try:
        with os.fdopen(handle, "wb") as out, part.open("rb") as file:
            shutil.copyfileobj(file, out)
            out.flush()
            os.fsync(out.fileno())
        os.replace(beside, target)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def forget_broken(folder: Path) -> None:
    """Removes what a backup left that was killed: it holds everything in clear."""
    for left in folder.glob(f"{PREFIX}*"):
        if time.time() - left.stat().st_mtime > BROKEN_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def kept_files(folder: Path) -> list[Path]:
    """What an installation keeps beside its database."""
    found = [path for name in KEPT for path in (folder / name, *(folder / name).rglob("*"))]
    return sorted(path for path in found if path.is_file())


def restore(settings: Any, source: Path, force: bool = False, key: Path | None = None) -> None:
    """Puts an archive back; existing data is written over only when asked to, and only by a whole archive."""
    if not source.is_file():
        raise BackupError(f"{source}：没有这个文件。 / There is no such file.")
    with opened(source, key, settings.data_dir.resolve().parent) as clear:
        _restore(settings, clear, force)


def _restore(settings: Any, source: Path, force: bool) -> None:
    database = database_of(settings.url)
    _refuse_strange(source, database)
    filled = settings.data_dir.exists() and any(settings.data_dir.iterdir())
    if (filled or not database.is_empty()) and not force:
        raise BackupError(f"{settings.data_dir} 或数据库里已有数据；确要覆盖请加 --force。 / The folder or the database "
                          "is not empty; use --force to write over it.")
    database.refuse_when_in_use()
    made = not settings.data_dir.exists()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix="restoring-") as folder:
            _put_back(settings, database, source, Path(folder))
    except BaseException:
        if made:
            settings.data_dir.rmdir()
        raise


def _refuse_strange(source: Path, database: Embedded | Server) -> None:
    """Asks before anything is touched whether the archive is one, whole, and of this kind of database."""
    if not zipfile.is_zipfile(source):
        raise BackupError(f"{source}: 不是备份文件，或已损坏。 / Not a backup, or damaged.")
    with zipfile.ZipFile(source) as archive:
        names = set(archive.namelist())
        other = next(kind for kind in (Embedded, Server) if not isinstance(database, kind))
        if KEYS in names and other.file in names:
            raise BackupError(f"{source} 是 {other.kind} 的备份，而设置的数据库是 {database.kind}。 / It holds a {other.kind} "
                              f"database, but the settings name {database.kind}.")
        if not {KEYS, database.file} <= names:
            raise BackupError(f"{source}: 不是本系统的备份。 / Not a backup of this system.")
        if archive.testzip():
            raise BackupError(f"{source}: 备份文件已损坏。 / The backup is damaged.")


def _put_back(settings: Any, database: Embedded | Server, source: Path, folder: Path) -> None:
    """First the database, which may fail; then keys and files change places by renaming, which does not."""
    with zipfile.ZipFile(source) as archive:
        archive.extractall(folder)
    for path in (folder / "data").rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    database.load(folder / database.file)
    (folder / "old").mkdir()
    for name in KEPT:
        here, new = settings.data_dir / name, folder / "data" / name
        if here.exists():
            here.rename(folder / "old" / name)
        if new.exists():
            new.rename(here)
