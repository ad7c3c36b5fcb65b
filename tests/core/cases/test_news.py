"""News of cases: told to whom a step concerns, to nobody else, until it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.accounts.manager import Account
from app.core.base.moments import at, now
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.core.cases import clock, news, taking
from app.core.cases.news import MENTION, NEW, News
from app.db import db
from app.subsystems.events.events import Event
from tests.conftest import FIRST, FOREIGN, PEOPLE, STREET, WANGWAN
from tests.playing import EVENTS

report, take, through = EVENTS.report, EVENTS.take, EVENTS.through


@pytest.fixture(autouse=True)
def nothing_told(app: Flask) -> Iterator[None]:
    with app.app_context():
        db.session.execute(delete(News))
        db.session.commit()
    yield


def told(what: str = "") -> dict[str, list[str]]:
    """Who was told what about anything: user name → what."""
    found: dict[str, list[str]] = {}
    for username, line in db.session.execute(select(Account.username, News.what).join(
            News, News.user_id == Account.id).order_by(News.id)):
        found.setdefault(username, []).append(line)
    return {name: lines for name, lines in found.items() if not what or what in lines}


def found_by_the_grid_worker() -> Event:
    """An event the grid worker reports: it is with his community."""
    with acting_as("wangwan01", FIRST):
        event = Event(grid_code=FIRST, title="井盖", class_code="0601", place="路口", description="破了")
        db.session.add(event)
        db.session.commit()
        number = event.id
    with system("the event"):
        return db.session.get_one(Event, number)


def person(username: str, name: str | None = None, unit: str | None = None) -> None:
    account = db.session.scalar(select(Account).where(Account.username == username))
    account.first_name, account.unit = name or account.first_name, unit
    db.session.commit()


def test_a_new_case_is_told_to_its_level_and_not_to_whoever_reported_it(app: Flask) -> None:
    report()
    assert told() == {}, "its community reported it itself"
    found_by_the_grid_worker()
    assert told() == {"wangwan": [NEW]}, "neither the street nor another community decides about it"


def test_steps_tell_the_person_the_unit_the_level_and_the_reporter(app: Flask) -> None:
    person("clerk", "甲办事员", unit="property")
    person("street", "乙主任")
    event = found_by_the_grid_worker()
    event = through(event, "accept", "file")
    event = take(event, "dispatch", unit="property", handler="street")
    assert told("dispatch").keys() == {"clerk", "street"}
    event = take(event, "handle", by=("clerk", STREET), result="已换")
    assert "handle" in told()["wangwan"]
    take(event, "close", "合格")
    assert "close" in told()["wangwan01"], "the reporter hears of the end"
    assert "close" in told()["street"]
    assert all(line != "close" for line in told()["wangwan"]), "nobody hears of what he did himself"


def test_somebody_is_asked_to_look_and_only_who_may_see_it(app: Flask) -> None:
    event = report()
    with acting_as("wangwan", WANGWAN):
        row = db.session.get_one(Event, event.id)
        taking.take(row, row.workflow.by_name["accept"], {}, "请看", asked=["wangwan01"])
        db.session.commit()
    assert told() == {"wangwan01": [MENTION]}
    with pytest.raises(RuleError, match="yangou"), acting_as("wangwan", WANGWAN):
        row = db.session.get_one(Event, event.id)
        taking.take(row, row.workflow.by_name["file"], {}, asked=["yangou"])
    db.session.rollback()
    with system("unchanged"):
        assert db.session.get_one(Event, event.id).state == "accepted"


def test_the_clock_tells_whoever_is_in_charge(app: Flask) -> None:
    event = report()
    with system("the clock"):
        row = db.session.get_one(Event, event.id)
        with at(row.due_at + timedelta(minutes=2)):
            clock.look_at(row)
        db.session.commit()
    assert told() == {"wangwan": ["red"]}


def test_taking_a_step_reads_its_news_and_the_past_is_silent(app: Flask) -> None:
    with news.silent_before(now() + timedelta(days=1)):
        found_by_the_grid_worker()
    assert told() == {}
    event = found_by_the_grid_worker()
    take(event, "accept")
    assert db.session.scalar(select(News.read_at)) is not None


def asked(username: str, *people: str) -> tuple[Event, int]:
    """An event somebody accepted, asking people to look: the event, and the line of the first of them."""
    event = report()
    with acting_as(username, PEOPLE[username][1] or ""):
        row = db.session.get_one(Event, event.id)
        taking.take(row, row.workflow.by_name["accept"], {}, "请核实", asked=people)
        db.session.commit()
    line = db.session.scalar(select(News.id).join(Account, Account.id == News.user_id).where(Account.username == people[0]))
    assert line is not None
    return event, line


def test_the_bell_counts_opening_reads_and_leads_to_the_case(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        event, line = asked("street", "wangwan", "wangwan01")
        address = f"/event/show/{event.id}"
    assert client("yangou").post(f"/news/open/{line}").status_code == 404, "nobody opens another one's line"
    browser = client("wangwan")
    page = browser.get("/news/").get_data(as_text=True)
    assert "提醒您看" in page and "请核实" in page and 'aria-label="消息，1 条未读"' in page
    answer = browser.post(f"/news/open/{line}")
    assert answer.status_code == 302 and answer.headers["Location"].endswith(address)
    assert "条未读" not in browser.get("/news/").get_data(as_text=True)
    browser = client("wangwan01")
    assert "1 条未读" in browser.get("/").get_data(as_text=True)
    browser.post("/news/read")
    assert "条未读" not in browser.get("/").get_data(as_text=True)


def test_who_is_moved_to_another_grid_reads_nothing_of_the_old_one(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        event, line = asked("wangwan", "wangwan01")
        number = event.number
        move("wangwan01", FOREIGN)
    try:
        browser = client("wangwan01")
        page = browser.get("/news/").get_data(as_text=True)
        assert number not in page and "条未读" not in page
        assert browser.post(f"/news/open/{line}").status_code == 404
    finally:
        with app.app_context():
            move("wangwan01", FIRST)


def move(username: str, node: str) -> None:
    account = db.session.scalar(select(Account).where(Account.username == username))
    account.node = node
    db.session.commit()


def test_old_lines_are_swept(app: Flask) -> None:
    found_by_the_grid_worker()
    with at(now() + timedelta(days=40)):
        news.sweep()
        assert db.session.scalar(select(News.id)) is not None, "unread ones stay"
    news.mark_read("wangwan")
    with at(now() + timedelta(days=40)):
        news.sweep()
        assert db.session.scalar(select(News.id)) is None


def test_my_work_names_what_is_mine_and_my_units(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        person("clerk", "甲办事员", unit="police")
        first = take(through(report(), "accept", "file"), "dispatch", unit="police", handler="丙").number
        second = take(through(report(title="别人的"), "accept", "file"), "dispatch", unit="property", handler="clerk").number
    browser = client("clerk")
    for name, mine in (("my_unit", first), ("mine", second)):
        page = browser.get(f"/event/list/?f.{name}=1").get_data(as_text=True)
        assert [one for one in (first, second) if one in page] == [mine]
    page = browser.get("/todo/").get_data(as_text=True)
    assert "我单位承办的" in page and first in page and second in page
    page = browser.get("/todo/?tab=my_unit").get_data(as_text=True)
    assert first in page and second not in page
