"""What of a workbook is hidden is known before anything is decided about it."""

from __future__ import annotations

from pathlib import Path

from app.core.sheets.reading.workbook import sheets_of

CASES = Path(__file__).parent / "cases"


def test_a_hidden_sheet_says_that_it_is_hidden() -> None:
    assert [(sheet.name, sheet.hidden) for sheet in sheets_of(CASES / "x19-hidden-sheet.xlsx")] == [
        ("名册", False), ("旧数据", True)]


def test_the_rows_a_filter_hides_are_named_and_read() -> None:
    [(sheet, rows)] = [(sheet, list(sheet.rows)) for sheet in sheets_of(CASES / "x20-hidden-rows.xlsx")]
    assert sheet.hidden_rows == [2] and rows[2][0] == "甲隐行"
