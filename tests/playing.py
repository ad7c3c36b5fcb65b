"""Plays cases in tests: reported by their community, moved on by their steps, read again as they are stored; and who may what.

A type of case says once what a report of it holds (``words``) and what its steps ask (``needs``; a function is asked when the
step is taken): ``Play(Hazard, WORDS, NEEDS)``. Photos a step demands are sent unless a test says otherwise.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from PIL import Image

from app import roles
from app.core.base.records import RuleError
from app.core.base.registry import record_views
from app.core.base.scope import NOTHING, Scope, acting_as, system
from app.core.cases.matter import CORRECT, columns
from app.core.cases.records import Case
from app.core.cases.takers import Official, offered
from app.core.cases.taking import take as take_step
from app.core.files.reading import Sent, looked_at
from app.db import db
from app.subsystems.events.events import Event
from tests.conftest import FIRST, PEOPLE, STREET, WANGWAN

COMMUNITY, OFFICE = ("wangwan", WANGWAN), ("street", STREET)
OPINION = "意见"
# The roles in a table of rights, a letter each.
WHO = {"街": "street", "员": "clerk", "书": "wangwan", "格": "wangwan01", "督": "inspector", "领": "leader"}
Table = dict[str, dict[str, str]]


@cache
def picture() -> bytes:
    found = io.BytesIO()
    Image.new("RGB", (40, 30), (90, 120, 90)).save(found, "JPEG")
    return found.getvalue()


def photo() -> Sent:
    return looked_at("现场.jpg", picture())


def stored(record: Any, number: int) -> Any:
    """A row as it is in the database, for whoever sees all."""
    with system("as it is stored"):
        return db.session.get_one(record, number, populate_existing=True)


@dataclass(frozen=True)
class Play:
    """The reports and steps of one type of case."""

    record: Any
    words: dict[str, Any] = field(default_factory=dict)
    needs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def report(self, grid: str = FIRST, by: str = "wangwan", **more: Any) -> Any:
        """A new case in a grid, reported by its community."""
        values = {name: value() if callable(value) else value for name, value in {**self.words, **more}.items()}
        with acting_as(by, grid[:12]):
            row = self.record(**{"grid_code": grid, **values})
            db.session.add(row)
            db.session.commit()
            number = row.id
        return stored(self.record, number)

    def values_of(self, name: str) -> dict[str, Any]:
        """What the form of a step says."""
        return {key: value() if callable(value) else value for key, value in self.needs.get(name, {}).items()}

    def take(self, case: Any, name: str, note: str = OPINION, by: tuple[str, str] = COMMUNITY, sent: bool = True,
             **values: Any) -> Any:
        """Takes a step as somebody; the case as it is stored then. RuleError when it is refused, and nothing is kept."""
        number = case if isinstance(case, int) else case.id
        with acting_as(*by):
            row = db.session.get_one(self.record, number, populate_existing=True)
            self.prepare(row, values)
            step = row.workflow.by_name[name]
            try:
                take_step(row, step, {**self.values_of(name), **values}, note, [photo()] if sent and step.photo else [])
                db.session.commit()
            except RuleError:
                db.session.rollback()
                raise
        return stored(self.record, number)

    def prepare(self, row: Any, values: dict[str, Any]) -> None:
        """Writes what a page would have written before its step; nothing, for most types."""

    def through(self, case: Any, *names: str, by: tuple[str, str] = COMMUNITY) -> Any:
        """Takes one step after the other."""
        for name in names:
            case = self.take(case, name, by=by)
        return case

    def refused(self, case: Any, name: str, match: str | None = None, **how: Any) -> RuleError:
        """The step is refused, with these words, and the case stays as it was."""
        number = case if isinstance(case, int) else case.id
        before = stored(self.record, number).state
        with pytest.raises(RuleError, match=match) as told:
            self.take(case, name, **how)
        assert stored(self.record, number).state == before
        return told.value


EVENT = {"title": "楼道堆物", "class_code": "0105", "place": "3栋1单元", "description": "楼道内堆放纸箱"}
EVENTS = Play(Event, EVENT, {"dispatch": {"unit": "property"}, "handle": {"result": "已清理"},
                             "evaluate": {"satisfaction": "satisfied"}})


def same(case: Any, **changed: Any) -> dict[str, Any]:
    """What the form of 更正 sends where only some values are typed over."""
    return {**{name: getattr(case, name) for name in columns(type(case))}, **changed}


def _official(username: str) -> Official:
    role, node = PEOPLE[username]
    return Official(Scope(username, node or NOTHING), lambda duty, view: roles.allows(role, duty, view.__name__))


def offered_to(username: str, case: Any) -> set[str]:
    """The steps somebody is offered on a case, by his role and his place."""
    return {step.name for step in offered(case, _official(username))}


def offers(record: Any, **columns: Any) -> dict[str, set[tuple[str, str]]]:
    """For every state of a type: (role, step) for each step that is a role's once nothing is lacking, the case being with the
    street, its community or its grid.

    更正 is left out: it is possible at any time, and has a test of its own (test_frozen.py).
    """
    counts = dict.fromkeys(("extended", "returned_count", "rework_count", "reopened_count"), 0)
    found: dict[str, set[tuple[str, str]]] = {}
    for state in states_of(record):
        cases = [record(grid_code=FIRST, level_code=level, state=state, **{**counts, **columns}) for level in (STREET, WANGWAN, FIRST)]
        found[state] = {(letter, step) for letter, username in WHO.items() for case in cases
                        for step in rightful(username, case) - {CORRECT}}
    return found


def rightful(username: str, case: Any) -> set[str]:
    """The steps that fit a case and are somebody's, whatever else they still lack."""
    by = _official(username)
    return {step.name for step in case.workflow.steps if step.fits(case) and by.may_take(case, step)}


def spelled(table: Table) -> dict[str, set[tuple[str, str]]]:
    """A table written as {state: {roles: steps}}, in the words of ``offers``."""
    return {state: {(letter, step) for letters, steps in line.items() for letter in letters for step in steps.split()}
            for state, line in table.items()}


def case_views() -> list[Any]:
    """The screens of every type of case, whoever may see them."""
    return [view for view in record_views() if issubclass(view.record, Case)]


def states_of(record: Any) -> list[str]:
    flow = record.workflow
    return sorted({flow.initial, *flow.final, *(state for step in flow.steps for state in (*step.sources, step.target) if state)})
