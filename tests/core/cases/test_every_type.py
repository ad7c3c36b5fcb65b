"""What every type of case owes: who may take which step from where, and no limit, state or right without its word."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from flask import Flask

from app import roles
from app.core import assembly
from app.core.base.scope import acting_as
from app.core.cases.inbox import case_views
from app.core.keeping.shipped import FILES
from app.core.telling.dictionaries import FOLDER
from tests.conftest import FIRST, PEOPLE, WANGWAN, YANGOU

assembly.discover()
VIEWS = case_views()
NAMES = [view.record.__name__ for view in VIEWS]
COUNTS = dict.fromkeys(("extended", "returned_count", "rework_count", "reopened_count"), 0)


def states_of(record: Any) -> list[str]:
    flow = record.workflow
    return sorted({flow.initial, *flow.final, *(state for step in flow.steps for state in (*step.sources, step.target) if state)})


def words(name: str) -> set[str]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"] for row in csv.DictReader(file)}


@pytest.mark.parametrize("username", sorted(set(PEOPLE) - {"admin"}))
@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_the_steps_offered_are_those_of_the_table(app: Flask, view: Any, username: str) -> None:
    """status × step × role × level, worked out from the declarations alone."""
    role, node = PEOPLE[username]
    for state in states_of(view.record):
        case = view.record(grid_code=FIRST, level_code=WANGWAN, state=state, **COUNTS)
        with acting_as(username, node or ""):
            offered = {step.name for step in case.workflow.offered(case, lambda name: roles.allows(role, name, view.__name__))}
        mine = node is not None and WANGWAN.startswith(node)
        assert offered == {step.name for step in case.workflow.steps if mine and state in step.sources and step.possible(case)
                           and roles.allows(role, step.name, view.__name__)}, state
        if node is None or role == "领导(只读)" or node in (FIRST, YANGOU):
            assert not offered, "a reader, a base grid and another community have no say in a community's case"


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_every_step_is_somebodys_and_every_state_has_its_word(view: Any) -> None:
    flow = view.record.workflow
    unowned = {step.name for step in flow.steps} - roles.STEPS
    assert not unowned, f"put these into a set of steps in app/roles.py: {sorted(unowned)}"
    assert set(states_of(view.record)) <= words("case_state") and flow.case_type in words("case_type")


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_every_state_with_a_clock_has_a_limit_and_so_has_the_whole(view: Any) -> None:
    flow = view.record.workflow
    with (FILES / "case_limit.csv").open(encoding="utf-8", newline="") as file:
        limited = {row["state"] for row in csv.DictReader(file) if row["case_type"] == flow.case_type}
    assert {*states_of(view.record), "whole"} - {*flow.final, *flow.idle} <= limited


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_the_pages_of_a_type_answer(app: Flask, client: Any, view: Any) -> None:
    browser = client("street")
    for page in ("figures/", "figures/?from=2026-01-01&to=2026-02-01", "list/?f.open=1", "list/?f.red=1", "list/?f.here=1"):
        assert browser.get(f"{view.route_base}/{page}").status_code == 200, page
