"""同上 and its signs: the value that stands above."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.core.base.texts import InvalidValue

SIGNS = frozenset({"〃", "″", '"', "“", "”", "〞", "''", "′′", "’’", "＂", "々", "〃〃", "″″", '""', "“”",
                   "同上", "同 上", "同\u3000上", "同前", "同上行", "同上户", "同上。", "(同上)", "（同上）", "同以上", "↑"})


class NothingAbove(str):
    """A sign above which no value stands that it could mean."""


def nothing_above() -> InvalidValue:
    return InvalidValue("nothing_above", _("“The same as above” stands here, but nothing above can be meant: write the value."))


class Ditto:
    """Remembers the row above; ``own`` are the columns in which every record has a value of its own."""

    def __init__(self, own: frozenset[int]) -> None:
        self.own = own
        self.above: list[Any] = []

    def filled(self, row: list[Any]) -> list[Any]:
        """The row with the values above in the place of its signs."""
        signs = [index for index, cell in enumerate(row) if type(cell) is str and cell and cell.strip() in SIGNS]
        if signs:
            row = list(row)
            for index in signs:
                above = self.above[index] if index < len(self.above) else ""
                row[index] = NothingAbove(row[index]) if index in self.own or above in ("", None) else above
        self.above = row
        return row

    def end(self) -> None:
        """Nothing stands above the next row: a section or another table begins."""
        self.above = []
