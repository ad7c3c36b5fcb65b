"""What every test may ask for: the application over a small street of its own, somebody signed in, a token."""

from __future__ import annotations

import os

os.environ["GEWU_RATELIMIT"] = "0"  # every test signs in

from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.db import db
from tests import clock
from tests.databases import databases, drop_postgres, street
from tests.reading import Reader
from tests.street import (  # noqa: F401 - tests name them from here
    FIRST,
    FOREIGN,
    PASSWORD,
    PEOPLE,
    SECOND,
    STREET,
    WANGWAN,
    YANGOU,
    add_family,
    id_number,
)

# Parcels of work for several processes, by their time: what takes minutes must not begin last.
SLOWEST = ("tests/browser/", "tests/test_contract.py", "tests/commands/", "tests/demo/", "tests/core/jobs/", "tests/test_valid_rows.py",
           "tests/test_queries.py", "tests/test_any_day.py", "tests/core/sheets/", "tests/core/upkeep/", "tests/core/asking/",
           "tests/core/cases/", "tests/subsystems/")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="write the files of rights and of queries anew")
    parser.addoption("--moment", default="", help="run as if it were this moment of the office's clock: 2028-02-29T10:00")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.register_profile("busy", deadline=None)  # a busy machine is no fault of the program
    hypothesis.settings.load_profile("busy")
    if config.getoption("--moment"):
        clock.shift(config.getoption("--moment"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file is one parcel of work (``--dist loadfile``), and the slowest parcels are begun first."""
    items.sort(key=lambda item: next((place for place, name in enumerate(SLOWEST) if name in item.nodeid), len(SLOWEST)))


@pytest.fixture(scope="module", params=databases())
def app(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Flask]:
    """The whole application over a database of its own with a small street in it."""
    settings = street(request.param, tmp_path_factory.mktemp(request.param))
    application = create_app(settings)
    application.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=True)
    application.test_client_class = Reader
    yield application
    with application.app_context():
        db.session.remove()
        db.engine.dispose()
    if request.param == "postgresql":
        drop_postgres(settings.database_url)


@pytest.fixture(autouse=True)
def session(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test of the core has a session of its own; pages have theirs per request, as users do."""
    if "app" not in request.fixturenames or {"client", "token"} & set(request.fixturenames):
        yield
        return
    application = request.getfixturevalue("app")
    with application.app_context():
        yield
        db.session.rollback()
        db.session.remove()


@pytest.fixture
def client(app: Flask) -> Callable[[str], FlaskClient]:
    """Signs somebody in: client("wangwan")."""
    def sign_in(username: str) -> FlaskClient:
        browser = app.test_client()
        if username != "stranger":
            answer = browser.post("/login/", data={"username": username, "password": PASSWORD})
            assert answer.status_code == 302, answer.get_data(as_text=True)[:500]
        return browser
    return sign_in


@pytest.fixture
def token(app: Flask) -> Callable[[str], dict[str, str]]:
    """The REST header of somebody."""
    def sign_in(username: str) -> dict[str, str]:
        answer = app.test_client().post("/api/v1/security/login", json={
            "username": username, "password": PASSWORD, "provider": "db"})
        return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}
    return sign_in
