"""What waits for somebody: the cases at his level of the grid, in his charge or with his unit, those due first on top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app.core.base import registry
from app.core.cases.owners import MY_AMBER, MY_RED
from app.core.cases.records import Case
from app.core.cases.supervision import Supervision, unanswered
from app.db import db

SHOWN, CAP = 50, 1_000
# The filters of a list that say what presses, in words.
PRESSING = {"here": _("At my level"), "mine": _("In my charge"), "my_unit": _("With my unit"), MY_AMBER: _("Nearly due"),
            MY_RED: _("Overdue")}


@dataclass(frozen=True)
class Pressing:
    """One line of the table of what presses: its words, and how many of each, with the list behind the number."""

    label: str
    counts: dict[str, tuple[int, str]]


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


def pressing(views: list[Any]) -> list[Pressing]:
    """How many cases of each type press, those types with none left out; one statement, however many types there are."""
    asked = [(view, name) for view in views for name in PRESSING]
    if not asked:
        return []
    counts = db.session.execute(select(*(_count(view.record, view.named_filters[name].condition(view.record)) for view, name in asked))).one()
    found: dict[Any, dict[str, tuple[int, str]]] = {}
    for (view, name), count in zip(asked, counts, strict=True):
        found.setdefault(view, {})[name] = (count, f"{view.route_base}/list/?f.{name}=1")
    return [Pressing(str(view.record.__label__), line) for view, line in found.items() if any(count for count, _url in line.values())]


def told(count: int) -> str:
    """A number as the page says it: exact up to CAP."""
    return f"{CAP:,}+" if count > CAP else f"{count:,}"


def numbers(views: list[Any]) -> list[tuple[str, str, str]]:
    """What presses over all types together, and the sheets that want an answer: (words, number, address)."""
    lines = pressing(views)
    found = [(str(words), sum(line.counts[name][0] for line in lines), "/todo/") for name, words in PRESSING.items()]
    if registry.may("edit", registry.view_of(Supervision)):
        found.append((gettext("Supervision sheets to answer"), db.session.scalar(
            select(_count(Supervision, unanswered(Supervision)))) or 0, "/supervision/list/?f.unanswered=1"))
    return [(words, told(count), url) for words, count, url in found if count]


def _count(record: Any, which: Any) -> Any:
    """How many records are so, counted up to CAP."""
    few = select(record.id).where(which).limit(CAP + 1).subquery()
    return select(func.count()).select_from(few).scalar_subquery()
