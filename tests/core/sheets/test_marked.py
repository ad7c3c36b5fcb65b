"""The office's own workbook back, marked: mended in Excel and sent again, it goes in."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from openpyxl.styles import Font
from sqlalchemy import delete

from app.core.base.scope import system
from app.core.jobs.records import Job
from app.core.sheets.checking.words import REASON
from app.core.sheets.out import marked
from app.db import db
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, id_number

HEAD = ("序号", "姓名", "身份证号码", "联系电话", "文化程度", "所属网格")


@pytest.fixture(autouse=True)
def no_jobs(app: Flask) -> None:
    with app.app_context():
        db.session.execute(delete(Job))
        db.session.commit()


def office_book(path: Path, number: int, phone: str = "123") -> Path:
    """A workbook as an office makes it: a merged title, widths, a second sheet, a note; its second person is wrong."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "一网格"
    sheet.append(["王湾社区居民登记表"])
    sheet.merge_cells("A1:F1")
    sheet["A1"].font = Font(bold=True, size=18)
    sheet.append(HEAD)
    sheet.append([1, f"标注甲{number}", id_number(number, "19600101"), "19011110001", "大学本科", FIRST])
    sheet.append([2, f"标注乙{number}", id_number(number + 2, "19600102"), phone, "博士后以上", FIRST])
    sheet.column_dimensions["C"].width = 33
    book.create_sheet("说明").append(["填表说明：请勿改动表头"])
    book.save(path)
    return path


def send(browser: Any, path: Path) -> str:
    answer = browser.post("/resident/import/", data={"file": (BytesIO(path.read_bytes()), path.name)})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def back(browser: Any, address: str) -> bytes:
    answer = browser.get(address.split("?")[0].split("#")[0] + "/marked")
    assert answer.status_code == 200 and "spreadsheet" in answer.headers["Content-Type"]
    return bytes(answer.data)


def test_the_workbook_comes_back_as_it_was_with_marks_on_what_is_wrong(app: Flask, client: Any, tmp_path: Path) -> None:
    browser = client("wangwan")
    book = openpyxl.load_workbook(BytesIO(back(browser, send(browser, office_book(tmp_path / "登记表.xlsx", 501)))))
    assert book.sheetnames == ["一网格", "说明"] and book["说明"]["A1"].value == "填表说明：请勿改动表头"
    sheet = book["一网格"]
    assert sheet["A2"].value == REASON and [cell.value for cell in sheet[2]][1:] == list(HEAD)
    assert "B1:G1" in [str(area) for area in sheet.merged_cells.ranges] and sheet["B1"].font.size == 18
    assert sheet.column_dimensions["D"].width == 33
    assert sheet["A3"].value is None and "联系电话" in sheet["A4"].value and "文化程度" in sheet["A4"].value
    assert sheet["E4"].comment and sheet["F4"].comment and not sheet["D4"].comment and not sheet["E3"].comment
    assert sheet["E4"].fill.fgColor.rgb == "FFF8CBC6" and sheet["D3"].value == id_number(501, "19600101")


def test_mended_and_sent_again_it_goes_in_and_the_reasons_are_passed_over(app: Flask, client: Any, tmp_path: Path) -> None:
    browser = client("wangwan")
    content = back(browser, send(browser, office_book(tmp_path / "登记表.xlsx", 511)))
    book = openpyxl.load_workbook(BytesIO(content))
    book["一网格"]["E4"].value, book["一网格"]["F4"].value = "19011110002", "小学"
    book.save(tmp_path / "改好.xlsx")
    address = send(browser, tmp_path / "改好.xlsx")
    page = browser.get(address).get_data(as_text=True)
    assert f"“{REASON}”" not in page.split('id="rows"')[0].split("不导入")[0]
    number = address.split("?")[0].split("#")[0]
    assert browser.post(f"{number}/apply").status_code in (302, 303)
    with app.app_context(), system("in"):
        rows = db.session.scalars(db.select(Resident).where(Resident.name.startswith("标注")).order_by(Resident.id)).all()
        assert [row.name for row in rows if row.name.endswith("511")] == ["标注甲511", "标注乙511"]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_what_cannot_be_kept_is_written_anew_with_the_same_marks(app: Flask, client: Any, tmp_path: Path, suffix: str,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marked, "MOST_ROWS", 0)
    path = tmp_path / f"登记{suffix}"
    if suffix == ".csv":
        lines = [",".join(HEAD), f"1,标注丙,{id_number(521, '19600101')},123,=1+1,{FIRST}"]
        path.write_bytes("\n".join(lines).encode("gb18030"))
    else:
        office_book(path, 523)
    browser = client("wangwan")
    sheet = openpyxl.load_workbook(BytesIO(back(browser, send(browser, path)))).worksheets[0]
    head = 1 if suffix == ".csv" else 2
    assert sheet.cell(head, 1).value == REASON and sheet.cell(head, 3).value == "姓名"
    wrong = head + (1 if suffix == ".csv" else 2)
    assert "联系电话" in sheet.cell(wrong, 1).value and sheet.cell(wrong, 5).comment
    assert sheet.cell(head + 1, 4).data_type == "s" and sheet.cell(wrong, 6).data_type == "s"


def test_it_is_only_for_who_sent_it_and_as_long_as_it_is_kept(client: Any, tmp_path: Path) -> None:
    address = send(client("wangwan"), office_book(tmp_path / "登记表.xlsx", 531)).split("?")[0].split("#")[0]
    assert client("street").get(f"{address}/marked").status_code == 404
    assert client("yangou").get(f"{address}/marked").status_code == 404
    assert client("wangwan").get("/resident/import/999999/marked").status_code == 404
