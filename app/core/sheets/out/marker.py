"""The child process that marks an office's own workbook: it may die of what it opens, the console does not.

Run as a file, by itself: ``python marker.py WORKBOOK TARGET MARKS``. MARKS is JSON:
{"word": heading of the first column, "sheets": {name: {"heading": row,
                                                        "rows": {row: {"why": text, "cells": {column: text}}}, "typed": {row: {column: text}}}}},
rows counted from 1, columns from 0 at the sheet's first used one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

MEMORY_LIMIT = 2_000_000_000
SECONDS_LIMIT = 120
RED, WIDTH = "FFF8CBC6", 46


def limit_resources() -> None:
    """Bounds memory and time where the system can."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_LIMIT, SECONDS_LIMIT))


def mark(source: str, target: str, marks: dict[str, Any]) -> None:
    """Writes the workbook with a first column of reasons, bad cells filled and commented; all else as it was."""
    import openpyxl
    import python_calamine

    places = python_calamine.CalamineWorkbook.from_path(source)
    book = openpyxl.load_workbook(source, keep_links=False)
    for name, about in marks["sheets"].items():
        first = (places.get_sheet_by_name(name).start or (0, 0))[1]
        mark_sheet(book[name], first, about, marks["word"])
    book.save(target)


def mark_sheet(sheet: Any, first: int, about: dict[str, Any], word: str) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    make_room(sheet)
    red, bold = PatternFill("solid", fgColor=RED), Font(bold=True)
    top = sheet.cell(about["heading"], 1, word)
    top.font = bold
    for number, cells in about["typed"].items():
        for column, text in cells.items():
            sheet.cell(int(number), first + int(column) + 2).value = text
    for number, row in about["rows"].items():
        why = sheet.cell(int(number), 1, row["why"])
        why.data_type, why.fill, why.alignment = "s", red, Alignment(wrap_text=True, vertical="top")
        for column, text in row["cells"].items():
            cell = sheet.cell(int(number), first + int(column) + 2)
            if type(cell).__name__ == "MergedCell":
                continue
            cell.fill = red
            cell.comment = Comment(text, "Gewu", width=320, height=90)


def make_room(sheet: Any) -> None:
    """A new first column: merged cells and widths move along, which openpyxl leaves to us."""
    from openpyxl.utils import get_column_letter

    merged = [str(area) for area in sheet.merged_cells.ranges]
    for area in merged:
        sheet.unmerge_cells(area)
    widths = {number: sheet.column_dimensions[get_column_letter(number)].width
              for number in range(1, sheet.max_column + 1) if get_column_letter(number) in sheet.column_dimensions}
    sheet.insert_cols(1)
    for area in merged:
        moved = openpyxl_range(area)
        sheet.merge_cells(start_row=moved[1], start_column=moved[0] + 1, end_row=moved[3], end_column=moved[2] + 1)
    for number, width in widths.items():
        sheet.column_dimensions[get_column_letter(number + 1)].width = width
    sheet.column_dimensions["A"].width = WIDTH
    sheet.auto_filter.ref = None
    sheet.print_area = None
    sheet.data_validations.dataValidation = []
    sheet.conditional_formatting = type(sheet.conditional_formatting)()


def openpyxl_range(area: str) -> tuple[int, int, int, int]:
    from openpyxl.utils.cell import range_boundaries

    return range_boundaries(area)


if __name__ == "__main__":
    limit_resources()
    mark(sys.argv[1], sys.argv[2], json.loads(Path(sys.argv[3]).read_text(encoding="utf-8")))
