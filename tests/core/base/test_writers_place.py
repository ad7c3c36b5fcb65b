"""Nobody waits for a writer: the place on SQLite is taken at the first write, and who waits too long is told."""

from __future__ import annotations

import io
from datetime import date
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core.base import storage
from app.core.base.records import RuleError
from app.core.base.scope import system
from app.core.keeping.saving import Conflict, save
from app.db import db
from app.subsystems.people.households import Household
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, SECOND


def sqlite_only(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL has many writers")


def rename(app: Flask, number: str) -> None:
    """Somebody else saves, at once or not at all."""
    with app.app_context():
        connection = db.engine.raw_connection()
        try:
            connection.driver_connection.execute("PRAGMA busy_timeout=0")
            connection.driver_connection.execute("BEGIN IMMEDIATE")
            connection.driver_connection.execute("UPDATE household SET head_name='别人' WHERE number=?", (number,))
            connection.driver_connection.execute("COMMIT")
        finally:
            connection.close()


class Slow(io.BytesIO):
    """A body during which somebody else saves."""

    def __init__(self, body: bytes, meanwhile: Any) -> None:
        super().__init__(body)
        self.meanwhile, self.length = meanwhile, len(body)

    def read(self, *size: Any) -> bytes:
        if self.meanwhile:
            self.meanwhile, act = None, self.meanwhile
            act()
        return super().read(*size)


def resident(app: Flask) -> tuple[int, int]:
    with app.app_context(), system("look"):
        return db.session.execute(select(Resident.id, Resident.version).where(Resident.grid_code == FIRST)).one()._tuple()


def test_a_body_that_comes_slowly_holds_up_nobody(app: Flask, token: Any) -> None:
    sqlite_only(app)
    pk, version = resident(app)
    body = Slow(b'{"version": %d, "remark": "\xe6\x85\xa2"}' % version, lambda: rename(app, "000001"))
    answer = app.test_client().put(f"/api/v1/resident/{pk}", input_stream=body, headers={
        **token("wangwan"), "Content-Type": "application/json", "Content-Length": str(body.length)})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.get_json()["result"]["remark"] == "慢"


def test_a_request_that_looks_lets_others_write(app: Flask) -> None:
    sqlite_only(app)
    with app.test_request_context("/", method="POST"), system("a look and then a write"):
        household = db.session.scalars(select(Household).where(Household.number == "000002")).one()
        rename(app, "000001")
        household.head_name = "后来"
        save(household)
    with app.app_context(), system("look"):
        names = db.session.scalars(select(Household.head_name).where(Household.number.in_(("000001", "000002")))).all()
    assert set(names) == {"别人", "后来"}


def test_rules_and_running_numbers_are_worked_out_where_nobody_else_writes(app: Flask) -> None:
    """A row changed between the look and the write is told, not overwritten."""
    sqlite_only(app)
    with app.test_request_context("/", method="POST"), system("a stale look"):
        household = db.session.scalars(select(Household).where(Household.number == "000003")).one()
        with app.app_context():
            connection = db.engine.raw_connection()
            connection.driver_connection.execute("UPDATE household SET version=version+1 WHERE number='000003'")
            connection.close()
        household.head_name = "迟了"
        with pytest.raises(Conflict):
            save(household)


@pytest.fixture
def held(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Another process writes for longer than anybody waits."""
    sqlite_only(app)
    monkeypatch.setattr(storage, "PATIENCE", 0.05)
    with app.app_context():
        connection = db.engine.raw_connection()
        connection.driver_connection.execute("BEGIN IMMEDIATE")
        yield
        connection.driver_connection.execute("ROLLBACK")
        connection.close()


def test_who_waits_too_long_is_told_and_keeps_what_he_typed(app: Flask, client: Any, monkeypatch: Any,
                                                            request: Any) -> None:
    browser = client("wangwan")
    request.getfixturevalue("held")
    page = browser.post("/household/add", data={"grid_code": FIRST, "number": "009001", "head_name": "不丢的字"})
    said = page.get_data(as_text=True)
    assert page.status_code == 503 and page.headers["Retry-After"]
    assert "请等几秒钟再保存一次" in said and "不丢的字" in said


def test_a_program_is_told_to_try_again(app: Flask, token: Any, request: Any) -> None:
    pk, version = resident(app)
    sender = token("wangwan")
    request.getfixturevalue("held")
    answer = app.test_client().put(f"/api/v1/resident/{pk}", json={"version": version, "remark": "等"}, headers=sender)
    assert answer.status_code == 503 and answer.headers["Retry-After"]


def test_pages_are_read_while_somebody_writes(app: Flask, client: Any, request: Any) -> None:
    browser = client("wangwan")
    request.getfixturevalue("held")
    for address in ("/", "/resident/list/", "/household/list/", "/todo/"):
        assert browser.get(address).status_code == 200, address


def test_the_place_is_given_back_after_a_write_that_failed(app: Flask) -> None:
    sqlite_only(app)
    with app.app_context(), pytest.raises(Exception, match="no such table"):
        db.session.execute(text("INSERT INTO nowhere VALUES (1)"))
    with app.app_context():
        db.session.rollback()
        db.session.remove()
        place = storage._places[str(db.engine.url)]
        assert place.lock.acquire(blocking=False)
        place.lock.release()


def test_rules_that_look_before_a_save_look_at_what_others_saved_meanwhile(app: Flask) -> None:
    """The place is taken before the first rule: who joined the household after the look moves along all the same."""
    with app.test_request_context(), system("somebody moves a household"):
        household = db.session.scalars(select(Household).where(Household.grid_code == FIRST)).first()
        pk = household.id

        def join() -> None:
            with app.app_context(), system("somebody else adds a child"):
                db.session.add(Resident(grid_code=FIRST, name="刚落户", no_document_reason="newborn", sex="2",
                                        birth_on=date(2026, 1, 1), household_id=pk))
                db.session.commit()

        other = Thread(target=join)
        other.start()
        other.join()
        household.grid_code = SECOND
        db.session.commit()
        db.session.expire_all()
        places = db.session.scalars(select(Resident.grid_code).where(Resident.household_id == pk)).all()
        household.grid_code = FIRST
        db.session.commit()
    assert len(places) == 2 and set(places) == {SECOND}


def test_a_household_gets_no_second_head_between_the_look_and_the_save(app: Flask) -> None:
    def head(name: str) -> Resident:
        return Resident(grid_code=FIRST, name=name, no_document_reason="newborn", sex="2", birth_on=date(2026, 1, 1),
                        household_id=pk, relation_to_head="02")

    with app.app_context(), system("a household without people"):
        household = Household(grid_code=FIRST, number="777777", head_name="空")
        db.session.add(household)
        db.session.commit()
        pk = household.id

    def faster() -> None:
        with app.app_context(), system("somebody else"):
            db.session.add(head("先到的户主"))
            db.session.commit()

    with app.test_request_context(), system("a head"):
        db.session.scalars(select(Household)).all()
        other = Thread(target=faster)
        other.start()
        other.join()
        db.session.add(head("后到的户主"))
        with pytest.raises(RuleError):
            db.session.commit()
        db.session.rollback()
