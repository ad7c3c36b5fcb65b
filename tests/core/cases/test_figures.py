"""The figures of a simulated stretch of time equal a slow recount, and every number is the number of its list."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.core.base.moments import now, today
from app.core.base.scope import system
from app.core.cases import figures
from app.core.cases.supervision import Accountability, Supervision, hours_late
from app.core.cases.timeline import CaseStep
from app.db import db
from app.demo.cases import Events
from app.subsystems.events.events import Event
from tests.recounting import recount

COUNT = 60


@pytest.fixture(scope="module")
def played(app: Flask) -> None:
    with app.app_context():
        Events(seed=7).play(COUNT, now() - timedelta(days=60))
        db.session.remove()


def test_every_figure_equals_a_slow_recount(app: Flask, played: None) -> None:
    with system("recount"):
        events = list(db.session.scalars(db.select(Event)))
        whole = figures.summed(Event, figures.rows(Event, today() - timedelta(days=90), today()))
        assert whole.total == len(events) == COUNT
        slow = sum((Counter(recount(event)) for event in events), Counter())
        assert whole.counts == {name: slow[name] for name in whole.counts}
        rates = {str(rate.label): percent for rate, percent in whole.rates()}
        assert len(rates) == 8 and all(percent is None or 0 <= percent <= 100 for percent in rates.values())


def test_every_late_step_has_its_entry_and_each_entry_its_red_sheet(app: Flask, played: None) -> None:
    with system("late steps"):
        late = {(event.number, step.since): step for event in db.session.scalars(db.select(Event))
                for step in db.session.scalars(db.select(CaseStep).where(CaseStep.record_id == event.id))
                if step.due_at and step.at > step.due_at and (step.target != step.source or Event.workflow.by_name[step.step].restarts)}
        entries = {(entry.case_number, entry.since): entry for entry in db.session.scalars(db.select(Accountability))}
        assert late and set(late) <= set(entries)
        for key, step in late.items():
            assert entries[key].late_hours == hours_late(step.due_at, step.at) and entries[key].done_at == step.at
        red = {(sheet.case_number, sheet.since) for sheet in db.session.scalars(db.select(Supervision))
               if sheet.card == "red"}
        assert set(entries) == red


def test_every_number_of_the_page_is_the_number_of_its_list(app: Flask, client: Any, played: None) -> None:
    browser = client("street")
    day = today()
    page = browser.get(f"/event/figures/?from={day - timedelta(days=90)}&to={day}").get_data(as_text=True)
    links = set(re.findall(r'href="(/event/list/[^"]+)">([\d,]+)</a>', page))
    assert len(links) > 10
    for url, number in links:
        assert f"{number} 条" in browser.get(unescape(url)).get_data(as_text=True), url


def test_a_community_sees_its_own_figures_by_grid(client: Any, played: None) -> None:
    page = client("wangwan").get("/event/figures/").get_data(as_text=True)
    assert "燕沟" not in page
    assert client("nobody").get("/event/figures/").status_code == 200


def test_my_work_shows_what_is_at_my_level(client: Any, played: None) -> None:
    community = client("wangwan").get("/todo/").get_data(as_text=True)
    assert "王湾社区" in community and "燕沟" not in community
    assert "没有该您办的事项" in client("wangwan01").get("/todo/").get_data(as_text=True)
