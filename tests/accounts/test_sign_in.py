"""Signing in: wrong tries are counted for all workers, tell nothing about who exists, and end when lifted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash

from app import commands, create_app
from app.accounts import manager, throttle
from app.accounts.throttle import Tries
from app.core.base.moments import now
from app.core.base.scope import system
from app.db import db
from app.roles import ADMIN
from tests.databases import settings_of
from tests.street import CHEAP_HASH, PASSWORD, STREET

SERIAL = itertools.count()


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries of names nobody has cost next to nothing, for tests of many of them."""
    monkeypatch.setattr(manager, "UNKNOWN", generate_password_hash("nobody's", CHEAP_HASH))


@pytest.fixture
def limited(app: Flask, client: Any) -> Iterator[Flask]:
    """The application with the limits on and nobody locked."""
    app.config["SIGN_IN_LIMITED"] = True
    yield app
    app.config["SIGN_IN_LIMITED"] = False
    with app.app_context():
        db.session.execute(db.delete(Tries))
        db.session.commit()


def try_in(app: Flask, username: str, password: str = "falsch") -> str:
    """The sentence a try is answered with; empty when it succeeds."""
    browser = app.test_client()
    answer = browser.post("/login/", data={"username": username, "password": password},
                          headers={"Accept-Language": "en"}, follow_redirects=True)
    text = answer.get_data(as_text=True)
    return next((words for words in ("Too many wrong tries", "is wrong", "错误次数过多", "用户名或密码") if words in text), "")


def test_the_sixth_try_is_refused_with_the_right_password_too(limited: Flask) -> None:
    said = [try_in(limited, "wangwan") for _ in range(5)]
    assert len(set(said)) == 1 and said[0]
    assert try_in(limited, "wangwan", PASSWORD) not in ("", said[0])
    assert try_in(limited, "yangou", PASSWORD) == ""


def test_a_name_nobody_has_is_answered_word_for_word_the_same(limited: Flask, cheap: None) -> None:
    assert [try_in(limited, "wangwan") for _ in range(7)] == [try_in(limited, "niemand") for _ in range(7)]


def test_the_address_of_mail_capitals_and_blanks_are_no_further_tries(limited: Flask) -> None:
    for name in ("wangwan", "WangWan", "wangwan@localhost.invalid", "wangwan", "WANGWAN"):
        try_in(limited, name)
    assert try_in(limited, "wangwan", PASSWORD)


def test_programs_meet_the_same_lock(limited: Flask) -> None:
    def post(password: str) -> Any:
        return limited.test_client().post("/api/v1/security/login", json={
            "username": "wangwan", "password": password, "provider": "db"})
    assert [post("falsch").status_code for _ in range(5)] == [401] * 5
    refused = post(PASSWORD)
    assert refused.status_code == 429 and "access_token" not in refused.get_json()


def test_another_worker_knows_the_lock(limited: Flask) -> None:
    """A second application over the same database and keys, as a second process is."""
    for _ in range(5):
        try_in(limited, "wangwan")
    settings = limited.extensions["settings"]
    other = create_app(settings_of(settings.data_dir, settings.database_url))
    other.config.update(TESTING=True, WTF_CSRF_ENABLED=False, SIGN_IN_LIMITED=True)
    assert try_in(other, "wangwan", PASSWORD)
    with other.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_lock_and_old_failures_run_out(limited: Flask, monkeypatch: Any) -> None:
    for _ in range(4):
        try_in(limited, "wangwan")
    monkeypatch.setattr(throttle, "now", lambda: now() + timedelta(minutes=16))
    try_in(limited, "wangwan")
    assert try_in(limited, "wangwan", PASSWORD) == ""
    for _ in range(5):
        try_in(limited, "wangwan")
    assert try_in(limited, "wangwan", PASSWORD)
    monkeypatch.setattr(throttle, "now", lambda: now() + timedelta(minutes=32))
    assert try_in(limited, "wangwan", PASSWORD) == ""


def test_a_right_password_clears_the_name(limited: Flask) -> None:
    for _ in range(4):
        try_in(limited, "wangwan")
    assert try_in(limited, "wangwan", PASSWORD) == ""
    for _ in range(4):
        try_in(limited, "wangwan")
    assert try_in(limited, "wangwan", PASSWORD) == ""


def test_an_address_that_tries_name_after_name_is_held_up(limited: Flask, cheap: None) -> None:
    for serial in range(30):
        try_in(limited, f"name{serial}")
    assert try_in(limited, "wangwan", PASSWORD)


def test_an_address_made_up_in_a_header_is_not_believed(limited: Flask, cheap: None) -> None:
    for serial in range(30):
        limited.test_client().post("/login/", data={"username": f"name{serial}", "password": "falsch"},
                                   headers={"X-Forwarded-For": f"10.0.0.{serial}"})
    assert try_in(limited, "wangwan", PASSWORD)


def test_a_lock_is_lifted_from_the_command_line_too(limited: Flask) -> None:
    for _ in range(5):
        try_in(limited, "admin")
    settings = limited.extensions["settings"]
    assert commands.main(["user", "unlock", "admin", "--data", str(settings.data_dir),
                          "--database-url", settings.url]) == 0
    assert try_in(limited, "admin", PASSWORD) == ""


def test_the_administrator_sees_a_lock_and_lifts_it(limited: Flask, client: Any) -> None:
    for name in ("wangwan", "niemand"):
        for _ in range(5):
            try_in(limited, name)
    admin: FlaskClient = client("admin")
    page = admin.get("/lockouts/list/").get_data(as_text=True)
    assert "wangwan" in page and "niemand" not in page and "/lockouts/list/" in admin.get("/").get_data(as_text=True)
    with limited.app_context():
        key = db.session.scalar(db.select(Tries.key).where(Tries.about == "wangwan"))
    assert admin.get(f"/lockouts/lift/{key}").status_code == 405
    assert client("street").post(f"/lockouts/lift/{key}").status_code == 403
    assert client("street").get("/lockouts/list/").status_code == 403
    assert admin.post(f"/lockouts/lift/{key}").status_code == 302
    assert try_in(limited, "wangwan", PASSWORD) == ""


def test_a_name_nobody_has_costs_a_hash_of_the_same_kind(limited: Flask, monkeypatch: Any) -> None:
    with limited.app_context():
        manager.add_account("beamter", PASSWORD, ADMIN, STREET)
    tried: list[str] = []
    monkeypatch.setattr("app.accounts.manager.check_password_hash", lambda kept, given: tried.append(kept) or False)
    for name in ("beamter", "niemand", "nul\0"):
        limited.test_client().post("/api/v1/security/login", json={
            "username": name, "password": "falsch", "provider": "db"})
    ours = [len(part) if part[:6] != "scrypt" else part for part in generate_password_hash("x").split("$")]
    assert [[len(part) if part[:6] != "scrypt" else part for part in kept.split("$")] for kept in tried] == [ours] * 3


# What a session and a token are worth

@pytest.fixture
def passer(app: Flask, client: Any) -> Iterator[Any]:
    """An account whose password and state a test may change."""
    from app.accounts.manager import add_account
    with app.test_request_context(), system("test account"):
        account = add_account(f"passer{next(SERIAL)}", PASSWORD, "领导(只读)", "420303002")
        name, pk = account.username, account.id
    yield name, pk


def test_a_new_password_ends_sessions_and_tokens(app: Flask, client: Any, passer: Any) -> None:
    name, pk = passer
    browser, other = client(name), app.test_client()
    tokens = other.post("/api/v1/security/login", json={
        "username": name, "password": PASSWORD, "provider": "db", "refresh": True}).get_json()
    header = {"Authorization": f"Bearer {tokens['access_token']}"}
    again = {"Authorization": f"Bearer {tokens['refresh_token']}"}
    assert other.get("/api/v1/resident/", headers=header).status_code == 200
    assert other.post("/api/v1/security/refresh", headers=again).status_code == 200
    assert client("admin").post(f"/resetpassword/form?pk={pk}", data={
        "password": "Neu#20267", "conf_password": "Neu#20267"}).status_code == 302
    assert "/login/" in browser.get("/resident/list/").headers.get("Location", "")
    assert other.get("/api/v1/resident/", headers=header).status_code == 401
    assert other.post("/api/v1/security/refresh", headers=again).status_code == 401


def test_who_chooses_a_new_password_stays_signed_in_here_alone(app: Flask, client: Any, passer: Any) -> None:
    name, _pk = passer
    here, there = client(name), client(name)
    form = {"password": "Neu#20267", "conf_password": "Neu#20267"}
    assert here.post("/resetmypassword/form", data=form).status_code == 302
    assert here.get("/resident/list/").status_code == 200
    assert there.get("/resident/list/").status_code == 302


def test_a_disabled_account_is_signed_out(app: Flask, client: Any, passer: Any) -> None:
    name, pk = passer
    browser = client(name)
    with app.app_context():
        app.appbuilder.sm.get_user_by_id(pk).active = False
        db.session.commit()
    assert "/login/" in browser.get("/").headers.get("Location", "")


@pytest.mark.parametrize("weak", ["1", "12345678", "abcdefgh1", "Kurz#1"])
def test_a_weak_password_is_refused(app: Flask, client: Any, passer: Any, weak: str) -> None:
    name, _pk = passer
    browser = client(name)
    browser.post("/resetmypassword/form", data={"password": weak, "conf_password": weak})
    assert client(name).get("/").status_code == 200


def test_a_cookie_copied_before_the_sign_out_opens_nothing_after_it(client: Any, app: Flask) -> None:
    browser, thief, other = client("wangwan"), app.test_client(), client("wangwan")
    cookie = browser.get_cookie("session")
    thief.set_cookie("session", cookie.value)
    assert thief.get("/resident/list/").status_code == 200
    browser.get("/logout/")
    assert thief.get("/resident/list/").status_code == 302
    assert other.get("/resident/list/").status_code == 200, "another device stays signed in"
