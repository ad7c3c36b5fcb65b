"""Steps by REST: the same rules as on the page, the same refusals."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.core.base.scope import acting_as
from app.db import db
from app.subsystems.events.events import Event
from tests.conftest import FIRST, FOREIGN, STREET


@pytest.fixture
def case(app: Flask) -> int:
    return made(app, FIRST)


def made(app: Flask, grid: str) -> int:
    with app.app_context(), acting_as("street", STREET):
        row = Event(grid_code=grid, title="接口一件", class_code="9901", place="门前", description="试")
        db.session.add(row)
        db.session.commit()
        return row.id


def test_the_whole_way_by_rest(app: Flask, token: Any, case: int) -> None:
    browser, header = app.test_client(), token("wangwan")
    for name, given, state in (("accept", {}, "accepted"), ("file", {}, "filed"), ("dispatch", {"unit": "community"}, "dispatched"),
                               ("handle", {"result": "好了"}, "handled"), ("close", {}, "closed")):
        offered = browser.get(f"/api/v1/event/{case}/steps", headers=header).get_json()
        assert name in [step["name"] for step in offered["result"]], offered
        answer = browser.post(f"/api/v1/event/{case}/steps/{name}", headers=header, json={**given, "version": offered["version"]})
        assert (answer.status_code, answer.get_json().get("state")) == (200, state), answer.get_json()


@pytest.mark.parametrize(("name", "given", "status"), [
    ("dispatch", {"unit": "community"}, 409), ("accept", {"version": 99}, 409), ("reject", {}, 422), ("accept", {"state": "closed"}, 422),
    ("nothing", {}, 404), ("accept", [1], 422), ("reject", {"opinion": 5}, 422)])
def test_what_the_page_refuses_rest_refuses(app: Flask, token: Any, case: int, name: str, given: Any, status: int) -> None:
    answer = app.test_client().post(f"/api/v1/event/{case}/steps/{name}", headers=token("wangwan"), json=given)
    assert answer.status_code == status, answer.get_json()
    with app.app_context(), acting_as("street", STREET):
        assert db.session.get_one(Event, case).state == "reported"


def test_neither_stranger_nor_reader_nor_another_community_takes_a_step(app: Flask, token: Any, case: int) -> None:
    browser, address = app.test_client(), f"/api/v1/event/{case}/steps"
    assert browser.post(f"{address}/accept", json={}).status_code == 401
    for username, status in (("yangou", 404), ("leader", 403), ("wangwan01", 403)):
        assert browser.post(f"{address}/accept", headers=token(username), json={}).status_code == status, username
    assert browser.get(address, headers=token("yangou")).status_code == 404
    assert browser.get(address, headers=token("leader")).get_json()["result"] == []
    assert browser.get(f"/api/v1/event/{made(app, FOREIGN)}/steps", headers=token("wangwan")).status_code == 404
