"""What every type of case owes: no state without its word and its limit, and pages that answer."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from flask import Flask

from app.core import assembly
from app.core.cases.loop import STEPS
from app.core.keeping.shipped import FILES
from app.core.telling.dictionaries import FOLDER
from tests.playing import case_views, states_of

assembly.discover()
VIEWS = case_views()
NAMES = [view.record.__name__ for view in VIEWS]


def words(name: str) -> set[str]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"] for row in csv.DictReader(file)}


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_every_state_has_its_word(view: Any) -> None:
    flow = view.record.workflow
    assert set(states_of(view.record)) <= words("case_state") and flow.case_type in words("case_type")


def test_phrases_are_kept_for_every_step_of_the_loop_and_for_no_other() -> None:
    assert words("reply_step") == set(STEPS)


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
