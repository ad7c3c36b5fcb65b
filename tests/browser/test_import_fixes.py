"""Cells of a workbook are put right in a real browser: one row changes alone, and nothing lies under the save bar."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_walkthrough import SIZES, address, browser, signed_in  # noqa: F401

CASE = Path(__file__).parents[1] / "core" / "sheets" / "cases" / "26-page-fix-erases-grid.xlsx"


@pytest.mark.parametrize("size", SIZES)
def test_correcting_one_row_leaves_the_grids_of_the_others(browser: Any, address: str, size: tuple[int, int]) -> None:  # noqa: F811
    page, faults = signed_in(browser, address, "street", size)
    page.goto(f"{address}/resident/import/")
    page.set_input_files("input[type=file]", str(CASE))
    page.locator(".s-save button.btn-primary").click()
    page.wait_for_selector("#rows")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    covered = """() => { const bar = document.querySelector('.s-fixes .s-save').getBoundingClientRect();
        return [...document.querySelectorAll('.s-fix')].some(row => {
            const at = row.getBoundingClientRect(); return at.bottom > bar.top + 1 && at.top < bar.bottom - 1 }) }"""
    assert not page.evaluate(covered)
    first = page.locator("[name='c:1:5:3']")
    if first.count():
        first.fill("1931-01-03")
    page.get_by_role("button", name="保存并重新检查").click()
    page.wait_for_load_state()
    assert page.locator(".s-kpi strong").all_inner_texts() == ["1", "0", "0", "2"]
    assert "花果社区三网格" in page.inner_text("#rows") and "火车站网格" in page.inner_text("#rows")
    assert not faults
    page.context.close()
