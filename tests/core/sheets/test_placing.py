"""The place of a row: what its cell, its title, its sheet and the person who sends it say must agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from sqlalchemy import select

from app.core.base.scope import acting_as, system
from app.core.sheets.checking.naming import named_in
from app.core.sheets.checking.placing import placing_of
from app.core.sheets.writing.importing import Outcome, import_file
from app.core.telling.places import find_place
from app.db import db
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, SECOND, STREET, WANGWAN, id_number

BIRTH = "19610606"


def sheet(path: Path, *rows: tuple[Any, ...], name: str = "名册") -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        page = workbook.add_worksheet(name)
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    return path


def taken(path: Path, **options: Any) -> Outcome:
    with acting_as("street", STREET):
        return import_file(Resident, path, **options)


def codes(outcome: Outcome) -> set[str]:
    return {message.code for message in outcome.messages if message.level == "error"}


def grids(*names: str) -> list[str]:
    with system("look"):
        return [db.session.scalars(select(Resident.grid_code).where(Resident.name == name)).one() for name in names]


@pytest.mark.parametrize("text", ["1", "01", "001", "第1", "Ⅰ", "壹", "1号网格", "一网格", "第一网格", "网格一", "1#网格", "一格",
                                  "王湾社区1号网格", "王湾一网格", "红卫街道王湾社区第01网格", "王湾社区Ⅰ网格"])
def test_one_grid_goes_by_many_names(app: Flask, text: str) -> None:
    with acting_as("street", STREET):
        assert [place.code for place in find_place(text, WANGWAN)] == [FIRST]


@pytest.mark.parametrize("text", ["十一网格", "11", "二十一网格", "王湾社区十一网格", "一网", "1-2", "花果社区一网格"])
def test_what_only_holds_the_name_of_a_grid_is_another(app: Flask, text: str) -> None:
    with acting_as("street", STREET):
        assert FIRST not in [place.code for place in find_place(text, WANGWAN)]


def test_the_eleventh_grid_of_a_title_is_never_the_first(app: Flask, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ("王湾社区十一网格居民花名册",), ("姓名", "身份证号码"), ("十一甲", id_number(11, BIRTH)))
    outcome = taken(path)
    assert (outcome.new, codes(outcome)) == (0, {"place_unknown"})
    assert "十一网格" in outcome.messages[0].message


def test_a_title_of_another_grid_than_the_chosen_one_is_asked_about(app: Flask, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ("王湾社区二网格居民花名册",), ("姓名", "身份证号码"), ("二甲", id_number(13, BIRTH)))
    assert codes(taken(path, grid=FIRST)) == {"place_differs"}
    assert taken(path, grid=WANGWAN, dry_run=True).new == 1
    assert taken(path, grid=STREET).new == 1 and grids("二甲") == [SECOND]


def test_a_row_that_names_its_community_stands_whatever_the_title_says(app: Flask, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ("花果社区居民花名册",), ("姓名", "身份证号码", "网格"),
                 ("花甲", id_number(15, BIRTH), "燕沟社区一网格"), ("花乙", id_number(17, BIRTH), "一网格"))
    outcome = taken(path)
    assert (outcome.new, codes(outcome), grids("花甲")) == (1, {"place_unknown"}, [FOREIGN])


def test_a_section_that_names_a_grid_places_the_rows_below_it(app: Flask, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ("王湾社区居民花名册",), ("序号", "姓名", "身份证号码"), ("一网格",), (1, "段甲", id_number(19, BIRTH)),
                 ("二网格",), (1, "段乙", id_number(21, BIRTH)), ("九网格",), (1, "段丙", id_number(23, BIRTH)))
    outcome = taken(path)
    assert (outcome.new, codes(outcome), grids("段甲", "段乙")) == (2, {"place_unknown"}, [FIRST, SECOND])


def test_a_bare_number_means_a_grid_of_the_sheets_community_alone(app: Flask, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", ("燕沟社区居民花名册",), ("姓名", "身份证号码", "网格"), ("数甲", id_number(25, BIRTH), 2),
                 ("数乙", id_number(27, BIRTH), 1))
    outcome = taken(path)  # only 王湾社区 has a second grid
    assert (outcome.new, codes(outcome), grids("数乙")) == (1, {"grid_unknown"}, [FOREIGN])


@pytest.mark.parametrize(("text", "communities", "unknown", "numbers"), [
    ("红卫街道王湾社区一网格居民花名册（2026年）", ["王湾社区"], [], [1]),
    ("花果社区", [], ["花果社区"], []), ("2026年花果社区人口台账", [], ["花果社区"], []),
    ("十堰市张湾区红卫街道花果社区", [], ["花果社区"], []), ("各社区人口汇总表", [], [], []), ("红卫街道社区工作者花名册", [], [], []),
    ("填表说明：请由各网格员核对后，再交社区存档。", [], [], []), ("网格管理队伍一览表", [], [], []), ("附件一网格化管理台账", [], [], []),
    ("网格一览表", [], [], []), ("王湾社区一、二网格名册", ["王湾社区"], [], [2, 1]), ("王湾社区、燕沟社区名册", ["王湾社区", "燕沟社区"], [], [])])
def test_what_a_title_names(app: Flask, text: str, communities: list[str], unknown: list[str], numbers: list[int]) -> None:
    found = named_in(text)
    assert [place.name for place in found.communities] == communities
    assert (found.unknown, [number for number, _word in found.numbers]) == (unknown, numbers)


def test_two_grids_of_a_title_say_none(app: Flask) -> None:
    with acting_as("street", STREET):
        assert placing_of(["王湾社区一、二网格名册"], None).default == WANGWAN
        assert placing_of(["王湾社区名册"], None, "二网格").default == SECOND
