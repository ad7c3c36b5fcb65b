"""The page of a record: its relations as tabs, its history in words, the posts of a grid on a day."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.core.base.scope import system
from app.db import db
from app.subsystems.grids.grids import Grid
from app.subsystems.grids.staff import GridStaff
from app.subsystems.people.households import Household
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, WANGWAN, id_number

SQUARE = {"type": "Polygon", "coordinates": [[[110.1, 32.1], [110.2, 32.1], [110.2, 32.2], [110.1, 32.1]]]}


def pk_of(app: Flask, record: Any, place: str) -> int:
    column = Grid.code if record is Grid else record.grid_code
    with app.app_context(), system("ids for a test"):
        return db.session.scalar(db.select(record.id).where(column == place).order_by(record.id))


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def test_the_people_of_a_household_stand_in_its_tab_masked(app: Flask, client: Any) -> None:
    browser, pk = client("wangwan"), pk_of(app, Household, FIRST)
    page = text(browser.get(f"/household/show/{pk}"))
    assert f'data-tab="/household/related/{pk}/resident.household_id"' in page
    rows = text(browser.get(f"/household/related/{pk}/resident.household_id"))
    assert "测试1" in rows and "190****0001" in rows and "19000000001" not in rows
    assert "<html" not in rows
    assert f"/resident/add?grid_code={FIRST}&amp;household_id={pk}" in rows
    assert f"/resident/list/?f.household_id={pk}" in rows


def test_a_tab_says_how_many_rows_its_list_has(app: Flask, client: Any) -> None:
    """On a community too, where the list takes the base grids in."""
    browser, pk = client("street"), pk_of(app, Grid, WANGWAN)
    page = text(browser.get(f"/grid/show/{pk}"))
    assert re.search(r"居民\s+<b>2</b>", page) and re.search(r"下级网格\s+<b>2</b>", page)
    assert "共 2 条" in text(browser.get(f"/resident/list/?f.grid_code={WANGWAN}"))


@pytest.mark.parametrize("username", ["wangwan", "wangwan01", "nobody"])
def test_a_foreign_record_has_no_tabs(app: Flask, client: Any, username: str) -> None:
    pk = pk_of(app, Household, FOREIGN)
    assert client(username).get(f"/household/related/{pk}/resident.household_id").status_code == 404


def test_a_relation_nobody_declared_is_not_found(app: Flask, client: Any) -> None:
    pk = pk_of(app, Household, FIRST)
    for key in ("resident.phone", "user.id", "resident.household_id.x"):
        assert client("street").get(f"/household/related/{pk}/{key}").status_code == 404


def test_who_only_reads_is_offered_no_add_button(app: Flask, client: Any) -> None:
    pk = pk_of(app, Household, FIRST)
    rows = text(client("leader").get(f"/household/related/{pk}/resident.household_id"))
    assert "测试1" in rows and "/resident/add" not in rows


def test_the_page_leads_to_the_people_of_the_same_household(app: Flask, client: Any) -> None:
    pk = pk_of(app, Resident, FIRST)
    assert "同户居民 <b>1</b>" in text(client("wangwan").get(f"/resident/show/{pk}"))


def test_history_names_persons_and_rows_and_never_prints_a_boundary(app: Flask, client: Any) -> None:
    browser = client("street")
    with app.app_context(), system("a boundary"):
        grid = db.session.scalars(db.select(Grid).where(Grid.code == FIRST)).one()
        grid.boundary = SQUARE
        person = db.session.scalars(db.select(Resident).where(Resident.grid_code == FIRST)).first()
        household, person.household_id = person.household, None
        pk, person_pk, name = grid.id, person.id, str(household)
        db.session.commit()
        person.household_id = household.id
        db.session.commit()
    page = text(browser.get(f"/grid/show/{pk}"))
    assert "新图形" in page and "110.2" not in page
    page = text(browser.get(f"/resident/show/{person_pk}"))
    assert f"<s>{name}</s>" in page and f"→ {name}" in page


def test_a_grid_tells_who_held_its_posts_on_a_day(app: Flask, client: Any) -> None:
    with app.app_context(), system("posts"):
        db.session.add_all([
            GridStaff(grid_code=FIRST, name="前任甲", role="worker", since_on=date(2024, 1, 1), until_on=date(2024, 12, 31)),
            GridStaff(grid_code=FIRST, name="后任乙", role="worker", since_on=date(2025, 1, 1))])
        db.session.commit()
    browser, pk = client("wangwan01"), pk_of(app, Grid, FIRST)
    then, now = text(browser.get(f"/grid/show/{pk}?on=2024-12-31")), text(browser.get(f"/grid/show/{pk}?on=2025-01-01"))
    assert "前任甲" in then and "后任乙" not in then
    assert "后任乙" in now and "前任甲" not in now
    assert "网格员：2023-12-31 无人在岗" in text(browser.get(f"/grid/show/{pk}?on=2023-12-31"))
    assert "后任乙" in text(browser.get(f"/grid/show/{pk}?on=nonsense"))


def test_saving_and_adding_another_keeps_the_household(app: Flask, client: Any) -> None:
    pk = pk_of(app, Household, FIRST)
    answer = client("wangwan").post(f"/resident/add?household_id={pk}&grid_code={FIRST}", data={
        "grid_code": FIRST, "name": "测试家人", "id_number": id_number(777), "document_type": "111",
        "kind": "resident", "life_state": "alive", "household_id": pk, "again": "1"})
    assert answer.status_code == 302
    assert f"household_id={pk}" in answer.headers["Location"]


def test_a_change_where_a_value_is_hidden_says_that_it_changed(app: Flask, client: Any) -> None:
    with app.app_context(), system("a phone that changes in the middle"):
        person = db.session.scalars(db.select(Resident).where(Resident.grid_code == FIRST).order_by(Resident.id)).first()
        person.phone = "19055550001"
        db.session.commit()
        pk = person.id
    page = text(client("wangwan").get(f"/resident/show/{pk}"))
    assert "190****0001（隐去的部分有改动）" in page and "19055550001" not in page
