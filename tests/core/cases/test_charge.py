"""Whoever is in charge can act: the person by his account, the unit by its name, wherever the case lies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.manager import Account
from app.core.base.scope import system
from app.core.cases.news import News
from app.core.cases.takers import holder, offered
from app.db import db
from app.subsystems.events.events import Event
from tests.conftest import FIRST, WANGWAN
from tests.core.cases.test_news import person
from tests.playing import EVENTS

report, take, through = EVENTS.report, EVENTS.take, EVENTS.through
HANDLING = {"handle", "send_back", "hand_over", "ask_extension", "escalate"}


def account(username: str) -> Any:
    return db.session.scalars(select(Account).where(Account.username == username)).one()


def steps_of(username: str, case: Event) -> set[str]:
    return {step.name for step in offered(case, holder(account(username)))}


def dispatched(**to: str) -> Event:
    return take(through(report(), "accept", "file"), "dispatch", **{"unit": "police", **to})


def test_the_person_in_charge_has_the_handling_steps_above_his_own_level(app: Flask) -> None:
    assert steps_of("wangwan01", dispatched()) == set()
    case = dispatched(handler="wangwan01")
    assert (case.handler, case.level_code) == ("wangwan01", WANGWAN), "it lies with the community still"
    assert steps_of("wangwan01", case) == HANDLING
    case = take(case, "handle", by=("wangwan01", FIRST), result="已办")
    assert case.state == "handled" and steps_of("wangwan01", case) == set()


def test_the_unit_has_them_too_within_what_it_sees(app: Flask) -> None:
    person("wangwan01", unit="property")
    person("yangou", unit="property")
    case = dispatched(unit="property")
    assert steps_of("wangwan01", case) == HANDLING
    assert steps_of("yangou", case) == set(), "another community sees nothing of it"
    assert steps_of("wangwan01", dispatched(unit="police")) == set()
    person("wangwan01")
    person("yangou")


def test_who_sends_it_back_is_in_charge_no_longer(app: Flask) -> None:
    case = take(dispatched(handler="wangwan01"), "send_back", by=("wangwan01", FIRST))
    assert (case.handler, case.handler_id, case.unit) == (None, None, None)
    assert steps_of("wangwan01", case) == set()


def test_namesakes_do_not_hear_and_a_name_without_an_account_is_written_down(app: Flask) -> None:
    person("clerk", "李明")
    person("wangwan01", "李明")
    case = dispatched(handler="wangwan01")
    told = db.session.scalars(select(News.user_id).where(News.case_number == case.number, News.what == "dispatch")).all()
    assert told == [account("wangwan01").id] and case.handler == "李明"
    case = dispatched(handler="李明")
    assert (case.handler, case.handler_id) == ("李明", None)
    assert steps_of("wangwan01", case) == set()
    person("wangwan01", "wangwan01")


@pytest.mark.parametrize("username", ["yangou", "leader"])
def test_who_cannot_see_it_or_may_not_handle_is_not_put_in_charge(app: Flask, username: str) -> None:
    case = through(report(), "accept", "file")
    EVENTS.refused(case, "dispatch", username, unit="police", handler=username)


def test_the_form_offers_accounts_and_keeps_names_apart_from_them(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        person("wangwan01", "丁网格员")
        pk = through(report(), "accept", "file").id
    browser = client("wangwan")
    found = browser.get(f"/event/people/{pk}?q=丁").get_json()["results"]
    assert [(one["id"], one["text"]) for one in found] == [("wangwan01", "丁网格员")]
    everybody = {one["id"] for one in browser.get(f"/event/people/{pk}").get_json()["results"]}
    assert {"wangwan", "street", "clerk"} <= everybody and not everybody & {"yangou", "leader", "inspector"}
    assert f'data-remote="/event/people/{pk}"' in browser.get(f"/event/step/{pk}/dispatch").get_data(as_text=True)
    assert client("yangou").get(f"/event/people/{pk}").status_code == 404
    wrong = browser.post(f"/event/step/{pk}/dispatch", data={"unit": "", "handler": "wangwan01"}).get_data(as_text=True)
    assert '<option value="wangwan01" selected>丁网格员</option>' in wrong
    assert browser.post(f"/event/step/{pk}/dispatch", data={"unit": "police", "handler": "外聘张三"}).status_code == 302
    assert "外聘张三（无账号）" in browser.get(f"/event/show/{pk}").get_data(as_text=True)
    assert browser.post(f"/event/step/{pk}/transfer", data={"unit": "police", "handler": "wangwan01", "opinion": "换人"}).status_code == 302
    assert "（无账号）" not in browser.get(f"/event/show/{pk}").get_data(as_text=True)
    mine = client("wangwan01")
    assert f"/event/step/{pk}/handle" in mine.get(f"/event/show/{pk}").get_data(as_text=True)
    assert mine.post(f"/event/step/{pk}/handle", data={"result": "已办"}).status_code == 302


def test_rest_takes_a_user_name(app: Flask, token: Any) -> None:
    with app.app_context():
        pk = through(report(), "accept", "file").id
    address, header = f"/api/v1/event/{pk}/steps/dispatch", token("wangwan")
    refused = app.test_client().post(address, headers=header, json={"unit": "police", "handler": "yangou"})
    assert refused.status_code == 422 and list(refused.get_json()["message"]) == ["handler"]
    assert app.test_client().post(address, headers=header, json={"unit": "police", "handler": "wangwan01"}).status_code == 200
    with app.app_context(), system("in charge"):
        assert db.session.get_one(Event, pk).handler_id == account("wangwan01").id
    done = app.test_client().post(f"/api/v1/event/{pk}/steps/handle", headers=token("wangwan01"), json={"result": "已办"})
    assert done.status_code == 200, done.get_json()
