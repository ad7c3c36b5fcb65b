"""Hazards: who may take which step, major ones at the street, the day to put right, photos, and informants nobody else sees."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core.base.moments import today
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.core.base.workdays import DAYS, Limit
from app.core.cases import figures
from app.core.cases.loop import CLOSED, DISPATCHED, HANDLED
from app.db import db
from app.subsystems.security.hazards import MAJOR, Hazard, SecurityInformant, SecurityTip
from tests.conftest import FIRST, FOREIGN, SECOND, STREET, WANGWAN
from tests.playing import Play, offered_to, offers, picture, spelled

WORDS = {"title": "消防通道被占", "class_code": "0401", "place": "3栋西侧", "description": "通道停满车辆"}
NEEDS = {"dispatch": {"unit": "fire", "fix_by": lambda: today() + timedelta(days=5)}, "handle": {"result": "已清空"},
         "close": {"rechecked_by": "网格长"},
         "rework": {"rechecked_by": "网格长", "fix_by": lambda: today() + timedelta(days=2)}}
RIGHTS = {
    "reported": {"街书员格": "accept escalate", "街书员": "reject merge assign_down"},
    "accepted": {"街书员格": "verify escalate", "街书员": "file reject merge assign_down", "街": "report_outside"},
    "filed": {"街书员": "merge dispatch assign_down", "街书员格": "escalate", "街书": "park",
              "街": "report_outside"},
    "dispatched": {"街书员": "transfer", "街书员格": "handle send_back hand_over ask_extension escalate",
                   "街书": "park", "街": "report_outside"},
    "outside": {"街书员格": "handle"},
    "parked": {"街书": "resume"},
    "handled": {"街书督": "close rework"},
    "closed": {"街书": "evaluate", "街书格督": "revisit", "街书员": "reopen"},
    "rejected": {"街书员": "reopen"},
    "merged": {},
}
hazards = Play(Hazard, WORDS, NEEDS)
report, take, through, refused = hazards.report, hazards.take, hazards.through, hazards.refused


def test_who_may_take_which_step_of_a_hazard(app: Flask) -> None:
    assert offers(Hazard, severity="general") == spelled(RIGHTS)
    down = {(who, "assign_down") for who in "街书员"}
    assert offers(Hazard, severity=MAJOR)["reported"] == spelled(RIGHTS)["reported"] - down


def test_a_hazard_is_found_put_right_rechecked_and_closed(app: Flask) -> None:
    row = report()
    assert row.number.startswith("YH20") and row.level_code == WANGWAN
    row = through(row, "accept", "file", "dispatch", "handle")
    assert row.state == HANDLED and row.in_time
    row = through(row, "rework")
    assert (row.state, row.rework_count, row.fix_by) == (DISPATCHED, 1, today() + timedelta(days=2))
    row = through(row, "handle", "close", "revisit")
    assert (row.state, row.rechecked_by, row.rechecked_on) == (CLOSED, "网格长", today())


@pytest.mark.parametrize("name", ["handle", "close", "rework"])
def test_reported_done_and_rechecked_need_a_photo(app: Flask, name: str) -> None:
    row = through(report(), "accept", "file", "dispatch", *(() if name == "handle" else ("handle",)))
    refused(row, name, match="照片|photo", sent=False)


def test_a_major_hazard_lies_with_the_street_at_once_and_is_not_sent_down(app: Flask) -> None:
    row = report(severity=MAJOR)
    assert (row.level_code, row.urgency) == (STREET, "urgent")
    assert not offered_to("wangwan", row)
    assert "accept" in offered_to("street", row) and "assign_down" not in offered_to("street", row)
    later = report()
    with acting_as("wangwan", WANGWAN):
        held = db.session.get_one(Hazard, later.id)
        held.severity = MAJOR
        db.session.commit()
        assert held.level_code == STREET and held.state == "reported"
        held.place = "4栋"
        db.session.commit()


def test_a_hazard_that_was_taken_up_by_the_street_stays_there_when_it_is_written_again(app: Flask) -> None:
    row = take(report(), "escalate")
    with acting_as("street", STREET):
        held = db.session.get_one(Hazard, row.id)
        held.place = "5栋"
        db.session.commit()
        assert held.level_code == STREET


def test_the_day_to_put_right_is_the_limit_and_an_extension_moves_it(app: Flask) -> None:
    row = through(report(), "accept", "file", "dispatch")
    assert row.step_limit == Limit(5, DAYS)
    assert (row.due_at + timedelta(hours=8)).date() == today() + timedelta(days=6)  # the end of the fifth day
    row = take(row, "ask_extension", extension_asked=3)
    row = take(row, "grant_extension", **{})
    assert row.step_limit == Limit(8, DAYS)


def test_the_dispatch_suggests_a_day_by_the_class(app: Flask, client: Any) -> None:
    with app.app_context():
        row = through(report(), "accept", "file")
        pk, suggested = row.id, Hazard.workflow.by_name["dispatch"].suggests(row)["fix_by"]
        assert suggested >= today()
    page = client("wangwan").get(f"/hazard/step/{pk}/dispatch").get_data(as_text=True)
    assert f'value="{suggested}"' in page


@pytest.mark.parametrize(("change", "field"), [
    ({"class_code": "04"}, "class_code"), ({"found_at": "future"}, "found_at"),
    ({"source": "informant", "reporter": "甲"}, "reporter"), ({"source": "informant", "reporter_phone": "19000000001"}, "reporter")])
def test_what_a_hazard_may_not_say(app: Flask, change: dict[str, Any], field: str) -> None:
    from app.core.base.moments import now

    if "found_at" in change:
        change = {"found_at": now() + timedelta(days=1)}
    with pytest.raises(RuleError) as told:
        report(**change)
    assert told.value.field == field
    db.session.rollback()


def test_nobody_moves_the_day_but_by_a_step(app: Flask, client: Any, token: Any) -> None:
    with app.app_context():
        pk = through(report(), "accept", "file", "dispatch").id
    assert 'name="fix_by"' not in client("wangwan").get(f"/hazard/edit/{pk}").get_data(as_text=True)
    answer = app.test_client().put(f"/api/v1/hazard/{pk}", headers=token("wangwan"), json={"fix_by": "2099-01-01"})
    assert answer.status_code == 422


def test_a_day_that_is_over_is_no_day_to_put_it_right(app: Flask) -> None:
    row = through(report(), "accept", "file")
    refused(row, "dispatch", unit="fire", fix_by=today() - timedelta(days=1))
    refused(row, "dispatch", unit="fire", fix_by=None)


def test_hazards_past_their_day_are_counted_and_the_number_is_its_list(app: Flask, client: Any) -> None:
    with app.app_context():
        row = through(report(SECOND, title="过期未改"), "accept", "file", "dispatch")
        with system("older"):
            db.session.execute(db.text("UPDATE hazard SET fix_by = :d WHERE id = :id"), {
                "d": today() - timedelta(days=1), "id": row.id}, execution_options={"scope_checked": True})
            db.session.commit()
            whole = figures.summed(Hazard, figures.rows(Hazard, today(), today()))
        assert whole.counts["overdue"] == 1
    browser = client("wangwan")
    assert "过期未改" in browser.get("/hazard/list/?f.overdue=1").get_data(as_text=True)
    assert "超期未整改" in browser.get("/hazard/figures/").get_data(as_text=True)


def test_a_resident_may_report_one_and_reads_no_class_or_level(app: Flask, client: Any) -> None:
    page = client("stranger").get("/public/report/hazard").get_data(as_text=True)
    assert "治安隐患" in page and 'name="reporter_phone"' in page and 'name="severity"' not in page and 'name="reporter_trade"' not in page


def test_steps_with_a_photo_by_rest(app: Flask, token: Any) -> None:
    with app.app_context():
        pk = through(report(), "accept", "file", "dispatch").id
    browser, header, address = app.test_client(), token("wangwan"), f"/api/v1/hazard/{pk}/steps"
    offered = {step["name"]: step for step in browser.get(address, headers=header).get_json()["result"]}
    assert offered["handle"]["photo_required"] and not offered["send_back"]["photo_required"]
    assert browser.post(f"{address}/handle", headers=header, json={"result": "好了"}).status_code == 422
    answer = browser.post(f"{address}/handle", headers=header, data={"result": "好了", "files": (io.BytesIO(picture()), "a.jpg")})
    assert (answer.status_code, answer.get_json().get("state")) == (200, HANDLED), answer.get_json()
    offered = {step["name"]: step for step in browser.get(address, headers=header).get_json()["result"]}
    assert "close" in offered
    broken = browser.post(f"{address}/close", headers=header, data={"rechecked_by": "甲", "files": (io.BytesIO(b"nothing"), "a.jpg")})
    assert broken.status_code == 422 and len(broken.get_json()["message"]["files"]) == 2  # no photo, and why that is none
    with app.app_context(), system("photo"):
        from app.core.files.attachments import of

        assert [kept.name for kept in of(db.session.get_one(Hazard, pk))][-1] == "a"


# Informants


def informant(grid: str = FIRST, number: str = "X001", **more: Any) -> int:
    with acting_as("street", STREET):
        row = SecurityInformant(grid_code=grid, number=number, trade="cleaner", name="某甲某乙", phone="19000004321", **more)
        db.session.add(row)
        db.session.commit()
        return row.id


@pytest.fixture(scope="module")
def known(app: Flask) -> dict[str, int]:
    """A hazard an informant pointed to, and one in another community."""
    with app.app_context():
        found = {"hazard": report(title="信息员报告的隐患", source="informant", reporter_trade="cleaner").id,
                 "informant": informant(number="X900"), "foreign": informant(FOREIGN, "Y900")}
        with acting_as("street", STREET):
            row = SecurityTip(grid_code=FIRST, informant_id=found["informant"], class_code="0401", content="通道堵了",
                              place="东门口外", outcome="true",
                              hazard_id=found["hazard"])
            db.session.add(row)
            db.session.commit()
            assert row.trade == "cleaner"
            found["tip"] = row.id
        db.session.remove()
    return found


MAY_SEE = {"admin": True, "street": True, "wangwan": True, "clerk": False, "wangwan01": False, "inspector": False, "leader": False,
           "yangou": False, "nobody": False}


@pytest.mark.parametrize("username", sorted(MAY_SEE))
def test_only_those_who_lead_informants_find_them_and_their_tips(
        app: Flask, client: Any, token: Any, known: dict[str, int], username: str) -> None:
    browser, header, may = client(username), token(username), MAY_SEE[username]
    for address in (f"/securityinformant/show/{known['informant']}", f"/securitytip/show/{known['tip']}"):
        assert (browser.get(address).status_code == 200) is may, address
    for address in ("/securityinformant/list/", "/api/v1/securityinformant/", "/search/?q=X900"):
        page = browser.get(address, headers=header if "/api/" in address else {}).get_data(as_text=True)
        assert ("X900（保洁员）" in page or '"X900"' in page or ">X900<" in page) is may, address
    assert ("东门口外" in browser.get("/securitytip/list/").get_data(as_text=True)) is may
    assert ("东门口外" in str(browser.get("/api/v1/securitytip/", headers=header).get_json())) is may


@pytest.mark.parametrize("username", sorted(set(MAY_SEE) - {"yangou", "nobody"}))
def test_a_hazard_leads_to_its_informant_only_for_those_who_may_see_him(
        app: Flask, client: Any, known: dict[str, int], username: str) -> None:
    browser, may = client(username), MAY_SEE[username]
    page = browser.get(f"/hazard/show/{known['hazard']}").get_data(as_text=True)
    assert ("信息员线索" in page.split("<main")[1]) is may
    assert "保洁员" in page, "the trade alone is no secret"
    rows = browser.get(f"/hazard/related/{known['hazard']}/securitytip.hazard_id")
    assert (rows.status_code == 200 and "X900" in rows.get_data(as_text=True)) is may


def test_names_and_phones_of_informants_are_masked_for_everybody_until_a_purpose_is_written(
        app: Flask, client: Any, known: dict[str, int]) -> None:
    browser = client("wangwan")
    pk = known["informant"]
    for address in ("/securityinformant/list/", f"/securityinformant/show/{pk}", f"/securityinformant/edit/{pk}",
                    f"/securitytip/show/{known['tip']}"):
        page = browser.get(address).get_data(as_text=True)
        assert "某甲某乙" not in page and "19000004321" not in page, address
    told = browser.post(f"/securityinformant/reveal/{pk}", data={"purpose": "联系核实线索"}).get_json()
    assert told["values"]["name"] == "某甲某乙"
    assert client("wangwan").get(f"/securityinformant/show/{known['foreign']}").status_code == 404


def test_a_tip_is_verified_before_it_leads_to_a_hazard(app: Flask, known: dict[str, int]) -> None:
    with acting_as("street", STREET), pytest.raises(RuleError) as told:
        db.session.add(SecurityTip(grid_code=FIRST, informant_id=known["informant"], class_code="0401", content="又堵了", hazard_id=known["hazard"]))
        db.session.flush()
    assert told.value.field == "outcome"
    db.session.rollback()


def test_the_service_of_an_informant_ends_after_it_began(app: Flask) -> None:
    with pytest.raises(RuleError) as told:
        informant(number="X777", since_on=today(), until_on=today() - timedelta(days=1))
    assert told.value.field == "until_on"
    db.session.rollback()


