"""A long list in parts: what one statement of the database takes, and what the memory holds at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

CHUNK = 1000


def chunks(rows: list[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """The rows in order, at most ``size`` at a time."""
    for start in range(0, len(rows), size):
        yield rows[start:start + size]
