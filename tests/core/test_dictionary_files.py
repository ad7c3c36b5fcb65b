"""The code lists that come with the program."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.core.dictionaries import FOLDER

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
        for word in {row["label"], *filter(None, row["aliases"].split("|"))}:
            assert meaning.setdefault(word, row["code"]) == row["code"], word


def test_the_national_lists_are_complete() -> None:
    counted = {path.stem: len(rows(path)) for path in FILES}
    assert counted["nation"] == 58 and counted["political_status"] == 13 and counted["sex"] == 4
    assert counted["relation_to_head"] == 84
