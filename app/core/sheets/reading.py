"""Asks the reader process for a workbook and turns its refusals into sentences."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _

READER = Path(__file__).with_name("reader.py")
SECONDS = 120
SENTENCES = {
    "too_large": _("The file is too large (over 50 MB, or far larger when unpacked): split it."),
    "bomb": _("The file unpacks to an absurd size and was not opened."),
    "too_many_cells": _("A sheet reaches beyond 300,000 rows or 300 columns: delete the stray cells far out, or split it."),
    "damaged": _("The file is damaged or incomplete: open it in Excel or WPS and save it again."),
    "encrypted": _("The workbook is protected by a password: save a copy without one."),
    "html": _("This is a web page named as a workbook: open it in Excel and save it as .xlsx."),
    "not_a_workbook": _("This is not a workbook: xlsx, xls and csv files are read."),
    "encoding": _("The text file is neither UTF-8 nor GB18030: save it as CSV UTF-8."),
    "crashed": _("The file could not be read: open it in Excel or WPS and save it again."),
    "missing": _("There is no such file."),
}


class SheetError(Exception):
    """A file that cannot be read; the sentence says what to do."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = SENTENCES.get(code, SENTENCES["crashed"])


@dataclass
class Sheet:
    """One sheet: its name, its rows from the first row on, and its merged areas."""

    name: str
    rows: list[list[Any]]
    merged: list[tuple[tuple[int, int], tuple[int, int]]]


def read_sheets(path: Path) -> list[Sheet]:
    """The sheets of a file; SheetError when it cannot be read."""
    if not path.is_file():
        raise SheetError("missing")
    try:
        done = subprocess.run([sys.executable, str(READER), str(path)], capture_output=True,
                              timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise SheetError("too_large") from error
    if done.returncode or not done.stdout:
        raise SheetError("crashed")
    answer = pickle.loads(done.stdout)  # noqa: S301 - our own reader's words, not the file's
    if isinstance(answer, str):
        raise SheetError(answer)
    return [Sheet(**sheet) for sheet in answer]
