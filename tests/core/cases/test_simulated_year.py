"""A year of every type of case, played through the engine: its figures equal a slow recount, and what was late names somebody."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core import assembly
from app.core.base.moments import now, today
from app.core.base.scope import system
from app.core.cases import clock, figures
from app.core.cases.records import Case
from app.core.cases.supervision import Accountability, Supervision, hours_late
from app.db import db
from app.demo import incidents, risks
from app.demo.cases import Events
from app.demo.city_problems import CityProblems
from app.demo.complaints import Complaints
from app.demo.disputes import Disputes
from app.demo.hazards import Hazards
from app.demo.opinions import Voices
from app.demo.rectifications import Rectifications
from app.demo.services import Services
from app.subsystems.events.events import Event
from tests.playing import case_views
from tests.recounting import recount, steps_of
from tests.subsystems.complaints import test_complaint
from tests.subsystems.opinion import test_opinion

assembly.discover()
RECORDS: list[type[Case]] = [view.record for view in case_views()]
# What a type counts beside the loop, or in its place.
OWN: dict[str, Any] = {
    "Complaint": test_complaint.recount, "Opinion": test_opinion.recount,
    "Hazard": lambda case: {"overdue": int(case.fix_by is not None and case.fix_by < today() and case.state in (
        "reported", "accepted", "filed", "dispatched", "parked"))}}


@pytest.fixture(scope="module", autouse=True)
def year(app: Flask) -> None:
    """Recounted on the first database; what PostgreSQL counts, the year of events shows (``test_figures``)."""
    with app.app_context():
        if db.engine.dialect.name != "sqlite" and not os.environ.get("GEWU_DEEP"):
            pytest.skip("a year of every type takes minutes")
        begun = now() - timedelta(days=365)
        Events(seed=7).play(90, begun)
        for stories, count in ((Hazards(), 12), (Rectifications(), 4), (CityProblems(), 12)):
            stories.play(count, begun)
        Complaints(seed=11).play(1)
        Voices(seed=5).play(2)
        for others in (Services().play, Disputes().play, risks.play, incidents.play):
            others()
        with system("the clock"):
            for record in RECORDS:
                clock.raise_cards(record)
        db.session.remove()


def cases(record: type[Case]) -> list[Any]:
    return list(db.session.scalars(db.select(record).order_by(record.id)))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_figure_of_every_type_equals_a_slow_recount(app: Flask, record: type[Case]) -> None:
    with system("recount"):
        rows, slow = cases(record), Counter[str]()
        for case in rows:
            slow.update({**recount(case), **OWN.get(record.__name__, lambda case: {})(case)})
        whole = figures.summed(record, figures.rows(record, today() - timedelta(days=800), today()))
        assert whole.total == len(rows) > 3
        assert whole.counts == {name: slow[name] for name in figures.parts_of(record)}
        assert {rate.part for rate in figures.rates_of(record)} & whole.counts.keys() or not whole.counts


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_whatever_was_late_has_its_entry_and_names_somebody(app: Flask, record: type[Case]) -> None:
    """Each step past its limit: an entry of the register with its hours, a red sheet, and who could have acted."""
    with system("late steps"):
        entries = {(entry.case_number, entry.since): entry for entry in db.session.scalars(db.select(Accountability).where(
            Accountability.case_type == record.workflow.case_type))}
        for case in cases(record):
            for line in steps_of(case):
                step = record.workflow.by_name[line.step]
                if (step.restarts or line.target != line.source) and line.due_at and line.at > line.due_at:
                    entry = entries[case.number, line.since]
                    assert (entry.done_at, entry.late_hours) == (line.at, hours_late(line.due_at, line.at)), case
            if case.due_at and case.due_at < now():
                assert entries[case.number, case.since].done_at is None, case
        assert not [entry for entry in entries.values() if not entry.person]
        red = {(sheet.case_number, sheet.since) for sheet in db.session.scalars(db.select(Supervision).where(
            Supervision.card == "red", Supervision.case_type == record.workflow.case_type))}
        assert set(entries) == red


def test_the_year_is_late_often_enough_to_say_something(app: Flask) -> None:
    with system("how many"):
        types = set(db.session.scalars(db.select(Accountability.case_type)))
        assert len(types) >= 7 and {"event", "complaint", "dispute", "hazard"} <= types, types
        events = [recount(case) for case in cases(Event)]
        taken = {line.step for case in cases(Event) for line in steps_of(case)}
        assert taken >= {"correct", "reopen", "follow_up", "rework", "send_back", "evaluate"}, "what a year brings is in it"
        assert any(one["rated"] and not one["content"] for one in events) and any(one["unsolved"] for one in events)
