"""What hostile requests are answered with: no fault of ours, no value that was to stay hidden, no word about others."""

from __future__ import annotations

import base64
import json
import logging
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.core.base.scope import acting_as, system
from app.core.jobs.kinds import KEPT_FOLDERS
from app.core.sheets.out.exporting import export_file
from app.core.sheets.writing.importing import import_file
from app.core.telling.masking import AccessLog
from app.db import db
from app.subsystems.grids.grids import Grid
from app.subsystems.people.households import Household
from app.subsystems.people.houses import House
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, STREET, WANGWAN, id_number

BIG = "9" * 30


def cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def own(app: Flask, record: Any = Resident) -> int:
    with app.app_context(), acting_as("test", FIRST):
        return db.session.scalar(db.select(record.id).order_by(record.id)) or 0


@pytest.mark.parametrize("address", [
    f"show/{BIG}", f"edit/{BIG}", "show/2147483648", f"list/?f.household_id={BIG}", "list/?f.household_id=²",
    f"list/?after={cursor(f'[1e999, {BIG}]')}", f"list/?after={cursor(f'[{chr(34)}a{chr(34)}, {BIG}]')}",
    f"list/?after={cursor('[' * 2000)}", f"list/?sort=name&after={cursor(json.dumps([chr(0), 0]))}",
    f"list/?page={BIG}", f"add?household_id={BIG}", "add?household_id=²", "list/?f.name=%00", "list/?q=1234567%00",
    "paper/?pk=²", "options/household_id?q=1234567%00", "../search/?q=1234567%00", "list/?q=%00",
    "list/?q=%22NEAR(", "list/?f.birth_on=0", "../house/list/?f.area=viel", f"../house/list/?f.floor={BIG}",
    "../house/list/?f.floor.from=3000000000",
])
def test_values_no_record_can_have_are_no_fault_of_ours(app: Flask, client: Any, address: str) -> None:
    assert client("wangwan").get(f"/resident/{address}").status_code in (200, 404)


@pytest.mark.parametrize(("path", "sent"), [
    ("/resident/views/", {"drop": BIG}), ("/resident/views/", {"drop": "²"}),
    ("/resident/views/", {"name": "甲", "query": "q=1\r\nSet-Cookie: a=b"}),
    ("/resident/edit/{pk}", {"version": "²", "name": "甲", "household_id": BIG}),
    ("/household/add", {"number": "1\0", "head_name": "\0", "grid_code": FIRST}),
    ("/household/add", {"number": "1", "head_name": "甲\u0007", "grid_code": FIRST}),
    ("/resident/views/", {"name": "甲\0", "query": "q=\0"}),
    ("/resident/reveal/{pk}", {"purpose": "看\0看"}), ("/resident/export", {"purpose": "\0"}),
    ("/resident/paper/keep?pk=²", {"drop": "²"}),
])
def test_forms_refuse_them_too(app: Flask, client: Any, path: str, sent: dict[str, str]) -> None:
    answer = client("wangwan").post(path.format(pk=own(app)), data=sent)
    assert answer.status_code in (200, 302, 403, 409, 422)
    assert "\u0007" not in client("wangwan").get("/household/list/").get_data(as_text=True)


@pytest.mark.parametrize(("name", "value"), [
    ("household_id", 10**30), ("household_id", True), ("household_id", -1), ("name", "\0"), ("name", "甲\u0007"),
    ("remark", "长" * 10_001),
])
def test_the_rest_twin_refuses_what_no_column_holds(app: Flask, token: Any, name: str, value: Any) -> None:
    answer = app.test_client().put(f"/api/v1/resident/{own(app)}", headers=token("wangwan"), json={name: value})
    assert answer.status_code == 422 and name in answer.get_json()["message"]


def test_ids_and_pages_of_the_rest_twin_have_an_end(app: Flask, token: Any) -> None:
    browser, header = app.test_client(), token("wangwan")
    for query in (f"(page:{BIG})", f"(filters:!((col:household_id,opr:eq,value:{BIG})))"):
        assert browser.get("/api/v1/resident/", query_string={"q": query}, headers=header).status_code == 200
    for method in (browser.get, browser.put, browser.delete):
        for pk in (BIG, "²"):
            assert method(f"/api/v1/resident/{pk}", headers=header).status_code in (404, 405)
    floor = browser.put(f"/api/v1/house/{own(app, House)}", headers=header, json={"floor": 10**11})
    assert floor.status_code == 422 and "floor" in floor.get_json()["message"]


@pytest.mark.parametrize("boundary", [
    {}, {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[110, 32], [110.1, 32], [110.1, 32.1], [110, 32]]]}},
    {"type": "Polygon", "coordinates": [[[110, 32], [110.1, 32], [110.1, 32.1], [110, 32]]], "id": "x" * 1000},
    {"type": "Polygon", "coordinates": [[[110 + i / 1e5, 32 + i * i / 1e9] for i in range(5_100)] + [[110, 33], [110, 32]]]},
])
def test_a_boundary_that_would_break_the_map_of_the_street_is_refused(app: Flask, token: Any, boundary: Any) -> None:
    answer = app.test_client().put(f"/api/v1/grid/{own(app, Grid)}", headers=token("wangwan"), json={"boundary": boundary})
    assert answer.status_code == 422 and "boundary" in answer.get_json()["message"]


def test_a_nested_boundary_is_a_sentence_beside_its_field(app: Flask, client: Any) -> None:
    pk = own(app, Grid)
    answer = client("wangwan").post(f"/grid/edit/{pk}", data={
        "name": "一网格", "code": FIRST, "kind": "base", "state": "active", "boundary": "[" * 100_000})
    assert answer.status_code == 422


# What is masked stays masked

def test_the_masked_number_and_the_birth_date_beside_it_do_not_make_the_whole(app: Flask, token: Any) -> None:
    row = app.test_client().get(f"/api/v1/resident/{own(app)}", headers=token("leader")).get_json()["result"]
    with app.app_context(), system("the whole number"):
        whole = db.session.get_one(Resident, own(app)).id_number or ""
    seen = row["id_number"].replace("*" * 8, row["birth_on"].replace("-", ""), 1)
    hidden = seen.count("*")
    assert hidden >= 4 and whole[-4:] not in row["id_number"]


def sensitive(app: Flask) -> int:
    with app.app_context(), acting_as("test", FIRST):
        row = db.session.get_one(Resident, own(app))
        row.health, row.categories = "30", ["low_income"]
        db.session.commit()
        return row.id


def chosen(page: str, name: str) -> list[str]:
    select = page.split(f'name="{name}"', 1)[1].split("</select>", 1)[0]
    return [part.split('"', 1)[0] for part in select.split('value="')[1:] if " selected" in part.split(">", 1)[0]]


def filled(page: Any, **change: Any) -> dict[str, Any]:
    return {"name": "测试1", "grid_code": FIRST, "kind": "resident", "life_state": "alive", "document_type": "111",
            "id_number": page, "sex": "1", "birth_on": "1990-01-01", **change}


def test_a_form_does_not_tell_sensitive_choices_and_keeps_them(app: Flask, client: Any) -> None:
    pk = sensitive(app)
    browser = client("clerk")
    page = browser.get(f"/resident/edit/{pk}").get_data(as_text=True)
    assert chosen(page, "health") == ["***"] and chosen(page, "categories") == ["***"]
    number = re.findall(r'name="id_number"\s+value="([^"]*)"', page)[0]
    guess = browser.post(f"/resident/edit/{pk}", data=filled(number, name="", health="30", categories=["low_income"]))
    assert guess.status_code == 422 and chosen(guess.get_data(as_text=True), "health") == ["30"]
    kept = browser.post(f"/resident/edit/{pk}", data=filled(number, health="***", categories=["***"]))
    assert kept.status_code == 302
    with app.app_context(), system("look"):
        row = db.session.get_one(Resident, pk)
        assert (row.health, row.categories) == ("30", ["low_income"])
    assert browser.post(f"/resident/edit/{pk}", data=filled(number, health="10")).status_code == 302
    with app.app_context(), system("look"):
        row = db.session.get_one(Resident, pk)
        assert row.health == "10" and not row.categories


def test_who_only_reads_cannot_ask_whose_number_is_registered(app: Flask, client: Any) -> None:
    address = f"/resident/check/id_number?value={id_number(907)}"
    assert client("leader").get(address).status_code == 403
    assert client("wangwan").get(address).status_code == 200


def test_the_check_of_a_number_does_not_confirm_a_foreign_id(app: Flask, client: Any) -> None:
    with app.app_context(), system("foreign"):
        foreign = db.session.scalars(db.select(Resident).where(Resident.grid_code == FOREIGN)).first()
        address = f"/resident/check/id_number?value={foreign.id_number}&pk={foreign.id}"
    assert client("wangwan").get(address).get_json()["ok"] is False


def test_an_error_of_the_database_names_no_values(app: Flask) -> None:
    with system("twice"):
        db.session.add_all(Household(grid_code=FIRST, number="987654", head_name="张机密") for _ in range(2))
        with pytest.raises(IntegrityError) as error:
            db.session.flush()
        db.session.rollback()
    assert "张机密" not in str(error.value)


def test_a_path_cannot_write_a_line_of_the_log(app: Flask, client: Any, monkeypatch: Any, caplog: Any) -> None:
    monkeypatch.setattr("app.screens.home._groups", lambda typed: 1 / 0)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    browser = client("wangwan")
    with caplog.at_level(logging.ERROR):
        assert browser.get("/search/?q=x%0Acrash on /nothing").status_code == 500
    assert "crash on /search/" in caplog.text and "/nothing" not in caplog.messages[-1]


@pytest.mark.parametrize("node", ["everything", "nothing", "4", WANGWAN[:-1], f"{STREET} "])
def test_a_node_that_is_no_whole_code_opens_nothing(app: Flask, client: Any, node: str) -> None:
    browser = client("nobody")
    with app.app_context():
        app.appbuilder.sm.find_user(username="nobody").node = node
        db.session.commit()
    assert "测试" not in browser.get("/resident/list/").get_data(as_text=True)


# Workbooks

def test_the_log_of_an_export_counts_every_row(app: Flask, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr("app.core.asking.listing.COUNT_CAP", 1)
    with acting_as("wangwan", WANGWAN):
        written = export_file(Resident, tmp_path / "a.xlsx", [], None, "核对")
        logged = db.session.scalars(db.select(AccessLog).order_by(AccessLog.id.desc())).first()
        assert logged is not None and logged.row_count == written == 2


def test_a_grid_that_does_not_exist_takes_no_rows(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"姓名,身份证号\n甲一,{id_number(711)}\n", encoding="utf-8")
    with acting_as("wangwan", WANGWAN):
        outcome = import_file(Resident, path, grid=f"{WANGWAN}999")
        assert (outcome.refused, outcome.new) == (1, 0)


def test_a_user_keeps_few_uploads(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    for serial in range(KEPT_FOLDERS + 2):
        body = f"姓名,身份证号\n甲{serial},{id_number(713)}\n".encode()
        sent = browser.post("/resident/import/", data={"file": (BytesIO(body), "a.csv")})
        assert sent.status_code == 303
    folder = app.extensions["settings"].data_dir / "jobs"
    assert len(list(folder.iterdir())) == KEPT_FOLDERS
