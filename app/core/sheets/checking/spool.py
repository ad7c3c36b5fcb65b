"""Good rows on hold until every row of a file is checked: packed in memory, never on the disk."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any, NamedTuple


class Ready(NamedTuple):
    """What is left of a good row: the columns to write, and for a known record its id and stored values."""

    id: int | None
    columns: dict[str, Any]
    stored: dict[str, Any]


class Spool:
    """Batches of good rows; a hundred thousand of them take about 30 MB."""

    def __init__(self) -> None:
        self.packed: list[bytes] = []
        self.count = 0

    def add(self, rows: list[Ready]) -> None:
        if rows:
            self.packed.append(pickle.dumps(rows, pickle.HIGHEST_PROTOCOL))
            self.count += len(rows)

    def batches(self) -> Iterator[list[Ready]]:
        """The batches in their order; each is forgotten as it is handed out."""
        for place, packed in enumerate(self.packed):
            self.packed[place] = b""
            yield pickle.loads(packed)
