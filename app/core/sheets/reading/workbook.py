"""Workbooks and CSV files as sheets of plain rows, read in a child process behind the guard."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _

from app.core.sheets.reading.cells import told
from app.core.sheets.reading.guards import (
    MAX_CELLS,
    SheetError,
    check_file,
    damaged,
    password_needed,
    too_large,
    too_wide,
)
from app.core.sheets.reading.text_files import rows_of_text

READER = Path(__file__).with_name("child")
SECONDS = 180
MAX_ROWS = 300_000
MAX_COLUMNS = 16_384
REFUSALS = {"password": password_needed, "damaged": damaged, "too_many_cells": too_wide, "too_large": too_large}
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
        yield Sheet(title or path.stem, _counted(rows_of_text(path)))
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
            raise REFUSALS[found["error"]]()
        yield found
    if child.wait():
        raise damaged() if child.returncode > 0 else too_large()


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
        rows, marks = line
        for row, column, *about in marks:
            rows[row][column] = told(rows[row][column], *about)
        yield from rows
