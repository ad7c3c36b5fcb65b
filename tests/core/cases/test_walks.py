"""Five loops with four accounts and more, through what the pages offer: whoever is next has it in his inbox and under his bell, and finds
the button; nobody else has it. Forms are filled with what they show, and nothing is sent that no page asked for."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.base.moments import today
from app.core.base.scope import system
from app.core.cases.inbox import case_views
from app.db import db
from tests.conftest import FIRST
from tests.core.cases.test_news import person
from tests.playing import picture
from tests.subsystems.city.test_city_problems import WORDS as PROBLEM
from tests.subsystems.complaints.test_complaint import ANSWER, SERVED, TOLD
from tests.subsystems.complaints.test_complaint import WORDS as COMPLAINT
from tests.subsystems.mediation.test_disputes import GIVEN
from tests.subsystems.mediation.test_disputes import WORDS as DISPUTE

WEEK = today() + timedelta(days=7)
HAZARD = {"title": "消防通道被占", "class_code": "0401", "place": "3栋西侧", "description": "通道停满车辆", "severity": "major"}
EVENT = {"title": "楼道堆物", "class_code": "0105", "place": "3栋1单元", "description": "楼道内堆放纸箱", "source": "worker"}
STREET_ONES = {"street", "clerk"}  # beside the system administrator, who is not asked here
# Of each loop: who reports what; then each step: whose turn it is, who takes it, the step, and what he fills in.
Turn = tuple[set[str], str, str, dict[str, Any]]
LOOPS: dict[str, tuple[str, dict[str, Any], list[Turn]]] = {
    "event": ("wangwan01", EVENT, [
        ({"wangwan"}, "wangwan", "accept", {}),
        ({"wangwan"}, "wangwan", "file", {}),
        ({"wangwan"}, "wangwan", "dispatch", {"unit": "property", "handler": "wangwan01"}),
        ({"wangwan01"}, "wangwan01", "handle", {"result": "已清理"}),
        ({"wangwan"}, "wangwan", "close", {})]),
    "dispute": ("wangwan01", DISPUTE, [
        ({"wangwan"}, "wangwan", "accept", {}),
        ({"wangwan"}, "wangwan", "escalate", {}),
        (STREET_ONES, "clerk", "file", {}),
        (STREET_ONES, "clerk", "dispatch", {"unit": "mediation", "handler": "wangwan"}),
        ({"wangwan"}, "wangwan", "mediate", GIVEN["mediate"]),
        ({"wangwan"}, "wangwan", "handle", GIVEN["handle"]),
        ({"street", "inspector"}, "street", "close", {})]),
    "complaint": ("wangwan", COMPLAINT, [
        ({"wangwan"}, "wangwan", "accept", TOLD),
        ({"wangwan"}, "wangwan", "dispatch", {"unit": "police"}),
        ({"clerk"}, "clerk", "handle", ANSWER),
        ({"wangwan"}, "wangwan", "close", SERVED)]),
    "hazard": ("wangwan01", HAZARD, [
        (STREET_ONES, "clerk", "accept", {}),
        (STREET_ONES, "clerk", "file", {}),
        (STREET_ONES, "clerk", "dispatch", {"unit": "fire", "handler": "wangwan01", "fix_by": WEEK}),
        ({"wangwan01"}, "wangwan01", "handle", {"result": "已清空"}),
        ({"street", "inspector"}, "inspector", "rework", {"rechecked_by": "督查员", "fix_by": WEEK}),
        ({"wangwan01"}, "wangwan01", "handle", {"result": "再次清空"}),
        ({"street", "inspector"}, "inspector", "close", {"rechecked_by": "督查员"})]),
    "cityproblem": ("wangwan01", {**PROBLEM, "place": "一号路口", "source": "worker"}, [
        ({"wangwan"}, "wangwan", "assign_down", {}),
        ({"wangwan01"}, "wangwan01", "accept", {}),
        ({"wangwan01"}, "wangwan01", "verify", {"verification": "real"}),
        ({"wangwan"}, "wangwan", "file", {}),
        ({"wangwan"}, "wangwan", "dispatch", {"unit": "police"}),
        ({"clerk"}, "clerk", "handle", {"result": "已清运"}),
        ({"wangwan01"}, "wangwan01", "inspect", {"check_result": "done"}),
        ({"wangwan"}, "wangwan", "close", {})]),
}


class People:
    """The accounts of a walk, each signed in once."""

    def __init__(self, sign: Callable[[str], FlaskClient]) -> None:
        self.browsers: dict[str, Any] = {}
        self.sign = sign

    def browser(self, who: str) -> FlaskClient:
        if who not in self.browsers:
            self.browsers[who] = self.sign(who)
        return self.browsers[who]

    def page(self, who: str, address: str) -> str:
        answer = self.browser(who).get(address)
        assert answer.status_code == 200, (who, address)
        return str(answer.get_data(as_text=True))

    def having(self, number: str, address: str, among: set[str]) -> set[str]:
        return {who for who in among if number in self.page(who, address)}

    def send(self, who: str, form: str, values: dict[str, Any]) -> Any:
        """Fills a form in with what it shows, and sends it."""
        page = self.page(who, form)
        unseen = [name for name in values if f'name="{name}"' not in page]
        assert not unseen, f"{form} does not ask for {unseen}"
        hidden = dict(re.findall(r'<input type="hidden" name="(version|form_key)"\s+value="([^"]*)"', page))
        text = {name: "1" if value is True else "" if value is False else str(value) for name, value in values.items()}
        opinion = {"opinion": "已看"} if 'name="opinion"' in page else {}
        files = {"files": [(io.BytesIO(picture()), "现场.jpg")]} if 'name="files"' in page and "/step/" in form else {}
        answer = self.browser(who).post(form, data={**hidden, **text, **opinion, **files}, content_type="multipart/form-data")
        assert answer.status_code == 302, re.findall(r'role="alert">(.*?)</', answer.get_data(as_text=True), re.DOTALL)
        return answer.location


@pytest.mark.parametrize("kind", LOOPS)
def test_each_next_one_has_it_in_his_inbox_and_bell_and_finds_the_button(app: Flask, client: Callable[[str], FlaskClient], kind: str) -> None:
    with app.app_context():
        person("clerk", unit="police")
    people, (reporter, words, way) = People(client), LOOPS[kind]
    values = {name: value() if callable(value) else value for name, value in words.items()}
    page = people.send(reporter, f"/{kind}/add", {"grid_code": FIRST, **values})
    number, last = number_of(app, page), reporter
    for whose, who, step, given in way:
        asked = {who, last}  # all of them are asked in the table of turns (test_owners.py)
        assert people.having(number, "/todo/?tab=mine", asked) == whose & asked, f"{step}: the inbox"
        assert last == who or people.having(number, "/news/?unread=1", {who}), f"{step}: the bell of {who}"
        button = f"/{kind}/step/{page.rsplit('/', 1)[1]}/{step}"
        assert f'href="{button}"' in people.page(who, page), f"{step}: the button"
        people.send(who, button, {name: value() if callable(value) else value for name, value in given.items()})
        last = who
    assert people.having(number, "/todo/?tab=mine", {last, reporter}) == set(), "it has come to its end"


def number_of(app: Flask, page: str) -> str:
    view = next(view for view in case_views() if page.startswith(f"{view.route_base}/"))
    with app.app_context(), system("its number"):
        return str(db.session.scalar(select(view.record.number).where(view.record.id == int(page.rsplit("/", 1)[1]))))
