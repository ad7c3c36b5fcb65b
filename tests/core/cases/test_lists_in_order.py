"""Lists of cases begin with what presses: overdue, nearly due, in time, at its end; each row under its light."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from app.core.base.moments import at, now
from app.core.base.scope import CHECKED, acting_as, system
from app.core.cases.supervision import RED_CARD, YELLOW_CARD, Supervision
from app.db import db
from app.subsystems.events.events import Event
from tests.conftest import FIRST, STREET
from tests.playing import EVENTS

EVENTS_AT = "/event/list/"
NOON = datetime(2026, 12, 2, 4)
HOURS = timedelta(hours=1)
# What a case is called: when it turns amber and when it is due, in hours from now; None: no clock.
CASES: dict[str, tuple[float | None, float | None]] = {
    "从容": (40, 50), "昨超": (-40, -20), "早结": (None, None), "将至": (-1, 30), "久超": (-90, -80), "新办": (2, 3),
    "无黄": (None, 60), "今到": (-2, 1), "晚结": (None, None)}
IN_ORDER = ["久超", "昨超", "今到", "将至", "新办", "从容", "无黄", "晚结", "早结"]
LIGHTS = ["red", "red", "amber", "amber", "green", "green", "green", "", ""]


@pytest.fixture
def cases(app: Flask) -> Iterator[None]:
    with at(NOON), app.app_context():
        made = [EVENTS.report(title=title) for title in CASES]
        with system("moments"):
            db.session.execute(delete(Event.__table__).where(Event.__table__.c.id.not_in([case.id for case in made])).execution_options(**CHECKED))
            for case, (amber, due) in zip(made, CASES.values(), strict=True):
                db.session.execute(Event.__table__.update().where(Event.__table__.c.id == case.id).values(
                    amber_at=None if amber is None else now() + amber * HOURS,
                    due_at=None if due is None else now() + due * HOURS).execution_options(**CHECKED))
            db.session.commit()
        db.session.expire_all()
        yield


def titles(page: str) -> list[str]:
    return re.findall(r'data-label="标题"[^>]*>(?:<[^>]+>)*([^<]+)', page)


def test_red_before_amber_before_green_and_the_oldest_due_first(cases: None, client: Callable[[str], FlaskClient]) -> None:
    page = client("street").get("/event/list/").get_data(as_text=True)
    assert titles(page) == IN_ORDER
    rows = page.split("<tbody>")[1].split("</tr>")[:len(IN_ORDER)]
    assert [next(iter(re.findall(r's-light (\w+)"', row)), "") for row in rows] == LIGHTS


@pytest.mark.parametrize("username", ["street", "wangwan01"])
def test_pages_lead_on_and_back_through_every_row_once(cases: None, client: Callable[[str], FlaskClient], username: str,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    from app.core.asking import listing

    monkeypatch.setattr(listing, "PAGE_SIZES", (25, 2))
    browser, seen, address = client(username), [], f"{EVENTS_AT}?size=2"
    while address:
        page = browser.get(address).get_data(as_text=True)
        seen.append(titles(page))
        found = re.search(r'rel="next"\s+href="([^"]+)"', page)
        address = found and EVENTS_AT + found[1].replace("&amp;", "&").removeprefix(EVENTS_AT)
    assert [one for part in seen for one in part] == IN_ORDER and len(seen) == 5
    back = re.search(r'rel="prev"\s+href="([^"]+)"', page)
    assert back is not None
    assert titles(browser.get(EVENTS_AT + back[1].replace("&amp;", "&").removeprefix(EVENTS_AT)).get_data(as_text=True)) == seen[-2]


def test_the_order_holds_by_number_of_page_and_on_the_sheet(cases: None, app: Flask) -> None:
    from app.core.asking import listing
    from app.core.base.registry import view_of
    from app.core.sheets.out.exporting import table

    with app.test_request_context(), acting_as("street", STREET):
        state = listing.ListState(Event, ["title"], size=4, page=1)
        assert [row.title for row in listing.fetch(state, view_of(Event)).rows] == IN_ORDER[4:8]
        assert [cells[0] for cells in table(listing.ListState(Event, ["title"]), view_of(Event), whole=False)] == IN_ORDER


def test_what_presses_has_its_colour_and_what_does_not_is_grey(cases: None, app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        EVENTS.report(title="特急", urgency="critical")
        EVENTS.report(title="紧急", urgency="urgent")
    page = client("street").get("/event/list/").get_data(as_text=True)
    assert '<span class="s-tag warn">特急</span>' in page and '<span class="s-tag yes">紧急</span>' in page
    assert '<span class="s-tag">一般</span>' in page


def test_sheets_that_want_an_answer_stand_on_top_red_first(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    sheets: list[tuple[str, str, float, dict[str, Any]]] = [
        ("甲黄", YELLOW_CARD, -90, {}), ("乙红答", RED_CARD, -99, {"answer": "已办"}), ("丙红", RED_CARD, -9, {}), ("丁红", RED_CARD, -30, {}),
        ("戊了", RED_CARD, -80, {"ended_at": NOON})]
    with at(NOON), app.app_context(), acting_as("street", STREET):
        db.session.execute(delete(Supervision.__table__).execution_options(**CHECKED))
        for title, card, due, more in sheets:
            db.session.add(Supervision(case_type="event", case_number=f"SJ-{title}", title=title, card=card, step="reported",
                                       grid_code=FIRST, since=NOON - 100 * HOURS, due_at=NOON + due * HOURS, **more))
            db.session.flush()
        db.session.commit()
    page = client("street").get("/supervision/list/").get_data(as_text=True)
    places = [page.index(f">{title}<") for title in ("丁红", "丙红", "甲黄", "戊了", "乙红答")]
    assert places == sorted(places)
    assert '<span class="s-tag warn">红牌</span>' in page
