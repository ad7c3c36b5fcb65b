"""Carries a list out as a workbook: the filter, columns and order on screen, streamed with flat memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from flask_babel import gettext as _
from rustpy_xlsxwriter import FastExcel
from werkzeug.datastructures import MultiDict

from app.core import listing
from app.core.display import local
from app.core.fields import Field, fields_of
from app.core.listing import ListState
from app.core.masking import EXPORT, log_access
from app.core.records import Record, now, today
from app.core.registry import view_of
from app.core.scope import current
from app.core.sheets.cells import cells_of
from app.core.storage import reading
from app.db import db

Watch = Callable[[int, int], None]
STYLED_ROWS, CHUNK, WIDEST = 10_000, 2_000, 40


def export_file(record: type[Record], path: Path, filters: list[tuple[str, str]], columns: list[str] | None,
                purpose: str, limit: int | None = None) -> int:
    """Writes a list as a workbook, masked; the number of rows. Logged with its purpose and filter."""
    view = view_of(record)
    if view is None:
        raise ValueError(record.__name__)
    view.derive()
    args = MultiDict([(f"f.{name}", value) for name, value in filters])
    if columns:
        args["cols"] = ",".join(columns)
    return write_list(listing.read_state(view, args), view, path, purpose, limit=limit)


def write_list(state: ListState, view: Any, path: Path, purpose: str, whole: bool = False,
               limit: int | None = None, watch: Watch = lambda done, total: None) -> int:
    """Writes the rows of a list state; ``whole`` leaves sensitive values unmasked.

    ``watch`` is told how many rows of how many are written; what it raises stops the export.
    """
    total = min(listing.count_all(state, view), limit or sys.maxsize)
    log_access(EXPORT, state.record, purpose, filters=state.args(),
               columns=",".join(state.columns), rows=total, whole=whole)
    words = [fields_of(state.record)[name] for name in state.columns]
    with reading():
        rows = _watched(table(state, view, whole, limit), total, watch)
        if total >= STYLED_ROWS:
            return _plain_register(path, words, rows)
        return _styled(path, str(state.record.__label__), words, rows)


def _watched(rows: Iterator[tuple[Any, ...]], total: int, watch: Watch) -> Iterator[tuple[Any, ...]]:
    for done, row in enumerate(rows):
        if done % CHUNK == 0:
            watch(done, total)
        yield row


def table(state: ListState, view: Any, whole: bool, limit: int | None = None) -> Iterator[tuple[Any, ...]]:
    """The cells of every row, read in chunks behind a moving cursor."""
    columns = [cells_of(state.record, fields_of(state.record)[name], whole) for name in state.columns]
    order = [c.desc() if state.descending else c for c in listing.ordering(state)]
    query = listing.narrowed(state, view).with_only_columns(
        *(getattr(state.record, name) for name in state.columns)).order_by(*order).limit(limit)
    for rows in db.session.execute(query.execution_options(yield_per=CHUNK)).partitions():
        yield from zip(*(cells(values) for cells, values in zip(columns, zip(*rows, strict=True), strict=True)),
                       strict=True)


def _plain_register(path: Path, words: list[Field], rows: Iterator[tuple[Any, ...]]) -> int:
    """A long register without decoration, through the fast writer; texts stay texts."""
    labels = [str(column.label) for column in words]
    written = 0

    def records() -> Iterator[dict[str, Any]]:
        nonlocal written
        for written, row in enumerate(rows, 1):  # noqa: B007 - told to the caller
            yield dict(zip(labels, row, strict=True))

    FastExcel(str(path)).freeze(row=1).sheet(
        _("Sheet"), records(), column_widths=[float(_width(column)) for column in words]).save()
    return written


def _styled(path: Path, title: str, words: list[Field], rows: Iterator[tuple[Any, ...]]) -> int:
    """A sheet ready to print: title, heading that stays, widths, page numbers, who and when."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet(_("Sheet"))
        head = book.add_format({"bold": True, "border": 1, "align": "center", "bg_color": "#E8F1F7"})
        big = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        text = book.add_format({"border": 1, "num_format": "@"})
        number = book.add_format({"border": 1})
        day = book.add_format({"border": 1, "num_format": "yyyy-mm-dd"})
        sheet.merge_range(0, 0, 0, max(len(words) - 1, 1), f"{title}（{today():%Y-%m-%d}）", big)
        for at, column in enumerate(words):
            sheet.set_column(at, at, _width(column))
            sheet.write_string(1, at, str(column.label), head)
        line = 1
        for line, row in enumerate(rows, 2):
            for at, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(line, at, datetime(cell.year, cell.month, cell.day), day)
                elif isinstance(cell, float):
                    sheet.write_number(line, at, cell, number)
                else:
                    sheet.write_string(line, at, cell, text)
        _print_setup(sheet, line - 1, len(words))
    return line - 1


def _width(words: Field) -> int:
    if words.mask == "id_number":
        return 21
    return {"date": 12, "bool": 8, "int": 10, "decimal": 10, "relation": 26, "grid": 22}.get(
        words.kind, min(WIDEST, max(12, (words.length or 20) // 5)))


def _print_setup(sheet: Any, rows: int, columns: int) -> None:
    sheet.freeze_panes(2, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 1)
    sheet.print_area(0, 0, rows + 1, max(columns - 1, 1))
    sheet.set_footer(f"&L{current().actor} {local(now()):%Y-%m-%d %H:%M}&R&P / &N")
