"""The office's own workbook back: bad cells filled and commented, the reasons in a first column.

It may be mended in Excel and sent again as it is: the column of reasons is known by its heading and passed over.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from app.core.sheets.checking.plan import Plan
from app.core.sheets.checking.preview import Found
from app.core.sheets.checking.words import REASON
from app.core.sheets.reading.guards import check_file
from app.core.sheets.reading.workbook import Sheet, sheets_of

MARKER = Path(__file__).with_name("marker.py")
SECONDS, MOST_ROWS = 180, 20_000  # beyond that the file is written anew, without its own styles
KEPT_KINDS = (".xlsx", ".xlsm")
LONGEST_CELL, LONGEST_COMMENT = 32_000, 2_000
Marks = dict[str, Any]
NO_MARKS: Marks = {"heading": 0, "rows": {}, "typed": {}}


def marks_of(found: Found, plan: Plan) -> Marks:
    """What to say where, and what was typed over on the page: by sheet, row and column."""
    sheets: dict[str, Any] = {}
    for known in found.sheets():
        typed = {str(int(row) + 1): {key: text for key, text in cells.items() if key.isdigit()}
                 for row, cells in plan.of(known.name).cells.items()}
        sheets[known.name] = {"heading": (known.heading if known.heading is not None else 0) + 1, "rows": {}, "typed": typed}
    for fault in found.errors():
        row = sheets[fault.sheet]["rows"].setdefault(str(fault.row), {"why": [], "cells": {}})
        row["why"].append(f"{fault.place}：{fault.text}" if fault.place else fault.text)
        if fault.key.isdigit():
            told = row["cells"].get(fault.key)
            row["cells"][fault.key] = (f"{told}\n{fault.text}" if told else fault.text)[:LONGEST_COMMENT]
    for sheet in sheets.values():
        for row in sheet["rows"].values():
            row["why"] = "；".join(dict.fromkeys(row["why"]))[:LONGEST_CELL]
    return {"word": REASON, "sheets": {name: sheet for name, sheet in sheets.items() if sheet["rows"] or sheet["typed"]}}


def marked_workbook(source: Path, name: str, found: Found, plan: Plan) -> bytes:
    """The workbook of a check with its marks; one that openpyxl cannot keep is written anew from its values."""
    marks = marks_of(found, plan)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        target = Path(folder) / "marked.xlsx"
        keeps = check_file(source) != "csv" and Path(name).suffix.lower() in KEPT_KINDS and found.count("") <= MOST_ROWS
        if not (keeps and _kept(source, target, marks, Path(folder))):
            _anew(source, name, target, marks)
        return target.read_bytes()


def _kept(source: Path, target: Path, marks: Marks, folder: Path) -> bool:
    """Marks the file itself, in a child process; False when that does not go."""
    said, copy = folder / "marks.json", folder / "source.xlsx"
    said.write_text(json.dumps(marks, ensure_ascii=False), encoding="utf-8")
    copy.write_bytes(source.read_bytes())
    try:
        done = subprocess.run([sys.executable, "-I", str(MARKER), str(copy), str(target), str(said)], check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and target.exists()


def _anew(source: Path, name: str, target: Path, marks: Marks) -> None:
    """The values of every sheet, text as text, with the marks; styles are lost."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(target), options) as book:
        formats = {"red": book.add_format({"bg_color": "#F8CBC6"}), "head": book.add_format({"bold": True}),
                   "why": book.add_format({"bg_color": "#F8CBC6", "text_wrap": True, "valign": "top"})}
        for number, sheet in enumerate(sheets_of(source, Path(name).stem), 1):
            page = book.add_worksheet(_fit(sheet.name, number))
            page.set_column(0, 0, 46)
            page.set_column(1, 40, 16)
            _write(page, sheet, marks["sheets"].get(sheet.name, NO_MARKS), formats)


def _fit(name: str, number: int) -> str:
    """A sheet's name as Excel takes it."""
    plain = "".join("_" if character in "[]:*?/\\" else character for character in name).strip("'")[:31]
    return plain or _("Sheet %(number)s", number=number)


def _write(page: Any, sheet: Sheet, about: Marks, formats: dict[str, Any]) -> None:
    for line, row in enumerate(sheet.rows):
        marks = about["rows"].get(str(line + 1))
        if line + 1 == about["heading"]:
            page.write_string(line, 0, REASON, formats["head"])
        if marks:
            page.write_string(line, 0, marks["why"], formats["why"])
        row = [*row, *[""] * (max((int(key) + 1 for key in about["typed"].get(str(line + 1), {})), default=0) - len(row))]
        for column, value in enumerate(row):
            value = about["typed"].get(str(line + 1), {}).get(str(column), value)
            told = marks["cells"].get(str(column)) if marks else None
            _cell(page, line, column + 1, value, formats["red"] if told else None)
            if told:
                page.write_comment(line, column + 1, told, {"width": 320, "height": 90})


def _cell(page: Any, line: int, column: int, value: Any, style: Any) -> None:
    if isinstance(value, bool):
        page.write_boolean(line, column, value, style)
    elif isinstance(value, int | float):
        page.write_number(line, column, value, style)
    elif value not in (None, ""):
        page.write_string(line, column, str(value)[:LONGEST_CELL], style)
    elif style is not None:
        page.write_blank(line, column, None, style)
