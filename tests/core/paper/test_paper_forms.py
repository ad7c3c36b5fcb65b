"""The office's own forms: kept by an administrator, filled from a record or a list, nothing in them is run."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from docx import Document
from flask import Flask
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from app.core.base.scope import system
from app.core.paper import documents, workbooks
from app.core.paper.filling import Filling, key_of
from app.core.telling.masking import AccessLog
from app.db import db
from app.subsystems.people.households import Household
from app.subsystems.people.residents import Resident
from tests.conftest import WANGWAN, YANGOU

ROWS = [{key_of("姓名"): name, key_of("备注"): note} for name, note in (("甲", "=1+1"), ("乙", ""), ("丙", "三"))]
FILLING = Filling({"今天": "2026-11-23", "户主": "甲"}, 3, {"居民": ROWS})


def workbook() -> BytesIO:
    book = Workbook()
    sheet = book.active
    sheet.append(["{{户主}} 户登记卡（{{ 今天 }}）", None])
    sheet.append(["姓名", "备注"])
    sheet.append(["{{居民.姓名}}", "{{居民.备注}}"])
    sheet.append(["合计 {{没有的}}", None])
    sheet.merge_cells("A4:B4")
    sheet["A3"].font = Font(bold=True)
    sheet.row_dimensions[3].height = 30
    return saved(book)


def saved(book: Any) -> BytesIO:
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def document() -> BytesIO:
    paper = Document()
    line = paper.add_paragraph("户主：")
    line.add_run("{{户").bold = True
    line.add_run("主}}，")
    line.add_run("{{今天}}").italic = True
    table = paper.add_table(2, 2)
    for cell, text in zip((c for row in table.rows for c in row.cells),
                          ("姓名", "备注", "{{居民.姓名}}", "{{居民.备注}}"), strict=True):
        cell.text = text
    paper.sections[0].footer.paragraphs[0].text = "{{今天}} 打印"
    return saved(paper)


def test_a_workbook_keeps_its_style_and_repeats_the_row_of_a_list() -> None:
    file = BytesIO()
    workbooks.fill(workbook(), FILLING, file)
    sheet = load_workbook(file).active
    assert sheet["A1"].value == "甲 户登记卡（2026-11-23）"
    assert [[cell.value for cell in row] for row in sheet["A3:B5"]] == [["甲", "=1+1"], ["乙", None], ["丙", "三"]]
    assert sheet["B3"].data_type == "s"  # not a formula
    assert all(sheet.cell(row, 1).font.bold and sheet.row_dimensions[row].height == 30 for row in (3, 4, 5))
    assert sheet["A6"].value == "合计 {{没有的}}" and [str(area) for area in sheet.merged_cells.ranges] == ["A6:B6"]


def test_an_empty_list_leaves_one_empty_row() -> None:
    for fill, blank in ((workbooks.fill, workbook()), (documents.fill, document())):
        file = BytesIO()
        fill(blank, Filling({"今天": "", "户主": ""}, 0, {"居民": []}), file)
        assert b"PK" in file.getvalue()
    table = Document(file).tables[0]
    assert [cell.text for cell in table.rows[1].cells] == ["", ""] and len(table.rows) == 2


def test_a_document_is_filled_across_runs_in_tables_and_in_the_footer() -> None:
    file = BytesIO()
    documents.fill(document(), FILLING, file)
    paper = Document(file)
    line = paper.paragraphs[0]
    assert line.text == "户主：甲，2026-11-23"
    assert [run.text for run in line.runs if run.bold] == ["甲"]
    assert [[cell.text for cell in row.cells] for row in paper.tables[0].rows[1:]] == [["甲", "=1+1"], ["乙", ""], ["丙", "三"]]
    assert paper.sections[0].footer.paragraphs[0].text == "2026-11-23 打印"


def keep(browser: Any, file: BytesIO, name: str, title: str = "户登记卡", record: str = "household") -> Any:
    return browser.post(f"/{record}/paper/keep?", data={"file": (file, name), "name": title},
                        content_type="multipart/form-data")


@pytest.mark.parametrize(("content", "name"), [
    (b"PK\x03\x04 broken", "a.xlsx"), (b"<html>", "a.docx"), (b"x" * (2 * 1024 * 1024 + 1), "a.xlsx"),
    (workbook().getvalue(), "a.docx"), (document().getvalue(), "a.xlsx"), (b"MZ", "a.exe")])
def test_what_is_no_form_is_refused_with_a_sentence_and_the_name_stays(app: Flask, client: Any, content: bytes, name: str) -> None:
    answer = keep(client("street"), BytesIO(content), name, title="我的台账")
    assert answer.status_code == 422 and 'value="我的台账"' in answer.get_data(as_text=True)


def form_number(browser: Any, address: str) -> str:
    page = browser.get(address).get_data(as_text=True)
    return page.split("/paper/fill/")[1].split("?")[0]


def household_of(app: Flask, node: str) -> int:
    with app.app_context(), system("test row"):
        return db.session.scalar(db.select(Household.id).where(Household.grid_code.startswith(node)))


def test_a_household_card_lists_its_people_masked_and_is_logged(app: Flask, client: Any) -> None:
    street = client("street")
    assert keep(street, workbook(), "卡.xlsx").status_code == 302
    pk = household_of(app, WANGWAN)
    number = form_number(street, f"/household/paper/?pk={pk}")
    fill = f"/household/paper/fill/{number}?pk={pk}"
    assert street.post(fill, data={"purpose": ""}).status_code == 422
    answer = client("wangwan").post(fill, data={"purpose": "入户核对"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    sheet = load_workbook(BytesIO(answer.data)).active
    with app.app_context(), system("look"):
        names = set(db.session.scalars(db.select(Resident.name).where(Resident.household_id == pk)))
        line = db.session.scalars(db.select(AccessLog).order_by(AccessLog.id.desc()).limit(1)).one()
    assert names and names <= {cell.value for cell in sheet["A"]}
    assert (line.by, line.purpose, line.record_id, line.columns) == ("wangwan", "入户核对", pk, "户登记卡")


def test_nobody_fills_a_form_from_another_community_or_keeps_one_without_the_right(app: Flask, client: Any) -> None:
    keep(client("street"), workbook(), "卡.xlsx")
    foreign = household_of(app, YANGOU)
    number = form_number(client("street"), f"/household/paper/?pk={foreign}")
    address = f"/household/paper/fill/{number}?pk={foreign}"
    assert client("wangwan").post(address, data={"purpose": "看看别人"}).status_code == 404
    assert client("leader").post(address, data={"purpose": "看看"}).status_code == 403
    assert keep(client("wangwan"), workbook(), "卡.xlsx").status_code == 403


def test_a_list_form_has_the_rows_of_the_list_only(app: Flask, client: Any) -> None:
    keep(client("street"), document(), "名单.docx", title="名单", record="resident")
    number = form_number(client("wangwan"), "/resident/paper/?f.sex=1")
    answer = client("wangwan").post(f"/resident/paper/fill/{number}?f.sex=1", data={"purpose": "公示"})
    table = Document(BytesIO(answer.data)).tables[0]
    with app.app_context(), system("look"):
        names = list(db.session.scalars(db.select(Resident.name).where(
            Resident.grid_code.startswith(WANGWAN), Resident.sex == "1").order_by(Resident.grid_code, Resident.id)))
    assert [row.cells[0].text for row in table.rows[1:]] == names
