"""Complaints: told in 15 days, answered in 60 and 30 more at most, reviewed twice, each number a list."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from flask import Flask

from app.core.base.moments import at, local, now, today
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.core.cases import figures
from app.core.cases.limits import CaseLimit
from app.db import db
from app.demo.complaints import Complaints
from app.public import tracking
from app.subsystems.complaints.complaints import Complaint, ComplaintReply
from app.subsystems.events.public_reports import find_report, submit
from tests.conftest import FIRST, FOREIGN, PEOPLE, STREET, WANGWAN
from tests.playing import Play, offered_to, offers, spelled, stored
from tests.recounting import followed, rated, steps_of, waits_too_long

FLOW = Complaint.workflow
WORDS = {"title": "电梯长期停运", "category": "property", "content": "三号楼电梯停运一个月", "petitioner": "赵某芳", "phone": "19900000001"}
TOLD = {"told_on": today, "told_way": "phone"}
ANSWER = {"result": "已修好", "outcome": "resolved", "public_answer": "电梯已修好，恢复运行。"}
SERVED = {"served_on": today, "served_way": "written"}
WHOLE_WAY = (("accept", TOLD), ("dispatch", {"unit": "property"}), ("handle", ANSWER), ("close", SERVED))
START = now() - timedelta(days=200)
RIGHTS = {
    "reported": {"街书员格": "accept escalate", "街书员": "reject merge assign_down", "街": "report_outside"},
    "handling": {"街书员格": "verify handle hand_over send_back ask_extension escalate",
                 "街书员": "merge transfer assign_down", "街": "report_outside"},
    "outside": {"街书员格": "handle"},
    "answered": {"街书督": "close rework"},
    "closed": {"街书": "evaluate", "街书格督": "revisit", "街书员": "ask_review"},
    "reviewing": {"街书员格": "verify handle hand_over send_back", "街书员": "transfer"},
    "rechecking": {"街书员格": "verify handle hand_over send_back", "街书员": "transfer"},
    "rejected": {},
    "merged": {},
}
complaints = Play(Complaint, WORDS)


def complain(days: float = 0, grid: str = FIRST, **more: Any) -> Complaint:
    """A complaint that came so many days after the start of the tests."""
    with at(START + timedelta(days=days)):
        return complaints.report(grid, **more)


def take(case: Complaint, days: float, name: str, values: dict[str, Any] | None = None, *, by: str = "street") -> Complaint:
    """Takes a step so many days after the start of the tests."""
    with at(START + timedelta(days=days)):
        given = {key: value() if callable(value) else value for key, value in (values or {}).items()}
        return complaints.take(case, name, by=(by, PEOPLE[by][1] or ""), **given)


def ended(case: Complaint, *days: float) -> Complaint:
    for day, (name, values) in zip(days, WHOLE_WAY, strict=True):
        case = take(case, day, name, values)
    return case


def number_of(code: str) -> int:
    with system("the case of a code"):
        report = find_report(code)
        assert report is not None
        return report.case.id


def last_day(moment: datetime | None) -> date | None:
    """The day at whose end a limit is over."""
    return moment and local(moment - timedelta(seconds=1)).date()


def after(days: float) -> date:
    return local(START + timedelta(days=days)).date()


def test_who_may_take_which_step_of_a_complaint(app: Flask) -> None:
    assert offers(Complaint, stage="handle", unit="property", served_on=today()) == spelled(RIGHTS)
    reviewed = offers(Complaint, stage="review", served_on=today())
    assert reviewed["reviewing"] == spelled({"": {"街书员格": "verify handle", "街书员": "dispatch"}})[""]
    assert reviewed["answered"] == spelled({"": {"街书督": "close"}})[""], "a review is not done again"
    assert {who for who, step in reviewed["closed"] if step == "ask_recheck"} == set("街书员")


def test_told_within_15_days_answered_within_60_of_acceptance(app: Flask) -> None:
    case = complain()
    assert case.number.startswith("TS") and last_day(case.due_at) == after(15) and (case.tier, case.stage) == ("community", "handle")
    case = take(case, 4, "accept", TOLD)
    assert (case.state, case.told_in_time, case.told_on, last_day(case.due_at)) == ("handling", True, after(4), after(64))
    assert last_day(case.case_due_at) == after(64)
    for name, values in (("dispatch", {"unit": "property"}), ("send_back", {}), ("dispatch", {"unit": "safety"}), ("transfer", {"unit": "police"}),
                         ("escalate", {}), ("assign_down", {}), ("handle", ANSWER), ("rework", {})):
        case = take(case, 20, name, values)
    assert (case.state, last_day(case.due_at), case.rework_count) == ("handling", after(64), 1), "what is done again has no new 60 days"
    assert take(case, 65, "handle", ANSWER).in_time is False
    late = take(complain(), 16, "accept", TOLD)
    assert late.told_in_time is False


def test_30_days_more_once_in_the_life_of_a_case_as_the_limits_say(app: Flask) -> None:
    case = take(complain(), 1, "accept", TOLD)
    with pytest.raises(RuleError, match="30"):
        take(case, 50, "ask_extension", {"extension_asked": 31})
    case = take(take(case, 50, "ask_extension", {"extension_asked": 30}), 51, "grant_extension")
    assert (case.extension_days, case.extension_asked, last_day(case.due_at), last_day(case.case_due_at)) == (30, None, after(91), after(91))
    case = take(take(case, 52, "handle", ANSWER), 53, "rework")
    assert last_day(case.due_at) == after(91)
    with pytest.raises(RuleError):
        take(case, 54, "ask_extension", {"extension_asked": 5})
    other = take(complain(), 1, "accept", TOLD)
    with system("a shorter one"):
        row = db.session.scalars(db.select(CaseLimit).where(CaseLimit.case_type == "complaint", CaseLimit.state == "handling")).one()
        assert row.extension == 30
        row.extension = 10
        db.session.commit()
        with pytest.raises(RuleError, match="10"):
            take(other, 2, "ask_extension", {"extension_asked": 11})
        for said in (60, None, 30):  # the law gives no more than 30 days, whatever the office says
            row = db.session.get_one(CaseLimit, row.id, populate_existing=True)
            row.extension = said
            db.session.commit()
            with pytest.raises(RuleError, match="30"):
                take(other, 2, "ask_extension", {"extension_asked": 31})


def test_review_and_second_review_each_a_level_up_with_30_days_then_the_end(app: Flask) -> None:
    case = ended(complain(), 1, 2, 30, 31)
    first = case.answer_number
    assert case.state == "closed" and re.fullmatch(r"信答〔\d{4}〕\d+号", first or "")
    case = take(case, 40, "ask_review", by="wangwan")
    assert (case.state, case.stage, case.tier, case.level_code) == ("reviewing", "review", "street", STREET)
    assert (last_day(case.due_at), last_day(case.case_due_at), case.answer_number, case.public_answer) == (after(70), after(70), None, None)
    assert not {"ask_extension", "rework", "escalate"} & offered_to("street", case)
    case = take(take(case, 60, "handle", {**ANSWER, "outcome": "refused"}), 61, "close", SERVED)
    case = take(case, 62, "ask_recheck")
    assert (case.state, case.tier, case.level_code, last_day(case.due_at)) == ("rechecking", "district", STREET, after(92))
    case = take(take(case, 80, "handle", ANSWER), 81, "close", SERVED)
    assert (case.state, case.stage, case.review_count) == ("closed", "final", 2)
    assert not {"ask_review", "ask_recheck"} & offered_to("street", case)
    with system("answers"):
        replies = db.session.scalars(db.select(ComplaintReply).where(ComplaintReply.complaint_id == case.id).order_by(ComplaintReply.id)).all()
    assert [(reply.stage, reply.tier, reply.outcome, reply.served_on) for reply in replies] == [
        ("handle", "community", "resolved", after(31)), ("review", "street", "refused", after(61)), ("recheck", "district", "resolved", after(81))]
    assert [reply.number for reply in replies] == [first, *(reply.number for reply in replies[1:])] and len({r.number for r in replies}) == 3


@pytest.mark.parametrize(("days", "possible"), [(30, True), (31, False)])
def test_a_review_is_asked_within_30_days_of_the_answer(app: Flask, days: int, possible: bool) -> None:
    case = ended(complain(), 1, 2, 10, 11)
    with acting_as("street", STREET), at(START + timedelta(days=11 + days)):
        assert FLOW.by_name["ask_review"].possible(case) is possible


@pytest.mark.parametrize(("given", "place"), [
    ({"is_anonymous": True}, "is_anonymous"), ({"is_anonymous": True, "petitioner": None}, "is_anonymous"),
    ({"is_anonymous": True, "petitioner": None, "phone": None, "address": "一栋"}, "is_anonymous"),
    ({"petitioner": None, "phone": None}, "petitioner"), ({"people_count": 0}, "people_count")])
def test_anonymous_means_no_name_and_real_name_means_one(app: Flask, given: dict[str, Any], place: str) -> None:
    with pytest.raises(RuleError) as refused:
        complain(**given)
    db.session.rollback()
    assert refused.value.field == place


@pytest.mark.parametrize(("people", "collective"), [(1, False), (4, False), (5, True), (12, True)])
def test_five_people_are_a_collective_complaint(app: Flask, people: int, collective: bool) -> None:
    assert complain(people_count=people).is_collective is collective


@pytest.mark.parametrize("told_on", [lambda: today() + timedelta(days=1), lambda: START.date() - timedelta(days=1)])
def test_a_day_of_telling_lies_between_the_report_and_today(app: Flask, told_on: Any) -> None:
    with pytest.raises(RuleError) as refused:
        take(complain(), 3, "accept", {"told_on": told_on, "told_way": "phone"})
    db.session.rollback()
    assert refused.value.field == "told_on"


def test_from_the_public_door_to_the_second_review(app: Flask) -> None:
    with app.test_request_context():
        with at(START):
            code, _report = submit("complaint", FIRST, {"title": "电梯停运", "category": "property", "content": "电梯停运很久了"}, "proof 1",
                                  began=None, trapped=False)
        case = stored(Complaint, number_of(code))
        assert (case.is_anonymous, case.channel, case.by_public) == (True, "public", True)
        take(case, 1, "accept", {**TOLD, "told_way": "unknown"})
        with pytest.raises(RuleError, match="姓名|names"):
            take(case, 2, "handle", {**ANSWER, "public_answer": "请拨打 13900001111 联系"})
        db.session.rollback()
        take(take(case, 2, "handle", ANSWER), 3, "close", {**SERVED, "public_answer": ANSWER["public_answer"]})
        for stage, state in (("review", "reviewing"), ("recheck", "rechecking")):
            with at(START + timedelta(days=5)):
                told = tracking.progress(code)
                assert told["may_reopen"] and told["answer"] == ANSWER["public_answer"] and told["again"]
                tracking.reopen(code, "仍然没有修好")
            case = stored(Complaint, case.id)
            assert (case.stage, case.state) == (stage, state)
            take(take(case, 6, "handle", ANSWER), 6, "close", SERVED)
        with at(START + timedelta(days=7)):
            assert not tracking.progress(code)["may_reopen"]
            with pytest.raises(RuleError):
                tracking.reopen(code, "还是不满意")


@pytest.mark.parametrize(("language", "words"), [("zh", ("投诉、信访", "诉求类别", "征地拆迁")), ("en", ("A complaint", "Category of complaint"))])
def test_the_public_form_in_both_languages(app: Flask, client: Any, language: str, words: tuple[str, ...]) -> None:
    browser = client("stranger")
    browser.get(f"/lang/{language}")
    page = browser.get(f"/public/report/complaint?grid={WANGWAN}").get_data(as_text=True)
    assert all(word in page for word in words)


def test_another_community_finds_nothing_and_names_are_masked(app: Flask, client: Any, token: Any) -> None:
    with app.app_context():
        case = ended(complain(), 1, 2, 3, 4)
        pk, number = case.id, case.number
        with system("answer"):
            reply = db.session.scalar(db.select(ComplaintReply.id).where(ComplaintReply.complaint_id == pk))
        other = complain(grid=FOREIGN, title="燕沟的投诉").id
    stranger = client("yangou")
    for page in (f"/complaint/show/{pk}", f"/complaint/step/{pk}/ask_review", f"/complaintreply/show/{reply}"):
        assert stranger.get(page).status_code == 404, page
    assert number not in stranger.get("/complaint/list/").get_data(as_text=True)
    assert str(other) and "燕沟的投诉" not in client("wangwan").get("/complaint/list/").get_data(as_text=True)
    assert app.test_client().get(f"/api/v1/complaint/{pk}", headers=token("yangou")).status_code == 404
    mine = client("wangwan").get(f"/complaint/show/{pk}").get_data(as_text=True)
    assert "赵某芳" not in mine and "19900000001" not in mine and "赵**" in mine and "申请复查" not in mine
    assert "已修好" in client("wangwan").get(f"/complaintreply/show/{reply}").get_data(as_text=True)


def test_a_step_is_taken_on_its_page(app: Flask, client: Any) -> None:
    with app.app_context(), acting_as("wangwan", WANGWAN):
        case = Complaint(grid_code=FIRST, **WORDS)
        db.session.add(case)
        db.session.commit()
        pk = case.id
    browser = client("wangwan")
    refused = browser.post(f"/complaint/step/{pk}/accept", data={"told_on": "2001-01-01", "told_way": "phone"})
    assert refused.status_code == 422 and "请更正" in refused.get_data(as_text=True)
    with app.app_context():
        typed = today().isoformat()
    assert browser.post(f"/complaint/step/{pk}/accept", data={"told_on": typed, "told_way": "phone"}).status_code == 302
    page = browser.get(f"/complaint/step/{pk}/handle").get_data(as_text=True)
    assert page.count('name="public_answer"') == 1 and "解决情况" in page


@pytest.fixture(scope="module")
def played(app: Flask) -> int:
    with app.app_context():
        count = Complaints(seed=11).play(2)
        db.session.remove()
        return count


def recount(case: Complaint) -> Counter[str]:
    """The figures of one case from its steps alone."""
    steps = steps_of(case)
    taken = [step.step for step in steps]
    telling = [step for step in steps if step.source == "reported" and step.step in ("accept", "reject", "report_outside")]
    waited = (today() - local(case.reported_at).date()).days > 15
    answers = [step for step in steps if step.step == "handle"]
    asked = [step for step in steps if step.step in ("ask_review", "ask_recheck")]
    last = answers and (not asked or answers[-1].id > asked[-1].id)
    waits = waits_too_long(case, case.state)
    return Counter({
        "to_tell": int(bool(telling) or not steps and waited),
        "told": int(any((local(step.at).date() - local(case.reported_at).date()).days <= 15 for step in telling)),
        "answered": int(bool(answers)), "owed": int(bool(answers) or waits),
        "answered_late": int(waits or any(step.due_at and step.at > step.due_at for step in answers)),
        "resolved": int(bool(last) and case.outcome == "resolved"), "with_extension": int("grant_extension" in taken), "escalated": int(bool(asked)),
        "repeated": int(case.turn == "repeat"), "leapfrog": int(case.turn == "leapfrog"), "collective": int(case.people_count >= 5),
        "anonymous": int(not case.petitioner), "turned_down": int("reject" in taken or "merge" in taken),
        **rated(case), **followed(case)})


def test_the_three_rates_equal_a_slow_recount(app: Flask, played: int) -> None:
    with system("recount"):
        cases = list(db.session.scalars(db.select(Complaint)))
        whole = figures.summed(Complaint, figures.rows(Complaint, today() - timedelta(days=400), today()))
        slow = sum((recount(case) for case in cases), Counter())
        assert whole.total == len(cases) > played
        assert whole.counts == {name: slow[name] for name in whole.counts}
        assert all(slow[name] for name in ("to_tell", "told", "answered", "answered_late", "resolved", "with_extension", "escalated", "rated"))
        rates = {str(rate.label): percent for rate, percent in whole.rates()}
    assert rates["响应率"] == round(100 * slow["told"] / slow["to_tell"], 1)
    assert rates["解决率"] == round(100 * slow["resolved"] / slow["answered"], 1)
    assert rates["满意率"] == round(100 * slow["content"] / slow["rated"], 1)


def test_the_demo_shows_every_state_and_stage(app: Flask, played: int) -> None:
    with system("states"):
        found = {(case.state, case.stage) for case in db.session.scalars(db.select(Complaint))}
    assert {state for state, _stage in found} == {step.target for step in FLOW.steps if step.target} | {FLOW.initial}
    assert {stage for _state, stage in found} == {"handle", "review", "recheck", "final"}


def test_every_number_of_the_page_is_the_number_of_its_list(client: Any, app: Flask, played: int) -> None:
    browser = client("street")
    with app.app_context():
        last = today()
    page = browser.get(f"/complaint/figures/?from={last - timedelta(days=400)}&to={last}").get_data(as_text=True)
    assert "响应率" in page and "解决率" in page and "满意率" in page
    links = set(re.findall(r'href="(/complaint/list/[^"]+)">([\d,]+)</a>', page))
    assert len(links) > 20
    for url, number in links:
        assert f"{number} 条" in browser.get(unescape(url)).get_data(as_text=True), url


def test_a_written_answer_prints_on_the_offices_own_form(app: Flask, client: Any) -> None:
    with app.app_context():
        case = ended(complain(), 1, 2, 3, 4)
        with system("answer"):
            reply = db.session.scalar(db.select(ComplaintReply.id).where(ComplaintReply.complaint_id == case.id))
    blank = Document()
    blank.add_paragraph("{{答复书编号}}：{{给居民的答复}}（{{送达日期}}）")
    file = BytesIO()
    blank.save(file)
    file.seek(0)
    street = client("street")
    assert street.post("/complaintreply/paper/keep?", data={"file": (file, "答复书.docx"), "name": "答复书"},
                       content_type="multipart/form-data").status_code == 302
    number = street.get(f"/complaintreply/paper/?pk={reply}").get_data(as_text=True).split("/paper/fill/")[1].split("?")[0]
    fill = f"/complaintreply/paper/fill/{number}?pk={reply}"
    answer = client("wangwan").post(fill, data={"purpose": "送达投诉人"})
    assert answer.status_code == 200
    assert Document(BytesIO(answer.data)).paragraphs[0].text == f"{case.answer_number}：{ANSWER['public_answer']}（{case.served_on}）"
    assert client("yangou").post(fill, data={"purpose": "看看"}).status_code == 404


def test_by_rest_a_complaint_is_told_answered_served_and_reviewed(app: Flask, token: Any) -> None:
    browser, header = app.test_client(), token("wangwan")
    made = browser.post("/api/v1/complaint/", headers=header, json={**WORDS, "grid_code": FIRST})
    assert made.status_code == 201, made.get_json()
    pk = made.get_json()["id"]
    with app.app_context():
        day = today().isoformat()
    for name, given, state in (
            ("accept", {"told_on": day, "told_way": "written"}, "handling"), ("dispatch", {"unit": "property"}, "handling"),
            ("handle", ANSWER, "answered"), ("close", {"served_on": day, "served_way": "written"}, "closed"),
            ("evaluate", {"satisfaction": "dissatisfied"}, "closed"), ("ask_review", {"opinion": "不服"}, "reviewing")):
        answer = browser.post(f"/api/v1/complaint/{pk}/steps/{name}", headers=header, json=given)
        assert (answer.status_code, answer.get_json().get("state")) == (200, state), answer.get_json()
    assert browser.post(f"/api/v1/complaint/{pk}/steps/handle", headers=header, json=ANSWER).status_code == 403, "the street reviews"
    refused = browser.put(f"/api/v1/complaint/{pk}", headers=header, json={"stage": "final"})
    assert refused.status_code == 422
    assert browser.post("/api/v1/complaintreply/", headers=header, json={"number": "信答〔2026〕99号"}).status_code == 403
