"""The workbook that leaves the house: types, print set-up, who and when on every page, texts that stay texts."""

from __future__ import annotations

import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
import python_calamine
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.core.asking import listing
from app.core.base.fields import fields_of
from app.core.base.moments import local
from app.core.base.registry import records, view_of
from app.core.base.scope import acting_as, system
from app.core.sheets.out.exporting import write_list
from app.db import db
from app.subsystems.events.events import Event
from app.subsystems.people.houses import Building
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, WANGWAN, id_number

COLUMNS = "name,id_number,birth_on,phone,sex,grid_code,workplace"
FORMULAS = ("=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0")


@pytest.fixture(autouse=True)
def people(app: Flask) -> None:
    """Persons whose workplace begins like a formula."""
    with app.app_context(), system("people"):
        if db.session.query(Resident).filter_by(former_name="表").count():
            return
        for serial, workplace in enumerate(FORMULAS):
            db.session.add(Resident(grid_code=FIRST, name=f"导出{serial}", id_number=id_number(101 + 2 * serial, "19660606"),
                                    phone=f"1901234500{serial}", former_name="表", workplace=workplace))
        db.session.commit()


def carried_out(path: Path, args: dict[str, str], record: Any = Resident, who: str = "wangwan", whole: bool = False) -> Path:
    view = view_of(record)
    view.derive()
    with acting_as(who, WANGWAN):
        write_list(listing.read_state(view, MultiDict(args)), view, path, "核对", whole)
    return path


def test_cells_have_their_types_and_nothing_is_a_formula(app: Flask, tmp_path: Path) -> None:
    path = carried_out(tmp_path / "a.xlsx", {"cols": COLUMNS, "q": "导出", "sort": "name"}, whole=True)
    rows = list(openpyxl.load_workbook(path).active.iter_rows(min_row=3))
    assert len(rows) == len(FORMULAS)
    assert {row[6].value for row in rows} == set(FORMULAS)
    for row in rows:
        assert [cell.data_type for cell in row] == ["s", "s", "d", "s", "s", "s", "s"]
        assert row[2].value == datetime(1966, 6, 6) and row[2].number_format == "yyyy-mm-dd"
        assert len(row[1].value) == 18 and row[1].number_format == "@" and row[4].value in ("男", "女", "Male", "Female")
    read = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert [row[0] for row in read[2:]] == [row[0].value for row in rows] == sorted(row[0].value for row in rows)


def test_a_moment_leaves_as_a_moment_on_the_office_clock(app: Flask, tmp_path: Path) -> None:
    path = carried_out(tmp_path / "a.xlsx", {"cols": "name,created_at", "q": "导出0"}, whole=True)
    [(name, made)] = list(openpyxl.load_workbook(path).active.iter_rows(min_row=3))
    with system("look"):
        stored = db.session.query(Resident).filter_by(name=name.value).one().created_at
    assert (made.data_type, made.number_format, made.value) == ("d", "yyyy-mm-dd hh:mm", local(stored))


def test_the_columns_a_text_is_made_of_are_all_it_reads(app: Flask) -> None:
    told = [record for record in records() if record.__named_by__]
    assert told and all(str(record.__str__(SimpleNamespace(**dict.fromkeys(record.__named_by__, "甲")))) for record in told)


def test_the_sheet_is_ready_to_print_and_says_who_carried_it_out(app: Flask, tmp_path: Path) -> None:
    path = carried_out(tmp_path / "a.xlsx", {"cols": COLUMNS, "q": "导出"}, who="王&湾")
    sheet = openpyxl.load_workbook(path).active
    last = 2 + len(FORMULAS)
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("B3", f"A2:G{last}", "$1:$2")
    assert sheet.print_area.endswith(f"$A$1:$G${last}")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
    assert str(sheet["A1"].value).startswith(str(Resident.__label__)) and sheet["A1"].font.sz == 16
    with zipfile.ZipFile(path) as book:
        text = book.read("xl/worksheets/sheet1.xml").decode()
    assert "&amp;L王&amp;&amp;湾 20" in text and "&amp;R&amp;P / &amp;N" in text
    assert sheet.column_dimensions["B"].width >= 21


def test_a_long_list_looks_like_a_short_one(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "count_all", lambda state, view: 20_000)
    sheet = openpyxl.load_workbook(carried_out(tmp_path / "a.xlsx", {"cols": COLUMNS, "q": "导出"})).active
    assert (sheet.auto_filter.ref, sheet.freeze_panes) == (f"A2:G{2 + len(FORMULAS)}", "B3")
    assert str(sheet["A1"].value).startswith(str(Resident.__label__))


def test_an_empty_list_has_its_heading(app: Flask, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(carried_out(tmp_path / "a.xlsx", {"q": "没有这个人"}, Building)).active
    assert [cell.value for cell in sheet[2]][0] and sheet["A3"].value is None


def test_masked_unless_whole(app: Flask, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(carried_out(tmp_path / "a.xlsx", {"cols": COLUMNS, "q": "导出"})).active
    assert all("****" in row[1] and "****" in row[3] for row in sheet.iter_rows(min_row=3, values_only=True))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_two_columns_of_a_record_have_the_same_heading(app: Flask, language: str) -> None:
    from flask_babel import force_locale

    with force_locale(language):
        for record in records():
            labels = [str(words.label) for words in fields_of(record).values()]
            assert len(labels) == len(set(labels)), record


def test_nothing_is_cut_and_a_wide_list_is_several_pages_beside_each_other(app: Flask, tmp_path: Path) -> None:
    view = view_of(Resident)
    view.derive()
    columns = ",".join(name for name in view.show_columns if view.words_of(name).kind != "json")
    sheet = openpyxl.load_workbook(carried_out(tmp_path / "a.xlsx", {"cols": columns, "q": "导出"})).active
    width = sum(column.width * (column.max - column.min + 1) for column in sheet.column_dimensions.values())
    assert sheet.page_setup.fitToWidth > 1 and width / sheet.page_setup.fitToWidth < 200 and sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_cols == "$A:$A" and sheet.page_setup.orientation == "landscape"
    heads = {str(cell.value): cell.column_letter for cell in sheet[2]}
    assert sheet[f"{heads[str(fields_of(Resident)['workplace'].label)]}3"].alignment.wrap_text
    assert not sheet[f"{heads[str(fields_of(Resident)['birth_on'].label)]}3"].alignment.wrap_text


def test_the_number_of_a_case_stands_whole(app: Flask, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(carried_out(tmp_path / "a.xlsx", {"cols": "number,title"}, Event)).active
    assert sheet.column_dimensions["A"].width >= 24


def test_the_title_says_place_and_filter_and_so_does_the_name_of_the_file(app: Flask, client: Any) -> None:
    answer = client("wangwan").post("/resident/export?f.sex=1&f.birth_on.age_from=60&q=导出", data={"purpose": "核对"})
    name = unquote(answer.headers["Content-Disposition"].partition("''")[2])
    title = openpyxl.load_workbook(BytesIO(answer.data)).active["A1"].value
    for words in ("王湾社区", "性别：男", "出生日期：60 周岁及以上", "导出"):
        assert words in title, title
    assert name.startswith("居民_王湾社区_20") and "性别：男" in name and name.endswith(".xlsx")
    assert len(name.encode()) < 255 and not set(name) & set('\\/:*?"<>|')
