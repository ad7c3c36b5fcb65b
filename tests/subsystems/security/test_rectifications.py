"""Security areas: on the list with a plan, inspected, again, off the list; one round at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core.base.moments import today
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.core.base.workdays import DAYS, Limit
from app.core.cases import figures
from app.core.cases.loop import CLOSED
from app.db import db
from app.subsystems.security.rectifications import (
    FOUND,
    PASSED,
    RECTIFIED,
    RECTIFYING,
    SHEET,
    Rectification,
    SecurityArea,
)
from tests.conftest import FIRST, FOREIGN, STREET
from tests.playing import Play, offers, spelled

PLAN = {"unit": "police", "partner_units": ["fire", "community"], "handler": "综治办负责人", "plan": "定岗巡逻"}
NEEDS: dict[str, dict[str, Any]] = {
    "plan": {**PLAN, "fix_by": lambda: today() + timedelta(days=30)},
    "rectify": {"result": "已整治", "solved_count": 2, "handled_count": 5},
    "pass_inspection": {"effect": "marked", "evaluation": "发案下降"},
    "rework": {"fix_by": lambda: today() + timedelta(days=10)}}
RIGHTS = {
    "found": {"街书员": "plan reject assign_down", "街书员格": "escalate"},
    "rectifying": {"街书员格": "rectify ask_extension escalate", "街书员": "transfer"},
    "rectified": {"街书督": "pass_inspection rework"},
    "passed": {"街书督": "rework", "街书": "delist"},
    "closed": {"街书格督": "revisit", "街书员": "reopen"},
    "rejected": {},
}
rounds = Play(Rectification, {"issues": ["theft"], "problem": "扒窃多发"}, NEEDS)
take, through, refused = rounds.take, rounds.through, rounds.refused
SERIAL = iter(range(1, 1000))


def found(grid: str = FIRST) -> Rectification:
    """A round just begun for an area of its own."""
    with acting_as("street", STREET):
        area = SecurityArea(grid_code=grid, name=f"市场周边{next(SERIAL)}", kind="market", extent="东至市场东路", issues=["theft", "fire"])
        db.session.add(area)
        db.session.flush()
        return begun(area.id)


def begun(area_id: int) -> Rectification:
    return rounds.report(by="street", grid=STREET, area_id=area_id)


def area_of(row: Rectification) -> SecurityArea:
    with system("the area"):
        return db.session.get_one(SecurityArea, row.area_id)


def test_who_may_take_which_step_of_a_rectification(app: Flask) -> None:
    assert offers(Rectification) == spelled(RIGHTS)


def test_an_area_is_listed_with_its_plan_and_comes_off_when_it_passed(app: Flask) -> None:
    row = found()
    assert row.number.startswith("ZZ20") and (row.grid_code, row.area_kind, row.state) == (FIRST, "market", FOUND)
    assert area_of(row).listed_on is None
    row = through(row, "plan")
    assert (row.state, row.unit, row.partner_units, area_of(row).listed_on) == (RECTIFYING, "police", ["fire", "community"], today())
    assert row.step_limit == Limit(30, DAYS)
    row = through(row, "rectify")
    assert row.state == RECTIFIED and row.in_time and row.solved_count == 2
    row = through(row, "rework", "rectify", "pass_inspection")
    assert (row.state, row.rework_count, row.fix_by) == (PASSED, 1, today() + timedelta(days=10))
    assert area_of(row).delisted_on is None
    row = through(row, "delist")
    assert row.state == CLOSED and row.closed_at and area_of(row).delisted_on == today()


def test_what_fell_back_is_opened_and_listed_again(app: Flask) -> None:
    row = through(found(), "plan", "rectify", "pass_inspection", "delist", "reopen")
    assert row.state == FOUND
    row = through(row, "plan")
    assert area_of(row).delisted_on is None and area_of(row).listed_on == today()


@pytest.mark.parametrize(("before", "name", "without"), [
    ((), "plan", "unit"), ((), "plan", "plan"), ((), "plan", "fix_by"), (("plan",), "rectify", "result"),
    (("plan",), "rectify", "solved_count"), (("plan", "rectify"), "pass_inspection", "effect")])
def test_a_step_cannot_do_without(app: Flask, before: tuple[str, ...], name: str, without: str) -> None:
    row = through(found(), *before)
    assert refused(row, name, **{without: None}).field == without


def test_a_day_that_is_over_and_less_than_nothing_are_refused(app: Flask) -> None:
    row = found()
    assert refused(row, "plan", **{**PLAN, "fix_by": today() - timedelta(days=1)}).field == "fix_by"
    row = through(row, "plan")
    assert refused(row, "rectify", result="完成", solved_count=-1, handled_count=0).field == "solved_count"
    assert through(row, "rectify").state == RECTIFIED


def test_an_area_has_one_round_at_a_time(app: Flask) -> None:
    row = found()
    with pytest.raises(RuleError) as told:
        begun(row.area_id)
    assert told.value.field == "area_id"
    db.session.rollback()
    row = take(row, "reject")
    second = begun(row.area_id)
    assert second.state == FOUND
    other = refused(through(second, "plan", "rectify", "pass_inspection", "delist"), "rework")
    assert other.field is None


def test_reopening_beside_another_round_is_refused(app: Flask) -> None:
    row = through(found(), "plan", "rectify", "pass_inspection", "delist")
    begun(row.area_id)
    with pytest.raises(RuleError) as told:
        take(row, "reopen")
    assert told.value.field == "area_id"
    db.session.rollback()


def test_the_figures_count_its_own_states(app: Flask) -> None:
    with system("figures"):
        before = figures.summed(Rectification, figures.rows(Rectification, today(), today())).counts
    row = through(found(), "plan")
    with system("figures"):
        after = figures.summed(Rectification, figures.rows(Rectification, today(), today())).counts
    assert after["filed"] == before.get("filed", 0) + 1 and after["handled"] == before.get("handled", 0)
    through(row, "rectify", "pass_inspection", "delist")
    with system("figures"):
        end = figures.summed(Rectification, figures.rows(Rectification, today(), today())).counts
    assert (end["closed"], end["handled"]) == (before.get("closed", 0) + 1, before.get("handled", 0) + 1)


def test_the_sheet_of_listed_areas_is_a_list_with_all_its_columns(app: Flask, client: Any) -> None:
    with app.app_context():
        row = through(found(), "plan")
        number = row.number
        found(FOREIGN)
    browser = client("wangwan")
    page = browser.get("/rectification/list/").get_data(as_text=True)
    assert "挂牌整治表" in page and f"cols={','.join(SHEET)}" in page
    sheet = browser.get(f"/rectification/list/?cols={','.join(SHEET)}").get_data(as_text=True)
    for words in (number, "牵头单位", "参与单位", "破案数", "查处数", "效果评估", "消防救援站、社区居委会", "综治办负责人"):
        assert words in sheet, words
    assert sheet.count("东至市场东路") == browser.get("/rectification/list/?size=100&cols=extent").get_data(as_text=True).count("东至市场东路")


def test_an_area_comes_off_the_list_only_after_it_was_on_it(app: Flask) -> None:
    with acting_as("street", STREET), pytest.raises(RuleError) as told:
        db.session.add(SecurityArea(grid_code=FIRST, name="无牌可摘", kind="lane", extent="一巷", issues=["theft"], delisted_on=today()))
        db.session.flush()
    assert told.value.field == "delisted_on"
    db.session.rollback()


def test_the_page_of_an_area_leads_to_its_rounds(app: Flask, client: Any) -> None:
    with app.app_context():
        row = found()
        area = row.area_id
    page = client("wangwan").get(f"/securityarea/show/{area}").get_data(as_text=True)
    assert "重点地区整治" in page and f"area_id={area}" in page
    assert client("yangou").get(f"/securityarea/show/{area}").status_code == 404
