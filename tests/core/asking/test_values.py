"""Numbers and texts from outside, however large or strange: a plain answer, never a crash."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from flask import Flask

from app.core.asking.values import reader_of
from app.core.base.fields import fields_of
from app.core.base.numbers import parse_integer, record_id
from app.core.base.texts import InvalidValue, normalize_text
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, id_number

HUGE, POWER = "9" * 20, "%C2%B2"
PERSON = {"grid_code": FIRST, "name": "张建国", "kind": "resident", "life_state": "alive",
          "document_type": "111", "version": "0"}


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(("text", "number"), [
    ("0", None), ("17", 17), ("2147483647", 2147483647), ("2147483648", None), (HUGE, None), ("²", None),
    ("١٧", None), ("-1", None), ("1.0", None), ("", None), ("9" * 5000, None)])
def test_a_number_in_an_address_is_small_and_plain(text: str, number: int | None) -> None:
    assert record_id(text) == number


def test_a_whole_number_fits_its_column() -> None:
    assert parse_integer("-2147483647") == -2147483647
    with pytest.raises(InvalidValue):
        parse_integer("3000000000")


@pytest.mark.parametrize("column", ["birth_on", "changed_at"])
@pytest.mark.parametrize("number", [31111, 1985, 65, 2023.5, 46053.25, 0, True])
def test_a_bare_number_is_no_day_and_no_moment(column: str, number: Any) -> None:
    with pytest.raises(InvalidValue) as refused:
        reader_of(fields_of(Resident)[column])(number)
    assert refused.value.code == "date_format"


def test_nothing_that_a_database_cannot_keep_stays_in_a_text() -> None:
    assert normalize_text("张\0三") == "张三"


@pytest.mark.parametrize("query", [
    f"f.household_id={HUGE}", f"f.household_id={POWER}", "f.household_id=x", "f.name=%00", "f.sex=%00",
    "f.grid_code=%00", "f.kind=%ED%A0%80", f"f.birth_on={POWER}", "f.birth_on.from=0000-00-00", "f.changed_at.to=x",
    "f.changed_at=0001-01-01T00:00%2B08:00", f"after={cursor(10**30)}", f"after={cursor('42', 10**30)}",
    f"after={cursor(FIRST, float('inf'))}", f"after={cursor(chr(0), 1)}", f"after={cursor(chr(0xd800), 1)}",
    "after=" + base64.urlsafe_b64encode(b"[" * 4000).decode(), f"page={POWER}", f"size={POWER}"])
def test_a_list_answers_every_filter_and_cursor(app: Flask, client: Any, query: str) -> None:
    browser = client("admin")
    assert browser.get(f"/resident/list/?{query}").status_code == 200
    assert browser.get(f"/resident/chart/?{query}").status_code == 200


@pytest.mark.parametrize("query", ["f.area=abc", "f.area.from=1e999", "f.area=NaN", "f.floor=1.5", f"f.floor={HUGE}",
                                   "f.registered=maybe", "f.building_id.from=9"])
def test_a_number_filter_that_is_none_finds_nothing(app: Flask, client: Any, query: str) -> None:
    answer = client("admin").get(f"/house/list/?{query}")
    assert answer.status_code == 200 and "测试小区" not in answer.get_data(as_text=True).split("<tbody", 1)[-1]


def test_a_filter_reads_values_as_people_write_them(app: Flask, client: Any) -> None:
    browser = client("admin")
    for query in ("f.birth_on=1990.1.1", "f.name=%EF%BC%B4", "f.birth_on.to=19900101"):
        assert browser.get(f"/resident/list/?{query}").status_code == 200
    assert "测试1" in browser.get("/resident/list/?f.birth_on=1990.1.1").get_data(as_text=True)


@pytest.mark.parametrize("page", ["show", "edit"])
def test_no_record_has_a_number_beyond_the_column(app: Flask, client: Any, page: str) -> None:
    browser = client("admin")
    assert browser.get(f"/resident/{page}/{HUGE}").status_code == 404
    assert browser.post(f"/resident/delete/{HUGE}").status_code == 404


def test_a_form_says_which_number_is_none(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    for given in (HUGE, POWER, "x"):
        assert browser.get(f"/resident/add?household_id={given}").status_code == 200
    for serial, wrong in ((611, {"household_id": HUGE}), (613, {"household_id": "二"}), (615, {"name": "\0"})):
        answer = browser.post("/resident/add", data={**PERSON, "id_number": id_number(serial), **wrong})
        assert answer.status_code == 422, wrong
    assert browser.post("/resident/edit/1", data={**PERSON, "version": "²"}).status_code in (409, 422)
    answer = browser.post("/resident/add", data={**PERSON, "id_number": id_number(617), "remark": "甲\0乙"})
    assert answer.status_code == 422
    answer = client("admin").post("/dictionaryentry/add", data={
        "kind": "sex", "code": "x", "label": "某", "english": "x", "order": "3000000000", "active": "1"})
    assert answer.status_code == 422
    assert browser.post("/resident/views/", data={"drop": "²"}).status_code == 302


def test_rest_knows_no_record_of_such_a_number(app: Flask, token: Any) -> None:
    browser, header = app.test_client(), token("admin")
    for pk in (HUGE, POWER, "x"):
        assert browser.get(f"/api/v1/resident/{pk}", headers=header).status_code in (404, 405)
        assert browser.put(f"/api/v1/resident/{pk}", json={}, headers=header).status_code == 404
        assert browser.delete(f"/api/v1/resident/{pk}", headers=header).status_code == 404
    for wrong in ({"name": "\ud800"}, {"remark": "\x01"}, {"household_id": 10**20}, {"household_id": True},
                  {"birth_on": 10**20}, {"name": 5}, {"sex": {}}):
        assert browser.put("/api/v1/resident/1", json=wrong, headers=header).status_code == 422, wrong
    answer = browser.get(f"/api/v1/resident/?q=(page:{HUGE},page_size:{HUGE})", headers=header)
    assert answer.status_code in (200, 400)
