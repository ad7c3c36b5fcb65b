"""Cells of workbooks, by the declaration of every record: whatever way the office writes a value, it is read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.assembly import discover
from app.core.base.fields import Field, fields_of
from app.core.base.registry import records, view_of
from app.core.base.scope import acting_as, system
from app.core.base.texts import InvalidValue
from app.core.sheets.checking.drafts import gathering_of
from app.core.sheets.checking.values import CellReader
from app.core.sheets.writing.importing import import_file
from app.core.telling.dictionaries import dictionary, entries
from app.core.telling.display import text_of
from app.db import db
from app.subsystems.grids.leadership import BodyMember, LeadingBody
from app.subsystems.people.households import Household, HouseholdMember
from app.subsystems.people.houses import Building, House, RentalHouse
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, SECOND, WANGWAN, id_number
from tests.core.sheets.test_import import book, codes

DAY = date(2023, 5, 6)
DATES = ("2023-05-06", "2023-5-6", "2023.5.6", "2023.05.06", "2023/5/6", "2023年5月6日", "2023年05月06号", "20230506",
         "２０２３．５．６", "2023 年 5 月 6 日", "2023-05-06 00:00:00", "2023/5/6 0:00", "二〇二三年五月六日", "二○二三年五月六号",
         45052.0, 20230506.0, " 2023-05-06 ", "2023.5.6.", "'2023-05-06")
WHOLE = ("12", "１２", "12.0", 12.0, "12户", "12 人", "约12个", "第12层", " 12 ", "12间", "12年")
BROKEN = ("1234.5", "１，２３４．５", "1,234.50", 1234.5, "1234.5㎡", "1234.5平方米", "￥1,234.5", "1234.5元", "约1234.5 平米", "1234.5元/月")
YES, NO = ("是", "有", "√", "Y", "yes", "1", 1.0, "TRUE"), ("否", "无", "×", "N", "no", "0", 0.0, "没有")


def declared() -> list[tuple[str, Field, Any]]:
    """Every field a workbook may bring, of every record that has a page."""
    discover()
    known = sorted(filter(view_of, records()), key=lambda record: record.__name__)
    return [(record.__name__, words, getattr(record.__mapper__.columns.get(name), "type", None)) for record in known
            for name, words in (fields_of(record) | gathering_of(record).columns).items() if not words.derived]


def of_kind(*kinds: str) -> list[Any]:
    return [pytest.param(words, getattr(column, "scale", None), id=f"{record}.{words.name}")
            for record, words, column in declared() if words.kind in kinds and not words.dictionary]


@pytest.mark.parametrize(("words", "scale"), of_kind("date"))
def test_a_day_is_read_in_every_usual_form(app: Flask, words: Field, scale: Any) -> None:
    reader = CellReader(words)
    assert {repr(cell): reader.read(cell) for cell in DATES} == {repr(cell): DAY for cell in DATES}
    assert reader.read("二〇二一年十二月三十一日") == date(2021, 12, 31)
    assert reader.read("二〇二一年十月二十日") == date(2021, 10, 20)
    for cell in ("2023年5月", "2023-02-30", "5月6日", "二〇二三年十三月一日", "明天"):
        with pytest.raises(InvalidValue):
            reader.read(cell)


@pytest.mark.parametrize(("words", "scale"), of_kind("int"))
def test_a_whole_number_is_read_with_its_unit(app: Flask, words: Field, scale: Any) -> None:
    reader = CellReader(words)
    assert {repr(cell): reader.read(cell) for cell in WHOLE} == {repr(cell): 12 for cell in WHOLE}
    for cell in ("12.5", "十几", "12-13"):
        with pytest.raises(InvalidValue):
            reader.read(cell)


@pytest.mark.parametrize(("words", "scale"), of_kind("decimal"))
def test_a_number_is_read_with_its_unit(app: Flask, words: Field, scale: Any) -> None:
    reader = CellReader(words, scale)
    assert {repr(cell): reader.read(cell) for cell in BROKEN} == {repr(cell): Decimal("1234.5") for cell in BROKEN}


@pytest.mark.parametrize(("words", "scale"), of_kind("bool"))
def test_yes_and_no_are_read(app: Flask, words: Field, scale: Any) -> None:
    reader = CellReader(words)
    assert [reader.read(cell) for cell in (*YES, *NO)] == [True] * len(YES) + [False] * len(NO)
    assert [reader.read(text_of(words, value)) for value in (True, False)] == [True, False]


@pytest.mark.parametrize("words", [pytest.param(words, id=f"{record}.{words.name}")
                                   for record, words, _column in declared() if words.dictionary])
def test_a_choice_is_read_by_code_label_and_other_words(app: Flask, words: Field) -> None:
    reader = CellReader(words)
    one: Any = (lambda cell: reader.read(cell)) if not words.multiple else lambda cell: reader.read(cell)[0]
    for entry in dictionary(words.dictionary).entries:
        spellings = [entry.code, entry.label, entry.english, f" {entry.label}　", *filter(None, (entry.aliases or "").split("|"))]
        if entry.code.isdecimal():
            spellings.append(float(entry.code))
        assert {repr(cell): one(cell) for cell in spellings} == {repr(cell): entry.code for cell in spellings}
    with pytest.raises(InvalidValue, match="choice_unknown"):
        reader.read("没有这一项")


@pytest.mark.parametrize("words", [pytest.param(words, id=f"{record}.{words.name}")
                                   for record, words, _column in declared() if words.multiple])
def test_several_choices_are_read_with_every_separator(app: Flask, words: Field) -> None:
    reader = CellReader(words)
    for first, second in pairwise(entries(words.dictionary)):
        for between in ("、", "，", ",", "；", ";", "/", "|", "\n", " ", "　", "、 "):
            assert reader.read(f"{first.label}{between}{second.label}") == [first.code, second.code], between
        assert reader.read(f"{first.code}、{first.label}") == [first.code]
        assert reader.read(text_of(words, [first.code, second.code])) == [first.code, second.code]


@pytest.fixture
def rows_to_name(app: Flask) -> Iterator[None]:
    """A building, houses, households and a person that cells can name."""
    with acting_as("wangwan", WANGWAN):
        house = House(grid_code=FIRST, address="指名小区7栋1单元101室")
        db.session.add_all([
            Building(grid_code=FIRST, address="指名小区7栋"), house,
            LeadingBody(name="指名领导小组", kind=entries("body_kind")[0].code, grid_code=WANGWAN),
            Household(grid_code=FIRST, number="770001", head_name="指一", house=house),
            Household(grid_code=FIRST, number="770002", head_name="同名"),
            Household(grid_code=SECOND, number="770003", head_name="同名"),
            Resident(grid_code=FIRST, name="指一", id_number=id_number(771))])
        db.session.commit()
        yield
        db.session.rollback()
        for record in (Household, House, Building, LeadingBody, Resident):
            for row in db.session.scalars(select(record)).all():
                if str(row).startswith(("指", "同名")):
                    db.session.delete(row)
        db.session.commit()


@pytest.mark.parametrize("place", [FIRST, "一网格", "王湾社区一网格", "王湾一网格", "第一网格", " 王湾社区 一网格 "])
def test_a_grid_is_named_by_code_or_name_for_every_record(app: Flask, tmp_path: Path, place: str) -> None:
    with acting_as("wangwan", WANGWAN):
        outcome = import_file(Building, book(tmp_path / "a.xlsx", ("网格小区1栋", place), head=("楼栋地址", "所属网格")), dry_run=True)
        assert (outcome.new, codes(outcome)) == (1, [])


def named(tmp_path: Path, record: Any, head: tuple[str, ...], row: tuple[str, ...]) -> tuple[int, list[str]]:
    outcome = import_file(record, book(tmp_path / "a.xlsx", row, head=head), dry_run=True)
    return outcome.new, [code for _row, _column, code in codes(outcome)]


@pytest.mark.parametrize("house", ["指名小区7栋1单元101室", "指名小区７栋１单元１０１室", "指名小区7栋1单元101"])
def test_a_house_is_named_by_its_address(app: Flask, rows_to_name: None, tmp_path: Path, house: str) -> None:
    head = ("户号", "户主", "住址", "所属网格")
    assert named(tmp_path, Household, head, ("779999", "新户", house, FIRST)) == (1, [])
    assert named(tmp_path, Household, head, ("779999", "新户", "指名小区8栋1单元101室", FIRST)) == (0, ["relation_unknown"])


@pytest.mark.parametrize(("household", "found"), [
    ("770001", True), ("指一", True), ("指一（770001）", True), ("７７０００１", True), ("同名", True), ("无此户", False)])
def test_a_household_is_named_by_number_or_head(app: Flask, rows_to_name: None, tmp_path: Path, household: str, found: bool) -> None:
    head = ("姓名", "身份证号码", "所属户", "所属网格")
    wanted = (1, []) if found else (0, ["relation_unknown"])
    assert named(tmp_path, Resident, head, ("指名人", id_number(773), household, FIRST)) == wanted


def test_two_heads_of_one_name_in_other_grids_are_not_guessed_between(app: Flask, rows_to_name: None, tmp_path: Path) -> None:
    with system("a third grid"):
        second = db.session.scalars(select(Household).where(Household.number == "770003")).one()
        second.grid_code = FIRST
        db.session.commit()
    head = ("姓名", "身份证号码", "所属户", "所属网格")
    assert named(tmp_path, Resident, head, ("指名人", id_number(773), "同名", FIRST)) == (0, ["relation_unknown"])


def test_the_other_relations_are_named_by_their_keys(app: Flask, rows_to_name: None, tmp_path: Path) -> None:
    label = {record: {name: str(words.label) for name, words in fields_of(record).items()}
             for record in (House, RentalHouse, BodyMember, HouseholdMember)}
    house, rental, member, stay = (label[record] for record in (House, RentalHouse, BodyMember, HouseholdMember))
    assert named(tmp_path, House, (house["address"], house["building_id"], "所属网格"),
                 ("指名小区7栋1单元102室", "指名小区7栋", FIRST)) == (1, [])
    assert named(tmp_path, RentalHouse, (rental["house_id"], "所属网格"), ("指名小区7栋1单元101室", FIRST))[1] != ["relation_unknown"]
    assert "relation_unknown" not in named(tmp_path, BodyMember, (member["body_id"], member["name"], "所属网格"),
                                           ("指名领导小组", "张三", WANGWAN))[1]
    assert "relation_unknown" not in named(tmp_path, HouseholdMember, (stay["household_id"], stay["resident_id"], "所属网格"),
                                           ("770001", id_number(771), FIRST))[1]
