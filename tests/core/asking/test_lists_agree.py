"""A count and the list behind it are the same rows: record pages, charts, searches, code lists."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.core.asking.search import matching
from app.core.base import history
from app.core.base.scope import acting_as, system
from app.core.telling.dictionaries import DictionaryEntry, label_of
from app.core.telling.places import places
from app.core.upkeep.integrity import check
from app.db import db
from app.subsystems.grids.grids import Grid
from app.subsystems.grids.leadership import BodyMember, LeadingBody
from app.subsystems.people.households import Household
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, STREET, WANGWAN


def total(browser: Any, address: str) -> int:
    page = browser.get(address).get_data(as_text=True)
    return int(re.search(r"共 ([\d,]+)", page)[1].replace(",", "")) if "共 " in page else 0


def test_the_counts_on_a_grids_page_are_the_lists_they_link_to(app: Flask, client: Any) -> None:
    browser = client("street")
    browser.get("/")
    with app.app_context(), system("row"):
        pk = db.session.scalar(db.select(Grid.id).where(Grid.code == WANGWAN))
    page = browser.get(f"/grid/show/{pk}").get_data(as_text=True)
    found = re.findall(r'href="(/\w+/list/\?f\.[^"]+)"[^>]*>.*?<b>([\d,]+)</b>', page, re.DOTALL)
    assert any(address.startswith("/resident/") for address, _count in found)
    for address, count in found:
        assert total(browser, address) == int(count.replace(",", "")), address


def test_every_bar_of_a_chart_is_the_list_behind_it(app: Flask, client: Any) -> None:
    with app.app_context(), acting_as("street", STREET):
        db.session.add(Household(grid_code=STREET, number="900001", head_name="未落点"))
        db.session.commit()
    page = client("street").get("/household/chart/?by=grid_code").get_data(as_text=True)
    bars = re.findall(r'<td class="c-name"><a href="([^"]+)">[^<]+</a></td>\s*<td class="num">([\d,]+)</td>', page)
    assert len(bars) > 1
    for address, count in bars:
        assert total(client("street"), address.replace("&amp;", "&")) == int(count), address


@pytest.mark.parametrize(("typed", "found"), [("20230001", True), ("2023", True), ("0230001", False)])
def test_a_long_number_that_is_no_phone_is_found(app: Flask, typed: str, found: bool) -> None:
    with acting_as("street", STREET):
        db.session.add(Household(grid_code=FIRST, number="20230001", head_name="长号"))
        db.session.flush()
        assert bool(db.session.scalars(db.select(Household).where(matching(Household, typed))).all()) is found
        db.session.rollback()


@pytest.mark.parametrize(("typed", "found"), [("420399900101903", ["测试1"]), ("42039990010190", []), ("420399900101904", []),
                                               ("420399 900101 903", ["测试1"]), ("420399-900101-903", ["测试1"])])
def test_a_person_is_found_by_the_number_of_an_old_card(app: Flask, typed: str, found: list[str]) -> None:
    """15 digits, without the century and the check digit, for who is registered with 18; as it is copied from a card."""
    with acting_as("street", STREET):
        assert [row.name for row in db.session.scalars(db.select(Resident).where(matching(Resident, typed)))] == found


def test_latin_words_are_a_phrase_on_both_databases(app: Flask) -> None:
    with acting_as("street", STREET):
        db.session.add(Resident(grid_code=FIRST, name="John Michael Smith", no_document_reason="newborn", sex="1",
                                birth_on=date(2020, 1, 1)))
        db.session.flush()
        found = [len(db.session.scalars(db.select(Resident).where(matching(Resident, words))).all())
                 for words in ("john mich", "michael smith", "john michael smith", "john smith")]
        db.session.rollback()
    assert found == [1, 1, 1, 0], "eighteen letters are no ID number"


def test_an_entry_in_use_is_made_inactive_and_not_deleted(app: Flask, client: Any) -> None:
    with app.app_context(), system("row"):
        row = db.session.scalars(db.select(DictionaryEntry).where(
            DictionaryEntry.kind == "nation", DictionaryEntry.code == "05")).one()
        db.session.scalars(db.select(Resident).limit(1)).one().nation = "05"
        db.session.commit()
        number = row.id
    answer = client("street").post(f"/dictionaryentry/delete/{number}", follow_redirects=True)
    assert "停用" in answer.get_data(as_text=True)
    with app.app_context(), system("row"):
        assert db.session.get(DictionaryEntry, number) is not None


def test_an_entry_being_edited_is_saved_though_the_cache_is_filled_meanwhile(app: Flask) -> None:
    with system("edit"):
        row = db.session.scalars(db.select(DictionaryEntry).where(
            DictionaryEntry.kind == "nation", DictionaryEntry.code == "02")).one()
        assert label_of("nation", "02") == "Mongol" or label_of("nation", "02") == "蒙古族"
        row.aliases = "蒙|蒙族"
        db.session.commit()
        db.session.expire_all()
        assert db.session.get(DictionaryEntry, row.id).aliases == "蒙|蒙族"


def test_what_was_rolled_back_is_not_remembered(app: Flask) -> None:
    with system("edit"):
        row = db.session.scalars(db.select(Grid).where(Grid.code == FIRST)).one()
        was = places()[FIRST].name
        row.name = "未提交"
        db.session.flush()
        assert places()[FIRST].name == "未提交"
        db.session.rollback()
        assert places()[FIRST].name == was


def test_adding_an_owned_row_leaves_the_owners_history_alone(app: Flask) -> None:
    with acting_as("street", STREET):
        body = LeadingBody(grid_code=STREET, name="领导小组", kind="group")
        db.session.add(body)
        db.session.commit()
        body.members.append(BodyMember(grid_code=STREET, name="甲", post="member"))
        db.session.commit()
        assert [entry.action for entry in history.of(body)] == [history.ADDED]
    with system("check"):
        assert not [fault for fault in check() if "leading" in str(fault)]




def test_an_empty_list_says_what_to_do_next(app: Flask, client: Any) -> None:
    page = client("street").get("/resident/list/?q=不存在的人").get_data(as_text=True)
    assert 's-empty' in page and "<tbody>" not in page


@pytest.mark.parametrize(("record", "words"), [
    ("resident", "姓名 / 完整身份证号码 / 完整联系电话 / 拼音首字母"), ("house", "地址 / 拼音首字母"),
    ("grid", "网格编码 / 名称 / 拼音首字母"), ("organization", "单位名称 / 完整统一社会信用代码 / 拼音首字母")])
def test_the_search_box_names_what_it_finds(client: Any, record: str, words: str) -> None:
    page = client("street").get(f"/{record}/list/").get_data(as_text=True)
    assert re.search(r'data-search aria-label="[^"]+" placeholder="([^"]+)"', page)[1] == words


def test_a_list_without_searchable_words_has_no_search_box(client: Any) -> None:
    assert "data-search " not in client("street").get("/householdmember/list/").get_data(as_text=True)


def test_a_household_is_offered_with_its_head_its_place_and_its_address(client: Any) -> None:
    found = client("wangwan").get("/resident/options/household_id?q=000001").get_json()["results"]
    assert [(row["text"], row["note"]) for row in found] == [
        ("测试1（000001）", "王湾社区一网格 · 测试小区1栋1单元101室")]
