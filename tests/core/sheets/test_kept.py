"""Cells keep what they are: each case of an office's workbook with what must become of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.base.scope import acting_as, system
from app.core.sheets.checking.outcome import Outcome
from app.core.sheets.writing.batches import ImportPart
from app.core.sheets.writing.importing import import_file
from app.db import db
from app.subsystems.people.households import Household
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, WANGWAN
from tests.core.sheets.test_import import codes

CASES = Path(__file__).parent / "cases"


def taken(name: str, record: Any = Resident, **options: Any) -> Outcome:
    with acting_as("wangwan", WANGWAN):
        return import_file(record, CASES / name, grid=FIRST, **options)


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


def test_a_head_and_an_address_merged_over_three_rows_make_one_household(app: Flask) -> None:
    outcome = taken("x30-merged-household.xlsx")
    assert (codes(outcome), outcome.new) == ([], 3)
    assert len({row.household_id for row in people(outcome).values()}) == 1 and people(outcome)["乙子"].household_id
