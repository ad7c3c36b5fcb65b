"""Text files as rows: their encoding, what parts their cells, and quotation marks that are never closed."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

from flask_babel import lazy_gettext as _

from app.core.sheets.reading.cells import UNCLOSED, Broken
from app.core.sheets.reading.guards import SheetError, too_wide

ENCODINGS = ("utf-8", "gb18030")
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
LONGEST_LINE = 1_000_000
LINES_OF_A_CELL = 100
SEPARATORS, LOOK_AT = ",\t;|", 30
NAMED_SEPARATOR = re.compile(r"sep=(.)\s*", re.IGNORECASE)  # how Excel is told in the first line
QUOTED = re.compile(r'"((?:[^"]|"")*)"')
Row = list[Any]


def encoding_of(path: Path) -> str:
    """A byte order mark decides; else strict UTF-8, else strict GB18030; else SheetError."""
    with path.open("rb") as file:
        head = file.read(4)
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return encoding
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as text:
                while text.read(1 << 20):
                    pass
            return encoding
        except UnicodeDecodeError:
            continue
    raise SheetError("encoding", _("The encoding of this text file is unknown: save it as .xlsx, or as CSV in UTF-8."))


def _bounded_lines(file: TextIO) -> Iterator[str]:
    """Lines of a text; one of millions of commas would be millions of cells before they can be counted."""
    while line := file.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise too_wide()
        yield line


def rows_of_text(path: Path) -> Iterator[Row]:
    """The rows of a text file; a cell whose quotation mark is never closed is Broken, and takes no other row along."""
    with path.open(encoding=encoding_of(path), newline="") as file:
        lines = _bounded_lines(file)
        try:
            first = list(islice(lines, LOOK_AT))
            yield from Rows(separator_of(first), chain(first, lines)).rows()
        except (csv.Error, UnicodeError) as error:
            raise SheetError("not_a_workbook", _("The text file is no table: save it as .xlsx and retry.")) from error


def separator_of(lines: list[str]) -> str:
    """What parts the cells: the sign that parts the most lines alike, however the title above is written."""
    named = NAMED_SEPARATOR.fullmatch(lines[0]) if lines else None
    if named:
        return named[1]
    return max(SEPARATORS, key=lambda sign: _alike([_outside_quotes(line).count(sign) for line in lines]))


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def _alike(counts: list[int]) -> int:
    """How many cells the lines have that have as many as most others."""
    return max((count * lines for count, lines in Counter(counts).items()), default=0)


class Rows:
    """The rows of a text, each read by itself, with as many of the following lines as its cells reach over."""

    def __init__(self, separator: str, lines: Iterator[str]) -> None:
        self.separator, self.lines = separator, lines
        self.width = 0
        self.waiting: list[str] = []

    def rows(self) -> Iterator[Row]:
        while (line := self._next()) is not None:
            row = self._whole(line) if '"' in line else self._split(line)
            self.width = max(self.width, len(row))
            yield row

    def _next(self) -> str | None:
        return self.waiting.pop(0) if self.waiting else next(self.lines, None)

    def _split(self, line: str) -> Row:
        text = line.rstrip("\r\n")
        return text.split(self.separator) if text else []

    def _whole(self, line: str) -> Row:
        """A row with quotation marks, perhaps of several lines; what does not come to an end stays on its own line."""
        try:
            row, taken = self._read([line]), [line]
        except csv.Error:
            return self._sloppy(line)
        while row is None and len(taken) <= LINES_OF_A_CELL and (following := self._next()) is not None:
            taken.append(following)
            if self._is_a_row(following):
                break
            try:
                row = self._read(taken) if '"' in following else None
            except csv.Error:
                break
        if row is not None:
            return row
        self.waiting[:0] = taken[1:]
        return self._broken(line)

    def _read(self, lines: list[str]) -> Row | None:
        """The row these lines make; None when a quotation mark is still open, csv.Error when one stands wrong."""
        try:
            return next(csv.reader(lines, delimiter=self.separator, strict=True), [])
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                return None
            raise

    def _sloppy(self, line: str) -> Row:
        """A line with quotation marks inside its cells: they are part of the text."""
        cells = [_unquoted(cell) for cell in self._split(line)]
        return cells if len(cells) <= self.width else next(csv.reader([line], delimiter=self.separator), [])

    def _is_a_row(self, line: str) -> bool:
        """Whether a line, by its cells, is a row by itself and not the rest of a cell."""
        return self.width > 2 and line.count('"') % 2 == 0 and _outside_quotes(line).count(self.separator) >= self.width - 1

    def _broken(self, line: str) -> Row:
        return [Broken(cell, UNCLOSED) if cell.startswith('"') and cell.count('"') % 2 else _unquoted(cell)
                for cell in self._split(line)]


def _unquoted(cell: str) -> str:
    whole = QUOTED.fullmatch(cell)
    return whole[1].replace('""', '"') if whole else cell
