"""The first page of each role, and that every number on it is the number of its list."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.core.base.moments import at
from app.core.base.scope import system
from app.db import db
from app.subsystems.people.households import Household
from app.subsystems.people.houses import House
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, STREET, WANGWAN
from tests.playing import EVENTS

NUMBER = re.compile(r'<a[^>]*href="(/[a-z]+/list/[^"]*)"[^>]*>(?:<span>[^<]*</span><strong>)?([\d,]+)</')


@pytest.fixture(autouse=True)
def gaps(app: Flask) -> None:
    """A person without a household, a household without a house, a dead person, houses in no base grid."""
    with app.app_context(), system("gaps"):
        if db.session.scalar(db.select(Resident.id).where(Resident.name == "未进户")) is None:
            person = {"no_document_reason": "other", "sex": "1", "birth_on": date(1950, 1, 1)}
            db.session.add_all([
                Resident(grid_code=FIRST, name="未进户", **person),
                Resident(grid_code=WANGWAN, name="已故", life_state="dead", **person),
                House(grid_code=WANGWAN, address="未落网格1号"), House(grid_code=STREET, address="未落社区2号"),
                Household(grid_code=FIRST, number="无房", head_name="无房")])
            db.session.commit()


@pytest.mark.parametrize("username", ["street", "wangwan", "wangwan01", "leader", "inspector"])
def test_every_number_is_the_number_of_its_list(client: Any, username: str) -> None:
    browser = client(username)
    page = browser.get("/").get_data(as_text=True)
    found = NUMBER.findall(page)
    assert len(found) >= 8
    for url, number in found:
        listed = browser.get(unescape(url))
        assert listed.status_code == 200, url
        assert f"共 {number} 条" in listed.get_data(as_text=True), url


@pytest.mark.parametrize(("username", "words", "not_words"), [
    ("street", ["各社区情况", "王湾社区", "燕沟社区", "我的待办", "导入居民"], ["登记户"]),
    ("wangwan", ["各网格情况", "王湾社区一网格", "我的待办"], ["燕沟", "登记户"]),
    ("wangwan01", ["登记居民", "登记户", "登记出租房", "查找居民", "我的待办"], ["各网格情况", "导入居民"]),
    ("leader", ["各社区情况", "60 岁及以上", "出租房", "等您一句话", "各类在办事项", "批示未答复"], ["登记居民", "导入居民", "我的待办"]),
    ("nobody", ["还没有网格"], ["王湾社区"]),
])
def test_each_role_sees_what_is_its_own(client: Any, username: str, words: list[str], not_words: list[str]) -> None:
    page = client(username).get("/").get_data(as_text=True)
    main = page[page.index('id="main"'):page.index("</main>")]
    assert [word for word in words if word not in main] == []
    assert [word for word in not_words if word in main] == []


def test_every_button_of_a_grid_worker_opens_a_page(client: Any) -> None:
    browser = client("wangwan01")
    page = browser.get("/").get_data(as_text=True)
    tasks = page[page.index('class="s-tasks"'):]
    addresses = re.findall(r'href="([^"]+)"', tasks[:tasks.index("</nav>")])
    assert len(addresses) == 7
    assert [browser.get(address).status_code for address in addresses] == [200] * 7


@pytest.mark.parametrize("username", ["street", "wangwan"])
@pytest.mark.parametrize("page", ["/", "/checkup/"])
def test_the_rows_of_the_places_add_up_to_the_whole(client: Any, username: str, page: str) -> None:
    """A house that lies in the community or the street itself is counted in a row of its own."""
    browser = client(username)
    text = browser.get(page).get_data(as_text=True)
    cells = re.findall(r'data-label="(?:房屋|房进网格)">(.*?)</td>', text, re.DOTALL)
    numbers = [int(re.sub(r"<[^>]*>", "", cell).split("/")[-1].split("·")[0].replace(",", "")) for cell in cells]
    listed = browser.get("/house/list/").get_data(as_text=True)
    assert "（未落网格）" in text and f"共 {sum(numbers)} 条" in listed


@pytest.mark.parametrize("username", ["street", "wangwan"])
def test_every_gap_of_the_checkup_is_the_number_of_its_list(client: Any, username: str) -> None:
    browser = client(username)
    found = NUMBER.findall(browser.get("/checkup/").get_data(as_text=True))
    assert found
    for url, number in found:
        assert f"共 {number} 条" in browser.get(unescape(url)).get_data(as_text=True), url


def test_a_leader_sees_the_open_cases_and_the_longest_overdue(app: Flask, client: Any) -> None:
    with app.app_context():
        late, fresh = EVENTS.report(title="久拖不办"), EVENTS.report(title="刚刚上报", grid=FOREIGN, by="yangou")
        due = late.due_at
        with at(due + timedelta(days=3)):
            EVENTS.report(title="今天的")
    with at(due + timedelta(days=3)):
        browser = client("leader")
        page = browser.get("/").get_data(as_text=True)
        listed = browser.get("/todo/?tab=late&type=event").get_data(as_text=True)
    words = page[page.index("等您一句话"):page.index("各类在办事项")]
    assert "久拖不办" in words and "没人催过" in words and f"/todo/urge?case={late.number}" in words and "今天的" not in words
    row = re.search(r"<td>事件</td>(.*?)</tr>", page, re.DOTALL)
    assert row is not None and re.findall(r">(\d+)<", row[1]) == ["2", "0", "3"], "overdue, nearly due, open"
    assert late.number in listed and fresh.number in listed
