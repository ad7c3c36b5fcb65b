"""The access log: everything that leaves is in it, whoever reads it sees his part, and nobody changes it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.core.base.records import RuleError
from app.core.base.scope import system
from app.core.telling.masking import AccessLog
from app.db import db
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN


def person(app: Flask, grid: str) -> tuple[int, str]:
    with app.app_context(), system("somebody"):
        row = db.session.scalars(db.select(Resident).where(Resident.grid_code == grid)).first()
        return row.id, row.name


@pytest.fixture
def looked(app: Flask, client: Any) -> dict[str, int]:
    """Each community has looked at one of its people."""
    found = {}
    for username, grid in (("wangwan", FIRST), ("yangou", FOREIGN)):
        found[username] = person(app, grid)[0]
        answer = client(username).post(f"/resident/reveal/{found[username]}", data={"purpose": f"{username}核对"})
        assert answer.status_code == 200
    return found


def page(browser: Any, query: str = "") -> str:
    return str(browser.get(f"/accesslog/list/{query}").get_data(as_text=True))


@pytest.mark.parametrize(("username", "seen"), [
    ("admin", {"wangwan", "yangou"}), ("street", {"wangwan", "yangou"}), ("inspector", {"wangwan", "yangou"}),
    ("wangwan", {"wangwan"}), ("yangou", {"yangou"}), ("wangwan01", set()), ("leader", set()), ("clerk", set())])
def test_everybody_reads_his_own_entries_and_the_inspection_those_of_all(client: Any, looked: Any, username: str,
                                                                        seen: set[str]) -> None:
    text = page(client(username))
    assert {name for name in ("wangwan", "yangou") if f"{name}核对" in text} == seen
    assert {name for name in ("wangwan", "yangou") if f"{name}核对" in page(client(username), "?by=yangou&by=wangwan")} <= seen


def test_a_stranger_is_sent_to_the_sign_in_page(client: Any) -> None:
    assert client("stranger").get("/accesslog/list/").status_code == 302


def test_entries_are_narrowed_by_kind_person_record_and_day(app: Flask, client: Any, looked: dict[str, int]) -> None:
    browser = client("street")
    assert "wangwan核对" not in page(browser, "?by=yangou") and "yangou核对" in page(browser, "?by=yangou")
    assert "核对" not in page(browser, "?action=export") and "核对" in page(browser, "?action=reveal")
    only = page(browser, f"?record=resident&record_id={looked['wangwan']}")
    assert "wangwan核对" in only and "yangou核对" not in only
    assert "核对" not in page(browser, "?to=2020-01-01") and "核对" in page(browser, "?from=2020-01-01")
    assert browser.get("/accesslog/list/?from=x&to=99999&before=zz&record_id=-1&action=%00").status_code == 200


def test_the_page_of_a_person_tells_the_inspection_who_looked(client: Any, looked: dict[str, int]) -> None:
    address = f"/resident/show/{looked['wangwan']}"
    assert "谁查看过" in page_of(client("inspector"), address) and "wangwan核对" in page_of(client("inspector"), address)
    assert "谁查看过" not in page_of(client("wangwan"), address)


def page_of(browser: Any, address: str) -> str:
    return str(browser.get(address).get_data(as_text=True))


def test_signing_in_and_failing_to_are_entries_with_the_address(app: Flask, client: Any) -> None:
    client("leader")
    app.test_client().post("/login/", data={"username": "leader", "password": "wrong"})
    app.test_client().post("/login/", data={"username": "Secret#1", "password": "wrong"})
    with app.app_context():
        last = db.session.scalars(db.select(AccessLog).where(AccessLog.record == "ab_user").order_by(AccessLog.id.desc())).all()
        assert [(entry.action, entry.by, entry.address) for entry in last[:2]] == [
            ("failed", "leader", "127.0.0.1"), ("sign_in", "leader", "127.0.0.1")]
        assert all(entry.by != "Secret#1" for entry in last)


def test_an_entry_is_neither_changed_nor_removed(app: Flask, client: Any, looked: Any) -> None:
    browser = client("admin")
    for method in ("post", "put", "delete"):
        assert getattr(browser, method)("/accesslog/list/").status_code == 405
    with app.app_context():
        entry = db.session.scalars(db.select(AccessLog)).first()
        entry.purpose = "改"
        with pytest.raises(RuleError):
            db.session.commit()
        db.session.rollback()
        db.session.delete(db.session.get(AccessLog, entry.id))
        with pytest.raises(RuleError):
            db.session.commit()
        db.session.rollback()


def test_a_log_of_many_pages_costs_the_same_queries(app: Flask, client: Any, looked: Any) -> None:
    browser = client("street")
    with app.app_context():
        entry = db.session.scalars(db.select(AccessLog).order_by(AccessLog.id)).first()
        values = {c.name: getattr(entry, c.name) for c in AccessLog.__table__.columns if c.name != "id"}
        db.session.add_all([AccessLog(**{**values, "record_id": None, "purpose": f"第{n}次"}) for n in range(120)])
        db.session.commit()
    first = page(browser)
    assert first.count("<tr>") == 51 and "第119次" in first and 'rel="next"' in first
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = page_of(browser, older)
    assert "第119次" not in second and 'rel="prev"' in second
