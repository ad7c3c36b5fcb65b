"""What an office sets for itself: read, refused, written with history, and used by the check-up at once."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.core.base import options
from app.core.base.history import History
from app.core.base.scope import system
from app.db import db
from app.subsystems.people import grid_size


def test_the_band_of_grid_sizes_is_the_offices_and_the_check_up_follows_it(app: Flask, client: Any) -> None:
    browser = client("street")
    assert "标准：240 至 360 户，1000 至 1500 人" in browser.get("/checkup/").get_data(as_text=True)
    answer = browser.post("/settings/list/", data={"grid_households": "1", "grid_households_margin": "0",
                                                   "grid_people_low": "1", "grid_people_high": "5"})
    assert answer.status_code == 302
    page = browser.get("/checkup/").get_data(as_text=True)
    assert "标准：1 至 1 户，1 至 5 人" in page and "偏少" not in page
    with app.app_context():
        noted = db.session.scalars(db.select(History).where(History.record == "office_option")).all()
        assert {entry.by for entry in noted} >= {"street"}
    browser.post("/settings/list/", data={key: known.shown(known.default) for key, known in options.OPTIONS.items()})
    assert "标准：240 至 360 户" in browser.get("/checkup/").get_data(as_text=True)


@pytest.mark.parametrize("wrong", ["", "-1", "三百", "1.5", "99999999", "٣"])
def test_a_value_that_cannot_be_is_refused_with_its_range_and_stays_on_the_page(app: Flask, client: Any, wrong: str) -> None:
    answer = client("street").post("/settings/list/", data={"grid_households": wrong, "grid_people_low": "900"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "每个网格的户数：请填写 1 到 10000 之间的整数。" in page
    assert f'value="{wrong}"' in page and 'value="900"' in page
    with app.app_context():
        assert grid_size.FEWEST_PEOPLE.value == 1000


@pytest.mark.parametrize("username", ["wangwan", "wangwan01", "inspector", "leader", "nobody"])
def test_only_administrators_see_or_write_the_settings(client: Any, username: str) -> None:
    browser = client(username)
    assert browser.get("/settings/list/").status_code == 403
    assert browser.post("/settings/list/", data={"grid_households": "5"}).status_code == 403
    assert "/settings/list/" in client("street").get("/checkup/").get_data(as_text=True)
    assert "/settings/list/" not in browser.get("/checkup/").get_data(as_text=True), "asked once, for the first user"


def test_sizes_count_living_people_and_households_of_each_base_grid(app: Flask) -> None:
    with system("counts"):
        assert {(size.households, size.people) for size in grid_size.sizes()} == {(1, 1)}
