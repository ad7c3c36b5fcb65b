"""An .xls and an .xlsb tell of their cells what an .xlsx tells, and a far cell in them takes no memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.core.sheets.reading.cells import Broken, Moment, Number
from app.core.sheets.reading.guards import SheetError
from app.core.sheets.reading.workbook import sheets_of
from tests.core.sheets.old_workbooks import Cells, xls, xlsb

FORMATS = ("General", "000000", "0%", 'yyyy"年"m"月"')
CELLS: Cells = [(0, 0, "户号", 0), (0, 1, "比例", 0), (0, 2, "年月", 0), (0, 3, "备注", 0),
                (1, 0, 1.0, 1), (1, 1, 0.85, 2), (1, 2, 31107.0, 3), (1, 3, "#42", 0)]
both = pytest.mark.parametrize("make", [xls, xlsb])
Make = Callable[..., Path]


def rows_of(path: Path) -> list[list[Any]]:
    [rows] = [list(sheet.rows) for sheet in sheets_of(path)]
    return rows


@both
def test_formats_and_errors_are_told(tmp_path: Path, make: Make) -> None:
    number, share, month, fault = rows_of(make(tmp_path / "a", CELLS, FORMATS))[1]
    assert isinstance(number, Number) and (number, number.shown) == (1.0, "000001")
    assert isinstance(share, Number) and share.shown == "85%"
    assert isinstance(month, Moment) and (month, month.shown, month.kind) == ("1985-03-01", "1985年3月", "month")
    assert isinstance(fault, Broken) and fault == "#N/A"


@both
def test_a_far_cell_is_refused(tmp_path: Path, make: Make) -> None:
    with pytest.raises(SheetError) as refused:
        rows_of(make(tmp_path / "a", [*CELLS, (65_535, 255, "x", 0)], FORMATS))
    assert refused.value.code == "too_many_cells"
