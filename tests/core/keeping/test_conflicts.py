"""Two people at one record: nothing is lost, nothing masked is stored, and the database's no is a sentence."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.base.history import History
from app.core.base.moments import at, now
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.core.keeping.saving import save
from app.core.screens.rest import RecordApi
from app.db import db
from app.subsystems.grids.leadership import BodyMember, LeadingBody
from app.subsystems.people.households import Household
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, WANGWAN, add_family, id_number

SERIALS = count(10)
INPUT = re.compile(r"<input\b([^>]*)>|<select\b([^>]*)>(.*?)</select>|<textarea\b([^>]*)>(.*?)</textarea>", re.S)


def attribute(text: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', text)
    return unescape(found[1]) if found else ""


def sent(page: Any) -> dict[str, Any]:
    """What a browser would send back of a form untouched."""
    html = page.get_data(as_text=True).split('class="s-card flush s-form"', 1)[1].split("</form>", 1)[0]
    found: dict[str, Any] = {}
    for single, select_, options, area, text in INPUT.findall(html):
        name = attribute(single or select_ or area, "name")
        if select_:
            all_options = re.findall(r"<option\b[^>]*>", options)
            chosen = [option for option in all_options if " selected" in option]
            found[name] = [attribute(o, "value") for o in chosen or ([] if " multiple" in select_ else all_options[:1])]
        elif not ("checkbox" in single and " checked" not in single):
            found[name] = attribute(single, "value") if single else unescape(text)
    return found


@pytest.fixture
def person(app: Flask) -> Iterator[int]:
    """A resident of one's own with all that is sensitive, in a household."""
    with app.app_context(), system("a resident"):
        row = add_family(FIRST, next(SERIALS))
        row.phone, row.address = "13900001111", "王湾小区8栋1单元101室"
        row.sex, row.health, row.categories = "1", "20", ["alone", "disabled"]
        db.session.commit()
        pk = row.id
    yield pk


def kept(app: Flask, pk: int, *names: str) -> Any:
    with app.app_context(), system("look"):
        row = db.session.get(Resident, pk)
        values = tuple(getattr(row, name) for name in names)
        return values[0] if len(values) == 1 else values


def test_a_stale_mask_is_not_stored(app: Flask, client: Any, person: int) -> None:
    one, two = client("wangwan"), client("wangwan01")
    first, second = sent(one.get(f"/resident/edit/{person}")), sent(two.get(f"/resident/edit/{person}"))
    assert "***" in first["address"]
    assert two.post(f"/resident/edit/{person}", data={**second, "address": "燕沟路9号", "phone": "13811112222"}
                    ).status_code == 302
    answer = one.post(f"/resident/edit/{person}", data={**first, "remark": "留下"})
    again = sent(answer)
    assert answer.status_code == 409 and again["remark"] == "留下" and again["address"] == "燕沟路***"
    assert one.post(f"/resident/edit/{person}", data=again).status_code == 302
    assert kept(app, person, "address", "phone", "remark") == ("燕沟路9号", "13811112222", "留下")


def test_stars_with_something_else_are_refused(app: Flask, client: Any, token: Any, person: int) -> None:
    browser = client("wangwan")
    data = sent(browser.get(f"/resident/edit/{person}"))
    answer = browser.post(f"/resident/edit/{person}", data={**data, "address": "王湾小区***室"})
    assert answer.status_code == 422 and "王湾小区***室" in answer.get_data(as_text=True)
    rest, header = app.test_client(), token("wangwan")
    assert rest.put(f"/api/v1/resident/{person}", json={"address": "燕沟***", "version": data["version"]}, headers=header).status_code == 422
    assert rest.put(f"/api/v1/resident/{person}", json={"address": data["address"], "version": data["version"]}, headers=header).status_code == 200
    assert kept(app, person, "address") == "王湾小区8栋1单元101室"


def test_what_a_clerk_may_not_reveal_is_not_on_his_form(app: Flask, client: Any, person: int) -> None:
    browser = client("wangwan01")
    data = sent(browser.get(f"/resident/edit/{person}"))
    assert (data["categories"], data["health"]) == (["***"], ["***"])
    assert browser.post(f"/resident/edit/{person}", data={**data, "remark": "甲"}).status_code == 302
    assert kept(app, person, "categories", "health") == (["alone", "disabled"], "20")
    data = sent(browser.get(f"/resident/edit/{person}"))
    assert browser.post(f"/resident/edit/{person}", data={**data, "health": "10", "categories": ["***", "veteran"]}
                        ).status_code == 302
    assert kept(app, person, "categories", "health") == (["alone", "disabled", "veteran"], "10")
    data = sent(browser.get(f"/resident/edit/{person}"))
    assert browser.post(f"/resident/edit/{person}", data={**data, "health": "", "categories": ["alone"]}
                        ).status_code == 302
    assert kept(app, person, "categories", "health") == (["alone"], None)


def retire(app: Flask, kind: str, code: str, active: bool) -> None:
    from app.core.telling.dictionaries import DictionaryEntry

    with app.app_context(), system("an entry retired"):
        entry = db.session.scalars(select(DictionaryEntry).where(
            DictionaryEntry.kind == kind, DictionaryEntry.code == code)).one()
        entry.active = active
        db.session.commit()


def test_retired_codes_stay_where_they_are_and_are_chosen_no_more(app: Flask, client: Any, token: Any,
                                                                  person: int) -> None:
    for kind, code in (("person_category", "alone"), ("nation", "02")):
        with app.app_context(), system("a nation"):
            db.session.get(Resident, person).nation = "02"
            db.session.commit()
        retire(app, kind, code, active=False)
    try:
        browser = client("wangwan")
        data = sent(browser.get(f"/resident/edit/{person}"))
        assert browser.post(f"/resident/edit/{person}", data={**data, "remark": "乙"}).status_code == 302
        assert kept(app, person, "categories", "nation") == (["alone", "disabled"], "02")
        wrong = {**sent(browser.get("/resident/edit/1")), "nation": "02"}
        assert browser.post("/resident/edit/1", data=wrong).status_code == 422
        wrong = {**sent(browser.get("/resident/edit/1")), "categories": ["alone"]}
        assert browser.post("/resident/edit/1", data=wrong).status_code == 422
        answer = app.test_client().put("/api/v1/resident/1", json={"categories": ["alone"]}, headers=token("wangwan"))
        assert answer.status_code == 422
    finally:
        retire(app, "person_category", "alone", active=True)
        retire(app, "nation", "02", active=True)


def test_a_household_that_is_no_number_is_an_error_not_an_empty_box(app: Flask, client: Any, person: int) -> None:
    browser, before = client("wangwan"), kept(app, person, "household_id")
    data = sent(browser.get(f"/resident/edit/{person}"))
    answer = browser.post(f"/resident/edit/{person}", data={**data, "household_id": "张三户"})
    assert answer.status_code == 422 and "张三户" in answer.get_data(as_text=True)
    assert before and kept(app, person, "household_id") == before


def test_a_resident_whose_household_lies_elsewhere_can_be_written(app: Flask, client: Any, person: int) -> None:
    with app.app_context(), system("a household elsewhere"):
        foreign = db.session.scalar(select(Household.id).where(Household.grid_code == FOREIGN))
        moved = db.session.get(Resident, person)
        moved.household_id, moved.relation_to_head = foreign, None  # that household has its head already
        db.session.commit()
    browser = client("wangwan")
    page = browser.get(f"/resident/edit/{person}")
    assert "测试3（" not in page.get_data(as_text=True)
    assert browser.post(f"/resident/edit/{person}", data={**sent(page), "remark": "丙"}).status_code == 302
    assert kept(app, person, "household_id", "remark") == (foreign, "丙")


def test_rest_takes_a_list_for_several_codes_only(app: Flask, token: Any, person: int) -> None:
    browser, header, version = app.test_client(), token("wangwan"), {"version": kept(app, person, "version")}
    for wrong in ("alone", {"alone": 1}, ["alone", 5], ["nosuch"]):
        answer = browser.put(f"/api/v1/resident/{person}", json={"categories": wrong, **version}, headers=header)
        assert answer.status_code == 422, wrong
    assert browser.put(f"/api/v1/resident/{person}", json={"categories": ["veteran"], **version}, headers=header).status_code == 200
    assert kept(app, person, "categories") == ["veteran"]


def test_rest_writes_no_place_that_is_none(app: Flask, token: Any) -> None:
    browser, header = app.test_client(), token("admin")
    for place in ("420303002999", "x"):
        answer = browser.post("/api/v1/house/", json={"grid_code": place, "address": "某小区1栋1单元101室"}, headers=header)
        assert answer.status_code == 422 and "grid_code" in answer.get_json()["message"]


def test_rest_reads_the_version_as_a_number_or_a_text(app: Flask, token: Any, person: int) -> None:
    browser, header = app.test_client(), token("wangwan")
    version = browser.get(f"/api/v1/resident/{person}", headers=header).get_json()["version"]
    answer = browser.put(f"/api/v1/resident/{person}", json={"remark": "丁", "version": str(version)}, headers=header)
    assert answer.status_code == 200
    answer = browser.put(f"/api/v1/resident/{person}", json={"remark": "戊", "version": version}, headers=header)
    assert answer.status_code == 409


def test_rest_tells_more_from_at_least(app: Flask, token: Any, person: int) -> None:
    browser, header = app.test_client(), token("wangwan")

    def found(*filters: str) -> Any:
        asked = ",".join(filters)
        answer = browser.get(f"/api/v1/resident/?q=(filters:!({asked}),page_size:100)", headers=header)
        return answer.get_json()["ids"] if answer.status_code == 200 else answer.status_code

    day = "value:'1990-01-01'"
    assert person in found(f"(col:birth_on,opr:gte,{day})") and person in found(f"(col:birth_on,opr:lte,{day})")
    assert person not in found(f"(col:birth_on,opr:gt,{day})") and person not in found(f"(col:birth_on,opr:lt,{day})")
    assert found("(col:name,opr:ct,value:'测')") == found("(col:name,opr:sw,value:'测')") == 400
    assert found("(col:q,opr:ct,value:'测')") and found("(col:q,opr:ct,value:'a')", "(col:q,opr:ct,value:'b')") == 400


@pytest.fixture
def body(app: Flask) -> int:
    """A leading body with the members 甲, 乙 and 丙, all of one order."""
    with app.app_context(), system("a leading body"):
        number = db.session.scalar(select(db.func.count(LeadingBody.id)).execution_options(with_deleted=True))
        row = LeadingBody(grid_code=WANGWAN, name=f"领导小组{number}", kind="group")
        for name in "甲乙丙":
            row.members.append(BodyMember(name=name, post="member"))
        db.session.add(row)
        db.session.commit()
        return row.id


def members(app: Flask, pk: int) -> dict[int, str]:
    with app.app_context(), system("look"):
        return dict(db.session.execute(select(BodyMember.id, BodyMember.name).where(
            BodyMember.body_id == pk).order_by(BodyMember.id)).tuples().all())


def test_lines_belong_to_their_rows_not_to_their_places(app: Flask, client: Any, body: int) -> None:
    browser, before = client("street"), members(app, body)
    data = sent(browser.get(f"/leadingbody/edit/{body}"))
    assert [data[f"members-{i}-name"] for i in range(3)] == ["甲", "乙", "丙"]
    first = next(iter(before))
    assert client("admin").post(f"/bodymember/delete/{first}").status_code == 302
    answer = browser.post(f"/leadingbody/edit/{body}", data=data)
    assert answer.status_code == 409 and "甲" in answer.get_data(as_text=True)
    assert members(app, body) == {pk: name for pk, name in before.items() if pk != first}
    again = {**sent(answer), "members-0-name": "", "members-0-post": ""}
    assert browser.post(f"/leadingbody/edit/{body}", data=again).status_code == 302
    assert members(app, body) == {pk: name for pk, name in before.items() if pk != first}


def test_a_line_that_names_a_row_of_another_record_does_not_write_it(app: Flask, client: Any, body: int) -> None:
    with app.app_context(), system("another body"):
        other = LeadingBody(grid_code=WANGWAN, name="另一小组", kind="group")
        other.members.append(BodyMember(name="丁", post="member"))
        db.session.add(other)
        db.session.commit()
        foreign, whole = other.members[0].id, other.id
    browser = client("street")
    data = sent(browser.get(f"/leadingbody/edit/{body}"))
    answer = browser.post(f"/leadingbody/edit/{body}", data={**data, "members-0-row_id": str(foreign), "members-0-version": "1",
                                                             "members-0-name": "改"})
    assert answer.status_code == 409 and members(app, whole) == {foreign: "丁"}
    assert list(members(app, body).values()) == ["甲", "乙", "丙"]


def test_a_line_that_somebody_changed_is_a_conflict(app: Flask, client: Any, body: int) -> None:
    browser, before = client("street"), members(app, body)
    data = sent(browser.get(f"/leadingbody/edit/{body}"))
    second = list(before)[1]
    with app.app_context(), system("another editor"):
        db.session.get(BodyMember, second).home_post = "财务科"
        db.session.commit()
    answer = browser.post(f"/leadingbody/edit/{body}", data={**data, "members-1-home_post": "办公室"})
    assert answer.status_code == 409 and sent(answer)["members-1-home_post"] == "办公室"
    assert browser.post(f"/leadingbody/edit/{body}", data=sent(answer)).status_code == 302
    with app.app_context(), system("look"):
        assert db.session.get(BodyMember, second).home_post == "办公室"
        changed = db.session.scalars(select(History.record_id).where(
            History.record == "body_member", History.action == "changed", History.record_id.in_(before))).all()
        assert set(changed) == {second}


def test_lines_survive_an_error_above_them_and_a_conflict(app: Flask, client: Any, body: int) -> None:
    browser = client("street")
    data = sent(browser.get(f"/leadingbody/edit/{body}"))
    typed = {**data, "members-3-name": "丁", "members-3-post": "member"}
    wrong = browser.post(f"/leadingbody/edit/{body}", data={**typed, "name": ""})
    assert wrong.status_code == 422 and sent(wrong)["members-3-name"] == "丁"
    with app.app_context(), system("another editor"):
        db.session.get(LeadingBody, body).duty = "协调"
        db.session.commit()
    conflict = browser.post(f"/leadingbody/edit/{body}", data=typed)
    assert conflict.status_code == 409 and sent(conflict)["members-3-name"] == "丁"
    assert browser.post(f"/leadingbody/edit/{body}", data=sent(conflict)).status_code == 302
    assert list(members(app, body).values()) == ["甲", "乙", "丙", "丁"]


def test_a_line_with_only_a_phone_is_not_dropped(app: Flask, client: Any, body: int) -> None:
    browser = client("street")
    data = sent(browser.get(f"/leadingbody/edit/{body}"))
    answer = browser.post(f"/leadingbody/edit/{body}", data={**data, "members-3-phone": "13900002222"})
    assert answer.status_code == 422 and sent(answer)["members-3-phone"] == "13900002222"


def test_an_emptied_line_goes_to_the_bin(app: Flask, client: Any, body: int) -> None:
    browser = client("street")
    data = sent(browser.get(f"/leadingbody/edit/{body}"))
    assert browser.post(f"/leadingbody/edit/{body}", data={**data, "members-1-name": "", "members-1-post": ""}
                        ).status_code == 302
    assert list(members(app, body).values()) == ["甲", "丙"]


def test_a_value_larger_than_its_column_is_a_sentence(app: Flask, client: Any, token: Any) -> None:
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        pytest.skip("SQLite keeps numbers of any size")
    answer = client("admin").post("/house/add", data={
        "grid_code": FIRST, "address": "某小区2栋1单元101室", "area": "99999999999", "version": "0"})
    assert answer.status_code == 422
    answer = app.test_client().put("/api/v1/house/1", json={"area": 99999999999}, headers=token("admin"))
    assert answer.status_code == 422


def test_a_record_changed_meanwhile_is_a_conflict_that_says_so(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with acting_as("wangwan", WANGWAN):
        row = db.session.scalars(select(Resident)).first()
        row.remark = "一"
        with db.engine.begin() as other:
            other.execution_options(scope_checked=True).execute(
                db.text("UPDATE resident SET version = version + 1 WHERE id = :id"), {"id": row.id})
        with pytest.raises(RuleError) as error:
            save(row)
        assert error.value.status == 409


def test_what_cannot_come_back_says_why(app: Flask, client: Any) -> None:
    browser = client("wangwan")

    def add(serial: int) -> int:
        answer = browser.post("/resident/add", data={
            "grid_code": FIRST, "name": "张建国", "kind": "resident", "life_state": "alive",
            "document_type": "111", "id_number": id_number(serial), "version": "0"})
        return int(answer.headers["Location"].rsplit("/", 1)[1])

    gone = add(801)
    browser.post(f"/resident/delete/{gone}")
    other = add(801)
    page = browser.post(f"/resident/restore/{gone}", follow_redirects=True).get_data(as_text=True)
    assert "已经登记" in page and str(other) in page.split("已经登记", 1)[1][:60]


def test_nobody_moves_into_a_household_that_is_being_deleted(app: Flask, client: Any) -> None:
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time")
    with app.app_context(), system("an empty household"):
        house = Household(grid_code=FIRST, number="777777", head_name="空户")
        db.session.add(house)
        db.session.commit()
        pk = house.id
    done: list[int] = []
    browser = client("wangwan")
    with app.app_context(), system("somebody who locks the row"):
        db.session.execute(select(Household.id).where(Household.id == pk).with_for_update(read=True))
        other = threading.Thread(target=lambda: done.append(browser.post(f"/household/delete/{pk}").status_code))
        other.start()
        time.sleep(0.5)
        assert not done, "deleting waits for those who point to the record"
        db.session.add(Resident(grid_code=FIRST, name="住户", no_document_reason="lost", sex="1",
                                birth_on=date(1990, 1, 1), household_id=pk))
        db.session.commit()
    other.join(10)
    assert done == [409]



def test_a_program_that_says_no_version_does_not_write_over_what_others_did_lately(
        app: Flask, token: Any, person: int) -> None:
    browser, mine, other = app.test_client(), token("wangwan"), token("street")
    address = f"/api/v1/resident/{person}"
    assert browser.put(address, json={"remark": "甲", "version": kept(app, person, "version")}, headers=mine).status_code == 200
    assert browser.put(address, json={"remark": "乙"}, headers=mine).status_code == 200, "what he did himself he knows"
    refused = browser.put(address, json={"remark": "丙", "phone": "13899990000"}, headers=other)
    told = refused.get_json()
    assert refused.status_code == 409 and kept(app, person, "remark") == "乙"
    assert told["changes"][0]["by"] == "wangwan" and {"label": "备注", "from": "甲", "to": "乙"} in told["changes"][0]["columns"]
    assert browser.put(address, json={"remark": "丙", "version": told["version"]}, headers=other).status_code == 200
    with at(now() + timedelta(hours=9)):
        assert browser.put(address, json={"remark": "丁"}, headers=token("wangwan")).status_code == 200
    stale = browser.put(address, json={"remark": "戊", "version": told["version"]}, headers=mine)
    assert stale.status_code == 409 and [entry["by"] for entry in stale.get_json()["changes"]] == ["wangwan", "street"]


def test_of_two_saves_at_the_same_instant_one_does_and_the_other_is_told(
        app: Flask, token: Any, person: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one comes between this one's first look at the record and its lock, as the same user."""
    header, row, between = token("wangwan"), RecordApi._row, iter(range(1))

    def looked(api: Any, pk: Any, held: bool = False) -> Any:
        if held and next(between, None) is not None:
            done = app.test_client().put(f"/api/v1/resident/{person}", json={"remark": "先", "version": kept(app, person, "version")}, headers=header)
            assert done.status_code == 200
        return row(api, pk, held)

    monkeypatch.setattr(RecordApi, "_row", looked)
    answer = app.test_client().put(f"/api/v1/resident/{person}", json={"remark": "后"}, headers=header)
    assert answer.status_code == 409 and answer.get_json()["changes"] and kept(app, person, "remark") == "先"
