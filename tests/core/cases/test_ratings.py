"""What a resident says stays, round by round; who answers for the case hears at once; what is overdue is not on time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, update

from app.core.base.moments import at, now, today
from app.core.base.scope import CHECKED, acting, system
from app.core.cases import figures
from app.core.cases.news import News
from app.core.cases.public import RESIDENT
from app.core.cases.ratings import CaseRating, ratings
from app.core.cases.taking import take as take_step
from app.core.upkeep import schema
from app.db import db
from app.subsystems.events.events import Event
from tests.conftest import FIRST
from tests.core.cases.test_news import told
from tests.playing import EVENTS

report, take, through = EVENTS.report, EVENTS.take, EVENTS.through
DONE = ("accept", "file", "dispatch", "handle", "close")


def says(event: Event, step: str, note: str, **values: Any) -> Event:
    """A step the resident takes at the door."""
    with acting(RESIDENT):
        row = db.session.get_one(Event, event.id)
        take_step(row, row.workflow.by_name[step], values, note)
        db.session.commit()
    return event


def said(event: Event) -> list[tuple[int, str, str]]:
    return [(one.round, one.answer, one.words) for one in ratings(event)]


def measured() -> dict[str, Any]:
    with system("figures"):
        whole = figures.summed(Event, figures.rows(Event, today() - timedelta(days=400), today() + timedelta(days=400)))
        return {**whole.counts, **{str(rate.label): percent for rate, percent in whole.rates()}}


@pytest.fixture(autouse=True)
def nothing_before(app: Flask) -> None:
    with system("a new page"):
        for table in (News, CaseRating):
            db.session.execute(delete(table))
        db.session.connection().execute(update(Event.__table__).values(deleted_at=now()), execution_options=CHECKED)
        db.session.commit()


def test_a_dissatisfied_resident_is_heard_at_once_and_stays_counted_when_it_is_opened_again(app: Flask) -> None:
    event = take(through(report(), "accept", "file"), "dispatch", unit="property", handler="wangwan01")
    event = through(event, "handle", "close")
    db.session.execute(delete(News))
    says(event, "evaluate", "还是堵着", satisfaction="dissatisfied")
    assert told() == {"wangwan": ["dissatisfied"], "street": ["dissatisfied"], "admin": ["dissatisfied"], "wangwan01": ["dissatisfied"]}
    event = through(says(event, "reopen", "又堆上了"), "file", "dispatch", "handle", "close")
    assert event.satisfaction is None and said(event) == [(1, "dissatisfied", "还是堵着")]
    assert (measured()["rated"], measured()["content"], measured()["满意率"]) == (1, 0, 0.0)
    db.session.execute(delete(News))
    says(event, "evaluate", "这次好了", satisfaction="satisfied")
    assert said(event) == [(1, "dissatisfied", "还是堵着"), (2, "satisfied", "这次好了")] and told() == {}
    assert (measured()["rated"], measured()["content"]) == (1, 0), "once not content stays not content"
    says(through(report(), *DONE), "evaluate", "", satisfaction="fair")
    take(through(report(), *DONE), "evaluate", satisfaction="unreachable")
    assert (measured()["rated"], measured()["content"], measured()["满意率"]) == (2, 1, 50.0)


def test_whoever_notes_it_himself_is_not_told(app: Flask) -> None:
    event = through(report(), *DONE)
    db.session.execute(delete(News))
    take(event, "evaluate", satisfaction="dissatisfied")
    assert set(told()) == {"street", "admin"}


def test_what_should_be_handled_by_now_and_is_not_is_not_on_time(app: Flask) -> None:
    """By hand: one handled in time, one late, and one in every state that is past its limit → counted, on time or not."""
    start = now()
    in_time, late = through(report(), *DONE[:4]), through(report(), *DONE[:3])
    waiting = [through(report(), *DONE[:steps]) for steps in range(4)]
    checked = through(report(), *DONE[:4])
    ended = [through(report(), *DONE), through(report(), "reject")]
    parked = through(report(), "accept", "file", "park", by=("street", FIRST[:9]))
    assert (measured()["owed"], measured()["handled_late"], measured()["按期处置率"]) == (3, 0, 100.0)
    with at(start + timedelta(days=60)):
        take(late, "handle")
        assert measured()["owed"] == 4 + len(waiting) and measured()["handled_late"] == 1 + len(waiting)
        assert measured()["按期处置率"] == round(100 * 3 / 8, 1), (in_time, checked, ended, parked)


def test_ratings_of_before_are_read_from_the_history(app: Flask) -> None:
    event = says(through(report(), *DONE), "evaluate", "不行", satisfaction="dissatisfied")
    event = through(says(event, "reopen", "再来"), "file", "dispatch", "handle", "close")
    take(event, "evaluate", "电话回访", satisfaction="satisfied")
    before = said(event)
    assert [one[:2] for one in before] == [(1, "dissatisfied"), (2, "satisfied")]
    db.session.remove()
    schema.downgrade("0028_matter_corrected", drop=True)
    schema.upgrade()
    with system("ratings"):
        assert said(db.session.get_one(Event, event.id)) == before
