"""The case engine: who may take which step from where, limits and lights, supervision, two people at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.core.base import workdays
from app.core.base.moments import at, now
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.core.base.workdays import DAYS, WORK_DAYS, WORK_HOURS, Limit
from app.core.cases import clock
from app.core.cases.lights import AMBER, GREEN, RED, light_of
from app.core.cases.limits import CaseLimit, limit_of
from app.core.cases.loop import CLOSED, DISPATCHED, REPORTED
from app.core.cases.steps import Duty, Step
from app.core.cases.supervision import Accountability, Supervision
from app.core.cases.takers import Resident, offered
from app.core.cases.taking import take as take_step
from app.core.cases.timeline import CaseStep, timeline
from app.core.cases.workflow import Workflow
from app.db import db
from app.subsystems.events.events import Event
from tests.conftest import FIRST, FOREIGN, STREET, WANGWAN, YANGOU
from tests.playing import EVENT, EVENTS, offered_to, offers, spelled, states_of

LOOP = Event.workflow
report, take, through = EVENTS.report, EVENTS.take, EVENTS.through
COUNTS = {"returned_count": 0, "extended": 0, "reopened_count": 0}
RIGHTS = {
    "reported": {"街书员格": "accept escalate", "街书员": "reject merge assign_down"},
    "accepted": {"街书员格": "verify escalate", "街书员": "file reject merge assign_down", "街": "report_outside"},
    "filed": {"街书员": "merge dispatch assign_down", "街书员格": "escalate", "街书": "park", "街": "report_outside"},
    "dispatched": {"街书员": "transfer", "街书员格": "handle send_back hand_over ask_extension escalate", "街书": "park",
                   "街": "report_outside"},
    "outside": {"街书员格": "handle"},
    "parked": {"街书": "resume"},
    "handled": {"街书督": "close rework"},
    "closed": {"街书": "evaluate", "街书格督": "revisit", "街书员": "reopen"},
    "rejected": {"街书员": "reopen"},
    "merged": {},
}


def test_a_case_runs_its_loop_to_the_end_and_the_timeline_tells_it(app: Flask) -> None:
    event = report()
    assert event.state == REPORTED and event.number.startswith("SJ20") and event.level_code == WANGWAN
    event = through(event, "accept", "verify", "file", "dispatch", "handle", "close", "evaluate", "revisit")
    assert event.state == CLOSED and event.closed_at and event.due_at is None and event.satisfaction == "satisfied"
    with system("timeline"):
        assert [step.step for step in timeline(event)] == [
            "accept", "verify", "file", "dispatch", "handle", "close", "evaluate", "revisit"]


def test_nobody_assigns_a_state(app: Flask) -> None:
    event = report()
    with acting_as("wangwan", WANGWAN):
        row = db.session.get_one(Event, event.id)
        row.state = CLOSED
        with pytest.raises(RuleError, match="环节|steps"):
            db.session.commit()
        db.session.rollback()


def test_numbers_run_on_within_a_day(app: Flask) -> None:
    first, second = report(), report()
    assert int(second.number[-4:]) == int(first.number[-4:]) + 1


def test_who_may_take_which_step_of_an_event(app: Flask) -> None:
    assert offers(Event) == spelled(RIGHTS)


def test_only_who_answers_for_the_whole_decides_about_more_time(app: Flask) -> None:
    asked = spelled({"dispatched": {"街书": "grant_extension refuse_extension"}})["dispatched"]
    usual = spelled(RIGHTS)["dispatched"]
    assert offers(Event, extension_asked=3)["dispatched"] - usual == asked
    assert {step for _who, step in usual - offers(Event, extension_asked=3)["dispatched"]} == {"ask_extension"}


@pytest.mark.parametrize(("level", "without"), [(STREET, {"wangwan", "wangwan01"}), (WANGWAN, {"wangwan01"}), (FIRST, set())])
def test_whoever_is_below_the_level_of_a_case_has_no_say(app: Flask, level: str, without: set[str]) -> None:
    case = Event(grid_code=FIRST, level_code=level, state=REPORTED, **COUNTS)
    assert {name for name in ("street", "clerk", "wangwan", "wangwan01") if not offered_to(name, case)} == without
    assert not any(offered_to(name, case) for name in ("yangou", "leader", "nobody"))


def test_the_resident_rates_once_and_opens_again_within_thirty_days(app: Flask) -> None:
    case = Event(grid_code=FIRST, level_code=WANGWAN, state=CLOSED, **COUNTS)
    for days, names in ((1, {"evaluate", "reopen"}), (20, {"evaluate", "reopen"}), (21, {"evaluate", "follow_up", "reopen"}),
                        (29, {"evaluate", "follow_up", "reopen"}), (31, {"evaluate", "follow_up"})):
        case.closed_at = now() - timedelta(days=days)
        assert {step.name for step in offered(case, Resident())} == names
    case.closed_at, case.satisfaction = now(), "fair"
    assert {step.name for step in offered(case, Resident())} == {"reopen"}
    for state in set(states_of(Event)) - {"closed", "rejected"}:
        case.state = state
        assert offered(case, Resident()) == [], state


def test_a_workflow_without_a_way_out_is_refused_when_it_is_declared() -> None:
    with pytest.raises(ValueError, match="no way out"):
        Workflow("x", "a", (Step("go", "Go", ("a",), "b", duty=Duty.HANDLE),), final=("c",))
    with pytest.raises(ValueError, match="no way into"):
        Workflow("x", "a", (Step("go", "Go", ("z",), "a", duty=Duty.HANDLE),), final=("a",))


@pytest.mark.parametrize(("name", "note", "values"), [
    ("reject", "", {}), ("dispatch", "", {}), ("handle", "", {"result": ""}), ("merge", "重复", {"merged_into": "SJ-0"})])
def test_what_a_step_needs_is_asked_for_and_the_case_stays(app: Flask, name: str, note: str, values: dict[str, Any]) -> None:
    event = report()
    source = LOOP.by_name[name].sources[0]
    event = through(event, *{REPORTED: (), "filed": ("accept", "file"), DISPATCHED: ("accept", "file", "dispatch")}[source])
    with pytest.raises(RuleError), acting_as("wangwan", WANGWAN):
        take_step(db.session.get_one(Event, event.id), LOOP.by_name[name], values, note)
    db.session.rollback()
    with system("unchanged"):
        assert db.session.get_one(Event, event.id).state == source


def test_sent_back_reworked_extended_parked_and_reopened_are_counted(app: Flask) -> None:
    event = through(report(), "accept", "file", "dispatch")
    due = event.due_at
    event = take(event, "ask_extension", "等待配件", extension_asked=3)
    with pytest.raises(RuleError), acting_as("wangwan", WANGWAN):
        take_step(db.session.get_one(Event, event.id), LOOP.by_name["ask_extension"], {"extension_asked": 2}, "再要")
    db.session.rollback()
    event = take(event, "grant_extension")
    assert event.extended == 3 and event.due_at > due and event.extension_asked is None
    event = through(event, "send_back")
    assert event.returned_count == 1 and event.unit is None and event.state == "filed" and event.extended == 0
    event = through(event, "park")
    assert event.due_at is None and event.light == ""
    event = through(event, "resume", "dispatch", "handle", "rework", "handle", "close")
    assert event.rework_count == 1
    event = through(event, "reopen")
    assert event.state == "accepted" and event.closed_at is None and event.reopened_count == 1
    assert not LOOP.by_name["reopen"].possible(event)


def test_up_to_the_street_and_down_to_the_base_grid(app: Flask) -> None:
    event = through(report(), "accept", "escalate")
    assert event.level_code == "420303002"
    assert not offered_to("wangwan", event)
    street = ("street", STREET)
    event = take(event, "assign_down", "由社区处置", by=street)
    event = take(event, "assign_down", "由网格处置", by=street)
    assert event.level_code == FIRST
    assert offered_to("wangwan01", event)


def test_merging_asks_for_an_open_case_the_user_may_see(app: Flask) -> None:
    main, copy, foreign = report(), report(), report(FOREIGN)
    with pytest.raises(RuleError), acting_as("wangwan", WANGWAN):
        take_step(db.session.get_one(Event, copy.id), LOOP.by_name["merge"], {"merged_into": foreign.number}, "重复")
    db.session.rollback()
    assert take(copy, "merge", "重复", merged_into=main.number).state == "merged"


def test_a_case_is_not_merged_into_itself(app: Flask) -> None:
    event = report()
    EVENTS.refused(event, "merge", merged_into=event.number)


def test_more_time_is_granted_once_in_a_state(app: Flask) -> None:
    event = take(through(report(), "accept", "file", "dispatch"), "ask_extension", "等待配件", extension_asked=3)
    event = take(event, "grant_extension")
    EVENTS.refused(event, "ask_extension", extension_asked=2)
    event = through(event, "send_back", "dispatch")
    assert take(event, "ask_extension", "等待配件", extension_asked=2).extension_asked == 2


def test_what_was_done_late_stays_late_when_it_is_done_again_in_time(app: Flask) -> None:
    event = through(report(), "accept", "file", "dispatch")
    with at(event.due_at + timedelta(minutes=1)):
        event = through(event, "handle")
        assert event.in_time is False
        event = through(event, "rework", "handle")
        assert event.in_time is False
    assert through(report(), "accept", "file", "dispatch", "handle").in_time is True


@pytest.mark.parametrize(("state", "class_code", "urgency", "limit"), [
    (REPORTED, "0105", "normal", Limit(4, WORK_HOURS)), (DISPATCHED, "0105", "normal", Limit(5, WORK_DAYS)),
    (DISPATCHED, "0101", "urgent", Limit(4, WORK_HOURS)), (DISPATCHED, "0901", "normal", Limit(30, DAYS)),
    (DISPATCHED, "0105", "urgent", Limit(2, WORK_DAYS))])
def test_the_most_particular_limit_counts(app: Flask, state: str, class_code: str, urgency: str, limit: Limit) -> None:
    assert limit_of("event", state, class_code, urgency) == limit


@pytest.fixture
def quiet(app: Flask) -> Iterator[None]:
    """No case but those of the test has a clock running."""
    with app.app_context(), system("quiet"):
        for event in db.session.scalars(db.select(Event).where(Event.due_at.is_not(None))):
            event.warned = "red"
        db.session.commit()
    yield


def age(event: Event, **by: float) -> None:
    """Moves a case's clock back, as if it had waited."""
    with system("older"):
        row = db.session.get_one(Event, event.id)
        span = timedelta(**by)
        db.session.execute(db.text("UPDATE event SET since = :s, due_at = :d, amber_at = :a WHERE id = :id"), {
            "s": row.since - span, "d": row.due_at - span, "a": row.amber_at - span, "id": row.id},
            execution_options={"scope_checked": True})
        db.session.commit()
        db.session.expire_all()


def cards(event: Event) -> list[str]:
    with system("cards"):
        return sorted(db.session.scalars(db.select(Supervision.card).where(Supervision.case_number == event.number)))


def test_the_clock_raises_one_yellow_then_one_red_sheet_and_one_entry(app: Flask, quiet: None) -> None:
    event = through(report(class_code="0901"), "accept", "file", "dispatch")
    with system("clock"):
        clock.raise_cards(Event)
    assert cards(event) == []
    age(event, days=25)
    with system("clock"):
        clock.raise_cards(Event)
        clock.raise_cards(Event)
    assert cards(event) == ["yellow"]
    age(event, days=10)
    with system("clock"):
        clock.raise_cards(Event)
        clock.raise_cards(Event)
        entry = db.session.scalars(db.select(Accountability).where(Accountability.case_number == event.number)).one()
        assert (entry.unit, entry.step, entry.done_at) == ("property", DISPATCHED, None)
    assert cards(event) == ["red", "yellow"]
    event = through(event, "handle")
    with system("settled"):
        db.session.expire_all()
        entry = db.session.scalars(db.select(Accountability).where(Accountability.case_number == event.number)).one()
        assert entry.done_at is not None and entry.late_hours > 0
        step = db.session.scalars(db.select(CaseStep).where(CaseStep.record == "event", CaseStep.record_id == event.id,
                                                            CaseStep.step == "handle")).one()
        assert float(entry.late_hours) == pytest.approx(step.late.total_seconds() / 3600, abs=0.11)


def test_a_late_step_the_clock_did_not_see_stands_in_the_register_all_the_same(app: Flask) -> None:
    with at(datetime(2025, 11, 24, 1, 0)):  # a Monday, 09:00 in China: due at 15:30
        event = report()
    with at(datetime(2025, 11, 25, 1, 30)):  # two hours of that day and one of the next
        event = through(event, "accept")
    with system("the register"):
        entry = db.session.scalars(db.select(Accountability).where(Accountability.case_number == event.number)).one()
        assert (entry.step, float(entry.late_hours), entry.done_at) == (REPORTED, 3.0, datetime(2025, 11, 25, 1, 30))


def test_lights_are_green_to_80_per_cent_amber_to_the_limit_red_past_it() -> None:
    start = datetime(2026, 1, 1)
    amber, due = start + timedelta(hours=8), start + timedelta(hours=10)
    light = [light_of(amber, due, start + timedelta(hours=h)) for h in (0, 7.9, 8, 10, 10.1)]
    assert light == [GREEN, GREEN, AMBER, AMBER, RED] and light_of(None, None, start) == ""


def test_a_step_is_amber_when_80_per_cent_of_its_limit_are_used(app: Flask) -> None:
    """Of the office's hours where the limit counts those, of all hours where it counts days."""
    with at(datetime(2025, 11, 24, 1, 0)):  # a Monday, 09:00 in China
        event = report(class_code="0901")
        assert (event.amber_at, event.due_at) == (datetime(2025, 11, 24, 6, 42), datetime(2025, 11, 24, 7, 30))  # 3.2 and 4 工作时
        event = through(event, "accept", "file", "dispatch")
        assert (event.amber_at, event.due_at) == (datetime(2025, 12, 18, 13, 0), datetime(2025, 12, 24, 16, 0))  # 588 and 735 hours


def test_deadlines_follow_a_changed_calendar(app: Flask, quiet: None) -> None:
    event = through(report(), "accept", "file", "dispatch")
    day = (event.due_at + timedelta(hours=8)).date()
    with system("a new holiday"):
        clock.tick()
        clock.follow_calendar()
        db.session.add(workdays.CalendarDay(day=day, kind="rest", name="临时放假"))
        db.session.commit()
        clock.follow_calendar()
        assert db.session.get_one(Event, event.id).due_at > event.due_at - timedelta(0)
        moved = db.session.get_one(Event, event.id, populate_existing=True).due_at
        assert (moved + timedelta(hours=8)).date() > day


def test_deadlines_follow_a_changed_limit(app: Flask, quiet: None) -> None:
    with at(datetime(2025, 11, 24, 1, 0)):  # a Monday, 09:00 in China
        event = report()
        assert event.due_at == datetime(2025, 11, 24, 7, 30)
    with system("another limit"):
        clock.tick()
        clock.follow_calendar()
        limit = db.session.scalars(db.select(CaseLimit).where(
            CaseLimit.case_type == "event", CaseLimit.state == REPORTED, CaseLimit.class_code == "", CaseLimit.urgency == "")).one()
        limit.amount = 2
        db.session.commit()
        clock.follow_calendar()
        assert db.session.get_one(Event, event.id, populate_existing=True).due_at == datetime(2025, 11, 24, 3, 0)
        limit.amount = 4
        db.session.commit()


def test_only_one_worker_runs_the_clock_in_a_minute(app: Flask) -> None:
    with system("clock"):
        clock.tick()
        pulse = db.session.get_one(clock.Pulse, "cases")
        pulse.ran_at = now() - timedelta(minutes=5)
        db.session.commit()
    assert clock.tick() is True
    assert clock.tick() is False


def test_two_people_at_one_step_one_wins_and_the_other_is_told(app: Flask, client: Any) -> None:
    with app.app_context():
        number, pk, version = (lambda e: (e.number, e.id, e.version))(report())
    first, second = client("wangwan"), client("street")
    assert "受理" in second.get(f"/event/step/{pk}/accept").get_data(as_text=True)
    assert first.post(f"/event/step/{pk}/accept", data={"version": version}).status_code == 302
    answer = second.post(f"/event/step/{pk}/reject", data={"version": version, "opinion": "不属实"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "刚刚被别人改动" in page and "不属实" in page
    assert "待立案" in first.get(f"/event/show/{pk}").get_data(as_text=True)
    assert number in page


@pytest.mark.parametrize(("username", "status"), [("yangou", 404), ("leader", 403), ("wangwan01", 403), ("nobody", 404)])
def test_a_step_by_address_is_refused_to_who_may_not_take_it(app: Flask, client: Any, username: str, status: int) -> None:
    with app.app_context():
        pk = report().id
    browser = client(username)
    assert browser.post(f"/event/step/{pk}/accept", data={}).status_code == status
    with app.app_context(), system("unchanged"):
        assert db.session.get_one(Event, pk).state == REPORTED


def test_the_page_offers_what_the_role_may_do_and_says_where_the_case_is(app: Flask, client: Any) -> None:
    with app.app_context():
        pk = report().id
    mine = client("wangwan").get(f"/event/show/{pk}").get_data(as_text=True)
    assert f"/event/step/{pk}/accept" in mine and "剩余" not in mine
    reader = client("leader").get(f"/event/show/{pk}").get_data(as_text=True)
    assert "/event/step/" not in reader and "王湾社区" in reader


def test_a_step_that_makes_no_sense_says_so_and_a_made_up_one_is_not_there(app: Flask, client: Any) -> None:
    with app.app_context():
        pk = report().id
    browser = client("street")
    assert "现在不能" in browser.get(f"/event/step/{pk}/close").get_data(as_text=True)
    assert browser.post(f"/event/step/{pk}/close", data={}).status_code == 422
    assert browser.get(f"/event/step/{pk}/nosuch").status_code == 404


def test_lists_by_light_and_level(app: Flask, client: Any) -> None:
    with app.app_context():
        event = through(report(title="超期的事件", class_code="0901"), "accept", "file", "dispatch")
        age(event, days=40)
        other = report(YANGOU + "001", title="燕沟的事件")
        assert other.id
    browser = client("wangwan")
    assert "超期的事件" in browser.get("/event/list/?f.red=1").get_data(as_text=True)
    assert "超期的事件" not in browser.get("/event/list/?f.amber=1").get_data(as_text=True)
    here = browser.get("/event/list/?f.here=1&size=100").get_data(as_text=True)
    assert "超期的事件" in here and "燕沟的事件" not in here


def test_a_case_is_in_the_list_of_its_light_and_in_no_other(app: Flask, client: Any) -> None:
    with app.app_context(), at(datetime(2025, 11, 24, 1, 0)):  # a Monday, 09:00 in China: due at 15:30, amber from 14:42 on
        number = report().number
    browser, seen = client("wangwan"), []
    for hour, minute in ((1, 0), (6, 41), (6, 42), (7, 30), (7, 31)):
        with at(datetime(2025, 11, 24, hour, minute)):
            seen.append([colour for colour in (GREEN, AMBER, RED) if f"{number}</a>" in browser.get(
                f"/event/list/?f.{colour}=1&f.number={number}").get_data(as_text=True)])
    assert seen == [[GREEN], [GREEN], [AMBER], [AMBER], [RED]]


def test_a_moment_on_the_form_is_the_offices_time_and_comes_back_as_typed(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    answer = browser.post("/event/add", data={**EVENT, "grid_code": FIRST, "source": "worker", "urgency": "normal",
                                              "happened_at": "2026-01-31T09:30"})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    pk = int(answer.headers["Location"].rsplit("/", 1)[1])
    with app.app_context(), system("stored"):
        assert db.session.get_one(Event, pk).happened_at == datetime(2026, 1, 31, 1, 30)
    assert 'value="2026-01-31T09:30"' in browser.get(f"/event/edit/{pk}").get_data(as_text=True)
    assert "2026-01-31 09:30" in browser.get(f"/event/show/{pk}").get_data(as_text=True)


def test_a_moment_read_by_rest_may_be_sent_back(app: Flask, token: Any) -> None:
    browser, header = app.test_client(), token("wangwan")
    made = browser.post("/api/v1/event/", headers=header, json={**EVENT, "grid_code": FIRST, "happened_at": "2026-01-31T09:30"})
    assert made.status_code == 201, made.get_json()
    pk, found = made.get_json()["id"], made.get_json()["result"]["happened_at"]
    assert found == "2026-01-31T01:30:00+00:00"
    answer = browser.put(f"/api/v1/event/{pk}", headers=header, json={"happened_at": found, "place": "4栋"})
    assert answer.get_json()["result"]["happened_at"] == found
    refused = browser.put(f"/api/v1/event/{pk}", headers=header, json={"state": "closed"})
    assert refused.status_code == 422


def test_the_whole_case_has_a_light_of_its_own(app: Flask, client: Any) -> None:
    """Green to 80 per cent of its limit, amber to its end, red past it, however often a step begins anew."""
    with app.app_context():
        event = report()
        pk, number = event.id, event.number
        with system("lights"):
            row = db.session.get_one(Event, pk)
            due = row.case_due_at
            worked = workdays.calendar().part(row.reported_at, due, row.whole_limit, 0.85)
            seen = []
            for moment in (row.reported_at, worked, due + timedelta(minutes=1)):
                with at(moment):
                    seen.append(row.whole_light)
        assert seen == [GREEN, AMBER, RED]
        with at(due + timedelta(days=1)):
            page = client("wangwan").get(f"/event/show/{pk}").get_data(as_text=True)
            late = client("wangwan").get("/event/list/?f.whole_late=1&size=100").get_data(as_text=True)
            reject = take(event, "reject", "不属实")
        assert "全程" in page and "已超期" in page and number in late
        assert reject.whole_light == ""
