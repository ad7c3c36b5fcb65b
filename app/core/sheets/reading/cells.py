"""Cells that are more than their value: what a spreadsheet shows for them, and what is wrong with them."""

from __future__ import annotations

from typing import Any

FAULT, NUMBER, UNCLOSED = "fault", "number", "unclosed"
FULL_DAY, MONTH, DAY_OF_YEAR, YEAR, TIME = "day", "month", "day of year", "year", "time"  # what a format shows of a day
ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!",
                    "#GETTING_DATA", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#DATA!"})


class Broken(str):
    """A cell without a value: an error code, a formula nobody has worked out, a quote that is never closed."""

    __slots__ = ("kind",)
    kind: str

    def __new__(cls, text: str, kind: str = FAULT) -> Broken:
        self = super().__new__(cls, text)
        self.kind = kind
        return self


class Number(float):
    """A number that a spreadsheet shows otherwise; ``shown`` is None where this is not known.

    ``serial`` is its day counted from 1899-12-30 as the workbook counts days; it may well be no day at all.
    """

    __slots__ = ("serial", "shown")
    serial: float
    shown: str | None

    def __new__(cls, value: float, shown: str | None, serial: float = 0) -> Number:
        self = super().__new__(cls, value)
        self.shown, self.serial = shown, serial or value
        return self


class Moment(str):
    """A day or time as ISO text of which the spreadsheet shows only a part (``kind``), as ``shown``."""

    __slots__ = ("kind", "shown")
    kind: str
    shown: str | None

    def __new__(cls, text: str, shown: str | None, kind: str) -> Moment:
        self = super().__new__(cls, text)
        self.shown, self.kind = shown, kind
        return self


def told(value: Any, shown: str | None, kind: str, serial: float) -> Any:
    """A plain cell with what the reader tells of it."""
    if kind == FAULT:
        return Broken(shown or "")
    if kind == NUMBER:
        return Number(value, shown, serial)
    return Moment(value, shown, kind)
