"""The invented assessments and incidents show every state, are the same each time, and leave a whole history."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask

from app.core.base.scope import system
from app.core.cases.timeline import CaseStep
from app.core.upkeep.integrity import check
from app.db import db
from app.demo import incidents, risks
from app.subsystems.emergency.incidents import Incident, IncidentTask
from app.subsystems.risk.records import RiskAssessment, RiskSurvey
from tests.playing import states_of


@pytest.fixture(scope="module")
def played(app: Flask) -> None:
    with app.app_context():
        risks.play()
        incidents.play()
        db.session.remove()


def test_every_state_is_there_to_be_seen(app: Flask, played: None) -> None:
    with system("states"):
        for record in (RiskAssessment, Incident):
            seen = Counter(db.session.scalars(db.select(record.state)))
            assert set(seen) == set(states_of(record)), record.__name__


def test_every_decided_case_was_graded_on_surveys_that_add_up(app: Flask, played: None) -> None:
    with system("recount"):
        cases = list(db.session.scalars(db.select(RiskAssessment).where(RiskAssessment.level.is_not(None))))
        assert len({case.level for case in cases}) == 3 and len({case.decision for case in cases if case.decision}) == 4
        for case in cases:
            rows = db.session.scalars(db.select(RiskSurvey).where(RiskSurvey.assessment_id == case.id)).all()
            voices = sum(row.support_count + row.against_count + row.unclear_count for row in rows)
            assert float(case.support_rate) == pytest.approx(100 * sum(row.support_count for row in rows) / voices, abs=0.06)


def test_late_reports_open_tasks_and_steps_are_there(app: Flask, played: None) -> None:
    with system("incidents"):
        cases = list(db.session.scalars(db.select(Incident)))
        assert {case.is_late_report for case in cases} == {True, False}
        assert db.session.scalar(db.select(db.func.count(IncidentTask.id)).where(IncidentTask.done_at.is_(None)))
        logged = db.session.scalars(db.select(CaseStep.step).where(CaseStep.record == "incident"))
        assert {"grade", "notify", "activate", "log", "tasks", "terminate", "sum_up", "close"} <= set(logged)


def test_the_history_of_what_was_played_is_whole(app: Flask, played: None) -> None:
    with system("integrity"):
        assert not check()
