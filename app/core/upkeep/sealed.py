"""Backups that only the holder of a key can open (age, X25519): the server knows how to close them, not how to open them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyrage

from app.core.upkeep.copies import BackupError

MARK = b"age-encryption.org/v1"


def make_key(path: Path) -> str:
    """Writes a new key, its owner's alone, and gives the word by which backups are closed for it (age1…)."""
    key = pyrage.x25519.Identity.generate()
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{key}\n")
    except FileExistsError as error:
        raise BackupError(f"{path} 已存在，没有改动：请换一个文件名。 / {path} exists and was left as it is: name another file.") from error
    return str(key.to_public())


def close(path: Path, target: Path, word: str) -> None:
    """Encrypts a file for the key with this word."""
    try:
        recipient = pyrage.x25519.Recipient.from_str(word)
    except pyrage.RecipientError as error:
        raise BackupError("备份公钥（GEWU_BACKUP_KEY）不对：应为 run.py backup --make-key 显示的 age1… 一行。 / The word of the backup's key "
                          "is wrong: it is the line age1… that `run.py backup --make-key` shows.") from error
    pyrage.encrypt_file(str(path), str(target), [recipient])
    target.chmod(0o600)


@contextmanager
def opened(path: Path, key: Path | None, folder: Path) -> Iterator[Path]:
    """The archive in clear: the file itself, or, of an encrypted one, a copy in a folder that is removed behind it."""
    if not is_closed(path):
        yield path
        return
    if key is None:
        raise BackupError(f"{path} 已加密：请用 --key 指定密钥文件。 / It is encrypted: name the key's file with --key.")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="opening-") as place:
        clear = Path(place) / "clear.zip"
        _decrypt(path, clear, key)
        yield clear


def is_closed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK


def _decrypt(path: Path, clear: Path, key: Path) -> None:
    try:
        identity = pyrage.x25519.Identity.from_str(key.read_text(encoding="ascii").strip())
        pyrage.decrypt_file(str(path), str(clear), [identity])
    except (pyrage.IdentityError, UnicodeDecodeError, OSError, pyrage.DecryptError) as error:
        raise BackupError(f"{path} 打不开：密钥文件 {key} 不是它的密钥，或备份已损坏。 / It cannot be opened: {key} is not its key, or the "
                          "backup is damaged.") from error
