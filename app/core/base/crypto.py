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

from config import Refusal, kept_once


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
        try:
            return cls(json.loads(kept_once(path, _new_keys)))
        except (ValueError, KeyError, TypeError) as error:
            raise Refusal(f"{path} 已损坏：请从备份放回原来的密钥文件。 / {path} is damaged: put the right key file back from a "
                          "backup.") from error

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
        index.update("\x1f".join(parts).encode(errors="surrogatepass"))  # half a sign has a digest too, of its own
        return index.hexdigest()[:32]


def _new_keys() -> str:
    return json.dumps({"current": "v1", "v1": _new_key(), "index": _new_key()})


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
