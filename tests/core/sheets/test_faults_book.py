"""Refused rows by kind: every code has words, and the workbook of them has one block a kind."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
from flask import Flask

from app.core.sheets.checking.asides import ABOVE, AGAIN, EMPTY, REMARK, SECTION, TOTAL
from app.core.sheets.checking.wrong import KINDS_OF_FAULT
from tests.conftest import FIRST, id_number
from tests.core.sheets.test_import import book

ROOT = Path(__file__).parents[3] / "app"
GIVEN = re.compile(r"""(?:InvalidValue\(|problem\(draft, [^"]*|say\(draft, (?:"\w+"|HEAD|name), |note\([^"]*|Kept\([^"]*)"([a-z_]+)",""")
HEAD = ("姓名", "身份证号码", "出生日期", "联系电话", "所属网格")
OF_FORMS = {"choice", "kind", "relation"}


def test_every_code_a_row_can_have_is_told_in_words() -> None:
    sources = [*ROOT.glob("core/base/*.py"), *ROOT.glob("core/sheets/**/*.py"), *ROOT.glob("subsystems/**/*.py")]
    given = {code for path in sources for code in GIVEN.findall(path.read_text(encoding="utf-8"))}
    assert {"phone", "person_unsure", "already_elsewhere", "another_table", "household_unknown", "tel_several"} <= given
    assert given - OF_FORMS | {TOTAL, REMARK, SECTION, AGAIN, EMPTY, ABOVE} <= KINDS_OF_FAULT.keys()


def test_the_workbook_of_what_was_refused_has_a_block_for_each_kind(app: Flask, client: Any, tmp_path: Path) -> None:
    rows = [("甲", id_number(n, "19900101"), "某年", "19011110001", FIRST) for n in (301, 303, 305)]
    path = book(tmp_path / "五月.xlsx", *rows, ("乙", id_number(307, "19900101"), "1990-01-01", "123", FIRST), head=HEAD)
    browser = client("wangwan")
    page = browser.post("/resident/import/", data={"file": (BytesIO(path.read_bytes()), path.name)}).headers["Location"]
    assert f"{page}/faults" in browser.get(page).get_data(as_text=True)
    answer = browser.get(f"{page}/faults")
    assert "%E4%BA%94%E6%9C%88_" in answer.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    lines = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [line[:4] for line in lines] == [
        ["日期认不出：3 行"], *(["名册", row, "出生日期", "某年"] for row in (2, 3, 4)),
        ["电话号码有误：1 行"], ["名册", 5, "联系电话", "123"]]
    assert client("yangou").get(f"{page}/faults").status_code == 404
