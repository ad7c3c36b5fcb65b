"""Utilities and their league, service requests with promised times, needs, and one matter grown out of another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.base.moments import today
from app.core.base.records import RuleError
from app.core.base.scope import system
from app.core.base.workdays import HOURS, WORK_DAYS, Limit
from app.core.cases.turning import CaseLink
from app.db import db
from app.subsystems.people.residents import Resident
from app.subsystems.work.needs import Need
from app.subsystems.work.services import BESIDE, ServiceItem, ServiceRequest
from app.subsystems.work.utilities import UtilityFeedback, UtilityUnit, league
from tests.conftest import FIRST, FOREIGN, SECOND
from tests.playing import Play, offers, spelled


@pytest.fixture(scope="module", autouse=True)
def catalogue(app: Flask) -> Iterator[None]:
    with app.app_context(), system("catalogue"):
        db.session.add_all([UtilityUnit(name="供水所", service="water"), UtilityUnit(name="供电所", service="power"),
                            ServiceItem(code="A1", name="高龄津贴申领", domain="elderly", promised_days=10, unit="civil_affairs"),
                            ServiceItem(code="A2", name="停用事项", domain="other", in_use=False),
                            ServiceItem(code="A3", name="没有承诺", domain="other")])
        db.session.commit()
    yield


def unit(name: str = "供水所") -> int:
    return db.session.scalar(select(UtilityUnit.id).where(UtilityUnit.name == name)) or 0


def item(code: str = "A1") -> int:
    return db.session.scalar(select(ServiceItem.id).where(ServiceItem.code == code)) or 0


def report(name: str = "供水所", grid: str = FIRST, **more: Any) -> int:
    return new(UtilityFeedback, grid, utility_id=unit(name), **{
        "title": "停水", "problem": "outage", "place": "三号楼", "description": "早上没有水", **more})


def request(code: str = "A1", **more: Any) -> int:
    return new(ServiceRequest, item_id=item(code), **{"applicant": "张三", **more})


def take(record: Any, number: int, name: str, **values: Any) -> Any:
    return Play(record).take(number, name, **values)


def new(record: Any, grid: str = FIRST, **values: Any) -> int:
    return Play(record).report(grid, **values).id


def limits(record: Any, number: int) -> tuple[Any, Any]:
    """The limits of the step and of the whole case, as they are now."""
    with system("limits"):
        case = db.session.get_one(record, number)
        return case.step_limit, case.whole_limit


def test_who_may_take_which_step_of_a_utility_report(app: Flask) -> None:
    assert offers(UtilityFeedback) == spelled({
        "reported": {"街书员格": "verify escalate", "街书员": "reject merge dispatch assign_down", "街": "report_outside"},
        "dispatched": {"街书员格": "handle send_back hand_over ask_extension escalate", "街书": "park",
                       "街": "report_outside"},
        "outside": {"街书员格": "handle"},
        "parked": {"街书": "resume"},
        "handled": {"街书督": "close rework"},
        "closed": {"街书": "evaluate", "街书格督": "revisit", "街书员": "reopen"},
        "rejected": {"街书员": "reopen"},
        "merged": {},
    })


def test_who_may_take_which_step_of_a_service_request(app: Flask) -> None:
    assert offers(ServiceRequest) == spelled({
        "reported": {"街书员格": "accept escalate", "街书员": "reject merge ask_papers assign_down"},
        "supplement": {"街书员": "reject", "街书": "resume"},
        "dispatched": {"街书员格": "handle send_back hand_over ask_extension escalate",
                       "街书员": "transfer ask_papers", "街": "report_outside"},
        "outside": {"街书员格": "handle"},
        "handled": {"街书督": "close rework"},
        "closed": {"街书": "evaluate", "街书格督": "revisit", "街书员": "reopen"},
        "rejected": {"街书员": "reopen"},
        "merged": {},
    })


def test_a_utility_report_is_passed_on_answered_looked_at_and_rated(app: Flask) -> None:
    number = report()
    case = take(UtilityFeedback, number, "dispatch")
    assert case.unit == "utility" and case.forwarded_on == today() and case.number.startswith("SZ")
    with pytest.raises(RuleError, match="日期|day"):
        take(UtilityFeedback, number, "handle", result="已修", answered_on=today() - timedelta(days=2))
    db.session.rollback()
    case = take(UtilityFeedback, number, "handle", result="已修好")
    assert case.answered_on == today() and case.in_time is True
    take(UtilityFeedback, number, "close")
    assert take(UtilityFeedback, number, "evaluate", satisfaction="satisfied").satisfaction == "satisfied"


def test_an_outage_has_a_shorter_limit_than_a_bill(app: Flask) -> None:
    outage, bill = report(), report(problem="charge")
    for number in (outage, bill):
        take(UtilityFeedback, number, "dispatch")
    assert limits(UtilityFeedback, outage)[0] == Limit(8, HOURS) and limits(UtilityFeedback, bill)[0] == Limit(5, WORK_DAYS)


def test_the_league_counts_as_one_counts_by_hand(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        for number, name in enumerate(["供水所", "供水所", "供电所", "供水所", "供电所"]):
            case = report(name)
            if number != 3:
                take(UtilityFeedback, case, "dispatch")
            if number in (0, 2):
                take(UtilityFeedback, case, "handle", result="已办")
        with system("recount"):
            rows = league(today(), today())
            cases = db.session.scalars(select(UtilityFeedback)).all()
            for row in rows:
                mine = [case for case in cases if case.utility_id == row.unit.id]
                assert row.total == len(mine)
                assert row.counts["dispatched"] == sum(case.unit is not None for case in mine)
                assert row.counts["handled"] == sum(case.in_time is not None for case in mine)
                spent = [(case.answered_on - case.forwarded_on).days for case in mine if case.answered_on]
                assert row.days == (sum(spent) / len(spent) if spent else None)
        water = unit()
    browser = client("street")
    page = browser.get("/utilityfeedback/league/").get_data(as_text=True)
    for address, count in re.findall(r'<td class="num"[^>]*><a href="(/utilityfeedback/list/[^"]+)">(\d+)</a>', page):
        rows = browser.get(address.replace("&amp;", "&") + "&size=100").get_data(as_text=True)
        assert len(set(re.findall(r"SZ\d{8}-\d{4}", rows))) == int(count), address
    letter = browser.get(f"/utilityfeedback/letter/{water}").get_data(as_text=True)
    assert "供水所" in letter and "市政服务情况通报函" in letter and "王湾" not in letter.split("s-paper")[1]
    assert browser.get("/utilityfeedback/letter/9999").status_code == 404
    assert "SZ" not in client("yangou").get("/utilityfeedback/league/").get_data(as_text=True)


def test_each_piece_of_the_chart_of_reports_leads_to_their_list(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    """A page of the view's own must not take the name by which the chart asks for its lists."""
    with app.app_context():
        report()
    page = client("street").get("/utilityfeedback/chart/?by=problem&then=state")
    assert page.status_code == 200
    assert "/utilityfeedback/list/?f.problem=outage&amp;f.state=" in page.get_data(as_text=True).replace("\\u0026", "&amp;")


def test_a_request_lasts_as_long_as_the_catalogue_promises(app: Flask) -> None:
    number = request()
    case = take(ServiceRequest, number, "accept")
    assert case.unit == "civil_affairs"
    assert limits(ServiceRequest, number) == (Limit(10, WORK_DAYS), Limit(10 + BESIDE, WORK_DAYS))
    take(ServiceRequest, number, "ask_extension", extension_asked=4)
    take(ServiceRequest, number, "grant_extension")
    assert limits(ServiceRequest, number)[0] == Limit(14, WORK_DAYS)
    plain = request("A3")
    take(ServiceRequest, plain, "accept")
    assert limits(ServiceRequest, plain)[0] == Limit(5, WORK_DAYS)


def test_the_clock_stands_while_papers_are_missing(app: Flask) -> None:
    number = request()
    take(ServiceRequest, number, "accept")
    with pytest.raises(RuleError):
        take(ServiceRequest, number, "ask_papers")
    db.session.rollback()
    case = take(ServiceRequest, number, "ask_papers", papers_missing="照片")
    assert case.state == "supplement" and case.due_at is None and case.papers_complete is False
    case = take(ServiceRequest, number, "resume")
    assert case.state == "dispatched" and case.due_at is not None and case.papers_missing is None
    take(ServiceRequest, number, "handle", result="已批准")
    case = take(ServiceRequest, number, "close", delivered_way="door")
    assert case.state == "closed" and case.delivered_on == today()


def test_a_matter_not_in_use_is_refused_and_somebody_must_apply(app: Flask) -> None:
    number = request("A2")
    with pytest.raises(RuleError, match="停用|in use"):
        take(ServiceRequest, number, "accept")
    db.session.rollback()
    with pytest.raises(RuleError, match="居民|resident"):
        request(applicant=None)
    db.session.rollback()


def test_a_need_is_dated_numbered_and_knows_its_person(app: Flask) -> None:
    with system("somebody"):
        person = db.session.scalar(select(Resident).where(Resident.grid_code == FIRST))
        name, pk = person.name, person.id
    number = new(Need, kind="need", topic="想学手机", resident_id=pk)
    with system("the need"):
        need = db.session.get_one(Need, number)
        assert need.number.startswith("SQ") and need.said_on == today() and need.answered_on is None
        assert need.person == name
    for wrong in ({"said_on": today() + timedelta(days=1)}, {"said_on": today(), "next_visit_on": date(2020, 1, 1)}):
        with pytest.raises(RuleError):
            new(Need, kind="need", topic="x", **wrong)
        db.session.rollback()


def test_a_need_becomes_a_case_and_both_name_each_other(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        number = new(Need, SECOND, kind="grievance", topic="路灯坏了没人修", description="三盏灯都不亮", person="李四", phone="13900000001")
        with system("the need"):
            text = db.session.get_one(Need, number).number
    browser = client("wangwan")
    page = browser.get(f"/need/show/{number}").get_data(as_text=True)
    assert f"/event/add?origin={text}" in page and f"/servicerequest/add?origin={text}" in page
    assert "f.open=1" in browser.get("/need/list/").get_data(as_text=True)
    form = browser.get(f"/event/add?origin={text}").get_data(as_text=True)
    assert "路灯坏了没人修" in form and "三盏灯都不亮" in form and "李四" not in form and SECOND in form
    answer = browser.post(f"/event/add?origin={text}", data={
        "grid_code": SECOND, "title": "路灯坏了没人修", "class_code": "0602", "source": "worker", "place": "二网格路口",
        "description": "三盏灯都不亮", "urgency": "normal"})
    assert answer.status_code == 302, answer.get_data(as_text=True)[:3000]
    shown = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert "来自" in shown and text in shown
    assert "已转为" in browser.get(f"/need/show/{number}").get_data(as_text=True)
    assert text in browser.get("/need/list/?f.taken_on=1").get_data(as_text=True)
    assert text not in browser.get("/need/list/?f.open=1").get_data(as_text=True)
    with app.app_context(), system("the link"):
        link = db.session.scalar(select(CaseLink).where(CaseLink.source_number == text))
        assert link is not None and link.target_number.startswith("SJ") and link.by == "wangwan"
        from app.subsystems.events.events import Event
        event = db.session.scalar(select(Event).where(Event.number == link.target_number))
        assert event is not None and event.reporter == "李四" and event.reporter_phone == "13900000001", "taken over unseen"


def test_nobody_begins_from_another_communitys_matter(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        number = new(Need, kind="need", topic="隐私的诉求", description="不给别人看", person="王五")
        with system("the need"):
            text = db.session.get_one(Need, number).number
    browser = client("yangou")
    assert "隐私的诉求" not in browser.get(f"/event/add?origin={text}").get_data(as_text=True)
    answer = browser.post(f"/event/add?origin={text}", data={
        "grid_code": FOREIGN, "title": "别人的事", "class_code": "0602", "source": "worker", "place": "路口",
        "description": "灯", "urgency": "normal"})
    assert answer.status_code == 302
    with app.app_context(), system("no link"):
        assert db.session.scalar(select(CaseLink).where(CaseLink.source_number == text)) is None
