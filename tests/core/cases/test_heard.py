"""Each party hears once: what was done × who had it, who reported it, who has it now; by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from app.core.base.scope import acting_as
from app.core.cases.news import NEW, RECEIVED, News
from app.db import db
from app.subsystems.events.events import Event
from app.subsystems.security.hazards import Hazard
from tests.conftest import FIRST, STREET, WANGWAN
from tests.core.cases.test_news import found_by_the_grid_worker, person, told
from tests.core.cases.test_owners import has_in_the_inbox
from tests.playing import EVENTS, OFFICE, stored
from tests.subsystems.security.test_hazards import WORDS as HAZARD

TO_THE_WORKER = ("dispatch", {"unit": "property", "handler": "wangwan01"})
TO_THE_CLERKS_UNIT = ("dispatch", {"unit": "police"})
FILED = ("accept", "file")
WORKER, SECRETARY, CLERK, BOSS = ("wangwan01", FIRST), ("wangwan", WANGWAN), ("clerk", STREET), ("street", STREET)
UP, DOWN = "escalate", "assign_down"
# An event the grid worker reported; what was done before; the step and by whom; who hears of it.
HEARD: dict[str, tuple[tuple[Any, ...], Any, tuple[str, str], set[str]]] = {
    "refused by the community": ((), "reject", SECRETARY, {"wangwan01"}),
    "refused by the street over the community's head": ((), "reject", BOSS, {"wangwan01", "wangwan"}),
    "handed up": ((), UP, SECRETARY, {"wangwan01", "admin", "street", "clerk"}),
    "handed down from the street": ((UP,), DOWN, BOSS, {"wangwan01", "wangwan", "admin", "clerk"}),
    "handed down to the grid": ((), DOWN, SECRETARY, {"wangwan01"}),
    "taken in by the worker": ((DOWN,), "accept", WORKER, {"wangwan"}),
    "taken in by the community": ((), "accept", SECRETARY, set()),
    "charged with it: a person": (FILED, TO_THE_WORKER, SECRETARY, {"wangwan01"}),
    "charged with it: the unit of a clerk of the street": (FILED, TO_THE_CLERKS_UNIT, SECRETARY, {"clerk"}),
    "given to another unit": ((*FILED, TO_THE_CLERKS_UNIT), ("transfer", {"unit": "property", "handler": "wangwan01"}), SECRETARY,
                              {"clerk", "wangwan01"}),
    "handed over by another": ((*FILED, TO_THE_WORKER), ("hand_over", {"handler": "clerk"}), SECRETARY, {"wangwan01", "clerk"}),
    "sent back by the worker": ((*FILED, TO_THE_WORKER), "send_back", WORKER, {"wangwan"}),
    "done": ((*FILED, TO_THE_WORKER), "handle", WORKER, {"wangwan"}),
    "parked": ((*FILED, TO_THE_WORKER), "park", SECRETARY, {"wangwan01"}),
    "closed": ((*FILED, TO_THE_CLERKS_UNIT, "handle"), "close", SECRETARY, {"wangwan01", "clerk"}),
    "to be done again": ((*FILED, TO_THE_CLERKS_UNIT, "handle"), "rework", SECRETARY, {"clerk"}),
    "opened again": ((*FILED, TO_THE_CLERKS_UNIT, "handle", "close"), "reopen", BOSS, {"clerk", "wangwan"}),
    "more time refused": ((*FILED, TO_THE_WORKER, ("ask_extension", {"extension_asked": 1})), "refuse_extension", SECRETARY, {"wangwan01"}),
}


@pytest.fixture(autouse=True)
def quiet(app: Flask) -> Iterator[None]:
    with app.app_context():
        person("clerk", unit="police")
        forget()
    yield


def forget() -> None:
    db.session.execute(delete(News))
    db.session.commit()


def step(case: Any, move: Any, by: tuple[str, str]) -> Any:
    name, values = (move, {}) if isinstance(move, str) else move
    return EVENTS.take(case, name, by=by, **values)


@pytest.mark.parametrize("way", HEARD)
def test_everybody_it_concerns_hears_once(app: Flask, way: str) -> None:
    before, move, by, who = HEARD[way]
    case = found_by_the_grid_worker()
    for earlier in before:
        case = step(case, earlier, OFFICE)
    forget()
    step(case, move, by)
    heard = told()
    assert heard.keys() == who
    assert all(len(lines) == 1 for lines in heard.values()), heard


def test_of_a_merged_case_its_reporter_hears_and_whoever_has_the_one_it_went_into(app: Flask) -> None:
    kept = EVENTS.report()
    step(step(step(kept, "accept", SECRETARY), "file", SECRETARY), TO_THE_CLERKS_UNIT, SECRETARY)
    case = found_by_the_grid_worker()
    forget()
    EVENTS.take(case, "merge", by=BOSS, merged_into=kept.number)
    assert told() == {"wangwan": ["merge"], "wangwan01": ["merge"], "clerk": [RECEIVED]}


def test_what_a_clerks_unit_is_charged_with_is_in_his_list_and_no_other_units(app: Flask) -> None:
    numbers = {}
    for unit in ("police", "property"):
        case = step(step(EVENTS.report(), "accept", SECRETARY), "file", SECRETARY)
        numbers[unit] = step(case, ("dispatch", {"unit": unit}), SECRETARY).id
    assert has_in_the_inbox(app, "clerk", Event, numbers["police"]) and not has_in_the_inbox(app, "clerk", Event, numbers["property"])


def hazard(severity: str) -> Any:
    with acting_as(*WORKER):
        row = Hazard(grid_code=FIRST, severity=severity, **HAZARD)
        db.session.add(row)
        db.session.commit()
        number = row.id
    return stored(Hazard, number)


def test_a_major_hazard_is_told_to_the_street_and_its_community_also_when_it_is_found_to_be_one_later(app: Flask) -> None:
    assert hazard("major").level_code == STREET
    assert told() == dict.fromkeys(("admin", "street", "clerk", "wangwan"), [NEW])
    forget()
    small = hazard("general")
    assert told() == {"wangwan": [NEW]}
    forget()
    with acting_as(*WORKER):
        db.session.get_one(Hazard, small.id).severity = "major"
        db.session.commit()
    assert told() == dict.fromkeys(("admin", "street", "clerk", "wangwan"), [NEW])
