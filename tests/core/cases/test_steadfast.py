"""What stays as it is: a case at its end, a version once seen, a limit nobody lengthens for himself or beyond measure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core.base.registry import view_of
from app.core.base.scope import acting_as, system
from app.core.cases.owners import owners
from app.core.cases.timeline import CaseStep
from app.db import db
from app.subsystems.events.events import Event
from tests.conftest import FIRST, PEOPLE
from tests.core.cases.test_charge import steps_of
from tests.playing import EVENT, EVENTS

report, take, through = EVENTS.report, EVENTS.take, EVENTS.through
GRANTING = {"grant_extension", "refuse_extension"}


def verified(pk: int) -> int:
    return db.session.scalar(select(func.count(CaseStep.id)).where(
        CaseStep.record == "event", CaseStep.record_id == pk, CaseStep.step == "verify")) or 0


def test_every_step_is_another_version_and_the_second_of_two_people_is_told(
        app: Flask, client: Callable[[str], FlaskClient], token: Any) -> None:
    with app.app_context():
        event = through(report(), "accept")
        pk, version = event.id, event.version
    first, second = client("wangwan"), client("street")
    data = {"version": version, "opinion": "属实"}
    assert first.post(f"/event/step/{pk}/verify", data=data).status_code == 302
    answer = second.post(f"/event/step/{pk}/verify", data=data)
    assert answer.status_code == 422 and "刚刚被别人改动" in answer.get_data(as_text=True)
    sent = app.test_client().post(f"/api/v1/event/{pk}/steps/verify", headers=token("street"),
                                  json={"version": version, "opinion": "属实"})
    assert sent.status_code == 409
    with app.app_context(), system("versions"):
        assert db.session.get_one(Event, pk).version == version + 1 and verified(pk) == 1


def test_nobody_grants_the_time_he_asked_for(app: Flask) -> None:
    event = through(report(), "accept", "file", "dispatch")
    event = take(event, "ask_extension", extension_asked=2)
    assert event.extension_by == "wangwan"
    assert not GRANTING & steps_of("wangwan", event) and steps_of("street", event) >= GRANTING
    assert {person.username for person in owners(event)} == {"wangwan", "admin", "street"}, "who handles it, and who grants"
    assert {name for name in PEOPLE if asked_of(app, name, event.id)} == {"wangwan", "admin", "street"}
    event = take(event, "grant_extension", by=("street", FIRST[:9]))
    assert (event.extended, event.extension_by) == (2, None)


def asked_of(app: Flask, username: str, number: int) -> bool:
    """Whether an event is among those at somebody's level."""
    with app.test_request_context(), acting_as(username, PEOPLE[username][1] or ""):
        here = view_of(Event).named_filters["here"].condition(Event)
        return db.session.scalar(select(Event.id).where(here, Event.id == number)) is not None


def test_no_page_and_no_program_grants_what_its_sender_asked_for(app: Flask, token: Any) -> None:
    with app.app_context():
        pk = take(through(report(), "accept", "file", "dispatch"), "ask_extension", extension_asked=2).id
    address = f"/api/v1/event/{pk}/steps/grant_extension"
    assert app.test_client().post(address, headers=token("wangwan"), json={}).status_code == 403
    assert app.test_client().post(address, headers=token("street"), json={}).status_code == 200


def test_an_extension_is_no_longer_than_the_limit_it_lengthens(app: Flask) -> None:
    event = through(report(class_code="0101", urgency="urgent"), "accept", "file", "dispatch")
    assert event.step_limit.amount == 4, "hours of work"
    for more in (100, 5):
        EVENTS.refused(event, "ask_extension", "1 到 4", extension_asked=more)
    assert take(event, "ask_extension", extension_asked=4).extension_asked == 4


@pytest.mark.parametrize("way", [("reject",), ("accept", "file", "dispatch", "handle", "close")])
def test_a_case_at_its_end_is_read_only(app: Flask, client: Callable[[str], FlaskClient], token: Any, way: tuple[str, ...]) -> None:
    with app.app_context():
        event = through(report(), *way)
        pk, version = event.id, event.version
    for changed in ({"title": "另一件"}, {"class_code": "0901"}, {"urgency": "urgent"}, {"place": "别处"}):
        answer = app.test_client().put(f"/api/v1/event/{pk}", headers=token("wangwan"), json=changed)
        assert answer.status_code == 422 and "已经结束" in str(answer.get_json()), changed
    page = client("wangwan").post(f"/event/edit/{pk}", data={**EVENT, "title": "另一件", "grid_code": FIRST, "source": "worker",
                                                            "urgency": "normal", "version": version})
    assert page.status_code == 422 and "已经结束" in page.get_data(as_text=True)
    with app.app_context(), system("as it was"):
        assert db.session.get_one(Event, pk).title == EVENT["title"]
