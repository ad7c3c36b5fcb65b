"""One small street for every test, on SQLite and, where a server is there, on PostgreSQL."""

from __future__ import annotations

import os

os.environ["GEWU_RATELIMIT"] = "0"  # every test signs in

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from app import create_app
from app.accounts import manager as accounts
from app.core.base.identity import check_digit
from app.core.base.scope import system
from app.core.cases import limits
from app.core.keeping import shipped
from app.core.telling import dictionaries
from app.core.upkeep import schema
from app.db import db
from app.roles import ADMIN
from app.subsystems.grids.grids import Grid
from app.subsystems.people.households import Household
from app.subsystems.people.houses import House
from app.subsystems.people.residents import Resident
from config import Settings

STREET, WANGWAN, YANGOU = "420303002", "420303002001", "420303002003"
FIRST, SECOND, FOREIGN = WANGWAN + "001", WANGWAN + "002", YANGOU + "001"
PASSWORD = "Gewu#2026"
PEOPLE = {
    "admin": (ADMIN, STREET), "street": ("街道管理员", STREET), "clerk": ("街道业务员", STREET),
    "wangwan": ("社区书记/社区管理员", WANGWAN), "wangwan01": ("网格员", FIRST),
    "yangou": ("社区书记/社区管理员", YANGOU), "inspector": ("督查考核员", STREET),
    "leader": ("领导(只读)", STREET), "nobody": ("社区书记/社区管理员", None),
}
IN_CI = bool(os.environ.get("GEWU_CI"))


def id_number(serial: int, birth: str = "19900101") -> str:
    """A fictitious number with a right check digit; odd serials are men."""
    first = f"420399{birth}{serial:03d}"
    return first + check_digit(first)


def databases() -> list[str]:
    return ["sqlite", "postgresql"]


def _postgres_url(worker: str) -> str:
    """A database of this test worker; skipped without a server, a failure in CI."""
    base = os.environ.get("GEWU_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")
    name = f"gewu_test_{worker}_{os.getpid()}"
    try:
        engine = create_engine(base, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
    except Exception as error:
        if IN_CI:
            raise
        pytest.skip(f"no PostgreSQL server: {error.__class__.__name__}")
    return base.rsplit("/", 1)[0] + "/" + name


def _settings(folder: Path, url: str) -> Settings:
    return Settings(data_dir=folder, database_url=url, demo=False)


@pytest.fixture(scope="module", params=databases())
def app(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Flask]:
    """The whole application over a database of its own with a small street in it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    folder = tmp_path_factory.mktemp(request.param)
    url = f"sqlite:///{folder / 'gewu.db'}" if request.param == "sqlite" else _postgres_url(worker)
    application = create_app(_settings(folder, url))
    application.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=True)
    with application.app_context():
        schema.upgrade()
        with system("test street"):
            build_street()
    yield application
    with application.app_context():
        db.session.remove()
        db.engine.dispose()
    if request.param == "postgresql":
        _drop_postgres(url)


def _drop_postgres(url: str) -> None:
    base, _slash, name = url.rpartition("/")
    engine = create_engine(f"{base}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    engine.dispose()


def build_street() -> None:
    """Two communities, three base grids, a household in each, and every kind of account."""
    dictionaries.load_shipped()
    limits.load_shipped()
    shipped.load()
    for code, name in ((STREET, "红卫街道"), (WANGWAN, "王湾社区"), (YANGOU, "燕沟社区"),
                       (FIRST, "一网格"), (SECOND, "二网格"), (FOREIGN, "一网格")):
        db.session.add(Grid(code=code, name=name))
        db.session.flush()
    for serial, place in enumerate((FIRST, SECOND, FOREIGN), 1):
        add_family(place, serial)
    db.session.commit()
    accounts.ensure_roles(db.session)
    for username, (role, node) in PEOPLE.items():
        accounts.add_account(username, PASSWORD, role, node)


def add_family(place: str, serial: int) -> Resident:
    """A house, a household in it, and its head."""
    house = House(grid_code=place, address=f"测试小区{serial}栋1单元101室")
    household = Household(grid_code=place, number=f"{serial:06d}", head_name=f"测试{serial}", house=house)
    person = Resident(grid_code=place, name=f"测试{serial}", id_number=id_number(901 + 2 * serial),
                      phone=f"1900000000{serial}", household=household, relation_to_head="02",
                      birth_on=date(1990, 1, 1), sex="1")
    db.session.add_all([house, household, person])
    db.session.flush()
    return person


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
