"""What waits for somebody: the cases at his level of the grid, in his charge or with his unit, those due first on top."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core import registry
from app.core.cases.records import Case
from app.core.cases.supervision import Supervision
from app.db import db

SHOWN, CAP = 50, 1_000
NUMBERS = {  # the filters of a list that press, in words
    "here": lambda cases: _("%(cases)s at my level", cases=cases), "mine": lambda cases: _("%(cases)s in my charge", cases=cases),
    "my_unit": lambda cases: _("%(cases)s with my unit", cases=cases), "amber": lambda cases: _("%(cases)s nearly due", cases=cases),
    "red": lambda cases: _("%(cases)s overdue", cases=cases)}


def case_views() -> list[Any]:
    """The types of case, in the order of the menu."""
    return [view for view in registry.record_views() if issubclass(view.record, Case)]


def waiting(views: list[Any]) -> list[tuple[Any, Case]]:
    """What the user has in hand, the case due first at the top: at his level, in his charge, or with his unit."""
    found = {}
    for view in views:
        record = view.record
        for name in ("here", "mine", "my_unit"):
            rows = db.session.scalars(select(record).where(
                view.named_filters[name].condition(record), record.due_at.is_not(None)).order_by(record.due_at, record.id).limit(SHOWN))
            found.update({row.number: (view, row) for row in rows})
    return sorted(found.values(), key=lambda entry: entry[1].due_at)[:SHOWN]


def numbers(views: list[Any]) -> list[tuple[str, str, str]]:
    """How many wait, how many are nearly due and overdue, how many sheets want an answer: (words, number, list).

    One statement, however many types of case there are.
    """
    asked = [(words(cases=view.record.__label__), view.record, view.named_filters[name].condition(view.record),
              f"{view.route_base}/list/?f.{name}=1") for view in views for name, words in NUMBERS.items()]
    asked.append((_("Supervision sheets to answer"), Supervision, Supervision.answered_at.is_(None),
                  "/supervision/list/?f.unanswered=1"))
    counts = db.session.execute(select(*(_count(record, which) for _words, record, which, _url in asked))).one()
    return [(words, f"{CAP:,}+" if count > CAP else f"{count:,}", url)
            for (words, _record, _which, url), count in zip(asked, counts, strict=True) if count]


def in_my_charge(views: list[Any]) -> list[Any]:
    """The open cases that name the user as the person in charge and can be handed over."""
    found = []
    for view in views:
        record, step = view.record, view.record.workflow.by_name.get("hand_over")
        if step is not None:
            found += db.session.scalars(select(record).where(
                view.named_filters["mine"].condition(record), record.state.in_(step.sources)).order_by(record.id)).all()
    return found


def _count(record: Any, which: Any) -> Any:
    """How many records are so, counted up to CAP."""
    few = select(record.id).where(which).limit(CAP + 1).subquery()
    return select(func.count()).select_from(few).scalar_subquery()
