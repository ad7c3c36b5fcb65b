"""The stories of the demo go through the engine: every state of every type has a case, and what is kept is sound."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.core.base.moments import now
from app.core.base.scope import system
from app.core.upkeep.integrity import check
from app.db import db
from app.demo.city_problems import CityProblems
from app.demo.hazards import Hazards
from app.demo.rectifications import Rectifications
from app.demo.stories import Stories
from app.subsystems.city.city_problems import CityProblem
from app.subsystems.security.hazards import Hazard, SecurityTip
from app.subsystems.security.rectifications import Rectification, SecurityArea

BYWAYS = {"merged", "outside"}  # shown by events


@pytest.mark.parametrize(("stories", "record"), [(Hazards, Hazard), (Rectifications, Rectification), (CityProblems, CityProblem)])
def test_every_state_has_a_case(app: Flask, stories: type[Stories], record: type) -> None:
    count = stories().play(4, now() - timedelta(days=30))
    with system("states"):
        states = list(db.session.scalars(db.select(record.state)))
        flow = record.workflow
        assert len(states) == count
        assert set(states) >= {flow.initial, *(step.target for step in flow.steps if step.target)} - BYWAYS
        assert not list(check())


def test_tips_lead_to_hazards_and_areas_stand_on_the_list(app: Flask) -> None:
    with system("what hangs together"):
        for stories, record in ((Hazards, SecurityTip), (Rectifications, SecurityArea)):
            if db.session.scalar(db.select(record.id).limit(1)) is None:
                stories().play(4, now() - timedelta(days=30))
        tips = list(db.session.scalars(db.select(SecurityTip)))
        assert tips and all(tip.hazard.reporter_trade == tip.trade and tip.hazard.reporter is None for tip in tips)
        areas = list(db.session.scalars(db.select(SecurityArea)))
        assert {(area.listed_on is not None, area.delisted_on is not None) for area in areas} == {(False, False), (True, False), (True, True)}
