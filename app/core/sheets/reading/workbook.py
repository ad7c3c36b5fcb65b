"""Workbooks and CSV files as sheets of plain rows, read in a child process behind the guard."""

from __future__ import annotations

import codecs
import csv
import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from flask_babel import lazy_gettext as _

from app.core.sheets.reading.guards import (
    MAX_CELLS,
    SheetError,
    check_file,
    damaged,
    password_needed,
    too_wide,
)

READER = Path(__file__).with_name("reader.py")
SECONDS = 180
MAX_ROWS = 300_000
MAX_COLUMNS, LONGEST_LINE = 16_384, 1_000_000
ENCODINGS = ("utf-8", "gb18030")
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
Row = list[Any]


@dataclass
class Sheet:
    """One sheet: its name, its rows as they come, which of its cells are merged, and what of it is hidden.

    ``hidden_rows`` count from 0.
    """

    name: str
    rows: Iterator[Row]
    merged: list[list[int]] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)


def sheets_of(path: Path, title: str = "") -> Iterator[Sheet]:
    """The sheets of a file one after the other; each must be read before the next is asked for.

    A text file is one sheet by the ``title`` of the file.
    """
    if check_file(path) == "csv":
        yield Sheet(title or path.stem, _counted(_csv_rows(path)))
    else:
        yield from _workbook(path)


def _counted(rows: Iterator[Row]) -> Iterator[Row]:
    cells = 0
    for number, row in enumerate(rows, 1):
        cells += len(row)
        if len(row) > MAX_COLUMNS or cells > MAX_CELLS:
            raise too_wide()
        if number > MAX_ROWS:
            raise SheetError("too_many_rows", _("The sheet has more than %(count)s rows: split it and import the parts.",
                               count=f"{MAX_ROWS:,}"))
        yield row


def _workbook(path: Path) -> Iterator[Sheet]:
    with subprocess.Popen([sys.executable, "-I", str(READER), str(path)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        stop = threading.Timer(SECONDS, child.kill)
        stop.start()
        try:
            yield from _sheets(_lines(child))
        finally:
            stop.cancel()
            child.kill()


def _lines(child: subprocess.Popen[bytes]) -> Iterator[Any]:
    assert child.stdout is not None
    for line in child.stdout:
        found = json.loads(line)
        if isinstance(found, dict) and "error" in found:
            raise password_needed() if found["error"] == "password" else damaged()
        yield found
    if child.wait():
        raise damaged()


def _sheets(lines: Iterator[Any]) -> Iterator[Sheet]:
    head = next(lines, None)
    while head is not None:
        following: list[Any] = []
        rows = _counted(_rows_until_next(lines, following))
        yield Sheet(head["sheet"], rows, head["merged"], head["hidden"], head["hidden_rows"])
        for _rest in rows:
            pass
        head = following[0] if following else None


def _rows_until_next(lines: Iterator[Any], following: list[Any]) -> Iterator[Row]:
    for line in lines:
        if isinstance(line, dict):
            following.append(line)
            return
        yield from line


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


def _csv_rows(path: Path) -> Iterator[Row]:
    with path.open(encoding=encoding_of(path), newline="") as file:
        lines = _bounded_lines(file)
        first = next(lines, "")
        separator = max(",\t;", key=first.count)
        try:
            yield from csv.reader(itertools.chain([first], lines), delimiter=separator)
        except (csv.Error, UnicodeError) as error:
            raise SheetError("not_a_workbook", _("The text file is no table: save it as .xlsx and retry.")) from error
