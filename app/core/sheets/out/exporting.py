"""Carries a list out as a workbook: the filter, columns and order on screen, streamed with flat memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from math import ceil
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from flask_babel import gettext as _
from rustpy_xlsxwriter import FastExcel, Format
from werkzeug.datastructures import MultiDict

from app.core.asking import listing
from app.core.asking.listing import ListState
from app.core.base.fields import Field, fields_of
from app.core.base.moments import local, now, today
from app.core.base.records import Record
from app.core.base.registry import view_of
from app.core.base.scope import current
from app.core.base.storage import reading
from app.core.sheets.out.cells import NUMBERS, TEXTS, cells_of
from app.core.telling.masking import EXPORT, log_access
from app.core.telling.places import scope_name
from app.db import db

Watch = Callable[[int, int], None]
CHUNK, WIDEST, HEADING = 2_000, 40, 1
WHOLE, PAGE, TITLE_ROW, LONGEST_ABOUT = 30, 190, 28, 150  # characters: never wrapped; on a page that can be read at 75 %


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
               limit: int | None = None, watch: Watch = lambda done, total: None, about: str = "") -> int:
    """Writes the rows of a list state; ``whole`` leaves sensitive values unmasked; ``about`` says the filter in words.

    ``watch`` is told how many rows of how many are written; what it raises stops the export.
    """
    total = min(listing.count_all(state, view), limit or sys.maxsize)
    log_access(EXPORT, state.record, purpose, filters=state.args(),
               columns=",".join(state.columns), rows=total, whole=whole)
    words = [fields_of(state.record)[name] for name in state.columns]
    with reading():
        rows = _watched(table(state, view, whole, limit), total, watch)
        return _written(path, _title(state, about), words, rows, total)


def _title(state: ListState, about: str) -> str:
    """What lies on the sheet: the record, the place it was asked for, the filter, and the day."""
    said = "；".join(part for part in (scope_name(), about[:LONGEST_ABOUT], f"{today():%Y-%m-%d}") if part)
    return f"{state.record.__label__}（{said}）"


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


def _written(path: Path, title: str, words: list[Field], rows: Iterator[tuple[Any, ...]], total: int) -> int:
    """A sheet ready to print: title, heading that stays and filters, widths, page numbers, who and when."""
    labels = [str(column.label) for column in words]
    written = 0

    def records() -> Iterator[dict[str, Any]]:
        nonlocal written
        for written, row in enumerate(rows, 1):  # noqa: B007 - told to the caller
            yield dict(zip(labels, row, strict=True))

    last = max(len(words) - 1, 1)
    widths = [float(_width(column)) for column in words]
    big = Format().set_bold().set_font_size(16).set_align("center").set_align("vcenter").set_text_wrap()
    head = Format().set_bold().set_border("thin").set_align("center").set_background_color("#E8F1F7").set_text_wrap()
    FastExcel(str(path)).freeze(row=HEADING + 1, col=1).sheet(
        _("Sheet"), records() if total else [dict.fromkeys(labels, "")], header_row=HEADING, autofilter=True,
        merge_ranges=[(0, 0, 0, last, title, big)], row_heights={0: _title_height(title, sum(widths))}, header_format=head,
        column_widths=widths, column_formats=[_format(column) for column in words],
        page_setup=_page(HEADING + max(total, 1), last, sum(widths))).save()
    return written


def _title_height(title: str, width: float) -> int:
    """Room for a title of 16 points over a sheet so many characters wide."""
    return TITLE_ROW * max(1, ceil(_places(title) * 1.5 / width))


def _format(words: Field) -> Format:
    """How a column's cells look: a day as a day, a text as a text whatever is typed over it; long ones wrap."""
    cell = Format().set_border("thin").set_align("vcenter")
    if _wraps(words):
        cell = cell.set_text_wrap()
    if words.kind == "date":
        return cell.set_num_format("yyyy-mm-dd")
    if words.kind == "datetime":
        return cell.set_num_format("yyyy-mm-dd hh:mm")
    return cell if words.kind in NUMBERS and not words.mask else cell.set_num_format("@")


def _width(words: Field) -> int:
    """Room for the values and for the heading with its filter; numbers and codes stand whole, long texts wrap."""
    heading = min(_places(str(words.label)) + 4, 22)
    if words.mask == "id_number":
        return max(21, heading)
    values = {"date": 12, "datetime": 18, "bool": 8, "int": 10, "decimal": 10, "relation": 26, "grid": 22, "choice": 14}.get(
        words.kind, WIDEST if _wraps(words) else max(12, (words.length or 20) + 2))
    return max(values, heading)


def _places(text: str) -> int:
    """How many places a text takes; a Chinese character takes two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _wraps(words: Field) -> bool:
    """Whether values may be longer than their column is wide."""
    return words.kind in ("relation", "grid", "choice") or words.kind in TEXTS and (words.length or WHOLE) > WHOLE


def _page(bottom: int, last: int, width: float) -> dict[str, Any]:
    """Landscape A4, as many pages side by side as can be read, each with the heading and the first column.

    The footer says who carried it out, when, and the page.
    """
    actor, across = (current().actor or "system").replace("&", "&&"), max(1, ceil(width / PAGE))
    return {"landscape": True, "paper_size": 9, "fit_to_pages": (across, 0), "repeat_rows": (0, HEADING),
            "print_area": (0, 0, bottom, last), "footer": f"&L{actor} {local(now()):%Y-%m-%d %H:%M}&R&P / &N",
            **({"repeat_columns": (0, 0)} if across > 1 else {})}
