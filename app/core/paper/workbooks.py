"""Fills a workbook: cells said once, and rows of a table repeated with their style, height and merges."""

from __future__ import annotations

from copy import copy
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.worksheet.cell_range import CellRange

from app.core.paper.filling import Filling, Words, nothing


def fill(blank: IO[bytes], filling: Filling, file: IO[bytes]) -> None:
    """Writes the filled workbook; formulas, pictures and print set-up of the blank stay."""
    book = load_workbook(blank)
    for sheet in book.worksheets:
        for number in range(sheet.max_row, 0, -1):
            texts = [cell.value for cell in sheet[number] if isinstance(cell.value, str)]
            rows = filling.repeated(texts)
            if rows is None:
                _fill_row(sheet, number, filling, None)
            else:
                _repeat(sheet, number, filling, rows or [nothing(texts)])
    book.save(file)


def _fill_row(sheet: Any, number: int, filling: Filling, row: Words | None) -> None:
    for cell in sheet[number]:
        if isinstance(cell.value, str) and "{{" in cell.value:
            cell.value = filling.text(cell.value, row)
            cell.data_type = "s"  # a text that begins with = stays text


def _repeat(sheet: Any, number: int, filling: Filling, rows: list[Words]) -> None:
    """One row becomes as many as the list has."""
    more = len(rows) - 1
    blank = [(cell.column, cell.value, copy(cell._style)) for cell in sheet[number]]
    merges = [area for area in sheet.merged_cells.ranges if area.min_row == area.max_row == number]
    if more:
        _make_room(sheet, number, more)
    for at, words in enumerate(rows, number):
        for column, value, style in blank:
            cell = sheet.cell(at, column)
            if not _covered(cell):
                cell.value = value
            cell._style = copy(style)
        sheet.row_dimensions[at].height = sheet.row_dimensions[number].height
        if at > number:
            for area in merges:
                sheet.merge_cells(start_row=at, end_row=at, start_column=area.min_col, end_column=area.max_col)
        _fill_row(sheet, at, filling, words)


def _covered(cell: Any) -> bool:
    """Whether a cell lies under a merged one and can hold no value."""
    return type(cell).__name__ == "MergedCell"


def _make_room(sheet: Any, number: int, more: int) -> None:
    """Moves everything below a row down; merged areas and heights go with their rows."""
    below = [area for area in list(sheet.merged_cells.ranges) if area.min_row > number]
    heights = {at: sheet.row_dimensions[at].height for at in range(number + 1, sheet.max_row + 1)}
    for area in below:
        sheet.unmerge_cells(area.coord)
    sheet.insert_rows(number + 1, more)
    for area in below:
        moved = CellRange(area.coord)
        moved.shift(row_shift=more)
        sheet.merge_cells(moved.coord)
    for at, height in heights.items():
        sheet.row_dimensions[at + more].height = height
