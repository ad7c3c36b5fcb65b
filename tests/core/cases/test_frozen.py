"""From 立案 on what was reported stands: by form, by program, by workbook, by one act on many; 更正 alone changes it, for all to see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.core import assembly
from app.core.base.moments import at
from app.core.base.scope import acting_as, system
from app.core.cases import clock, matter
from app.core.cases.news import News
from app.core.cases.owners import owners
from app.core.cases.supervision import Accountability
from app.core.cases.timeline import timeline
from app.core.sheets.writing.importing import import_file
from app.db import db
from app.subsystems.events.events import Event
from tests.conftest import FIRST, FOREIGN, SECOND, WANGWAN, YANGOU
from tests.core.cases.test_case_workbooks import book
from tests.core.cases.test_news import told
from tests.playing import EVENT, EVENTS, OFFICE, WHO, case_views, rightful, same, states_of, stored

assembly.discover()
VIEWS = case_views()
report, take, through = EVENTS.report, EVENTS.take, EVENTS.through
COUNTS = {"extended": 0, "returned_count": 0, "rework_count": 0, "reopened_count": 0}
# By hand: what stands of each type, and the states in which it is still written.
STANDING = {
    "Event": ("title class_code place longitude latitude description urgency grid_code", "reported accepted"),
    "Dispute": ("title class_code place brief urgency grid_code", "reported accepted"),
    "Complaint": ("title category target place content expectation urgency grid_code", "reported accepted"),
    "Opinion": ("topic content urgency grid_code", "reported accepted"),
    "Hazard": ("title class_code severity place longitude latitude description urgency grid_code", "reported accepted"),
    "CityProblem": ("title class_code place longitude latitude component_code description urgency grid_code", "reported accepted"),
    "ServiceRequest": ("item_id wish urgency grid_code", "reported accepted"),
    "UtilityFeedback": ("utility_id title problem place description urgency grid_code", "reported accepted"),
    "Incident": ("title kind happened_at received_at place brief urgency grid_code", "incoming"),
    "RiskAssessment": ("title matter_field subject_unit summary start_on urgency grid_code", "declared"),
    "Rectification": ("area_id issues problem urgency grid_code", "found"),
}
OTHERS = {"title": "另一件", "class_code": "0901", "urgency": "urgent", "place": "别处", "description": "另一说法", "grid_code": SECOND}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.record.__name__)
def test_what_stands_of_every_type_and_who_corrects_it_when(view: Any) -> None:
    record, flow = view.record, view.record.workflow
    columns, unfiled = STANDING[record.__name__]
    assert matter.columns(record) == tuple(columns.split()) and flow.unfiled == tuple(unfiled.split())
    for state in states_of(record):
        case = record(grid_code=FIRST, level_code=WANGWAN, state=state, **COUNTS)
        standing = state not in (*unfiled.split(), *flow.final)
        who = {letter for letter, name in WHO.items() if matter.CORRECT in rightful(name, case)}
        assert who == (set("街员书") if standing else set()), state
    assert all(rightful("clerk", record(grid_code=FIRST, level_code=WANGWAN, state=flow.unfiled[0], **{**COUNTS, again: 1})) >= {"correct"}
               for again in ("returned_count", "reopened_count")), "what was filed once stays filed when it comes back"


def sent(app: Flask, header: Any, pk: int, changed: dict[str, Any]) -> Any:
    return app.test_client().put(f"/api/v1/event/{pk}", headers=header, json=changed)


def test_no_form_no_program_and_no_act_on_many_changes_a_filed_case(
        app: Flask, client: Callable[[str], FlaskClient], token: Any) -> None:
    with app.app_context():
        before, event = through(report(), "accept").id, through(report(), "accept", "file", "dispatch")
        pk, version, due = event.id, event.version, event.due_at
    header, browser = token("wangwan"), client("street")
    form = {**EVENT, "grid_code": FIRST, "source": "worker", "urgency": "normal"}
    for name, value in OTHERS.items():
        assert sent(app, header, before, {name: value}).status_code == 200, f"{name} of one that is not filed yet"
        answer = sent(app, header, pk, {name: value})
        assert answer.status_code == 422 and "更正" in str(answer.get_json()["message"][name]), name
        page = browser.post(f"/event/edit/{pk}", data={**form, name: value, "version": version})
        assert page.status_code == 422 and "“更正”" in page.get_data(as_text=True), name
    asked = browser.get(f"/event/edit/{pk}").get_data(as_text=True)
    assert 'name="title"' not in asked and 'name="people_count"' in asked and f'href="/event/step/{pk}/correct"' in asked
    assert 'name="title"' in browser.get(f"/event/edit/{before}").get_data(as_text=True)
    kept = browser.post(f"/event/edit/{pk}", data={"people_count": "3", "source": "worker", "version": version})
    assert kept.status_code == 302, "what is not asked for stays as it is"
    many = browser.post("/event/bulk/", data={"act": "change", "id": pk, "mode.urgency": "set", "urgency": "urgent"})
    assert "“更正”" in many.get_data(as_text=True)
    with app.app_context(), system("as it was"):
        event = db.session.get_one(Event, pk)
        assert (event.title, event.class_code, event.urgency, event.due_at) == (EVENT["title"], "0105", "normal", due)
        assert event.people_count == 3, "what moves nothing may be filled in"


def test_no_workbook_changes_a_filed_case(app: Flask, tmp_path: Path) -> None:
    event = through(report(), "accept", "file")
    path = book(tmp_path / "清单.xlsx", ("编号", "网格编码", "标题", "类别"), (event.number, FIRST, EVENT["title"], "0901"))
    fit = book(tmp_path / "补充.xlsx", ("编号", "网格编码", "标题", "涉及人数"), (event.number, FIRST, EVENT["title"], 4))
    with acting_as("wangwan", WANGWAN):
        outcome = import_file(Event, path)
        assert (outcome.changed, outcome.refused) == (0, 1) and any("更正" in one.message for one in outcome.messages), outcome.messages
        assert import_file(Event, fit).changed == 1
    assert (stored(Event, event.id).class_code, stored(Event, event.id).people_count) == ("0105", 4)


def test_the_step_changes_it_with_the_reason_and_moves_the_limit(app: Flask) -> None:
    event = take(through(report(), "accept", "file"), "dispatch", unit="property", handler="wangwan01")
    db.session.execute(delete(News))
    db.session.commit()
    due, since = event.due_at, event.since
    EVENTS.refused(event, "correct", "没有任何更改|Nothing", **same(event))
    EVENTS.refused(event, "correct", note="", **same(event, class_code="0901"))
    EVENTS.refused(event, "correct", **same(event, title=""))
    event = take(event, "correct", "类别填错", by=OFFICE, **same(event, class_code="0901", place="5栋"))
    assert (event.class_code, event.place, event.state, event.since) == ("0901", "5栋", "dispatched", since)
    assert event.due_at != due, "a quarrel has another limit than rubbish"
    with system("timeline"):
        line = timeline(event)[-1]
    assert (line.step, line.note, line.by) == ("correct", "类别填错", "street")
    assert line.changes == {"class_code": ["0105", "0901"], "place": ["3栋1单元", "5栋"]}
    assert set(told()) == {"wangwan01", "wangwan"}, "the person in charge, and whoever reported it"


def test_a_program_sends_only_what_is_wrong(app: Flask, token: Any) -> None:
    with app.app_context():
        pk = through(report(), "accept", "file").id
    address = f"/api/v1/event/{pk}/steps/correct"
    answer = app.test_client().post(address, headers=token("wangwan"), json={"urgency": "urgent", "opinion": "消防通道"})
    assert answer.status_code == 200, answer.get_json()
    assert app.test_client().post(address, headers=token("wangwan01"), json={"urgency": "normal", "opinion": "慢"}).status_code == 403
    with app.app_context(), system("one value"):
        event = db.session.get_one(Event, pk)
        assert (event.urgency, event.title, event.class_code) == ("urgent", EVENT["title"], "0105")


def test_a_case_in_the_wrong_community_goes_to_the_right_one(app: Flask) -> None:
    event = through(report(), "accept", "file")
    event = take(event, "correct", "实为燕沟", by=OFFICE, **same(event, grid_code=FOREIGN))
    assert (event.grid_code, event.level_code) == (FOREIGN, YANGOU)
    assert {person.username for person in owners(event)} == {"yangou"} and "correct" in told()["yangou"]
    EVENTS.refused(event, "correct", by=("yangou", YANGOU), **same(event, grid_code=FIRST))


def test_the_register_goes_by_the_corrected_limit(app: Flask) -> None:
    event = through(report(class_code="0101", urgency="urgent"), "accept", "file", "dispatch")
    with at(event.due_at + timedelta(days=20)):
        with system("the clock"):
            row = db.session.get_one(Event, event.id)
            clock.look_at(row)
            db.session.commit()
        event = take(event, "correct", "并不紧急", by=OFFICE, **same(event, urgency="normal"))
        take(event, "handle")
    with system("register"):
        entry = db.session.scalars(select(Accountability).where(Accountability.case_number == event.number)).one()
        assert entry.due_at == event.due_at and entry.done_at > entry.due_at and entry.late_hours > 0


def test_the_page_shows_what_was_corrected(app: Flask, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        event = through(report(), "accept", "file")
        pk, class_code = event.id, event.class_code
        browser = client("wangwan")
    form = browser.get(f"/event/step/{pk}/correct").get_data(as_text=True)
    assert EVENT["title"] in form and class_code == "0105"
    data = {**EVENT, "grid_code": FIRST, "source": "worker", "urgency": "critical", "opinion": "有人被困"}
    assert browser.post(f"/event/step/{pk}/correct", data=data).status_code == 302
    page = browser.get(f"/event/show/{pk}").get_data(as_text=True)
    assert "<s>一般</s> → <b>特急</b>" in page and "有人被困" in page
