"""What comes next has an owner: state × who is told × who has it in the inbox × who is named as able to act, by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.core.base.moments import at
from app.core.base.registry import view_of
from app.core.base.scope import acting_as, system
from app.core.cases import clock, news
from app.core.cases.inbox import MINE, TABS
from app.core.cases.news import News
from app.core.cases.owners import owners, owners_in_sight
from app.core.cases.supervision import Accountability, Supervision, about
from app.db import db
from app.subsystems.complaints.complaints import Complaint
from app.subsystems.events.events import Event
from app.subsystems.security.hazards import MAJOR
from tests.conftest import FIRST, PEOPLE, STREET, WANGWAN
from tests.core.cases.test_news import person, told
from tests.playing import EVENTS, OFFICE, Play, stored
from tests.subsystems.city.test_city_problems import problems
from tests.subsystems.complaints.test_complaint import ANSWER, TOLD, WORDS
from tests.subsystems.mediation.test_disputes import disputes
from tests.subsystems.security.test_hazards import hazards

complaints = Play(Complaint, WORDS, {"accept": TOLD, "dispatch": {"unit": "property"}, "handle": ANSWER})
DOWN, UP = ("assign_down", {}), ("escalate", {})
TO_THE_WORKER = ("dispatch", {"unit": "property", "handler": "wangwan01"})
TO_THE_CLERKS_UNIT = ("dispatch", {"unit": "police"})
BOSSES = {"admin", "street"}
# The way of an event; who owns the next step; the place and the person the sheet names.
LOOP: dict[str, tuple[list[Any], set[str], str, str]] = {
    "reported, at the community": ([], {"wangwan"}, WANGWAN, "wangwan"),
    "reported, at the grid": ([DOWN], {"wangwan01"}, FIRST, "wangwan01"),
    "reported, at the street": ([UP], BOSSES | {"clerk"}, STREET, "admin、street、clerk"),
    "accepted, at the grid": ([DOWN, "accept"], {"wangwan"}, WANGWAN, "wangwan"),
    "filed, at the grid": (["accept", "file", DOWN], {"wangwan"}, WANGWAN, "wangwan"),
    "dispatched to a unit without an account": (["accept", "file", "dispatch"], {"wangwan"}, WANGWAN, "wangwan"),
    "dispatched at the grid": (["accept", "file", DOWN, "dispatch"], {"wangwan01"}, FIRST, "wangwan01"),
    "dispatched to a worker": (["accept", "file", TO_THE_WORKER], {"wangwan01"}, FIRST, "wangwan01"),
    "dispatched to a name without an account": (["accept", "file", ("dispatch", {"unit": "property", "handler": "外聘张三"})],
                                                {"wangwan"}, WANGWAN, "外聘张三"),
    "dispatched to a unit with an account": (["accept", "file", TO_THE_CLERKS_UNIT], {"clerk"}, STREET, "clerk"),
    "more time asked for": (["accept", "file", TO_THE_WORKER, ("ask_extension", {"extension_asked": 1})],
                            {"wangwan01", "wangwan"}, FIRST, "wangwan01"),
    "handled at the grid": (["accept", "file", DOWN, TO_THE_WORKER, "handle"], {"wangwan"}, WANGWAN, "wangwan"),
    "handled at the street": (["accept", "file", UP, TO_THE_WORKER, "handle"], BOSSES | {"inspector"}, STREET, "admin、street、inspector"),
    "parked": (["accept", "file", "park"], {"wangwan"}, WANGWAN, "wangwan"),
    "outside": (["accept", UP, "report_outside"], BOSSES | {"clerk"}, STREET, "admin、street、clerk"),
    "closed": (["accept", "file", "dispatch", "handle", "close"], set(), WANGWAN, ""),
    "turned down": (["reject"], set(), WANGWAN, ""),
}
DISPUTES: dict[str, tuple[list[Any], set[str], str, str]] = {
    "accepted": (["accept"], {"wangwan"}, WANGWAN, "wangwan"),
    "mediated by a worker": (["accept", "file", ("dispatch", {"unit": "mediation", "handler": "wangwan01"})], {"wangwan01"}, FIRST, "wangwan01"),
    "agreed upon at the grid": (["accept", "file", DOWN, ("dispatch", {"unit": "mediation", "handler": "wangwan01"}), "mediate", "handle"],
                                {"wangwan"}, WANGWAN, "wangwan"),
    "withdrawn": (["accept", "withdraw"], set(), WANGWAN, ""),
}
COMPLAINTS: dict[str, tuple[list[Any], set[str], str, str]] = {
    "to be told": ([], {"wangwan"}, WANGWAN, "wangwan"),
    "told, with nobody yet": (["accept"], {"wangwan"}, WANGWAN, "wangwan"),
    "with a worker": (["accept", TO_THE_WORKER], {"wangwan01"}, FIRST, "wangwan01"),
    "answered, not served": (["accept", TO_THE_WORKER, "handle"], {"wangwan"}, WANGWAN, "wangwan"),
}
MAJOR_ONE, FIRE = {"severity": MAJOR}, ("dispatch", {"unit": "fire", "handler": "wangwan01"})
HAZARDS: dict[str, tuple[list[Any], set[str], str, str]] = {
    "a hazard, reported": ([], {"wangwan"}, WANGWAN, "wangwan"),
    "a hazard, with a worker": (["accept", "file", FIRE], {"wangwan01"}, FIRST, "wangwan01"),
    "a hazard, put right, not rechecked": (["accept", "file", FIRE, "handle"], {"wangwan"}, WANGWAN, "wangwan"),
    "a hazard, to do again": (["accept", "file", FIRE, "handle", "rework"], {"wangwan01"}, FIRST, "wangwan01"),
    "a major hazard, reported": ([MAJOR_ONE], BOSSES | {"clerk"}, STREET, "admin、street、clerk"),
    "a major hazard, with a worker": ([MAJOR_ONE, "accept", "file", FIRE], {"wangwan01"}, FIRST, "wangwan01"),
    "a major hazard, put right, not rechecked": ([MAJOR_ONE, "accept", "file", FIRE, "handle"], BOSSES | {"inspector"}, STREET,
                                                 "admin、street、inspector"),
    "a hazard, rechecked": (["accept", "file", FIRE, "handle", "close"], set(), WANGWAN, ""),
}
SWEEPERS = ("dispatch", {"unit": "sanitation", "handler": "wangwan01"})
CITY: dict[str, tuple[list[Any], set[str], str, str]] = {
    "a city problem, not verified": (["accept"], {"wangwan"}, WANGWAN, "wangwan"),
    "a city problem, verified": (["accept", "verify"], {"wangwan"}, WANGWAN, "wangwan"),
    "a city problem, at the grid, not verified": ([DOWN, "accept"], {"wangwan01"}, FIRST, "wangwan01"),
    "a city problem, at the grid, verified": ([DOWN, "accept", "verify"], {"wangwan"}, WANGWAN, "wangwan"),
    "a city problem, with a worker": (["accept", "verify", "file", SWEEPERS], {"wangwan01"}, FIRST, "wangwan01"),
    "a city problem, handled, not looked at": (["accept", "verify", "file", SWEEPERS, "handle"], {"wangwan"}, WANGWAN, "wangwan"),
    "a city problem, looked at": (["accept", "verify", "file", SWEEPERS, "handle", "inspect"], {"wangwan"}, WANGWAN, "wangwan"),
    "a city problem, closed": (["accept", "verify", "file", SWEEPERS, "handle", "inspect", "close"], set(), WANGWAN, ""),
}
TABLES = ((EVENTS, LOOP), (disputes, DISPUTES), (complaints, COMPLAINTS), (hazards, HAZARDS), (problems, CITY))
TABLE = [(play, way) for play, table in TABLES for way in table]
WAYS = {way: line for _play, table in TABLES for way, line in table.items()}


@pytest.fixture(autouse=True)
def units(app: Flask) -> Iterator[None]:
    with app.app_context():
        person("clerk", unit="police")
        db.session.execute(delete(News))
        db.session.commit()
    yield


def played(play: Play, steps: list[Any]) -> Any:
    words = steps[0] if steps and isinstance(steps[0], dict) else {}
    case = play.report(**words)
    for step in steps[1:] if words else steps:
        name, values = (step, {}) if isinstance(step, str) else step
        case = play.take(case, name, by=OFFICE, **values)
    return case


def has_in_the_inbox(app: Flask, username: str, record: type[Any], number: int) -> bool:
    """Whether a case stands under 我的 of somebody's inbox."""
    with app.test_request_context(), acting_as(username, PEOPLE[username][1] or ""):
        waits = TABS[MINE][1](view_of(record))
        return db.session.scalar(select(record.id).where(waits, record.id == number)) is not None


@pytest.mark.parametrize(("play", "way"), TABLE, ids=lambda value: value if isinstance(value, str) else "")
def test_whose_turn_it_is(app: Flask, play: Play, way: str) -> None:
    steps, whose, place, named = WAYS[way]
    number = played(play, steps).id
    with system("whose turn"):
        case = db.session.get_one(play.record, number)
        assert {account.username for account in owners(case)} == whose
        said = about(case)
        assert (said["step"], said["at_code"], said["person"] or "") == (case.state, place, named)
        db.session.execute(delete(News))
        news.warn(case, news.OVERDUE)
        db.session.commit()
    assert told().keys() == whose, "the bell"
    with app.test_request_context(), acting_as("leader", STREET):
        seen = db.session.get_one(play.record, number)
        assert {account.username for account in owners_in_sight(seen)} == whose, "现在该谁"
    assert {name for name in PEOPLE if has_in_the_inbox(app, name, play.record, number)} == whose, "the inbox"


def test_a_case_done_at_the_grid_is_told_to_its_community(app: Flask) -> None:
    played(EVENTS, ["accept", "file", DOWN, TO_THE_WORKER, "handle"])
    assert "handle" in told()["wangwan"] and "handle" not in told().get("wangwan01", [])


def overdue(case: Event, days: int = 30) -> None:
    with system("the clock"):
        row = db.session.get_one(Event, case.id)
        with at(row.due_at + timedelta(days=days)):
            clock.look_at(row)
        db.session.commit()


def test_who_did_not_check_is_named_and_not_who_had_handled_it(app: Flask) -> None:
    case = played(EVENTS, ["accept", "file", DOWN, TO_THE_WORKER, "handle"])
    overdue(case)
    with system("the register"):
        entry = db.session.scalars(select(Accountability).where(Accountability.case_number == case.number)).one()
        assert (entry.step, entry.person, entry.at_code, entry.unit) == ("handled", "wangwan", WANGWAN, None)
        sheet = db.session.scalars(select(Supervision).where(Supervision.case_number == case.number)).one()
        assert sheet.person == "wangwan"


def test_sheets_end_with_their_case_and_ask_for_no_answer(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        case = EVENTS.report()
        overdue(case)
        number = case.number
    browser = client("wangwan")
    assert number in browser.get("/supervision/list/?f.unanswered=1&size=100").get_data(as_text=True)
    with app.app_context():
        case = EVENTS.take(case.id, "reject", "不属实")
        with system("sheets"):
            pk = db.session.scalars(select(Supervision.id).where(Supervision.case_number == number)).one()
    assert number not in browser.get("/supervision/list/?f.unanswered=1&size=100").get_data(as_text=True)
    assert "无需答复" in browser.get(f"/supervision/show/{pk}").get_data(as_text=True)


def test_a_yellow_sheet_says_why_it_was_raised_and_no_later_hours(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        case = EVENTS.report()
        with system("the clock"):
            row = db.session.get_one(Event, case.id)
            with at(row.amber_at + timedelta(minutes=1)):
                clock.look_at(row)
                db.session.commit()
            pk = db.session.scalars(select(Supervision.id).where(Supervision.case_number == row.number)).one()
            due = row.due_at
    with at(due + timedelta(days=9)):
        page = client("wangwan").get(f"/supervision/sheet/{pk}").get_data(as_text=True)
    assert "已用去时限的五分之四" in page and "尚未超期" in page


def test_home_counts_what_one_can_act_on(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        case = played(EVENTS, ["accept", "file", "dispatch"])
        overdue(case)
        number, due = case.number, stored(Event, case.id).due_at
    with at(due + timedelta(days=1)):
        answers = {name: client(name).get("/event/list/?f.my_red=1&size=100").get_data(as_text=True)
                   for name in ("wangwan", "wangwan01")}
        home = client("wangwan01").get("/").get_data(as_text=True)
    assert number in answers["wangwan"] and number not in answers["wangwan01"]
    assert "待回复督办单" not in home
