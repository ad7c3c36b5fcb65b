"""The words of a page come from the source of the translations, and from nowhere else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale, gettext

from app.core.base.workdays import WORK_DAYS, Limit
from app.core.telling.display import how_many
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


@pytest.mark.parametrize(("total", "exact", "english", "chinese"), [
    (0, True, "0 records", "共 0 条"), (1, True, "1 record", "共 1 条"), (1234, True, "1,234 records", "共 1,234 条"),
    (1000, False, "1,000+ records", "共 1,000+ 条")])
def test_one_is_counted_as_one(app: Flask, total: int, exact: bool, english: str, chinese: str) -> None:
    with force_locale("en"):
        assert how_many(total, exact) == english
    with force_locale("zh"):
        assert how_many(total, exact) == chinese


def test_a_limit_of_one_day_is_one_day(app: Flask) -> None:
    with force_locale("en"):
        assert (str(Limit(1, WORK_DAYS)), str(Limit(3, WORK_DAYS))) == ("1 working day", "3 working days")
    with force_locale("zh"):
        assert str(Limit(1, WORK_DAYS)) == "1 工作日"


@pytest.mark.parametrize("address", ["/users/list/", "/users/add", "/users/show/{number}", "/users/edit/{number}", "/roles/list/"])
def test_roles_are_in_the_language_of_the_reader(client: Any, address: str) -> None:
    browser = client("admin")
    if "{number}" in address:
        page = browser.get("/users/list/?_flt_0_username=inspector").get_data(as_text=True)
        address = address.format(number=re.findall(r"/users/show/(\d+)", page)[-1])
    chinese, _english = browser.get(address).get_data(as_text=True), browser.get("/lang/en")
    english = browser.get(address).get_data(as_text=True)
    assert "督查考核员" in chinese and "Inspector" not in chinese
    assert "Inspector" in english and "督查考核员" not in english
