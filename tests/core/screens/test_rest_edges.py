"""The edges of REST and of lists: broken tokens and bodies, records without a place, what there is to ask."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.core.base.scope import acting_as
from app.core.cases.limits import CaseLimit
from app.core.telling.dictionaries import label_of
from app.db import db
from app.subsystems.people.houses import House
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, STREET, WANGWAN, id_number

DEEP = "[" * 100_000 + "]" * 100_000


def test_a_token_that_is_none_is_like_no_token(app: Flask) -> None:
    for token in ("x", "a.b.c", "ey.ey.ey"):
        answer = app.test_client().get("/api/v1/resident/", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, token


@pytest.mark.parametrize("method", ["post", "put"])
def test_a_body_nested_without_end_is_a_bad_request(app: Flask, token: Any, method: str) -> None:
    address = "/api/v1/resident/" if method == "post" else "/api/v1/resident/1"
    answer = getattr(app.test_client(), method)(address, data=DEEP, content_type="application/json", headers=token("wangwan"))
    assert answer.status_code == 400


def test_a_query_nested_without_end_is_a_bad_request(app: Flask, token: Any) -> None:
    answer = app.test_client().get("/api/v1/resident/", query_string={"q": "!(" * 3_000 + ")" * 3_000}, headers=token("wangwan"))
    assert answer.status_code == 400


@pytest.mark.parametrize("address", ["/dossierpaper/options/item_id", "/servicerequest/options/item_id",
                                     "/utilityfeedback/options/utility_id"])
@pytest.mark.parametrize("place", ["", f"?grid_code={WANGWAN}"])
def test_what_the_whole_street_shares_is_offered_in_a_select(client: Any, address: str, place: str) -> None:
    answer = client("street").get(f"{address}{place}")
    assert answer.status_code == 200 and isinstance(answer.get_json()["results"], list)


def test_whoever_is_signed_in_may_read_what_the_interface_offers(app: Flask, client: Any, token: Any) -> None:
    assert app.test_client().get("/api/v1/_openapi").status_code == 401
    for answer in (client("leader").get("/api/v1/_openapi"), app.test_client().get("/api/v1/_openapi", headers=token("wangwan01"))):
        assert answer.status_code == 200 and "/api/v1/resident/" in answer.get_json()["paths"]


def test_the_limits_of_steps_name_their_classes(app: Flask, client: Any) -> None:
    with app.app_context(), acting_as("street", STREET):
        limit = db.session.scalars(db.select(CaseLimit).where(CaseLimit.class_code != "", CaseLimit.case_type == "event").limit(1)).one()
        code, name, pk = limit.class_code, label_of("event_class", limit.class_code), limit.id
    page = client("street").get(f"/caselimit/list/?f.class_code={code}").get_data(as_text=True)
    assert f'data-label="类别">{name}<' in page or f">{name}<" in page
    assert name in client("street").get(f"/caselimit/show/{pk}").get_data(as_text=True) and name != code


@pytest.fixture(scope="module")
def order(app: Flask) -> None:
    """People and houses whose order by code point is not the order people expect."""
    with app.app_context(), acting_as("street", STREET):
        for serial, name in enumerate(("章二", "张三", "单立人", "占一", "张二", "阿牛", "区大")):
            db.session.add(Resident(grid_code=FIRST, name=name, id_number=id_number(401 + 2 * serial), former_name="序"))
        for number in (10, 2, 1, 21):
            db.session.add(House(grid_code=FIRST, address=f"序小区{number}栋1单元101室", owner_name="序"))
        db.session.commit()


@pytest.mark.parametrize(("query", "expected"), [
    ("resident/?q=(filters:!((col:former_name,opr:eq,value:序)),order_column:name{})",
     ["阿牛", "区大", "单立人", "占一", "张二", "张三", "章二"]),
    ("house/?q=(filters:!((col:owner_name,opr:eq,value:序)),order_column:address{})",
     [f"序小区{number}栋1单元101室" for number in (1, 2, 10, 21)])])
def test_names_sort_by_pinyin_and_addresses_by_their_numbers(app: Flask, order: None, token: Any, query: str, expected: list[str]) -> None:
    header, name = token("street"), "name" if query.startswith("resident") else "address"
    for direction in ("asc", "desc"):
        answer = app.test_client().get(f"/api/v1/{query.format(',order_direction:' + direction)}", headers=header).get_json()
        assert [row[name] for row in answer["result"]] == (expected if direction == "asc" else expected[::-1])


@pytest.mark.parametrize("record", ["event", "dispute", "complaint"])
@pytest.mark.parametrize("column", ["reported_at", "due_at"])
def test_cases_sort_by_report_and_due_date(client: Any, record: str, column: str) -> None:
    page = client("street").get(f"/{record}/list/?sort={column}").get_data(as_text=True)
    assert f"sort=-{column}" in page or "s-empty" in page
