"""Disputes: who may do what when, what must be true before one ends, its dossier, its rows in its grid, sweeps and leaders."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core.base.moments import today
from app.core.base.records import RuleError
from app.core.base.scope import OutOfScope, acting_as, system
from app.core.base.workdays import DAYS, Limit
from app.core.cases.limits import limit_of
from app.core.cases.matter import CORRECT
from app.core.cases.timeline import timeline
from app.core.files import attachments
from app.core.telling.masking import AccessLog
from app.db import db
from app.subsystems.mediation import dossier
from app.subsystems.mediation.leads import CaseLead, PetitionAgency
from app.subsystems.mediation.records import Dispute, DisputeParty, DisputeRevisit, Mediation, band_of
from app.subsystems.mediation.steps import ENDED, HANDED_OVER, WITHDRAWN
from app.subsystems.mediation.sweeps import DisputeSweep
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, SECOND, WANGWAN, YANGOU, id_number
from tests.playing import Play, offered_to, offers, same, spelled, stored

FLOW = Dispute.workflow
WORDS = {"title": "漏水纠纷", "class_code": "02", "place": "3栋1单元", "brief": "楼上漏水，双方争执"}
GIVEN: dict[str, dict[str, Any]] = {
    "dispatch": {"unit": "mediation"},
    "mediate": {"held_on": today, "place": "调解室", "way": "written", "mediators": "甲某", "story": "各让一步", "result": "success"},
    "handle": {"agreed_on": today, "agreement": "七日内修好", "fulfil_by": lambda: today() + timedelta(days=7)},
    "refer": {"outcome": "court", "handed_to": "区人民法院"},
    "confirm": {"confirmation_applied_on": today, "confirmed_on": today, "court": "区人民法院"},
    "revisit": {"visited_on": today, "satisfaction": "satisfied", "fulfilment": "fulfilled", "hidden_danger": False},
}
RIGHTS = {
    "reported": {"街书员格": "accept withdraw escalate", "街书员": "reject merge assign_down"},
    "accepted": {"街书员格": "verify withdraw escalate", "街书员": "file reject merge assign_down", "街": "report_outside"},
    "filed": {"街书员": "merge dispatch assign_down", "街书员格": "withdraw escalate", "街书": "park",
              "街": "report_outside"},
    "dispatched": {"街书员格": "mediate handle fail refer withdraw hand_over send_back ask_extension escalate",
                   "街书员": "transfer", "街书": "park", "街": "report_outside"},
    "outside": {"街书员格": "mediate handle fail refer"},
    "parked": {"街书员格": "withdraw", "街书": "resume"},
    "handled": {"街书员格": "refer", "街书督": "close rework"},
    "closed": {"街书格督": "revisit", "街书": "archive", "街书员": "reopen"},
    "withdrawn": {"街书格督": "revisit", "街书": "archive", "街书员": "reopen"},
    "handed_over": {"街书格督": "revisit", "街书": "archive"},
    "rejected": {"街书员": "reopen"},
    "merged": {},
}
disputes = Play(Dispute, WORDS, GIVEN)
report, take, through, refused = disputes.report, disputes.take, disputes.through, disputes.refused


def again(number: int) -> Dispute:
    return stored(Dispute, number)


def held(number: int) -> Dispute:
    """The dispute in the scope that is on now, with what belongs to it at hand."""
    return db.session.get_one(Dispute, number, populate_existing=True)


MEDIATING = ("accept", "file", "dispatch")


def test_a_dispute_runs_from_the_report_to_the_filed_dossier(app: Flask) -> None:
    case = report(people_count=2)
    assert case.number.startswith("JF20") and case.scale == "one" and case.source == "own"
    case = through(case, *MEDIATING, "mediate", "handle", "confirm", "close", "revisit")
    assert (case.state, case.outcome, case.mediation_count, case.way, case.fulfilment, case.satisfaction) == (
        "closed", "success", 1, "written", "fulfilled", "satisfied")
    with system("tick"):
        row = db.session.get_one(Dispute, case.id)
        for item in dossier.missing(row):
            dossier.tick(row, item, True, 1, None)
        db.session.commit()
    case = take(case, "archive")
    assert case.archived_on == today() and case.dossier_number.startswith(WANGWAN)
    with system("timeline"):
        assert [step.step for step in timeline(case)] == [*MEDIATING, "mediate", "handle", "confirm", "close", "revisit", "archive"]


def test_who_may_take_which_step_of_a_dispute(app: Flask) -> None:
    assert offers(Dispute) == spelled(RIGHTS)
    settled = offers(Dispute, outcome="success")
    assert all((who, "confirm") in settled[state] for state in ("handled", "closed") for who in "街书员格")


def test_every_state_has_its_words_and_every_running_one_its_limit(app: Flask) -> None:
    from app.core.telling.dictionaries import labels

    states = {FLOW.initial, *FLOW.final, *(step.target for step in FLOW.steps if step.target)}
    assert states <= set(labels("case_state")) and "dispute" in labels("case_type")
    assert all(limit_of("dispute", state, "02", "normal") for state in states - set(FLOW.final) - set(FLOW.idle))
    assert limit_of("dispute", "dispatched", "02", "normal") == Limit(30, DAYS), "化解时限 30 自然日"


def test_without_a_mediation_that_succeeded_nothing_is_agreed_or_closed_as_settled(app: Flask) -> None:
    case = through(report(), *MEDIATING)
    refused(case, "handle", "调解成功|succeeded")
    refused(case, "fail", "调解过|mediated")
    case = take(case, "mediate", result="failed")
    refused(case, "handle", "调解成功|succeeded")
    case = through(case, "mediate", "handle")
    with system("the record is corrected"):
        good = db.session.scalars(db.select(Mediation).where(Mediation.dispute_id == case.id, Mediation.result == "success")).one()
        good.result = "failed"
        db.session.commit()
    refused(case, "close", "调解成功|succeeded")
    case = through(case, "rework")
    assert (case.outcome, case.agreement, case.agreed_on, case.fulfilment) == (None, None, None, None)
    case = through(case, "mediate", "handle", "close")
    assert case.state == "closed" and case.mediation_count == 3 and case.rework_count == 1


def test_a_failed_mediation_ends_without_agreement_and_may_be_closed(app: Flask) -> None:
    case = take(through(report(), *MEDIATING), "mediate", result="failed")
    case = through(case, "fail", "close")
    assert (case.state, case.outcome, case.agreement) == ("closed", "failed", None)
    assert not FLOW.by_name["confirm"].possible(case)


def test_handing_over_says_to_whom_and_withdrawing_ends_it(app: Flask) -> None:
    case = through(report(), *MEDIATING)
    refused(case, "refer", "去向|where", outcome="success", handed_to="区人民法院")
    refused(case, "refer", "填写|Fill", handed_to="")
    case = take(case, "refer", outcome="arbitration", handed_to="劳动仲裁院")
    assert (case.state, case.outcome, case.due_at, case.is_open) == (HANDED_OVER, "arbitration", None, False)
    case = take(report(), "withdraw")
    assert (case.state, case.outcome) == (WITHDRAWN, "withdrawn")
    assert take(case, "reopen").outcome is None


def test_judicial_confirmation_is_asked_for_within_thirty_days(app: Flask) -> None:
    long_ago = today() - timedelta(days=40)
    case = through(report(), *MEDIATING, "mediate")
    case = take(case, "handle", agreed_on=long_ago, fulfil_by=None)
    refused(case, "confirm", "三十日|30 days")
    refused(case, "confirm", "先达成|comes first", confirmation_applied_on=long_ago - timedelta(days=1))
    assert take(case, "confirm", confirmation_applied_on=long_ago + timedelta(days=30)).confirmed_on == today()


def test_a_revisit_with_danger_says_which_and_marks_the_dispute(app: Flask) -> None:
    case = through(report(), *MEDIATING, "mediate", "handle", "close")
    refused(case, "revisit", "隐患|danger", hidden_danger=True)
    case = take(case, "revisit", hidden_danger=True, story="又起争执", fulfilment="partly", satisfaction="dissatisfied")
    assert case.hidden_danger and case.fulfilment == "partly" and case.satisfaction == "dissatisfied"
    case = take(case, "revisit")
    assert not case.hidden_danger and case.fulfilment == "fulfilled"
    with system("both are kept"):
        assert len(db.session.scalars(db.select(DisputeRevisit).where(DisputeRevisit.dispute_id == case.id)).all()) == 2


def test_mediations_of_an_ended_dispute_stay_as_they_are(app: Flask) -> None:
    case = through(report(), *MEDIATING, "mediate", "handle", "close")
    with acting_as("wangwan", WANGWAN):
        mediation = db.session.scalars(db.select(Mediation).where(Mediation.dispute_id == case.id)).one()
        mediation.result = "failed"
        with pytest.raises(RuleError, match="办结|come to its end"):
            db.session.commit()
        db.session.rollback()


@pytest.mark.parametrize(("people", "scale"), [(1, "one"), (4, "one"), (5, "group"), (29, "group"), (30, "large"), (400, "large")])
def test_the_scale_follows_from_the_people(app: Flask, people: int, scale: str) -> None:
    assert band_of(people) == scale
    assert report(people_count=people).scale == scale
    wrong = "large" if scale != "large" else "one"
    with pytest.raises(RuleError, match=str(people)):
        report(people_count=people, scale=wrong)
    db.session.rollback()


def from_today(values: dict[str, Any]) -> dict[str, Any]:
    """A span stands for the day that far ahead, when the test runs: midnight may pass after it was collected."""
    return {name: today() + value if isinstance(value, timedelta) else value for name, value in values.items()}


@pytest.mark.parametrize(("values", "field"), [
    ({"people_count": 0}, "people_count"), ({"amount": -1}, "amount"), ({"happened_on": timedelta(days=1)}, "happened_on")])
def test_what_cannot_be_is_refused_beside_its_field(app: Flask, values: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleError) as refusal:
        report(**from_today(values))
    db.session.rollback()
    assert refusal.value.field == field


# Parties


def party(case: Dispute, **values: Any) -> DisputeParty:
    with acting_as("wangwan", WANGWAN):
        row = DisputeParty(dispute_id=case.id, **{"grid_code": FIRST, "name": "测试甲", **values})
        db.session.add(row)
        db.session.commit()
        number = row.id
    with system("the party"):
        return db.session.get_one(DisputeParty, number)


def test_a_party_takes_from_the_register_and_the_number_what_is_left_empty(app: Flask) -> None:
    case = report()
    with system("somebody"):
        person = db.session.scalars(db.select(Resident).where(Resident.grid_code == FIRST)).first()
    known = party(case, name=None, resident_id=person.id)
    assert (known.name, known.sex, known.phone) == (person.name, person.sex, person.phone) and known.age >= 36
    by_number = party(case, name="测试乙", id_number=id_number(902, "19800202").lower())
    assert (by_number.sex, by_number.id_number) == ("2", id_number(902, "19800202")) and by_number.id_number_digest
    with pytest.raises(RuleError, match="性别|sex"):
        party(case, id_number=id_number(902), sex="1")
    db.session.rollback()
    with pytest.raises(RuleError):
        party(case, id_number="123")
    db.session.rollback()
    with system("not readable in the table"):
        stored = db.session.execute(db.text("SELECT id_number FROM dispute_party WHERE id = :id"), {"id": by_number.id},
                                    execution_options={"scope_checked": True}).scalar()
    assert stored and id_number(902, "19800202") not in stored


def test_who_the_parties_are_is_masked_everywhere(app: Flask, client: Any, token: Any) -> None:
    secret, phone, address = "欧阳某某", "19000001234", "秘密路十号二单元301室"
    with app.app_context():
        case = report()
        made = party(case, name=secret, phone=phone, address=address, id_number=id_number(903))
        pk, row = case.id, made.id
    browser = client("street")
    pages = [f"/dispute/show/{pk}", f"/dispute/edit/{pk}", f"/dispute/printed/{pk}/all", f"/dispute/dossier/{pk}",
             f"/dispute/related/{pk}/disputeparty.dispute_id", "/disputeparty/list/", f"/disputeparty/show/{row}", f"/disputeparty/edit/{row}"]
    texts = [browser.get(page).get_data(as_text=True) for page in pages]
    texts.append(app.test_client().get(f"/api/v1/disputeparty/{row}", headers=token("street")).get_data(as_text=True))
    assert all(text and not any(hidden in text for hidden in (secret, phone, address, id_number(903))) for text in texts)
    assert "欧**" in texts[0] and "欧**" in texts[2]
    assert "没有找到" in browser.get(f"/search/?q={secret}").get_data(as_text=True)


def test_the_whole_names_on_a_cover_want_a_purpose_that_is_written_down(app: Flask, client: Any) -> None:
    with app.app_context():
        case = report()
        made = party(case, name="上官某某")
        pk, row = case.id, made.id
    browser = client("wangwan")
    assert browser.post(f"/dispute/printed/{pk}/all", data={"purpose": ""}).status_code == 302
    assert "上官某某" in browser.post(f"/dispute/printed/{pk}/all", data={"purpose": "装订卷宗"}).get_data(as_text=True)
    assert client("leader").post(f"/dispute/printed/{pk}/all", data={"purpose": "看看"}).status_code == 403
    with app.app_context():
        seen = db.session.scalars(db.select(AccessLog).where(AccessLog.record == "dispute_party", AccessLog.record_id == row)).all()
    assert [(entry.by, entry.purpose) for entry in seen] == [("wangwan", "装订卷宗")]


def test_parties_are_written_on_the_form_of_their_dispute(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    answer = browser.post("/dispute/add", data={
        **WORDS, "grid_code": FIRST, "source": "applied", "urgency": "normal", "parties-0-side": "first", "parties-0-name": "测试甲",
        "parties-0-phone": "19000001111", "parties-1-side": "second", "parties-1-name": "测试乙", "parties-2-side": "first"})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    pk = int(answer.headers["Location"].rsplit("/", 1)[1])
    with app.app_context(), system("stored"):
        rows = db.session.get_one(Dispute, pk).parties
        assert [(row.side, row.name, row.grid_code) for row in rows] == [("first", "测试甲", FIRST), ("second", "测试乙", FIRST)]


# Rows of a dispute lie in its grid


def test_what_belongs_to_a_dispute_lies_in_its_grid_and_moves_with_it(app: Flask) -> None:
    case = through(report(), *MEDIATING, "mediate")
    made = party(case, grid_code=SECOND)
    assert made.grid_code == FIRST, "whatever was sent"
    take(case, CORRECT, **same(case, grid_code=SECOND))
    with system("moved"):
        moved = held(case.id)
        assert {child.grid_code for child in (*moved.parties, *moved.mediations)} == {SECOND}
    from app.core.upkeep.integrity import check

    with system("history of every move"):
        assert not [fault for fault in check() if "dispute" in str(fault) or "mediation" in str(fault)]


def test_rows_of_a_foreign_dispute_are_neither_seen_nor_written(app: Flask, client: Any, token: Any) -> None:
    with app.app_context():
        case = report(FOREIGN)
        for name in MEDIATING:
            take(case, name, by=("yangou", YANGOU))
        take(case, "mediate", by=("yangou", YANGOU))
        with acting_as("yangou", YANGOU):
            row = DisputeParty(dispute_id=case.id, grid_code=FOREIGN, name="外人")
            lead = CaseLead(dispute_id=case.id, grid_code=FOREIGN, leader="领导", post="书记", since_on=today())
            db.session.add_all([row, lead])
            db.session.commit()
            rows = {"disputeparty": row.id, "caselead": lead.id, "dispute": case.id, "mediation": db.session.scalars(db.select(Mediation.id)).first()}
        pk = case.id
        with acting_as("wangwan", WANGWAN), pytest.raises(OutOfScope):
            db.session.add(DisputeParty(dispute_id=pk, grid_code=FIRST, name="偷放"))
            db.session.commit()
        db.session.rollback()
    browser, rest, header = client("wangwan"), app.test_client(), token("wangwan")
    for name, number in rows.items():
        assert browser.get(f"/{name}/show/{number}").status_code == 404, name
        assert browser.get(f"/{name}/edit/{number}").status_code == 404, name
        assert rest.get(f"/api/v1/{name}/{number}", headers=header).status_code == 404, name
        assert number not in rest.get(f"/api/v1/{name}/", headers=header).get_json()["ids"]
    for page in ("dossier", "cover"):
        assert browser.get(f"/dispute/{page}/{pk}").status_code == 404
        assert browser.post(f"/dispute/{page}/{pk}", data={"purpose": "试探"}).status_code == 404
    answer = rest.post("/api/v1/disputeparty/", headers=header, json={"dispute_id": pk, "grid_code": FIRST, "name": "偷放", "side": "first"})
    assert answer.status_code in (404, 422)


# Steps by page and by REST


def test_a_mediation_by_page_and_one_by_rest(app: Flask, client: Any, token: Any) -> None:
    with app.app_context():
        pk = through(report(), *MEDIATING).id
    browser = client("wangwan")
    page = browser.get(f"/dispute/step/{pk}/mediate").get_data(as_text=True)
    assert all(words in page for words in ("登记调解", "调解日期", "调解员", "调解情况记录", "本次调解结果"))
    incomplete = browser.post(f"/dispute/step/{pk}/mediate", data={"way": "oral", "mediators": "甲某"})
    assert incomplete.status_code == 422 and "甲某" in incomplete.get_data(as_text=True)
    sent = {**GIVEN["mediate"], "held_on": today().isoformat()}
    assert browser.post(f"/dispute/step/{pk}/mediate", data=sent).status_code == 302
    rest, header = app.test_client(), token("wangwan")
    offered = rest.get(f"/api/v1/dispute/{pk}/steps", headers=header).get_json()["result"]
    assert next(step for step in offered if step["name"] == "mediate")["must"] == ["held_on", "way", "mediators", "story", "result"]
    answer = rest.post(f"/api/v1/dispute/{pk}/steps/mediate", headers=header, json={**sent, "result": "nosuch"})
    assert answer.status_code == 422 and "result" in answer.get_json()["message"]
    later = {**sent, "held_on": (today() + timedelta(days=1)).isoformat()}
    assert "held_on" in rest.post(f"/api/v1/dispute/{pk}/steps/mediate", headers=header, json=later).get_json()["message"]
    assert rest.post(f"/api/v1/dispute/{pk}/steps/mediate", headers=header, json={**sent, "result": "failed"}).status_code == 200
    with app.app_context(), system("rows"):
        case = held(pk)
        assert (case.mediation_count, case.state) == (2, "dispatched")
        assert [one.result for one in case.mediations] == ["success", "failed"]
    assert client("wangwan").get("/mediation/add").status_code == 403, "a mediation comes by the step of its dispute"


# The dossier


def test_a_dossier_is_filed_whole_or_says_what_is_missing(app: Flask, client: Any) -> None:
    with app.app_context():
        case = through(report(), *MEDIATING, "mediate", "handle", "close")
        pk = case.id
        with system("directory"):
            lines = {line.item.name: line for line in dossier.directory(held(pk))}
            items = {name: line.item.id for name, line in lines.items()}
        assert len(lines) == 13
        assert {name for name, line in lines.items() if line.wanted} == {
            "申请书或受理登记表", "权利义务告知书", "当事人身份证明", "调解记录", "调解协议书", "封底"}
        assert {name for name, line in lines.items() if line.recorded} == {"申请书或受理登记表", "调解记录", "调解协议书"}
    browser = client("wangwan")
    answer = browser.post(f"/dispute/step/{pk}/archive", data={})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "缺少：权利义务告知书、当事人身份证明、封底" in page
    browser.post(f"/dispute/attach/{pk}", data={"files": (io.BytesIO(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"), "甲方身份证.pdf")},
                 content_type="multipart/form-data")
    ticked = {f"there-{items['权利义务告知书']}": "on", f"pages-{items['权利义务告知书']}": "2", f"remark-{items['权利义务告知书']}": "双方签字"}
    assert browser.post(f"/dispute/dossier/{pk}", data={**ticked, f"pages-{items['权利义务告知书']}": "x"}, follow_redirects=True).status_code == 200
    with app.app_context(), system("nothing was ticked"):
        assert held(pk).papers == []
    browser.post(f"/dispute/dossier/{pk}", data=ticked)
    page = browser.post(f"/dispute/step/{pk}/archive", data={}).get_data(as_text=True)
    assert "缺少：封底。" in page
    browser.post(f"/dispute/dossier/{pk}", data={**ticked, f"there-{items['封底']}": "on"})
    assert browser.post(f"/dispute/step/{pk}/archive", data={"dossier_number": "王湾2026-1"}).status_code == 302
    with app.app_context(), system("filed"):
        case = held(pk)
        assert case.dossier_number == "王湾2026-1" and not FLOW.by_name["reopen"].possible(case)
        assert sorted(paper.pages or 0 for paper in case.papers) == [0, 2]
    browser.post(f"/dispute/dossier/{pk}", data={})
    browser.post(f"/dispute/attach/{pk}", data={"files": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "补.pdf")})
    with app.app_context(), system("a filed dossier is closed"):
        assert len(held(pk).papers) == 2 and [one.name for one in attachments.of(held(pk))] == ["甲方身份证"]


def test_an_agreement_is_no_must_where_none_was_reached_and_a_tick_is_taken_back(app: Flask) -> None:
    case = take(through(report(), *MEDIATING), "refer")
    with system("directory"):
        row = held(case.id)
        wanted = {line.item.name for line in dossier.directory(row) if line.wanted}
        assert "调解协议书" not in wanted and "调解记录" in wanted
        item = db.session.scalars(db.select(dossier.DossierItem).where(dossier.DossierItem.name == "封底")).one()
        for there in (True, False, True, False):
            dossier.tick(row, item, there, 1, None)
            db.session.commit()
            row = held(case.id)
            assert bool(row.papers) is there


def test_two_dossiers_do_not_share_a_number(app: Flask) -> None:
    numbers = []
    for _one in range(2):
        case = through(report(), *MEDIATING, "mediate", "handle", "close")
        with system("tick"):
            row = held(case.id)
            for item in dossier.missing(row):
                dossier.tick(row, item, True, None, None)
            db.session.commit()
        numbers.append(case)
    first = take(numbers[0], "archive", dossier_number="同号")
    refused(numbers[1], "archive", "卷号|number", dossier_number="同号")
    second = take(numbers[1], "archive", dossier_number=None)
    assert first.dossier_number == "同号" and second.dossier_number and second.dossier_number != "同号"


def test_the_directory_is_an_administrators_to_edit(app: Flask, client: Any) -> None:
    with app.app_context(), system("an item"):
        item = db.session.scalars(db.select(dossier.DossierItem).where(dossier.DossierItem.name == "证据材料")).one()
        pk, form = item.id, {"order": item.order, "name": item.name, "english": item.english, "active": "y"}
        case = take(report(), "withdraw").id
    assert client("wangwan").post(f"/dossieritem/edit/{pk}", data={**form, "need": "must"}).status_code == 403
    assert client("street").post(f"/dossieritem/edit/{pk}", data={**form, "need": "must"}).status_code == 302
    with app.app_context(), system("it is a must now"):
        assert "证据材料" in [item.name for item in dossier.missing(held(case))]
    assert client("street").post(f"/dossieritem/edit/{pk}", data={**form, "need": "optional"}).status_code == 302


def test_the_cover_and_the_directory_speak_both_languages(app: Flask, client: Any) -> None:
    with app.app_context():
        pk = through(report(), *MEDIATING, "mediate", "handle", "close").id
    browser = client("wangwan")
    chinese = [browser.get(f"/dispute/{page}").get_data(as_text=True) for page in (f"dossier/{pk}", f"printed/{pk}/all")]
    assert "卷内目录" in chinese[0] and "必备，缺" in chinese[0] and "人民调解卷宗" in chinese[1] and "调解协议书" in chinese[1]
    browser.get("/lang/en")
    english = [browser.get(f"/dispute/{page}").get_data(as_text=True) for page in (f"dossier/{pk}", f"printed/{pk}/all")]
    assert "Required, missing" in english[0] and "Notice of rights and duties" in english[0]
    assert "Mediation dossier" in english[1] and "Agreement of mediation" in english[1]
    assert "Dossier" in browser.get(f"/dispute/show/{pk}").get_data(as_text=True)


# Leaders in charge, petitions, sweeps


def lead(case: Dispute, **values: Any) -> CaseLead:
    with acting_as("wangwan", WANGWAN):
        row = CaseLead(dispute_id=case.id, grid_code=FIRST, **{"leader": "甲领导", "post": "副书记", "since_on": today(), **values})
        db.session.add(row)
        db.session.commit()
        return row


def test_one_leader_at_a_time_is_in_charge_of_a_dispute(app: Flask) -> None:
    case = report()
    lead(case, since_on=today() - timedelta(days=9), until_on=today() - timedelta(days=3))
    lead(case, leader="乙领导")
    with pytest.raises(RuleError, match="乙领导"):
        lead(case, leader="丙领导")
    db.session.rollback()
    lead(report(), leader="丙领导")
    with pytest.raises(RuleError) as refusal:
        lead(report(), until_on=today() - timedelta(days=1))
    db.session.rollback()
    assert refusal.value.field == "until_on"


def test_the_leader_in_charge_stands_on_the_page_and_in_the_leaders_list(app: Flask, client: Any) -> None:
    with app.app_context():
        case = report(title="包案的纠纷")
        lead(case, leader="丁领导", since_on=today() - timedelta(days=5), target_on=today() - timedelta(days=1))
        pk = case.id
    assert "丁领导" in client("wangwan").get(f"/dispute/show/{pk}").get_data(as_text=True)
    page = client("leader").get("/caselead/list/?f.late=1").get_data(as_text=True)
    assert "丁领导" in page and "包案的纠纷" in page
    assert client("leader").get("/caselead/add").status_code == 403 and client("wangwan01").get("/caselead/add").status_code == 403


@pytest.mark.parametrize(("values", "field"), [
    ({"result": "settled"}, "finished_on"), ({"finished_on": timedelta()}, "result"), ({"since_on": timedelta(days=2)}, "since_on"),
    ({"result": "settled", "finished_on": timedelta(days=-9)}, "finished_on")])
def test_a_petition_that_is_finished_says_when_and_how(app: Flask, values: dict[str, Any], field: str) -> None:
    with acting_as("wangwan", WANGWAN), pytest.raises(RuleError) as refusal:
        db.session.add(PetitionAgency(grid_code=FIRST, **{"matter": "代办", "entrusted_by": "某某", "agent": "代理",
                                                          "since_on": today(), **from_today(values)}))
        db.session.commit()
    db.session.rollback()
    assert refusal.value.field == field


def sweep(found: int, days: int, grid: str = FIRST, **values: Any) -> int:
    with acting_as("wangwan", WANGWAN):
        row = DisputeSweep(grid_code=grid, swept_on=today() - timedelta(days=days), found_count=found, **{"by": "网格员甲", **values})
        db.session.add(row)
        db.session.commit()
        return row.id


def change(number: int, **values: Any) -> None:
    with acting_as("wangwan", WANGWAN):
        row = db.session.get_one(DisputeSweep, number)
        for name, value in values.items():
            setattr(row, name, value)
        db.session.commit()


def test_what_a_sweep_found_agrees_with_what_is_registered_or_is_explained(app: Flask) -> None:
    number = sweep(2, days=1)
    first = report(sweep_id=number)
    pk, moment = first.id, first.reported_at
    assert first.source == "sweep"
    with pytest.raises(RuleError, match="2.*1|1.*2"):
        change(number, settled=True)
    db.session.rollback()
    report(sweep_id=number)
    with pytest.raises(RuleError) as refusal:
        report(sweep_id=number)
    db.session.rollback()
    assert refusal.value.field == "sweep_id"
    with pytest.raises(RuleError):
        change(number, found_count=1)
    db.session.rollback()
    change(number, settled=True)
    for values in ({"sweep_id": None}, {"deleted_at": moment}):
        with acting_as("wangwan", WANGWAN):
            row = db.session.get_one(Dispute, pk)
            for name, value in values.items():
                setattr(row, name, value)
            with pytest.raises(RuleError, match="核对|checked"):
                db.session.commit()
            db.session.rollback()
    with acting_as("wangwan", WANGWAN):
        db.session.get_one(DisputeSweep, number).settled = False
        db.session.flush()
        row = db.session.get_one(Dispute, pk)
        row.deleted_at = moment
        db.session.commit()
    report(sweep_id=number)
    with acting_as("wangwan", WANGWAN):
        row = db.session.get_one(Dispute, pk, execution_options={"with_deleted": True})
        row.deleted_at = None
        with pytest.raises(RuleError, match="均已登记|all registered"):
            db.session.commit()
        db.session.rollback()
    change(number, explanation="一件并入另一件")
    report(sweep_id=number)


def test_nothing_found_is_a_zero_report_and_a_grid_is_swept_once_a_day(app: Flask) -> None:
    number = sweep(0, days=2)
    with system("zero"):
        row = db.session.get_one(DisputeSweep, number)
        assert row.settled and ("零报告" in str(row) or "zero report" in str(row))
    with pytest.raises(RuleError):
        report(sweep_id=number)
    db.session.rollback()
    with pytest.raises(Exception, match="UNIQUE|unique|uq_"):
        sweep(1, days=2)
    db.session.rollback()
    sweep(1, days=2, grid=SECOND)


@pytest.mark.parametrize(("found", "days", "field"), [(-1, 20, "found_count"), (0, -1, "swept_on")])
def test_a_sweep_that_cannot_be_is_refused(app: Flask, found: int, days: int, field: str) -> None:
    with pytest.raises(RuleError) as refusal:
        sweep(found, days)
    db.session.rollback()
    assert refusal.value.field == field


def test_a_dispute_comes_from_a_sweep_of_its_own_grid(app: Flask) -> None:
    number = sweep(1, days=3, grid=SECOND)
    with pytest.raises(RuleError, match="网格|grid"):
        report(FIRST, sweep_id=number)
    db.session.rollback()


def test_sweeps_whose_numbers_differ_are_one_list(app: Flask, client: Any) -> None:
    with app.app_context():
        uneven, even = sweep(1, days=5, by="差数员"), sweep(1, days=6, by="平数员")
        report(sweep_id=even)
        assert uneven != even
    page = client("wangwan").get("/disputesweep/list/?f.uneven=1").get_data(as_text=True)
    assert "差数员" in page and "平数员" not in page


def test_lists_of_what_is_still_to_do(app: Flask, client: Any) -> None:
    with app.app_context():
        take(report(title="撤回待归档"), "withdraw")
        overdue = through(report(title="逾期未履行的"), *MEDIATING, "mediate")
        take(overdue, "handle", agreed_on=today() - timedelta(days=9), fulfil_by=today() - timedelta(days=2))
    browser = client("wangwan")
    assert "撤回待归档" in browser.get("/dispute/list/?f.unfiled=1").get_data(as_text=True)
    found = browser.get("/dispute/list/?f.unfulfilled=1").get_data(as_text=True)
    assert "逾期未履行的" in found and "撤回待归档" not in found


def test_the_demo_plays_disputes_to_every_state(app: Flask) -> None:
    from app.demo import disputes

    with system("demo"):
        count = disputes.Disputes().play()
        states = set(db.session.scalars(db.select(Dispute.state).where(Dispute.created_by == "street")))
        assert count >= 30 and states >= {
            "reported", "accepted", "filed", "dispatched", "handled", "parked", "outside", "rejected", *ENDED}
        assert db.session.scalar(db.select(DisputeSweep.id).where(DisputeSweep.created_by == "street").limit(1))


# Workbooks


def book(path: Any, *rows: tuple[Any, ...]) -> Any:
    import openpyxl

    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def test_disputes_come_in_by_a_workbook_as_cases_with_numbers_and_rules(app: Flask, tmp_path: Any) -> None:
    from app.core.sheets.writing.importing import import_file

    path = book(tmp_path / "纠纷.xlsx", ("纠纷名称", "纠纷类别", "发生地点", "简要情况", "涉及人数", "来源", "网格编码"),
                ("台账一", "邻里纠纷", "1栋", "争吵", 6, "信访", FIRST), ("台账二", "婚姻家庭", "2栋", "争执", 0, "申请调解", SECOND),
                ("台账三", "劳资", "3栋", "欠薪", 2, "派出所移交", FOREIGN))
    with acting_as("wangwan", WANGWAN):
        outcome = import_file(Dispute, path)
        assert (outcome.rows, outcome.new, outcome.refused) == (3, 1, 2), outcome.as_dict()
        row = db.session.scalars(db.select(Dispute).where(Dispute.title == "台账一")).one()
        assert (row.state, row.scale, row.source, row.level_code) == ("reported", "group", "petition", WANGWAN)
        assert row.number.startswith("JF20") and row.due_at is not None
        assert "accept" in offered_to("wangwan", row)


def test_parties_of_a_workbook_lie_where_their_dispute_lies(app: Flask, tmp_path: Any) -> None:
    from app.core.sheets.writing.importing import import_file

    case = report()
    path = book(tmp_path / "当事人.xlsx", ("纠纷编号", "当事方", "姓名", "身份证号", "网格编码"),
                (case.number, "甲方", "台账甲", id_number(906, "19700101"), SECOND), ("JF0", "乙方", "台账乙", None, SECOND))
    with acting_as("wangwan", WANGWAN):
        outcome = import_file(DisputeParty, path)
        assert (outcome.new, outcome.refused) == (1, 1), outcome.as_dict()
        row = db.session.scalars(db.select(DisputeParty).where(DisputeParty.dispute_id == case.id)).one()
        assert (row.name, row.grid_code, row.sex, row.id_number) == ("台账甲", FIRST, "2", id_number(906, "19700101"))
        assert row.id_number_digest
