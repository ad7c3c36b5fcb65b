"""What somebody writes is kept to the letter, wherever it is read again, or refused with a sentence."""

from __future__ import annotations

import html
import re
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from app.core.asking.values import reader_of
from app.core.base.fields import Field, fields_of
from app.core.base.pinyin import search_text
from app.core.base.scope import acting_as
from app.core.base.texts import InvalidValue, parse_text
from app.core.paper import documents
from app.core.paper.filling import Filling
from app.core.sheets.checking.values import CellReader
from app.core.sheets.writing.importing import import_file
from app.db import db
from app.subsystems.people.houses import Building
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, STREET
from tests.core.sheets.test_round_trip import carried_out

ASK = "①低保，②残疾：《证》№12；面积８０㎡。（十堰）ﬁ ½ Ⅷ ﷺ"
FAMILY = "👨‍👩‍👧‍👦 ❤️‍🔥"
NUMBER = count(1)
ANY = some.text(some.characters(exclude_categories=("Cs",)), min_size=1, max_size=60)
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
WRITTEN = some.text(some.characters(exclude_categories=("Cs", "Cc"), exclude_characters=TURNING), min_size=1, max_size=60)


def code_of(text: str) -> str:
    with pytest.raises(InvalidValue) as refused:
        parse_text(text)
    return refused.value.code


@given(ANY)
def test_a_text_is_taken_to_the_letter_or_refused(text: str) -> None:
    try:
        kept = parse_text(text)
    except InvalidValue as refused:
        assert refused.code in ("characters", "direction", "too_long")
        assert re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", text)
        return
    one_ending = text.replace("\r\n", "\n").replace("\r", "\n")
    around = one_ending.replace(kept, "", 1)
    assert kept in one_ending and all(sign.isspace() or sign in "\u200b\u2060\ufeff" for sign in around)


def test_signs_and_joined_pictures_stay_and_hidden_marks_are_refused() -> None:
    assert parse_text(ASK) == ASK and parse_text(f"　{FAMILY}\n") == FAMILY
    assert parse_text("甲\r\n乙\r丙\t丁") == "甲\n乙\n丙\t丁"
    assert [code_of(text) for text in ("甲\0乙", "甲\x1b乙", "甲\x85乙", "甲\u202e乙", "甲\u2067乙")] == [
        "characters", "characters", "characters", "direction", "direction"]


def test_codes_numbers_and_phones_are_written_narrow_and_free_texts_are_not() -> None:
    words = fields_of(Resident)
    assert [name for name in ("name", "remark", "workplace", "address") if not words[name].free] == []
    assert [name for name in ("id_number", "phone", "permit_number", "landlord_phone", "sex", "birth_on") if words[name].free] == []
    assert reader_of(words["permit_number"])("Ｈ１２３ ") == "H123" and reader_of(words["phone"])("１９０００００００１１") == "19000000011"
    assert reader_of(words["remark"])(f" {ASK}") == ASK
    assert CellReader(words["remark"]).read(ASK) == ASK and CellReader(words["workplace"]).read("某某公司（十堰）分公司") == "某某公司（十堰）分公司"
    assert CellReader(words["permit_number"]).read("Ｈ１２３") == "H123"


def test_a_text_is_found_in_narrow_signs_and_a_padded_name_by_its_characters() -> None:
    assert "80m2" in search_text("面积８０㎡").split()
    assert search_text("王　芳") == search_text("王芳")


class Place:
    """Where a text is written by a form, and read again."""

    def __init__(self, app: Flask, client: Any, token: Any, folder: Path) -> None:
        self.app, self.folder, self.header = app, folder, token("street")
        self.browser = client("street")

    def write(self, owner: str, remark: str) -> int:
        """The number of a building with these texts; 0 when the form refused them."""
        answer = self.browser.post("/building/add", data={
            "grid_code": FIRST, "address": f"照原样小区{next(NUMBER)}栋", "owner": owner, "remark": remark, "version": "0"})
        assert answer.status_code in (302, 422)
        return int(answer.headers["Location"].rsplit("/", 1)[1]) if answer.status_code == 302 else 0

    def on_pages(self, pk: int) -> list[str]:
        """The remark in its box on the form, and on the page of the record."""
        form = self.browser.get(f"/building/edit/{pk}").get_data(as_text=True)
        shown = self.browser.get(f"/building/show/{pk}").get_data(as_text=True)
        box = re.search(r'name="remark"[^>]*>(.*?)</textarea>', form, re.DOTALL)
        said = re.search(r"<dt>备注</dt>\s*<dd[^>]*>(.*?)</dd>", shown, re.DOTALL)
        assert box and said, shown[-3000:]
        return [html.unescape(box[1]), html.unescape(said[1])]

    def by_rest(self, pk: int) -> tuple[str, str]:
        row = self.app.test_client().get(f"/api/v1/building/{pk}", headers=self.header).get_json()["result"]
        return row["owner"], row["remark"]

    def by_workbook(self) -> None:
        """A workbook of all of it, read back, changes nothing."""
        with self.app.app_context(), acting_as("street", STREET):
            carried_out(Building, self.folder / "out.xlsx")
            outcome = import_file(Building, self.folder / "out.xlsx")
            assert [(c.label, c.old, c.new) for c in outcome.changes] == [] and outcome.same == outcome.rows
            db.session.rollback()

    @staticmethod
    def in_print(text: str) -> str:
        blank, file, paper = BytesIO(), BytesIO(), Document()
        paper.add_paragraph("{{备注}}")
        paper.save(blank)
        documents.fill(blank, Filling({"备注": text}, 1, {}), file)
        return str(Document(file).paragraphs[0].text)


def test_what_a_form_accepts_comes_back_from_page_rest_workbook_and_print(
        app: Flask, client: Any, token: Any, tmp_path: Path) -> None:
    place = Place(app, client, token, tmp_path)

    @settings(max_examples=25, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(WRITTEN, WRITTEN)
    @example(ASK, FAMILY)
    @example("'‘引号’", "‘甲’\n乙\t丙")
    @example("_x0041_B", "=1+1 & <b> &amp; \"'")
    def way(owner: str, remark: str) -> None:
        pk = place.write(owner, remark)
        owner, remark = parse_text(owner), parse_text(remark)
        if not pk or not remark:
            return
        assert [text.strip() for text in place.on_pages(pk)] == [remark.strip()] * 2
        assert place.by_rest(pk) == (owner or None, remark or None)
        assert place.in_print(remark) == remark

    way()
    place.by_workbook()


def test_a_form_refuses_what_cannot_be_kept_with_a_sentence(app: Flask, client: Any, token: Any, tmp_path: Path) -> None:
    place = Place(app, client, token, tmp_path)
    for text in ("甲\0乙", "甲\u202e乙"):
        assert not place.write("甲", text)
    page = place.browser.post("/building/add", data={"grid_code": FIRST, "address": "x", "remark": "甲\u202e乙", "version": "0"})
    assert "阅读方向" in page.get_data(as_text=True)


def test_a_field_says_by_its_name_what_it_holds() -> None:
    assert Field("", name="title", kind="text").free and not Field("", name="document_number", kind="text").free
