"""Cells keep what they are: each case of an office's workbook with what must become of it."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.base.fields import Field
from app.core.base.scope import acting_as, system
from app.core.base.texts import InvalidValue
from app.core.sheets.checking.how import BOTH, CLEAR, How
from app.core.sheets.checking.outcome import Outcome
from app.core.sheets.checking.values import CellReader
from app.core.sheets.reading.cells import Broken, Number
from app.core.sheets.reading.workbook import sheets_of
from app.core.sheets.writing.batches import ImportPart
from app.core.sheets.writing.importing import import_file
from app.db import db
from app.subsystems.people.households import Household
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, SECOND, WANGWAN, id_number
from tests.core.sheets.raw_workbooks import number, raw, text
from tests.core.sheets.test_import import codes

CASES = Path(__file__).parent / "cases"


def taken(name: str | Path, record: Any = Resident, **options: Any) -> Outcome:
    with acting_as("wangwan", WANGWAN):
        return import_file(record, CASES / name, grid=FIRST, **options)


def person(row: int, serial: int) -> str:
    """The name and the ID number of a row."""
    return text("A", row, f"丁{serial}") + text("B", row, id_number(serial, "19850305"))


def people(outcome: Outcome) -> dict[str, Resident]:
    """Who came with an import, by name."""
    with system("look"):
        parts = db.session.scalars(select(ImportPart).where(
            ImportPart.batch_id == outcome.batch, ImportPart.record == "resident")).all() if outcome.batch else []
        ids = [number for part in parts for number, _version, _old in part.lines()]
        return {row.name: row for row in db.session.scalars(select(Resident).where(Resident.id.in_(ids)))}


def test_a_part_of_a_day_that_agrees_with_the_id_number_takes_its_day(app: Flask) -> None:
    outcome = taken("01-birth-forms.xlsx")
    assert {row.birth_on for row in people(outcome).values()} == {date(1985, 3, 5)}
    assert [(message.value, message.code) for message in outcome.messages if message.level == "error"] == [
        ("农历1985年正月十四", "date_format"), ("5/3/1985", "date_format"), ("1985年03月05日(农历)", "date_format"),
        ("40岁", "date_format")]


def test_a_year_or_an_age_is_no_day(app: Flask) -> None:
    assert codes(taken("x01-year-only.xlsx")) == [(2, "出生日期", "date_part"), (3, "出生日期", "date_part")]


def test_an_error_in_a_cell_is_told_and_never_kept(app: Flask) -> None:
    assert codes(taken("x04-error-cells.xlsx")) == [
        (2, "姓名", "cell_error"), (3, "工作单位", "cell_error"), (3, "备注", "cell_error")]


def test_a_formula_without_a_result_is_told(app: Flask) -> None:
    assert codes(taken("x05-formula-no-value.xlsx")) == [
        (2, "性别", "formula_unknown"), (2, "联系电话", "formula_unknown")]


def test_zeros_that_a_format_shows_are_kept(app: Flask) -> None:
    outcome = taken("x06-zero-format.xlsx")
    assert [(row.workplace, row.remark) for row in people(outcome).values()] == [("000123", "第007号")]


def test_a_percentage_stays_one(app: Flask) -> None:
    outcome = taken("x07-percent.xlsx")
    assert [row.remark for row in people(outcome).values()] == ["85%"]


def test_a_month_is_no_day_however_the_spreadsheet_keeps_it(app: Flask) -> None:
    assert codes(taken("x24-month-cell.xlsx")) == [(row, "出生日期", "date_part") for row in (2, 3, 4)]


@pytest.mark.parametrize(("name", "person"), [
    ("c01-title-then-tabs.csv", "甲标题"), ("x12-backslash-parts.xlsx", "甲斜杠"), ("x18-styled-to-last-row.xlsx", "甲末行")])
def test_a_table_is_found_however_the_file_is_made(app: Flask, name: str, person: str) -> None:
    outcome = taken(name)
    assert (codes(outcome), outcome.new, list(people(outcome))) == ([], 1, [person])


def test_a_number_kept_as_text_by_a_formula_is_taken_without_its_shell(app: Flask) -> None:
    outcome = taken("c03-formula-text.csv")
    assert [(row.id_number, row.phone) for row in people(outcome).values()] == [("420398199001010659", "19011110065")]


def test_a_quotation_mark_that_is_never_closed_takes_no_other_row_along(app: Flask) -> None:
    outcome = taken("c09-unclosed-quote.csv")
    assert codes(outcome) == [(2, "备注", "quote_unclosed")]
    assert sorted(people(outcome)) == ["甲引三", "甲引二"]


def test_a_household_number_without_its_zeros_finds_its_household(app: Flask) -> None:
    with acting_as("wangwan", WANGWAN):
        if not db.session.scalars(select(Household).where(Household.number == "000001")).first():
            db.session.add(Household(grid_code=FIRST, number="000001", head_name="测试1"))
            db.session.commit()
    outcome = taken("x28-household-number-zeros.xlsx", Household, dry_run=True)
    assert (outcome.new, outcome.same, codes(outcome)) == (0, 1, [(3, "所属网格", "duplicate_in_file")])


def household(number: str, grid: str = SECOND) -> int:
    with acting_as("wangwan", WANGWAN):
        row = Household(grid_code=grid, number=number, head_name=f"户主{number}")
        db.session.add(row)
        db.session.commit()
        return row.id


def test_people_of_a_household_whose_number_lost_its_zeros_join_it(app: Flask, tmp_path: Path) -> None:
    wanted = household("000771")
    outcome = taken(raw(tmp_path / "a.xlsx", ("姓名", "身份证号码", "户号", "所属网格"),
                        person(2, 931) + number("C", 2, 771) + text("D", 2, SECOND),
                        person(3, 933) + text("C", 3, "771") + text("D", 3, SECOND)))
    assert (codes(outcome), {row.household_id for row in people(outcome).values()}) == ([], {wanted})


def test_a_number_that_may_be_two_households_is_asked_about(app: Flask, tmp_path: Path) -> None:
    household("0772")
    household("000772")
    outcome = taken(raw(tmp_path / "a.xlsx", ("户号", "户主姓名", "所属网格"),
                        number("A", 2, 772) + text("B", 2, "户主") + text("C", 2, SECOND)), Household)
    assert (outcome.new, codes(outcome)) == (0, [(2, "户号", "key_unsure")])


def test_a_percentage_is_neither_its_number_nor_a_hundredth_of_it(app: Flask) -> None:
    with pytest.raises(InvalidValue):
        CellReader(Field("面积", name="area", kind="decimal")).read(Number(0.85, "85%"))


def test_a_head_and_an_address_merged_over_three_rows_make_one_household(app: Flask) -> None:
    outcome = taken("x30-merged-household.xlsx")
    assert (codes(outcome), outcome.new) == ([], 3)
    assert len({row.household_id for row in people(outcome).values()}) == 1 and people(outcome)["乙子"].household_id


HEAD = ("姓名", "身份证号码", "出生日期", "备注", "工作单位", "现居住地址")


def test_days_counted_from_1904_are_read_so_in_cells_without_a_format_too(app: Flask, tmp_path: Path) -> None:
    outcome = taken(raw(tmp_path / "a.xlsx", HEAD, person(2, 901) + number("C", 2, 31111 - 1462),
                        person(3, 903) + number("C", 3, 31111 - 1462, 1), formats=("yyyy/m/d",), from_1904=True))
    assert codes(outcome) == []
    assert {row.birth_on for row in people(outcome).values()} == {date(1985, 3, 5)}


def test_a_part_of_a_day_that_contradicts_the_id_number_is_refused(app: Flask, tmp_path: Path) -> None:
    outcome = taken(raw(tmp_path / "a.xlsx", HEAD, person(2, 905) + text("C", 2, "1985.4"), person(3, 907) + number("C", 3, 1986),
                        person(4, 909) + number("C", 4, 31168, 1), formats=("yyyy&quot;年&quot;m&quot;月&quot;",)))
    assert codes(outcome) == [(row, "出生日期", "date_part") for row in (2, 3, 4)]


def test_an_error_code_nobody_knows_refuses_its_row_and_not_the_file(app: Flask, tmp_path: Path) -> None:
    outcome = taken(raw(tmp_path / "a.xlsx", HEAD, person(2, 911) + '<c r="D2" t="e"><v>#SPILL!</v></c>', person(3, 913)))
    assert (codes(outcome), outcome.new) == ([(2, "备注", "cell_error")], 1)


def test_yes_and_numbers_in_texts_stay_as_they_show(app: Flask, tmp_path: Path) -> None:
    outcome = taken(raw(tmp_path / "a.xlsx", HEAD, person(2, 915) + '<c r="D2" t="b"><v>1</v></c>' + number("E", 2, 1234.5, 1),
                        formats=("#,##0.00",)))
    assert [(row.remark, row.workplace) for row in people(outcome).values()] == [("TRUE", "1,234.50")]


def test_a_house_number_that_became_a_day_is_told_and_a_remark_of_a_day_is_kept_as_it_shows(app: Flask, tmp_path: Path) -> None:
    outcome = taken(raw(tmp_path / "a.xlsx", HEAD, person(2, 917) + number("F", 2, 46082, 1),
                        person(3, 919) + number("D", 3, 46082, 1), formats=("m&quot;月&quot;d&quot;日&quot;",)))
    assert codes(outcome) == [(2, "现居住地址", "became_date")]
    assert [row.remark for row in people(outcome).values()] == ["3月1日"]


def test_what_a_format_shows_and_nobody_knows_is_told(app: Flask, tmp_path: Path) -> None:
    outcome = taken(raw(tmp_path / "a.xlsx", HEAD, person(2, 921) + number("D", 2, 12, 1), formats=("[DBNum1]0",)))
    assert codes(outcome) == [(2, "备注", "format_unknown")]


def test_errors_and_formulas_never_empty_what_is_stored(app: Flask, tmp_path: Path) -> None:
    first = taken(raw(tmp_path / "a.xlsx", HEAD, person(2, 923) + text("D", 2, "旧备注") + text("E", 2, "旧单位")))
    assert first.new == 1
    outcome = taken(raw(tmp_path / "b.xlsx", HEAD, person(2, 923) + '<c r="D2" t="e"><v>#N/A</v></c><c r="E2"><f>A1</f></c>'),
                    how=How(BOTH, CLEAR))
    assert codes(outcome) == [(2, "备注", "cell_error"), (2, "工作单位", "formula_unknown")]
    assert [(row.remark, row.workplace) for row in people(first).values()] == [("旧备注", "旧单位")]


def test_cells_without_addresses_are_told_apart_too(tmp_path: Path) -> None:
    path = raw(tmp_path / "a.xlsx", ("号",), '<c s="1"><v>7</v></c><c t="e"><v>#REF!</v></c>', formats=("000",))
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = re.sub(rb' r="[^"]*"', b"", parts["xl/worksheets/sheet1.xml"])
    with zipfile.ZipFile(path, "w") as book:
        for name, part in parts.items():
            book.writestr(name, sheet if name.endswith("sheet1.xml") else part)
    [rows] = [list(sheet.rows) for sheet in sheets_of(path)]
    assert (rows[1][0].shown, rows[1][1]) == ("007", Broken("#REF!"))


@pytest.mark.parametrize(("content", "rows"), [
    ('a,b,c\n1,"x\ny",2\n', [["1", "x\ny", "2"]]), ('a,b,c\n1,2,"x\n3,4,"z"\n', [["1", "2", '"x'], ["3", "4", "z"]]),
    ('a,b,c\n1,2,5"寸\n3,"某"公司,"q"\n', [["1", "2", '5"寸'], ["3", '"某"公司', "q"]]),
    ('a,b,c,d\n"x\ny",2,3,4\n', [["x\ny", "2", "3", "4"]]), ('a,b,c\n1,"x,2\n3,4,5\n', [["1", '"x', "2"], ["3", "4", "5"]]),
    ("sep=;\na;b\n1;2,3\n", [["a", "b"], ["1", "2,3"]]), ("标题,甲\n\na;b;c\n1;2;3,4\n", [[], ["a", "b", "c"], ["1", "2", "3,4"]]),
])
def test_a_text_file_is_read_row_by_row(tmp_path: Path, content: str, rows: list[list[str]]) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-8")
    assert [list(sheet.rows) for sheet in sheets_of(path)][0][1:] == rows
