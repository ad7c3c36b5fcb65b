"""Files that mean harm or are broken: a sentence, bounded memory, the server unharmed."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from flask import Flask

from app.core.base.fields import Field
from app.core.base.scope import system
from app.core.base.texts import InvalidValue
from app.core.sheets.checking.words import Words
from app.core.sheets.reading.guards import SheetError
from app.core.sheets.reading.workbook import READER, sheets_of
from app.core.sheets.writing.importing import import_file
from app.subsystems.people.addresses import parse_address
from app.subsystems.people.residents import Resident


def book(path: Path, cells: dict[str, str]) -> Path:
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet()
        for place, value in cells.items():
            sheet.write(place, value)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(SheetError) as caught:
        rows_of(path)
    return caught.value.code


def rows_of(path: Path) -> list[list[list[Any]]]:
    return [list(sheet.rows) for sheet in sheets_of(path, "名册")]


def test_a_cell_far_out_is_refused_before_the_reader_takes_memory(tmp_path: Path) -> None:
    assert refusal(book(tmp_path / "far.xlsx", {"A1": "姓名", "XFD1048576": "x"})) == "too_many_cells"


def test_a_wide_sheet_of_few_rows_is_read(tmp_path: Path) -> None:
    """1,024 columns of another program's old limit are no bomb when there are two rows of them."""
    rows = rows_of(book(tmp_path / "wide.xlsx", {"A1": "姓名", "AMJ2": "x"}))[0]
    assert (len(rows), len(rows[0])) == (2, 1024)


def test_a_wide_sheet_of_many_rows_is_named_by_its_real_last_cell(tmp_path: Path) -> None:
    with pytest.raises(SheetError) as caught:
        rows_of(book(tmp_path / "wide.xlsx", {"A1": "姓名", "AMJ90000": "x"}))
    assert "90000" in str(caught.value.message) and "1024" in str(caught.value.message)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = book(tmp_path / "bomb.xlsx", {"A1": "姓名"})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"\0" * 60_000_000)
    assert refusal(path) == "bomb"


@pytest.mark.parametrize("cell", ['<c r="XFD1048576"', "<c r='XFD1048576'", '<c t="n" r = "XFD1048576"', '<x:c r="XFD1048576"'])
def test_a_far_cell_is_seen_however_it_is_written(tmp_path: Path, cell: str) -> None:
    path = book(tmp_path / "plain.xlsx", {"A1": "姓名"})
    crafted = tmp_path / "far.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(crafted, "w") as target:
        for part in source.namelist():
            text = source.read(part)
            if part == "xl/worksheets/sheet1.xml":
                text = text.replace(b"</row>", f'</row><row r="9">{cell}><v>1</v></c></row>'.encode())
            target.writestr(part, text)
    assert refusal(crafted) == "too_many_cells"


def test_an_entity_bomb_is_not_expanded(tmp_path: Path) -> None:
    path = book(tmp_path / "plain.xlsx", {"A1": "姓名"})
    crafted = tmp_path / "entities.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(crafted, "w") as target:
        for part in source.namelist():
            head = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa">]>' if part == "xl/sharedStrings.xml" else b""
            target.writestr(part, head + source.read(part))
    assert refusal(crafted) == "damaged"


def test_an_encrypted_workbook_asks_for_its_password_to_be_taken_off(tmp_path: Path) -> None:
    path = tmp_path / "locked.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le"))
    assert refusal(path) == "encrypted"


@pytest.mark.parametrize(("death", "code"), [("os.abort()", "too_large"), ("os._exit(1)", "damaged")])
def test_the_reader_may_die_and_the_console_says_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, death: str,
                                                            code: str) -> None:
    killed = tmp_path / "killed.py"
    killed.write_text(f"import os; {death}", encoding="utf-8")
    monkeypatch.setattr("app.core.sheets.reading.workbook.READER", killed)
    assert refusal(book(tmp_path / "any.xlsx", {"A1": "姓名"})) == code


def test_the_reader_has_a_limit_of_memory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its own process, so that nobody else's memory counts: what takes more than the limit ends there."""
    greedy = tmp_path / "greedy.py"
    greedy.write_text(f"import sys\nsys.path.insert(0, {str(READER)!r})\nfrom bounds import MEMORY_LIMIT, limit_resources\n"
                      "limit_resources()\nbytearray(MEMORY_LIMIT + 1)\nprint('taken')\n", encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", str(greedy)], capture_output=True, text=True, check=False)
    assert done.returncode and "MemoryError" in done.stderr and "taken" not in done.stdout


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
    assert rows_of(path)[0] == [["姓名", "身份证号"], ["张三", "无"]]


def test_a_text_of_a_single_endless_row_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("姓名," + "," * 1_500_000, encoding="utf-8")
    with pytest.raises(SheetError) as error:
        [list(sheet.rows) for sheet in sheets_of(path, "名册")]
    assert error.value.code == "too_many_cells"


def test_a_row_wider_than_any_spreadsheet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("姓名," + "," * 20_000, encoding="utf-8")
    with pytest.raises(SheetError) as error:
        [list(sheet.rows) for sheet in sheets_of(path, "名册")]
    assert error.value.code == "too_many_cells"


def test_headings_and_addresses_made_to_be_slow_are_not_read_at_all() -> None:
    """Whoever searched them would pay the square of their length: days, which the limit of every test ends."""
    words = Words({"name": Field("姓名", name="name")})
    assert words.field_of("(" * 3_000_000) == ""
    with pytest.raises(InvalidValue):
        parse_address("村1" * 1_000_000)
