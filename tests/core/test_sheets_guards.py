"""Files that mean harm or are broken: a sentence, bounded memory, the server unharmed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from flask import Flask

from app.core.scope import system
from app.core.sheets.importing import import_file
from app.core.sheets.reading import SheetError, read_sheets
from app.subsystems.residents import Resident


def book(path: Path, cells: dict[str, str]) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet()
        for place, value in cells.items():
            sheet.write(place, value)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(SheetError) as caught:
        read_sheets(path)
    return caught.value.code


def test_a_cell_far_out_is_refused_before_the_reader_takes_memory(tmp_path: Path) -> None:
    assert refusal(book(tmp_path / "far.xlsx", {"A1": "姓名", "XFD1048576": "x"})) == "too_many_cells"


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = book(tmp_path / "bomb.xlsx", {"A1": "姓名"})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"\0" * 60_000_000)
    assert refusal(path) == "bomb"


def test_a_truncated_workbook_is_named_as_damaged(tmp_path: Path) -> None:
    whole = book(tmp_path / "whole.xlsx", {f"A{row}": f"值{row}" for row in range(1, 3000)})
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(whole.read_bytes()[:-400])
    assert refusal(cut) == "damaged"


def test_a_web_page_named_xls_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "page.xls"
    path.write_text("<html><table><tr><td>姓名</td></tr></table></html>", encoding="utf-8")
    assert refusal(path) == "html"


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04rubbish", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600])
@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".csv"])
def test_rubbish_is_a_sentence_never_a_crash(app: Flask, tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"rubbish{suffix}"
    path.write_bytes(content)
    with system("rubbish"):
        outcome = import_file(Resident, path)
    assert outcome.error and outcome.new == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_short_csv_is_read_in_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "short.csv"
    path.write_bytes("姓名,身份证号\n张三,无\n".encode(encoding))
    assert read_sheets(path)[0].rows == [["姓名", "身份证号"], ["张三", "无"]]
