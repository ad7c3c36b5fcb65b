"""The workbook of what was refused: one block a kind of fault, 日期认不出：37 行, with its rows below it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import xlsxwriter
from flask_babel import gettext as _

from app.core.sheets.checking.outcome import ERROR
from app.core.sheets.checking.preview import Found
from app.core.sheets.checking.wrong import kind_of_fault

MOST_ROWS = 5_000  # of one kind; what is wrong that often is wrong in the same way
WIDTHS = (18, 8, 18, 26, 70)


def faults_workbook(found: Found) -> BytesIO:
    """Every refused cell with its place and what to do, grouped by kind, the most frequent first."""
    target = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(_("Not taken"))
        head = book.add_format({"bold": True, "border": 1, "bg_color": "#E8F1F7"})
        block = book.add_format({"bold": True, "font_size": 12})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for at, width in enumerate(WIDTHS):
            sheet.set_column(at, at, width, wrapped)
        sheet.write_row(0, 0, (_("Sheet"), _("Row"), _("Column"), _("Value"), _("What to do")), head)
        sheet.freeze_panes(1, 0)
        for at, line in enumerate(_lines(found), 1):
            sheet.write_row(at, 0, line, block if len(line) == 1 else wrapped)
    target.seek(0)
    return target


def _lines(found: Found) -> Iterator[tuple[str | int, ...]]:
    """The lines of the sheet; one of a single cell begins a block."""
    for code, example, count in found.codes(ERROR):
        yield (_("%(fault)s: %(count)s rows", fault=kind_of_fault(code, example), count=f"{count:,}"),)
        for fault in found.faults_of(code, MOST_ROWS):
            yield (fault.sheet, fault.row, fault.heading, fault.value, fault.text)
        if count > MOST_ROWS:
            yield (_("Only the first %(count)s rows are here: put these right and check the file again.",
                     count=f"{MOST_ROWS:,}"),)
