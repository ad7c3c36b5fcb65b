"""Workbooks damaged at random or on purpose: always a sentence, never a crash or a half-written file."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.core.base.history import History
from app.core.base.scope import acting_as
from app.core.sheets.reading.guards import SheetError
from app.core.sheets.reading.workbook import sheets_of
from app.core.sheets.writing.importing import Outcome, import_file
from app.db import db
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, WANGWAN, id_number

DEEP = bool(os.environ.get("GEWU_DEEP"))
HEAD = ("姓名", "身份证号码", "联系电话", "文化程度", "所属网格", "备注")
SHEET = "xl/worksheets/sheet1.xml"
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True, scope="module")
profile = settings(max_examples=300 if DEEP else 12, deadline=None, database=None, derandomize=not DEEP,
                   suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "whole.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("名册")
        sheet.write_row(0, 0, HEAD)
        for serial in range(1, 20):
            sheet.write_row(serial, 0, (f"损坏{serial}", id_number(2 * serial, "19550505"), "", "高中", FIRST, "备注"))
    return path


def rewritten(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The workbook with other parts, packed anew."""
    with zipfile.ZipFile(source) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    change(parts)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return target


def survived(path: Path) -> Outcome:
    """Imports what is left of the file: what is counted is written, and what is not counted is not."""
    with acting_as("wangwan", WANGWAN):
        before = db.session.scalar(select(func.count(Resident.id))) or 0
        outcome = import_file(Resident, path)
        after = db.session.scalar(select(func.count(Resident.id))) or 0
    assert after - before == (0 if outcome.error else outcome.new)
    assert outcome.error is None or len(outcome.error) > 5
    assert outcome.new + outcome.changed + outcome.same + outcome.refused == outcome.rows
    if DEEP:
        print(f"{path.name}: {outcome.error or outcome}"[:300])
    return outcome


def test_bytes_lost_and_turned_anywhere(app: Flask, whole: Path, tmp_path: Path) -> None:
    path, content = tmp_path / "a.xlsx", whole.read_bytes()

    @profile
    @given(st.integers(0, len(content)), st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=8))
    def damage(length: int, turned: list[tuple[int, int]]) -> None:
        found = bytearray(content)
        for at, value in turned:
            found[at] = value
        path.write_bytes(found[:length] if length % 2 else found)
        survived(path)

    damage()


def test_bytes_turned_inside_the_parts(app: Flask, whole: Path, tmp_path: Path) -> None:
    """Behind the checksums of the archive, in what the reader itself must understand."""
    with zipfile.ZipFile(whole) as book:
        names = book.namelist()

    @profile
    @given(st.sampled_from([SHEET, "xl/sharedStrings.xml", *names]), st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=9)),
                                                       min_size=1, max_size=4), st.integers(0, 1 << 20))
    def damage(name: str, pieces: list[tuple[int, bytes]], length: int) -> None:
        def change(parts: dict[str, bytes]) -> None:
            found = bytearray(parts[name])
            for at, piece in pieces:
                found[at % len(found):at % len(found) + len(piece)] = piece
            parts[name] = bytes(found[:length % len(found)] if length % 3 == 0 else found)
        survived(rewritten(whole, tmp_path / "a.xlsx", change))

    damage()


def test_parts_that_are_missing_or_in_each_others_place(app: Flask, whole: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(whole) as book:
        names = st.sampled_from(book.namelist())

    @profile
    @given(names, names, st.booleans())
    def damage(one: str, other: str, lost: bool) -> None:
        def change(parts: dict[str, bytes]) -> None:
            if lost:
                del parts[one]
            else:
                parts[one], parts[other] = parts[other], parts[one]
        survived(rewritten(whole, tmp_path / "a.xlsx", change))

    damage()


def sheet_with(old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[SHEET]
        parts[SHEET] = parts[SHEET].replace(old, new, 1)
    return change


END = b"</sheetData>"
MADE = {
    "deep": sheet_with(END, b"<row r='30'><c r='A30' t='inlineStr'>" + b"<is>" * 200_000 + END),
    "dimension": sheet_with(b'<dimension ref="A1:F20"/>', b'<dimension ref="A1:XFD1048576"/>'),
    "far cell": sheet_with(END, b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>' + END),
    "far row": sheet_with(END, b'<row r="1048576"><c><v>1</v></c></row>' + END),
    "row of no number": sheet_with(END, b'<row r="99999999999999999999"><c r="A99999999999999999999"><v>1</v></c></row>' + END),
    "column of no letter": sheet_with(END, b'<row r="30"><c r="ZZZZZZZZZZ30"><v>1</v></c></row>' + END),
    "huge number": sheet_with(END, b'<row r="30"><c r="A30"><v>1e999</v></c><c r="B30"><v>' + b"9" * 400 + b"</v></c></row>" + END),
    "text of no number": sheet_with(END, b'<row r="30"><c r="A30" t="s"><v>99999999</v></c></row>' + END),
    "far day": sheet_with(END, b'<row r="30"><c r="A30" s="1" t="d"><v>99999-99-99</v></c></row>' + END),
    "10 MB cell": sheet_with(END, b'<row r="30"><c r="A30" t="inlineStr"><is><t>'
                             + os.urandom(5_000_000).hex().encode() + b"</t></is></c></row>" + END),
    "nul": sheet_with(END, b'<row r="30"><c r="A30" t="inlineStr"><is><t>a\0b&#0;</t></is></c></row>' + END),
    "merged everywhere": sheet_with(END, END + b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    "entities": sheet_with(b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "x">]><worksheet'),
    "outside link": lambda parts: parts.update({"xl/externalLinks/externalLink1.xml": b'<externalLink><externalBook r:id="1"/></externalLink>'}),
    "macro": lambda parts: parts.update({"xl/vbaProject.bin": os.urandom(5_000)}),
}


@pytest.mark.parametrize("name", MADE)
def test_damage_made_on_purpose(app: Flask, whole: Path, tmp_path: Path, name: str) -> None:
    survived(rewritten(whole, tmp_path / "a.xlsx", MADE[name]))


TEXTS = {
    "two encodings": "姓名,身份证号\n".encode() + "张三,无\n".encode("gb18030"),
    "two lines of GBK": "姓名,身份证号,备注\n损坏,,二\n".encode("gbk"),
    "an open quote": '姓名,身份证号\n"张三,无\n'.encode() * 50,
    "10 MB cell": "姓名,身份证号\n".encode() + b"a" * 10_000_000,
    "nul": "姓名,身份证号\n张\0三,无\n".encode(),
    "two million rows": "姓名,身份证号\n".encode() + b"a,1\n" * (2_000_000 if DEEP else 310_000),
    "half a sign": "姓名,身份证号\n张三".encode()[:-1],
    "utf-16 cut": "姓名,身份证号\n张三".encode("utf-16")[:-1],
    "page": b"\n <!doctype html><table><tr><td>1</td></tr></table>",
    "locked": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le"),
}


@pytest.mark.parametrize("suffix", [".csv", ".xls"])
@pytest.mark.parametrize("name", [name for name in TEXTS if DEEP or "million" not in name])
def test_texts_of_every_kind_of_rubbish(app: Flask, tmp_path: Path, name: str, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(TEXTS[name])
    survived(path)


def test_more_rows_than_a_register_has_are_refused_whole(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXTS["two million rows"])
    with pytest.raises(SheetError) as refused:
        for sheet in sheets_of(path):
            for _row in sheet.rows:
                pass
    assert refused.value.code == "too_many_rows"


def test_history_is_as_long_as_what_was_written(app: Flask, whole: Path) -> None:
    """The whole file goes in, so that the damage above is measured against something that works."""
    outcome = survived(whole)
    assert outcome.error is None and outcome.rows == 19 and outcome.refused == 0
    if outcome.new:
        with acting_as("wangwan", WANGWAN):
            assert (db.session.scalar(select(func.count(History.id))) or 0) >= outcome.new
