"""How many statements the list, the form and the record page of every record cost: an N+1 is a diff of queries.json.

Regenerate with ``run.py test tests/test_queries.py --regenerate`` and say in the commit why a number moved. Three rows
of every record stand in the street; sizes are told in kilobytes and move only when they moved by a fifth.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.core import assembly
from app.core.base import registry
from app.core.base.moments import at
from app.core.base.scope import acting_as, system
from app.db import db
from tests import golden, valid
from tests.street import PASSWORD, STREET
from tests.test_roles import allowed

assembly.discover()
VIEWS = registry.record_views()
NUMBERS = Path(__file__).parent / "queries.json"
WEDNESDAY = datetime(2026, 12, 2, 2)
ROWS = 3
FIFTH, FEW_KILOBYTES = 5, 4
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True, scope="module")
Page = dict[str, int]


@pytest.fixture(scope="module")
def rows(app: Flask) -> dict[str, int]:
    """Three rows of every record a person may write: record -> the number of one."""
    with at(WEDNESDAY), app.test_request_context(), acting_as("street", STREET):
        for view in (view for view in VIEWS if "add" in allowed(app)[view.__name__, "街道管理员"]):
            for _row in range(ROWS):
                valid.row(view.record)
                db.session.commit()
    with app.app_context(), system("the rows"):
        return {view.record.__name__: db.session.scalar(db.select(db.func.max(view.record.id))) for view in VIEWS}


@pytest.fixture(scope="module")
def browser(app: Flask) -> FlaskClient:
    found = app.test_client()
    assert found.post("/login/", data={"username": "street", "password": PASSWORD}).status_code == 302
    return found


@pytest.fixture(autouse=True)
def session() -> None:
    """Every request has a session of its own here, as with users."""


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    found: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        found.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def cost(app: Flask, browser: FlaskClient, address: str) -> Page | None:
    """Statements and kilobytes of a page that was asked for before; None for who may not see it."""
    if browser.get(address).status_code == 403:
        return None
    with statements(app) as found:
        answer = browser.get(address)
    assert answer.status_code == 200, address
    return {"queries": len(found), "kB": round(len(answer.get_data()) / 1000)}


def test_pages_cost_what_was_reviewed(app: Flask, browser: FlaskClient, rows: dict[str, int], request: Any) -> None:
    kept: dict[str, dict[str, Page]] = json.loads(NUMBERS.read_text(encoding="utf-8")) if NUMBERS.exists() else {}
    found: dict[str, dict[str, Page]] = {}
    with at(WEDNESDAY):
        for view in sorted(VIEWS, key=lambda view: view.__name__):
            view.derive()
            pages = {"list": "list/", "add": "add"}
            if rows[view.record.__name__]:
                pages |= {page: f"{page}/{rows[view.record.__name__]}" for page in ("show", "edit")}
            costs = {page: cost(app, browser, f"{view.route_base}/{tail}") for page, tail in pages.items()}
            found[view.__name__] = {page: _settled(price, kept.get(view.__name__, {}).get(page))
                                    for page, price in costs.items() if price}
        inbox = cost(app, browser, "/todo/")
        found["InboxView"] = {"list": _settled(inbox, kept.get("InboxView", {}).get("list"))} if inbox else {}
    golden.same(NUMBERS, _text(found), request.config.getoption("--regenerate"))


def _settled(price: Page, before: Page | None) -> Page:
    """A size that moved by less than a fifth, or by a few kilobytes, is the one that was reviewed."""
    if before and abs(price["kB"] - before["kB"]) <= max(FEW_KILOBYTES, before["kB"] // FIFTH):
        return {**price, "kB": before["kB"]}
    return price


def _text(found: dict[str, dict[str, Page]]) -> str:
    """One line a page, so that a diff names it."""
    views = (f'  "{view}": {{\n' + ",\n".join(f'    "{page}": {json.dumps(price)}' for page, price in sorted(pages.items())) + "\n  }"
             for view, pages in found.items())
    return "{\n" + ",\n".join(views) + "\n}\n"
