"""What became of a file: counts that add up to its rows, and a message for every cell that was refused."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

ERROR, NOTE = "error", "note"
SHOWN_CHANGES = 50
WRONG_IN_ITSELF = ("id_", "phone", "masked")  # a value that is none gives nobody away, and must be seen to be mended


@dataclass(frozen=True, slots=True)
class Message:
    """What is wrong with one cell (error) or what the reader decided by itself (note)."""

    sheet: str
    row: int
    column: str
    value: str
    code: str
    message: str
    level: str = ERROR


@dataclass
class Change:
    """One value of a stored record that the file would change, in words."""

    sheet: str
    row: int
    label: str
    old: str
    new: str


@dataclass
class Outcome:
    """The result of one file; new + changed + same + refused == rows; ``batch`` is what it can be taken back by."""

    file: str
    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    messages: list[Message] = field(default_factory=list)
    error: str | None = None
    changes: list[Change] = field(default_factory=list)
    batch: int | None = None

    @property
    def good(self) -> int:
        return self.new + self.changed

    def order(self) -> None:
        """Puts the messages in the order of the sheets and rows they speak of."""
        sheets = {sheet: place for place, sheet in enumerate(dict.fromkeys(m.sheet for m in self.messages))}
        self.messages.sort(key=lambda message: (sheets[message.sheet], message.row))

    def as_dict(self) -> dict[str, Any]:
        """The outcome in the words scripts rely on."""
        return {"file": self.file, "rows": self.rows, "new": self.new, "changed": self.changed,
                "same": self.same, "refused": self.refused,
                "messages": [asdict(message) for message in self.messages], "error": self.error}
