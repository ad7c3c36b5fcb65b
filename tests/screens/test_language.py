"""The words of a page come from the source of the translations, and from nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale, gettext

from app.screens.catalogue import catalogue
from config import Refusal


def written(folder: Path, text: str) -> Path:
    """A folder of translations with this Chinese in it."""
    (folder / "zh" / "LC_MESSAGES").mkdir(parents=True)
    (folder / "zh" / "LC_MESSAGES" / "messages.po").write_text(text, encoding="utf-8")
    return folder


def test_a_page_is_chinese_or_english_as_its_reader_chose(client: Any) -> None:
    browser = client("wangwan")
    assert "我的待办" in browser.get("/").get_data(as_text=True)
    browser.get("/lang/en")
    page = browser.get("/").get_data(as_text=True)
    assert "我的待办" not in page and "Sign out" in page


def test_words_outside_a_request_are_of_the_language_asked_for(app: Flask) -> None:
    with force_locale("zh"):
        assert (gettext("Household"), gettext("Access is Denied")) == ("户", "访问被拒绝"), "ours, then Flask-AppBuilder's"
    with force_locale("en"):
        assert gettext("Household") == "Household"


def test_a_word_just_written_is_there_without_compiling(tmp_path: Path) -> None:
    words = catalogue("zh", folder=written(tmp_path, 'msgid ""\nmsgstr "Language: zh\\n"\n\nmsgid "Tea"\nmsgstr "茶"\n'))
    assert words.gettext("Tea") == "茶"
    assert not list(tmp_path.rglob("*.mo")), "a program's folder may be read-only"


def test_a_language_without_a_file_is_the_one_of_the_source(tmp_path: Path) -> None:
    assert catalogue("en", folder=tmp_path).gettext("Tea") == "Tea"


def test_a_line_that_cannot_be_read_is_refused_with_its_place(tmp_path: Path) -> None:
    folder = written(tmp_path, 'msgid "Tea"\nmsgstr "茶"\n<<<<<<< HEAD\n')
    with pytest.raises(Refusal, match=r"Line 3 of the translations"):
        catalogue("zh", folder=folder)
