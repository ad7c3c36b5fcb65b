"""The disk is full, the database read-only or gone: a plain Chinese page, 503, and the same form saves afterwards."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, select, update

from app.core.base import trouble
from app.core.base.moments import now
from app.core.base.scope import system
from app.core.cases.clock import tick
from app.core.cases.counters import Pulse, worker_seen
from app.core.upkeep import condition
from app.db import db
from app.subsystems.people.households import Household
from tests.conftest import FIRST

NUMBERS = count(8801)
SAID = {"full": "服务器磁盘已满", "read-only": "服务器磁盘只读"}
WORDS = {  # what a connection is told so that its writes fail as they do on such a server
    ("sqlite", "full"): "PRAGMA max_page_count=1", ("sqlite", "read-only"): "PRAGMA query_only=1",
    ("postgresql", "read-only"): "SET default_transaction_read_only = on"}


def form() -> dict[str, str]:
    return {"grid_code": FIRST, "number": f"00{next(NUMBERS)}", "head_name": "不丢的字"}


@contextmanager
def opened_as(app: Flask, name: str, change: Any) -> Iterator[None]:
    """Every connection to the database is opened anew, and ``change`` listens."""
    with app.app_context():
        engine = db.engine
        engine.dispose()
        event.listen(engine, name, change)
        try:
            yield
        finally:
            event.remove(engine, name, change)
            engine.dispose()
            trouble.wrote()


def kept(app: Flask, number: str) -> list[str]:
    with app.app_context(), system("look"):
        return list(db.session.scalars(select(Household.head_name).where(Household.number == number)))


@pytest.mark.parametrize("kind", ("full", "read-only"))
def test_what_cannot_be_written_is_told_and_kept_and_saved_afterwards(app: Flask, client: Any, token: Any, kind: str) -> None:
    with app.app_context():
        words = WORDS.get((db.engine.dialect.name, kind))
    if words is None:
        pytest.skip("only a server of its own can be filled up")
    browser, header, sent = client("wangwan"), token("wangwan"), form()

    def tell(connection: Any, record: Any) -> None:
        connection.cursor().execute(words)
        if not isinstance(connection, sqlite3.Connection):
            connection.commit()

    with opened_as(app, "connect", tell):
        for _page in range(60):  # what is free inside the file is used up first
            answer = browser.post("/household/add", data={**sent, "remark": "长" * 900})
            if answer.status_code == 503:
                break
            sent = form()
        page = answer.get_data(as_text=True)
        assert answer.status_code == 503 and SAID[kind] in page and "不丢的字" in page, page[:500]
        answer = app.test_client().put("/api/v1/house/1", json={"remark": "等" * 900, "version": 1}, headers=header)
        assert answer.status_code == 503 and SAID[kind] in str(answer.get_json()) or kind == "full"
        health = app.test_client().get("/health")
        assert health.status_code == 503 and health.get_json()["disk"] == kind
        assert browser.get("/household/list/").status_code == 200, "reading goes on"
    assert browser.post("/household/add", data=sent).status_code == 302 and kept(app, sent["number"]) == ["不丢的字"]
    assert app.test_client().get("/health").get_json()["disk"] == "ok"


def test_a_database_that_is_gone_gives_a_plain_page_and_comes_back_by_itself(app: Flask, client: Any, token: Any) -> None:
    browser, header, sent = client("wangwan"), token("wangwan"), form()
    assert browser.get("/household/list/").status_code == 200

    def away(dialect: Any, record: Any, words: Any, options: Any) -> Any:
        if dialect.name == "sqlite":
            return sqlite3.connect("/nowhere/at/all/gewu.db")
        return psycopg.connect("postgresql://127.0.0.1:9/nothing", connect_timeout=1)

    with opened_as(app, "do_connect", away):
        for answer in (browser.get("/"), browser.get("/household/list/"), browser.post("/household/add", data=sent)):
            page = answer.get_data(as_text=True)
            assert answer.status_code == 503 and "数据库暂时无法连接" in page and answer.headers["Retry-After"], page[:300]
        for address in ("/api/v1/household/", "/api/v1/household/1"):
            answer = app.test_client().get(address, headers=header)
            assert answer.status_code == 503 and "数据库暂时无法连接" in answer.get_json()["message"]
        health = app.test_client().get("/health")
        assert health.status_code == 503 and health.get_json()["database"] == "unreachable"
    assert browser.post("/household/add", data=sent).status_code == 302 and kept(app, sent["number"]) == ["不丢的字"]
    assert app.test_client().get("/health").status_code == 200


def test_a_disk_that_is_full_is_seen_before_somebody_saves(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    faults: list[int] = []

    def fail(number: int) -> None:
        raise OSError(faults[-1], "no")

    monkeypatch.setattr(condition, "_looked", {})
    monkeypatch.setattr(condition, "LOOK_SECONDS", -1)
    monkeypatch.setattr(condition.os, "fsync", fail)
    for fault, told in ((errno.ENOSPC, "full"), (errno.EROFS, "read-only"), (errno.EACCES, "read-only")):
        faults.append(fault)
        answer = app.test_client().get("/health")
        assert answer.status_code == 503 and answer.get_json()["disk"] == told
    folder: Path = app.extensions["settings"].data_dir
    assert not [name for name in os.listdir(folder) if name.startswith(".probe")]


def test_a_clock_that_was_put_back_holds_up_nothing(app: Flask) -> None:
    """The pulse lies ten days in the future: the clock runs all the same, and nobody says a worker lives."""
    with app.app_context():
        tick()
        for ahead, runs in ((timedelta(days=10), True), (timedelta(seconds=5), False)):
            db.session.execute(update(Pulse).values(ran_at=now() + ahead))
            db.session.commit()
            assert worker_seen() is not runs
            db.session.commit()
            assert tick() is runs
        assert worker_seen()
