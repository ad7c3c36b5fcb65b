"""The code lists that come with the program."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from app.core.telling import dictionaries
from app.core.telling.dictionaries import FOLDER

FILES = sorted(FOLDER.glob("*.csv"))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_entry_has_a_code_and_words_in_both_languages(path: Path) -> None:
    found = rows(path)
    assert found and all(row["code"] and row["label"] and row["english"] for row in found)
    assert len({row["code"] for row in found}) == len(found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_word_means_two_codes(path: Path) -> None:
    meaning: dict[str, str] = {}
    for row in rows(path):
        words = (row["code"], row["label"], row["english"], *filter(None, row["aliases"].split("|")))
        for word in {word.lower() for word in words}:
            assert meaning.setdefault(word, row["code"]) == row["code"], word


def test_the_national_lists_are_complete() -> None:
    counted = {path.stem: len(rows(path)) for path in FILES}
    assert counted["nation"] == 58 and counted["political_status"] == 13 and counted["sex"] == 4
    assert counted["relation_to_head"] == 84


def test_entries_the_program_relies_on_are_locked() -> None:
    locked = {(path.stem, row["code"]) for path in FILES for row in rows(path) if row["locked"] == "1"}
    assert {("grid_level", "base"), ("life_state", "dead"), ("resident_kind", "floating"), ("sex", "1"),
            ("relation_to_head", "02"), ("staff_role", "head"), ("document_type", "111")} <= locked


@pytest.mark.parametrize(("kind", "word", "code"), [
    ("nation", "汉", "01"), ("nation", "汉民族", "01"), ("nation", "土家", "15"), ("education", "本科", "20"),
    ("education", "大专", "30"), ("education", "中专", "40"), ("education", "文盲", "99"), ("political_status", "党员", "01"),
    ("political_status", "团员", "03"), ("relation_to_head", "本人", "01"), ("relation_to_head", "户主", "02"),
    ("relation_to_head", "妻", "12"), ("relation_to_head", "长子", "22"), ("resident_kind", "常住", "resident"),
    ("inflow_reason", "借读", "study"), ("person_category", "五保", "destitute"),
])
def test_words_of_the_registers_have_their_code(kind: str, word: str, code: str) -> None:
    path = next(path for path in FILES if path.stem == kind)
    assert [row["code"] for row in rows(path) if word in (row["label"], *row["aliases"].split("|"))] == [code]


def test_every_code_list_has_a_name_people_know(client: Any) -> None:
    named = {row["code"] for row in dictionaries.shipped() if row["kind"] == "dictionary"}
    assert named == {row["kind"] for row in dictionaries.shipped()}
    page = client("admin").get("/dictionaryentry/list/?f.kind=nation").get_data(as_text=True)
    assert "字典类别：<b>民族</b>" in page and ">nation<" not in page
