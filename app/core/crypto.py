"""Values that must not be readable in a stolen database: encrypted, and found by a keyed digest."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from binascii import a2b_base64, b2a_base64
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Text
from sqlalchemy.types import TypeDecorator


class Keyring:
    """The keys of one installation, kept in a file outside the database.

    ``current`` names the key that encrypts; older ones still decrypt, so a key can be rotated.
    """

    def __init__(self, keys: dict[str, str]) -> None:
        self.current = keys["current"]
        self.ciphers = {
            name: AESGCM(base64.b64decode(value))
            for name, value in keys.items() if name not in ("current", "index")
        }
        self._index = hmac.new(base64.b64decode(keys["index"]), digestmod=hashlib.sha256)

    @classmethod
    def load(cls, path: Path) -> Keyring:
        """Reads the key file; the first start makes it, readable by its owner only."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            keys = {"current": "v1", "v1": _new_key(), "index": _new_key()}
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                return cls.load(path)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(keys, file)
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def encrypt(self, text: str) -> str:
        nonce = os.urandom(12)
        sealed = self.ciphers[self.current].encrypt(nonce, text.encode(), None)
        return f"{self.current}:{b2a_base64(nonce + sealed, newline=False).decode()}"

    def decrypt(self, token: str) -> str:
        name, _, body = token.partition(":")
        raw = a2b_base64(body)
        return self.ciphers[name].decrypt(raw[:12], raw[12:], None).decode()

    def digest(self, *parts: str) -> str:
        """Keyed digest of the parts, 32 hexadecimal digits: equal values, equal digests."""
        index = self._index.copy()
        index.update("\x1f".join(parts).encode())
        return index.hexdigest()[:32]


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


_keyring: Keyring | None = None


def use(keyring: Keyring) -> None:
    """Sets the keys of this process; create_app calls it once."""
    global _keyring
    _keyring = keyring


def keyring() -> Keyring:
    if _keyring is None:
        raise RuntimeError("No keys: call create_app first.")
    return _keyring


class Encrypted(TypeDecorator[str]):
    """Text encrypted at rest with AES-256-GCM; every write has its own nonce."""

    impl = Text
    cache_ok = True

    def __init__(self, limit: int = 18) -> None:
        super().__init__()
        self.limit = limit

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else keyring().encrypt(value)

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else keyring().decrypt(value)
