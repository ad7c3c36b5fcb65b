"""A household has one head among the living, however a person is written."""

from __future__ import annotations

from datetime import date
from threading import Thread
from typing import Any

from flask import Flask

from app.core.base.records import RuleError
from app.core.base.scope import system
from app.db import db
from app.subsystems.people.households import Household
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, SECOND

FORM = {"grid_code": FIRST, "kind": "resident", "life_state": "alive", "document_type": "111", "version": "0",
        "no_document_reason": "newborn", "sex": "2", "birth_on": "1991-01-01", "household_id": "1", "relation_to_head": "02"}


def test_a_second_head_is_refused_by_form_and_rest_and_taken_when_the_first_is_gone(app: Flask, client: Any, token: Any) -> None:
    browser = client("wangwan")
    answer = browser.post("/resident/add", data={**FORM, "name": "第二户主"})
    assert answer.status_code == 422 and "本户的户主已经是测试1" in answer.get_data(as_text=True)
    given = {**{name: value for name, value in FORM.items() if name != "version"}, "name": "第二户主", "household_id": 1}
    refused = app.test_client().post("/api/v1/resident/", json=given, headers=token("wangwan"))
    assert refused.status_code == 422 and "relation_to_head" in refused.get_json()["message"]
    with app.app_context(), system("the head dies"):
        first = db.session.query(Resident).filter_by(household_id=1, relation_to_head="02").one()
        first.life_state = "dead"
        db.session.commit()
    assert browser.post("/resident/add", data={**FORM, "name": "第二户主"}).status_code == 302


def test_a_member_who_is_no_head_and_a_head_who_is_edited_are_no_second_head(app: Flask, client: Any) -> None:
    assert client("wangwan").post("/resident/add", data={**FORM, "name": "配偶", "relation_to_head": "10"}).status_code == 302
    with app.app_context(), system("look"):
        head = db.session.query(Resident).filter_by(household_id=2, relation_to_head="02").one()
        head.remark = "改备注"
        db.session.commit()


def at_the_same_moment(app: Flask, first: Any, second: Any) -> list[str]:
    """Two write, the second while the first has not ended; what was refused."""
    refused: list[str] = []

    def then() -> None:
        with app.app_context(), system("the second"):
            try:
                second()
                db.session.commit()
            except RuleError as error:
                db.session.rollback()
                refused.append(str(error))

    other = Thread(target=then)
    with app.app_context(), system("the first"):
        first()
        db.session.flush()
        other.start()
        other.join(1)  # it waits, or it is through already
        db.session.commit()
    other.join()
    return refused


def person(household: int, name: str, **more: Any) -> Resident:
    return Resident(grid_code=FIRST, name=name, no_document_reason="newborn", sex="2", birth_on=date(2026, 1, 1),
                    household_id=household, **more)


def empty_household(app: Flask, number: str) -> int:
    with app.app_context(), system("a household without people"):
        household = Household(grid_code=FIRST, number=number, head_name="空")
        db.session.add(household)
        db.session.commit()
        return household.id


def test_of_two_heads_at_the_same_moment_one_is_refused(app: Flask) -> None:
    pk = empty_household(app, "880001")
    refused = at_the_same_moment(app, *(
        lambda name=name: db.session.add(person(pk, name, relation_to_head="02")) for name in ("甲户主", "乙户主")))
    assert len(refused) == 1 and "甲户主" in refused[0]


def test_who_joins_a_household_while_it_moves_moves_along(app: Flask) -> None:
    pk = empty_household(app, "880002")

    def move() -> None:
        db.session.get(Household, pk).grid_code = SECOND

    assert not at_the_same_moment(app, lambda: db.session.add(person(pk, "同时落户")), move)
    with app.app_context(), system("look"):
        assert db.session.query(Resident).filter_by(household_id=pk).one().grid_code == SECOND
