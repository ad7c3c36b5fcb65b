"""What stands for a case on a page of the public door: its number under our seal."""

from __future__ import annotations

from app.core.base.crypto import keyring


def key_of(number: str) -> str:
    """What stands for a case on the page: sealed, so that nobody joins another one than he was shown."""
    return f"{number}.{keyring().digest('same matter', number)}"


def number_of(key: str) -> str:
    """The number behind a key we gave out, else nothing."""
    number = key[:60].partition(".")[0]
    return number if number and key == key_of(number) else ""
