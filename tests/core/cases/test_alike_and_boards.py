"""Reports of the same matter, boards whose numbers are lists, and handing over all one has in charge."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.core.base.moments import at, now
from app.core.base.scope import system
from app.core.cases import clock
from app.core.cases.alike import alike, merged_with
from app.core.cases.supervision import Supervision
from app.db import db
from app.subsystems.events.events import Event
from tests.conftest import FIRST, FOREIGN, SECOND
from tests.core.cases.test_news import person
from tests.playing import EVENTS

report, take, through = EVENTS.report, EVENTS.take, EVENTS.through

NUMBER = re.compile(r"SJ\d{8}-\d{4}")
LAMP = {"title": "路灯不亮", "class_code": "0602", "place": "3号楼东侧小路", "description": "东侧小路三盏路灯都不亮，晚上看不见。"}


def found(event: Event) -> list[str]:
    with system("alike"):
        return [one.case.number for one in alike(db.session.get_one(Event, event.id))]


def test_the_same_matter_is_suggested_by_words_place_and_time(app: Flask) -> None:
    first = report(**LAMP)
    again = report(SECOND, title="小路没有路灯", class_code="0602", place="3号楼东侧小路", description="晚上三盏路灯都不亮")
    other = report(title="井盖破损", class_code="0601", place="农贸市场门口", description="井盖裂开了一半")
    assert first.number in found(again) and again.number in found(first)
    assert other.number not in found(first) and not found(other)
    elsewhere = report(FOREIGN, **LAMP)
    assert not found(elsewhere), "another community's lamp is another lamp"


def test_what_is_closed_or_old_is_not_suggested(app: Flask) -> None:
    words = {**LAMP, "place": "9号楼北门", "title": "北门路灯坏了", "description": "北门口的灯坏了好几天"}
    with at(now() - timedelta(days=12)):
        old = report(**words)
    closed = report(**words)
    take(closed, "reject", "重复")
    assert not {old.number, closed.number} & set(found(report(**words)))


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_what_was_merged_into_a_case_is_found_by_its_index(app: Flask) -> None:
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        asked.append((statement, parameters))

    with app.app_context(), system("look"):
        case, engine = EVENTS.report(), db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            merged_with(case)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        db.session.rollback()
        with closing(engine.raw_connection()) as connection:
            plans = [line[3] for statement, values in asked if "FROM event" in statement
                     for line in connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    assert plans and all("ix_event_merged" in line for line in plans if " event" in line), plans


def test_near_points_count_as_the_same_place(app: Flask) -> None:
    words = {"title": "暴露垃圾", "class_code": "0101", "description": "垃圾没有清运"}
    first = report(**words, place="超市门口", longitude=110.7800, latitude=32.6500)
    near = report(**words, place="公交站旁", longitude=110.7810, latitude=32.6505)
    far = report(**{**words, "description": "河边有人倒渣土"}, place="河边", longitude=110.8000, latitude=32.6800)
    assert first.number in found(near) and first.number not in found(far)


def test_the_page_offers_the_merge_and_the_step_is_filled_in(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        words = {**LAMP, "place": "老年活动室", "title": "活动室漏雨", "description": "活动室屋顶漏雨，地面积水"}
        first, second = report(**words), report(**words)
        number, pk = first.number, second.id
    browser = client("wangwan")
    page = browser.get(f"/event/show/{pk}").get_data(as_text=True)
    assert "可能是同一件事" in page and f"merge?merged_into={number}" in page
    assert f'value="{number}"' in browser.get(f"/event/step/{pk}/merge?merged_into={number}").get_data(as_text=True)
    assert "可能是同一件事" not in client("leader").get(f"/event/show/{pk}").get_data(as_text=True)


@pytest.mark.parametrize("by", ["state", "unit", "light"])
@pytest.mark.parametrize("username", ["street", "wangwan", "yangou"])
def test_every_number_of_a_board_is_its_list(app: Flask, client: Callable[[str], FlaskClient], by: str, username: str) -> None:
    with app.app_context():
        through(report(), "accept")
        through(report(FIRST), "accept", "file", "dispatch")
        with at(now() - timedelta(days=30)):
            report(SECOND)
    browser = client(username)
    page = browser.get(f"/event/board/?by={by}").get_data(as_text=True)
    columns = re.findall(r'<h2><a href="([^"]+)">([^<]+) <b>([\d,]+)</b>', page)
    assert columns or username == "yangou"
    total = 0
    for address, _label, count in columns:
        rows = browser.get(address.replace("&amp;", "&") + "&size=100").get_data(as_text=True)
        assert len(set(NUMBER.findall(rows))) == int(count), address
        total += int(count)
    rows = browser.get("/event/list/?f.open=1&size=100").get_data(as_text=True)
    assert total == len(set(NUMBER.findall(rows)))


def test_all_one_has_in_charge_goes_over_at_once(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        person("clerk", "甲办事员")
        person("street", "乙主任")
        mine = [take(through(report(), "accept", "file"), "dispatch", unit="police", handler="clerk") for _one in range(2)]
        other = take(through(report(), "accept", "file"), "dispatch", unit="police", handler="丙")
        numbers, foreign = [one.id for one in mine], other.id
    browser = client("clerk")
    assert "移交我负责的事项（2 件）" in browser.get("/todo/").get_data(as_text=True)
    assert browser.post("/todo/handover", data={"to": "nobody", "note": "休假"}).status_code == 422
    assert browser.post("/todo/handover", data={"to": "street", "note": " "}).status_code == 422
    assert browser.post("/todo/handover", data={"to": "street", "note": "休假一周"}).status_code == 302
    with app.app_context(), system("handed over"):
        assert [db.session.get_one(Event, number).handler for number in numbers] == ["乙主任", "乙主任"]
        assert db.session.get_one(Event, foreign).handler == "丙"
    assert "移交我负责的事项" not in browser.get("/todo/").get_data(as_text=True)
    assert "2 条未读" in client("street").get("/").get_data(as_text=True)


def test_what_one_has_in_charge_above_ones_level_goes_over_too(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        pk = take(through(report(), "accept", "file"), "dispatch", unit="police", handler="wangwan01").id
    answer = client("wangwan01").post("/todo/handover", data={"to": "wangwan", "note": "休假"}, follow_redirects=True)
    assert "已移交 1 件" in answer.get_data(as_text=True)
    with app.app_context(), system("handed over"):
        assert db.session.get_one(Event, pk).handler == "wangwan"


def test_what_its_taker_may_not_handle_is_named_and_stays(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        event = take(through(report(), "accept", "file"), "dispatch", unit="police", handler="wangwan01")
        number, pk = event.number, event.id
    answer = client("wangwan01").post("/todo/handover", data={"to": "leader", "note": "休假"}, follow_redirects=True)
    assert f"{number}: leader 不能办理这件" in answer.get_data(as_text=True)
    with app.app_context(), system("as it was"):
        assert db.session.get_one(Event, pk).handler == "wangwan01"


def test_a_supervision_sheet_prints_with_what_it_demands_and_leads_to_its_case(
        app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        event = through(report(title="超期的事"), "accept", "file", "dispatch")
        with system("the clock"):
            row = db.session.get_one(Event, event.id)
            with at(row.due_at + timedelta(days=3)):
                clock.look_at(row)
            db.session.commit()
            sheet = db.session.scalar(select(Supervision.id).where(Supervision.case_number == row.number))
        number, pk = event.number, event.id
    browser = client("street")
    page = browser.get(f"/supervision/sheet/{sheet}").get_data(as_text=True)
    assert number in page and "督办要求" in page and "请立即办结" in page and f"{sheet:04d} 号" in page
    assert f'href="/event/show/{pk}"' in browser.get(f"/supervision/show/{sheet}").get_data(as_text=True)
    assert f"/supervision/show/{sheet}" in browser.get(f"/event/show/{pk}").get_data(as_text=True)
    assert client("yangou").get(f"/supervision/sheet/{sheet}").status_code == 404
    assert client("stranger").get(f"/supervision/sheet/{sheet}").status_code == 302
