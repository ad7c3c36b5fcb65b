"""Writing a record: rules beside their field, two editors, the recycle bin, what is in use stays."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.core.base.scope import system
from app.core.telling.masking import AccessLog
from app.db import db
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, id_number

FORM = {"grid_code": FIRST, "kind": "resident", "life_state": "alive", "document_type": "111", "version": "0"}


def add(browser: Any, serial: int, **change: str) -> Any:
    return browser.post("/resident/add", data={**FORM, "name": "张建国", "id_number": id_number(serial), **change})


def form_of(browser: Any, pk: int) -> dict[str, str]:
    """The values an edit form shows, as a browser would send them back."""
    page = browser.get(f"/resident/edit/{pk}").get_data(as_text=True)
    version = re.search(r'name="version" value="(\d+)"', page)
    shown = re.search(r'name="id_number"\s+value="([^"]*)"', page)
    assert version and shown
    return {**FORM, "name": "张建国", "sex": "1", "birth_on": "1990-01-01", "version": version[1],
            "id_number": shown[1]}


def pk_of(answer: Any) -> int:
    assert answer.status_code == 302, answer.get_data(as_text=True)[:2000]
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def test_sex_and_birth_follow_from_the_number(app: Flask, client: Any) -> None:
    pk = pk_of(add(client("wangwan"), 701))
    with app.app_context(), system("look"):
        person = db.session.get(Resident, pk)
        assert (person.sex, person.birth_on.isoformat(), person.version) == ("1", "1990-01-01", 1)


def test_what_was_typed_stays_when_a_rule_is_broken(app: Flask, client: Any) -> None:
    answer = add(client("wangwan"), 703, sex="2", name="独特的名字")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "独特的名字" in page and "性别与身份证号码不符" in page


def test_a_second_registration_says_where_only_to_those_who_may_know(app: Flask, client: Any) -> None:
    foreign = id_number(901 + 2 * 3)
    hidden = add(client("wangwan"), 907, id_number=foreign).get_data(as_text=True)
    assert "已在其他社区登记" in hidden and "燕沟" not in hidden.split("role=\"alert\"")[-1][:200]
    told = add(client("street"), 907, id_number=foreign, grid_code=FOREIGN).get_data(as_text=True)
    assert "已经登记：燕沟社区一网格" in told


def test_the_second_editor_is_told_and_loses_nothing(app: Flask, client: Any) -> None:
    pk = pk_of(add(client("wangwan"), 705))
    one, two = client("wangwan"), client("wangwan01")
    first, second = form_of(one, pk), form_of(two, pk)
    assert one.post(f"/resident/edit/{pk}", data={**first, "name": "张先改"}).status_code == 302
    answer = two.post(f"/resident/edit/{pk}", data={**second, "name": "张后改"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "张先改" in page and "张后改" in page
    again = re.search(r'name="version" value="(\d+)"', page)
    assert again and two.post(f"/resident/edit/{pk}", data={
        **second, "name": "张后改", "version": again[1]}).status_code == 302


def test_a_masked_number_sent_back_as_it_was_is_not_a_change(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    pk = pk_of(add(browser, 707))
    data = form_of(browser, pk)
    assert "****" in data["id_number"]
    assert browser.post(f"/resident/edit/{pk}", data={**data, "remark": "核对"}).status_code == 302
    with app.app_context(), system("look"):
        assert db.session.get(Resident, pk).id_number == id_number(707)


def test_deleted_goes_to_the_bin_and_comes_back(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    pk = pk_of(add(browser, 709))
    assert browser.post(f"/resident/delete/{pk}").status_code == 302
    assert browser.get(f"/resident/show/{pk}").status_code == 404
    assert f"/restore/{pk}" in browser.get("/resident/list/?deleted=1").get_data(as_text=True)
    assert browser.post(f"/resident/restore/{pk}").status_code == 302
    assert browser.get(f"/resident/show/{pk}").status_code == 200


def test_a_number_that_lies_in_the_bin_may_be_registered_again(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    assert browser.post(f"/resident/delete/{pk_of(add(browser, 717))}").status_code == 302
    assert pk_of(add(browser, 717, name="张再登"))


def test_what_is_in_use_is_not_deleted_but_says_by_whom(app: Flask, client: Any) -> None:
    answer = client("wangwan").post("/household/delete/1")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "/resident/list/?f.household_id=1" in page


def test_whole_values_need_a_purpose_and_are_logged(app: Flask, client: Any) -> None:
    browser = client("wangwan01")
    assert [browser.post("/resident/reveal/1", data={"purpose": said}).status_code for said in (" ", "查 ")] == [422, 422]
    answer = browser.post("/resident/reveal/1", data={"purpose": "上门核对证件"})
    assert answer.get_json()["values"]["id_number"] == id_number(903)
    with app.app_context():
        line = db.session.scalars(select(AccessLog).order_by(AccessLog.id.desc())).first()
        assert (line.by, line.purpose, line.record_id) == ("wangwan01", "上门核对证件", 1)


def test_an_export_is_what_the_list_shows_masked_and_logged(app: Flask, client: Any) -> None:
    answer = client("wangwan").post("/resident/export?cols=name,id_number", data={"purpose": "月报"})
    assert answer.status_code == 200 and answer.data[:2] == b"PK"
    with app.app_context():
        line = db.session.scalars(select(AccessLog).where(AccessLog.action == "export").order_by(
            AccessLog.id.desc())).first()
        assert line.by == "wangwan" and line.columns == "name,id_number" and line.row_count >= 2


def test_writing_needs_the_token_of_the_form(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert browser.post("/resident/delete/1").status_code == 400
        assert browser.get("/resident/delete/1").status_code == 405
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_a_box_takes_no_more_than_its_column(app: Flask, client: Any) -> None:
    page = client("wangwan").get("/resident/add").get_data(as_text=True)
    box = re.search(r'<input[^>]*name="former_name"[^>]*>', page)
    assert box and 'maxlength="60"' in box[0]
    answer = add(client("wangwan"), 711, former_name="名" * 61)
    assert answer.status_code == 422 and "名" * 61 in answer.get_data(as_text=True)
