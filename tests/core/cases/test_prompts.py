"""催办 and 领导批示: who may, who hears of it, that it is counted, answered and kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from app.core.base.moments import at
from app.core.base.records import RuleError
from app.core.cases import prompt_page
from app.core.cases.news import News
from app.core.cases.prompts import Prompt
from app.core.screens import sending
from app.db import db
from app.screens import inbox as inbox_page
from tests.core.cases.test_news import told
from tests.playing import EVENTS, OFFICE
from tests.test_queries import statements

inside: Callable[[], Any]
NOON = datetime(2026, 12, 2, 4)
Sign = Callable[[str], FlaskClient]
DOWN, UP = ("assign_down", {}), ("escalate", {})
TO_THE_WORKER = ("dispatch", {"unit": "property", "handler": "wangwan01"})
# Where a case stands, whose turn it is, and who may urge: whoever sees it from its level or above, but for those whose turn it is.
URGERS: dict[str, tuple[list[Any], set[str], set[str]]] = {
    "reported at the community": ([], {"wangwan"}, {"street", "clerk", "inspector", "leader", "admin"}),
    "reported at the grid": ([DOWN], {"wangwan01"}, {"wangwan", "street", "clerk", "inspector", "leader", "admin"}),
    "with a worker": (["accept", "file", TO_THE_WORKER], {"wangwan01"}, {"wangwan", "street", "clerk", "inspector", "leader", "admin"}),
    "handled at the grid": (["accept", "file", DOWN, TO_THE_WORKER, "handle"], {"wangwan"},
                            {"street", "clerk", "inspector", "leader", "admin"}),
    "reported at the street": ([UP], {"street", "admin", "clerk"}, {"inspector", "leader"}),
    "closed": (["accept", "file", "dispatch", "handle", "close"], set(), set()),
}


@pytest.fixture(autouse=True)
def quiet(app: Flask) -> Iterator[None]:
    global inside
    inside = app.app_context
    with at(NOON):
        forget()
        yield


def played(steps: list[Any]) -> Any:
    with inside():
        case = EVENTS.report()
        for step in steps:
            name, values = (step, {}) if isinstance(step, str) else step
            case = EVENTS.take(case, name, by=OFFICE, **values)
        db.session.execute(delete(News))
        db.session.commit()
        return case


def take(case: Any, name: str) -> Any:
    with inside():
        return EVENTS.take(case.id, name, by=OFFICE)


def heard() -> dict[str, list[str]]:
    with inside():
        return told()


def urge(browser: FlaskClient, *numbers: str, said: str = "请今天办结", key: str = "") -> Any:
    return browser.post("/todo/urge", data={"case": list(numbers), "said": said, "form_key": key}, follow_redirects=True)


def count() -> int:
    with inside():
        return db.session.scalar(select(func.count(Prompt.id))) or 0


@pytest.mark.parametrize("where", URGERS)
def test_who_may_urge_and_who_hears_of_it(app: Flask, client: Sign, where: str) -> None:
    steps, whose, urgers = URGERS[where]
    case = played(steps)
    page, number = f"/event/show/{case.id}", case.number
    people = ["admin", "street", "clerk", "wangwan", "wangwan01", "yangou", "inspector", "leader"]
    browsers = {name: client(name) for name in people}
    assert {name for name in people if f"/todo/urge?case={number}" in browsers[name].get(page).get_data(as_text=True)} == urgers
    may = {name for name in people if urge(browsers[name], number).status_code == 200 and count() == 1 and not forget()}
    assert may == urgers
    if urgers:
        urge(browsers["leader"], number)
        assert heard() == {name: ["urge"] for name in whose}


def forget() -> None:
    with inside():
        db.session.execute(delete(Prompt))
        db.session.execute(delete(News))
        db.session.commit()


def test_an_urging_is_counted_shown_and_not_sent_twice(app: Flask, client: Sign) -> None:
    case = played(["accept", "file", TO_THE_WORKER])
    number, page = case.number, f"/event/show/{case.id}"
    leader = client("leader")
    form = leader.get(f"/todo/urge?case={number}").get_data(as_text=True)
    assert "wangwan01" in form and "请抓紧办理" in form and count() == 0, "nothing is sent before the button"
    key = re.search(r'name="form_key" value="([^"]+)"', form)
    assert key is not None
    assert urge(leader, number, key=key[1]).status_code == 200
    assert urge(leader, number, key=key[1]).status_code == 200 and count() == 1, "a double click is one"
    again = urge(leader, number)
    assert again.status_code == 422 and "10 分钟内已催办过" in again.get_data(as_text=True) and count() == 1
    with at(NOON + timedelta(minutes=11)):
        assert urge(leader, number, said="再催一次").status_code == 200 and count() == 2
    shown = leader.get(page).get_data(as_text=True)
    assert "已催办 2 次" in shown and "请今天办结" in shown and "送 wangwan01" in shown
    mine = client("wangwan01").get("/todo/").get_data(as_text=True)
    assert number in mine and "被催办" in mine
    assert number in leader.get("/todo/?tab=urged").get_data(as_text=True)
    with at(NOON + timedelta(minutes=20)):
        take(case, "handle")
    assert "被催办" not in client("wangwan").get("/todo/").get_data(as_text=True), "the next step was not urged"


def test_many_are_urged_from_a_list_each_by_its_own_rule(app: Flask, client: Sign) -> None:
    first, second, mine = played(["accept", "file", TO_THE_WORKER]), played([]), played([UP])
    leader, street = client("leader"), client("street")
    chosen = {"id": [str(case.id) for case in (first, second, mine)], "query": ""}
    to = street.post("/event/urge/", data=chosen)
    page = street.get(to.location).get_data(as_text=True)
    assert page.count('name="case"') == 2 and "wangwan01" in page and count() == 0
    assert client("wangwan01").post("/event/urge/", data=chosen).status_code in (302, 403)
    assert client("wangwan01").get("/event/list/").get_data(as_text=True).count('formaction="/event/urge/"') == 0
    assert leader.get("/event/list/").get_data(as_text=True).count('formaction="/event/urge/"') == 1
    answer = urge(street, first.number, second.number, mine.number).get_data(as_text=True)
    assert count() == 2 and "已催办 2 件" in answer and mine.number in answer
    assert urge(client("yangou"), first.number).status_code == 200 and count() == 2, "who does not see it urges nobody"


def test_more_than_go_at_once_are_refused_and_none_is_left_out_in_silence(app: Flask, client: Sign, monkeypatch: pytest.MonkeyPatch) -> None:
    for page in (prompt_page, inbox_page):
        monkeypatch.setattr(page, "MOST", 2)
    cases, leader = [played([]) for _case in range(3)], client("leader")
    answer = leader.post("/event/urge/", data={"id": [str(case.id) for case in cases], "query": "?f.open=1"}, follow_redirects=True)
    assert answer.request.path == "/event/list/" and answer.request.args["f.open"] == "1" and "一次最多处理 2 条" in answer.get_data(as_text=True)
    assert "一次最多处理 2 条" in urge(leader, *(case.number for case in cases)).get_data(as_text=True) and count() == 0
    assert urge(leader, *(case.number for case in cases[:2])).status_code == 200 and count() == 2


def test_whose_turn_it_is_is_worked_out_before_anybody_is_kept_from_writing(app: Flask, client: Sign) -> None:
    cases, leader = [played([]) for _case in range(3)], client("leader")
    form = leader.get(f"/todo/urge?case={cases[0].number}").get_data(as_text=True)
    key = re.search(r'name="form_key" value="([^"]+)"', form)
    with statements(app) as sent:
        assert key is not None and urge(leader, *(case.number for case in cases), key=key[1]).status_code == 200 and count() == 3
    begins = next(number for number, said in enumerate(sent) if said.startswith("INSERT INTO sending"))
    ends = max(number for number, said in enumerate(sent) if said.startswith("INSERT INTO news"))
    assert begins < ends and not [said for said in sent[begins:ends] if "FROM ab_user" in said]


@pytest.mark.parametrize("said", [" ", "长" * 201, "看\u202e见"])
def test_a_sentence_that_cannot_be_kept_is_refused_and_stays(client: Sign, said: str) -> None:
    case = played([])
    answer = urge(client("leader"), case.number, said=said)
    assert answer.status_code == 422 and count() == 0 and said.strip() in answer.get_data(as_text=True)


def test_an_instruction_is_answered_before_the_case_ends(app: Flask, client: Sign) -> None:
    case = played(["accept", "file", TO_THE_WORKER])
    page = f"/event/show/{case.id}"
    for name in ("street", "wangwan", "wangwan01", "inspector", "clerk"):
        assert client(name).post(f"/event/instruct/{case.id}", data={"said": "限期"}).status_code in (302, 403) and count() == 0
        assert f"/event/instruct/{case.id}" not in client(name).get(page).get_data(as_text=True)
    leader, worker = client("leader"), client("wangwan01")
    assert client("yangou").get(f"/event/instruct/{case.id}").status_code in (302, 403, 404)
    assert leader.post(f"/event/instruct/{case.id}", data={"said": "周五前办好"}, follow_redirects=True).status_code == 200
    assert heard() == {"wangwan01": ["instruct"]}
    with inside():
        prompt = db.session.scalar(select(Prompt.id))
    answer = f"/event/answer/{case.id}/{prompt}"
    assert answer in worker.get(page).get_data(as_text=True) and "周五前办好" in worker.get(page).get_data(as_text=True)
    assert "批示待答复" in worker.get("/todo/").get_data(as_text=True)
    assert "批示待答复" in leader.get("/todo/?tab=instructed").get_data(as_text=True)
    case = take(case, "handle")
    with pytest.raises(RuleError, match="领导批示尚未答复|wants an answer"):
        take(case, "close")
    assert worker.post(answer, data={"said": "已办"}).status_code == 403, "it is not his turn any more"
    assert leader.post(answer, data={"said": "已办"}).status_code == 403
    community = client("wangwan")
    assert community.post(answer, data={"said": " "}).status_code == 422
    assert community.post(answer, data={"said": "已于今天清完"}).status_code == 302
    assert heard()["leader"] == ["answer"]
    assert community.post(answer, data={"said": "又答"}).status_code == 422, "once is enough"
    shown = leader.get(page).get_data(as_text=True)
    assert "已于今天清完" in shown and "尚未答复" not in shown
    assert take(case, "close").state == "closed"
    assert leader.post(f"/event/instruct/{case.id}", data={"said": "再办"}).status_code == 403 and count() == 1


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """Somebody else saves between the look of a request and its turn to write."""
    claim = sending.claim

    def other() -> None:
        with at(NOON), inside():
            act()

    def later() -> Any:
        monkeypatch.setattr(sending, "claim", claim)
        somebody = Thread(target=other)
        somebody.start()
        somebody.join()
        return claim()

    monkeypatch.setattr(sending, "claim", later)


def test_of_two_answers_at_once_the_first_stands(app: Flask, client: Sign, monkeypatch: pytest.MonkeyPatch) -> None:
    case, worker = played(["accept", "file", TO_THE_WORKER]), client("wangwan01")
    client("leader").post(f"/event/instruct/{case.id}", data={"said": "周五前办好"})

    def answered() -> None:
        db.session.execute(update(Prompt).values(answer="先答的", answered_by="wangwan01", answered_at=NOON))
        db.session.commit()

    with inside():
        number = db.session.scalar(select(Prompt.id))
    meanwhile(monkeypatch, answered)
    answer = worker.post(f"/event/answer/{case.id}/{number}", data={"said": "后答的"})
    assert answer.status_code == 422 and "后答的" in answer.get_data(as_text=True)
    with inside():
        assert db.session.scalar(select(Prompt.answer)) == "先答的"


def test_a_case_that_is_closed_meanwhile_gets_no_instruction_and_no_urging(app: Flask, client: Sign, monkeypatch: pytest.MonkeyPatch) -> None:
    case, leader = played(["accept", "file", "dispatch", "handle"]), client("leader")
    meanwhile(monkeypatch, lambda: EVENTS.take(case.id, "close", by=OFFICE))
    answer = leader.post(f"/event/instruct/{case.id}", data={"said": "限期"})
    assert answer.status_code == 422 and count() == 0 and "限期" in answer.get_data(as_text=True)
    other = played(["accept", "file", "dispatch", "handle"])
    meanwhile(monkeypatch, lambda: EVENTS.take(other.id, "close", by=OFFICE))
    assert urge(leader, other.number).status_code == 422 and count() == 0
