"""The child process that reads one workbook: it may die of what it reads, the console does not.

Run as a folder, by itself: ``python -I child WORKBOOK``. Prints JSON lines: {"sheet", "merged", "hidden",
"hidden_rows"} before each sheet, then [rows, marks]; {"error"} when the workbook cannot be read. A mark is
[row of this line, column, what a spreadsheet shows, what kind of cell it is, the day of a number that may be one].
"""

from __future__ import annotations

import datetime
import json
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from bounds import limit_resources
from formats import date_kind, format_code, is_plain, shown, shown_moment
from parts import Marks, Parts, marks_of, without_errors
from records import Xls, Xlsb

MAX_CELLS = 8_000_000
ROWS_A_LINE = 500
FIRST_DAY, LAST_DAY, DAYS_TO_1904 = 8_000, 80_000, 1462
HALF_A_SECOND = datetime.timedelta(microseconds=500_000)  # days and their parts are kept as broken numbers
FAULT, NUMBER = "fault", "number"
Line = list[Any]


def plain(value: object) -> object:
    """A cell as JSON holds it: days as ISO text, moments at midnight as days, yes and no as spreadsheets show them."""
    if isinstance(value, datetime.datetime):
        value = (value + HALF_A_SECOND).replace(microsecond=0)
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value if isinstance(value, str | float | int) else str(value)


def emit(line: object) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def merged_ranges(sheet: Any, left: int) -> list[list[int]]:
    """Merged cells as [first row, first column, last row, last column], columns from the first used one."""
    found = sheet.merged_cell_ranges or []
    return [[top, first - left, bottom, last - left] for (top, first), (bottom, last) in found]


class Formats(NamedTuple):
    """The number format of each cell style, and from when days are counted."""

    codes: list[str]
    from_1904: bool

    @property
    def telling(self) -> set[int]:
        """The styles that show more than the value does."""
        return {number for number, code in enumerate(self.codes) if not is_plain(code)}


def formats_of(own: dict[int, str], styles: list[int], from_1904: bool) -> Formats:
    return Formats([format_code(number, own) for number in styles], from_1904)


class TooManyCells(Exception):
    """A cell lies very far from the others."""


class Book:
    """One workbook: what calamine reads, and beside it what calamine does not tell."""

    def __init__(self, path: str) -> None:
        self.source: str | IO[bytes] = path
        self.marks: dict[str | int, Marks] = {}  # by the name of a sheet, or by its place
        self.formats = Formats([], False)
        if not zipfile.is_zipfile(path):
            self._records(Xls(path))
            return
        with zipfile.ZipFile(path) as archive:
            parts = Parts(archive)
            if "xl/workbook.bin" in parts.known:
                self._records(Xlsb(parts))
            else:
                self._parts(parts)

    def _records(self, book: Xls | Xlsb) -> None:
        self.formats = formats_of(book.own, book.styles, book.from_1904)
        for index in range(len(book.sheets)):
            marks, rows, columns = book.marks(index, self.formats.telling)
            if rows * columns > MAX_CELLS:
                raise TooManyCells
            self.marks[index] = marks

    def _parts(self, parts: Parts) -> None:
        own, styles = parts.formats()
        self.formats = formats_of(own, styles, parts.counts_from_1904())
        for name, part in parts.sheets().items():
            self.marks[name] = marks_of(parts, part, self.formats.telling)
        if any(marks.strange for marks in self.marks.values()):
            self.source = tempfile.TemporaryFile()  # noqa: SIM115 - read until this process ends
            with zipfile.ZipFile(self.source, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
                without_errors(parts, copy)
            self.source.seek(0)


class Told:
    """The marks of one sheet, taken as its rows pass."""

    def __init__(self, marks: Marks, formats: Formats) -> None:
        self.faults, self.formats = marks.faults, formats
        self.by_row: dict[int, list[int]] = {}
        for row, column in marks.faults:
            self.by_row.setdefault(row, []).append(column)
        self.styled = marks.styled()
        self.next = next(self.styled, None)

    def row(self, number: int, left: int, cells: list[Any]) -> Iterator[Line]:
        """[column, what is shown, kind, day] of each cell of a row that has more to tell."""
        for column in self.by_row.get(number, ()):
            if 0 <= column - left < len(cells):
                yield [column - left, self.faults[number, column], FAULT, 0]
        while self.next and self.next[0] <= number:
            row, column, style = self.next
            if row == number and 0 <= column - left < len(cells):
                told = self._told(cells[column - left], self.formats.codes[style])
                if told:
                    yield [column - left, *told]
            self.next = next(self.styled, None)
        if self.formats.from_1904:
            yield from ([at, "", NUMBER, cell + DAYS_TO_1904] for at, cell in enumerate(cells)
                        if isinstance(cell, float) and FIRST_DAY <= cell < LAST_DAY)

    @staticmethod
    def _told(value: Any, code: str) -> Line | None:
        if isinstance(value, float):
            text = shown(value, code)
            return None if text == f"{value:.15g}" else [text, NUMBER, 0]
        if isinstance(value, datetime.datetime):
            return [shown_moment(value, code), date_kind(code), 0]
        if isinstance(value, datetime.date):
            return [shown_moment(datetime.datetime.combine(value, datetime.time()), code), date_kind(code), 0]
        if isinstance(value, datetime.timedelta):
            return [None, "time", 0]
        if isinstance(value, datetime.time):
            return [shown_moment(datetime.datetime.combine(datetime.date(1900, 1, 1), value), code), date_kind(code), 0]
        return None


def tell_sheet(about: Any, sheet: Any, marks: Marks, formats: Formats, hidden: bool) -> None:
    top, left = sheet.start or (0, 0)
    emit({"sheet": about.name, "merged": merged_ranges(sheet, left), "hidden": hidden,
          "hidden_rows": marks.hidden_rows})
    told, rows, found = Told(marks, formats), list[Line](), list[Line]()
    for number, row in enumerate(sheet.iter_rows() if sheet.start is not None else ()):
        found += [[len(rows), *mark] for mark in told.row(number, left, row)]
        rows.append([plain(cell) for cell in row])
        if len(rows) == ROWS_A_LINE:
            emit([rows, found])
            rows, found = [], []
    emit([rows, found])


def read(path: str) -> None:
    import python_calamine

    try:
        book = Book(path)
        workbook = python_calamine.CalamineWorkbook.from_object(book.source)
        for index, about in enumerate(workbook.sheets_metadata):
            marks = book.marks.get(about.name) or book.marks.get(index) or Marks()
            tell_sheet(about, workbook.get_sheet_by_index(index), marks, book.formats,
                       about.visible != python_calamine.SheetVisibleEnum.Visible)
    except TooManyCells:
        emit({"error": "too_many_cells"})
    except MemoryError:
        emit({"error": "too_large"})
    except python_calamine.PasswordError:
        emit({"error": "password"})
    except (python_calamine.CalamineError, zipfile.BadZipFile, zlib.error, struct.error, LookupError, OSError, ValueError,
            NotImplementedError, RuntimeError):
        emit({"error": "damaged"})


if __name__ == "__main__":
    limit_resources()
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    read(sys.argv[1])
