"""What stays as it is: a case at its end, a version once seen, a limit nobody lengthens for himself or beyond measure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm.attributes import set_committed_value

from app.core.base.moments import at, now, today
from app.core.base.registry import view_of
from app.core.base.scope import acting_as, system
from app.core.cases.owners import owners
from app.core.cases.taking import take as take_step
from app.core.cases.timeline import CaseStep
from app.core.keeping.saving import Conflict
from app.db import db
from app.subsystems.events.events import Event
from app.subsystems.mediation.records import Dispute
from tests.conftest import FIRST, PEOPLE, WANGWAN
from tests.core.cases.test_charge import steps_of
from tests.playing import EVENT, EVENTS, Play, photo

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
                                                            "urgency": "normal", "version": version}, follow_redirects=True)
    assert page.request.path == f"/event/show/{pk}" and "已经结束，只供查阅" in page.get_data(as_text=True)
    with app.app_context(), system("as it was"):
        assert db.session.get_one(Event, pk).title == EVENT["title"]


def posted(app: Flask, header: Any, pk: int, name: str, **given: Any) -> int:
    return app.test_client().post(f"/api/v1/event/{pk}/steps/{name}", headers=header, json=given).status_code


def test_without_a_version_twice_sent_is_taken_once_and_the_second_of_two_is_told(app: Flask, token: Any) -> None:
    """By hand: who sends 核实 after wangwan's, with which words, a moment or longer later → the answer, and how many lines there are then."""
    with app.app_context():
        pk = through(report(), "accept").id
    wangwan, street = token("wangwan"), token("street")
    for header, words, later, status, lines in (
            (wangwan, "属实", 0, 200, 1), (wangwan, "属实", 0, 200, 1), (street, "属实", 0, 409, 1), (wangwan, "另见一处", 0, 200, 2),
            (wangwan, "属实", 0, 200, 3), (street, "属实", 2, 200, 4)):
        with at(now() + timedelta(minutes=later)):
            assert posted(app, header, pk, "verify", opinion=words) == status, (words, lines)
        with app.app_context(), system("lines"):
            assert verified(pk) == lines
    assert [posted(app, wangwan, pk, "file") for _twice in range(2)] == [200, 409], "a step that leads on is refused where it was"
    assert [posted(app, wangwan, pk, "escalate", opinion="请街道办理") for _twice in range(2)] == [200, 403]


def test_of_two_at_once_with_photos_the_second_is_told(app: Flask) -> None:
    event = through(report(), "accept")
    with acting_as("wangwan", WANGWAN):
        row = db.session.get_one(Event, event.id)
        set_committed_value(row, "version", row.version - 1)  # as it was when this request began
        with pytest.raises(Conflict):
            take_step(row, row.workflow.by_name["verify"], {}, "属实", [photo()])
    assert verified(event.id) == 0


def test_a_second_mediation_is_another_one_and_the_same_sent_twice_is_not(app: Flask, token: Any) -> None:
    with app.app_context():
        case = Play(Dispute, {"title": "漏水", "class_code": "02", "place": "3栋", "brief": "楼上漏水"}, {"dispatch": {"unit": "judicial"}})
        pk = case.through(case.report(), "accept", "file", "dispatch").id
    header, given = token("wangwan"), {"held_on": today().isoformat(), "way": "oral", "mediators": "甲", "story": "劝解", "result": "failed"}
    for story, count in (("劝解", 1), ("劝解", 1), ("再次劝解", 2)):
        answer = app.test_client().post(f"/api/v1/dispute/{pk}/steps/mediate", headers=header, json={**given, "story": story})
        assert answer.status_code == 200, answer.get_json()
        with app.app_context(), system("mediations"):
            assert db.session.get_one(Dispute, pk).mediation_count == count
