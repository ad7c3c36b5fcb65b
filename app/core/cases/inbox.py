"""What waits for somebody: the cases at his level of the grid, those nearly due and overdue first."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core import registry
from app.core.cases.records import Case
from app.core.cases.supervision import Supervision
from app.core.scope import current
from app.db import db

SHOWN, CAP = 50, 1_000


def case_views() -> list[Any]:
    """The types of case, in the order of the menu."""
    return [view for view in registry.record_views() if issubclass(view.record, Case)]


def waiting(views: list[Any]) -> list[tuple[Any, Case]]:
    """The cases at the user's level, the one due first at the top: (view, case)."""
    found = []
    for view in views:
        record = view.record
        rows = db.session.scalars(select(record).where(
            record.level_code == current().node, record.due_at.is_not(None)).order_by(record.due_at, record.id).limit(SHOWN))
        found += [(view, row) for row in rows]
    return sorted(found, key=lambda entry: entry[1].due_at)[:SHOWN]


def numbers(views: list[Any]) -> list[tuple[str, str, str]]:
    """How many wait, how many are nearly due and overdue, how many sheets want an answer: (words, number, list)."""
    found = []
    for view in views:
        for name, words in (("here", _("%(cases)s at my level", cases=view.record.__label__)),
                            ("amber", _("%(cases)s nearly due", cases=view.record.__label__)),
                            ("red", _("%(cases)s overdue", cases=view.record.__label__))):
            found.append((words, _count(view.record, view.named_filters[name].condition(view.record)),
                          f"{view.route_base}/list/?f.{name}=1"))
    found.append((_("Supervision sheets to answer"), _count(Supervision, Supervision.answered_at.is_(None)),
                  "/supervision/list/?f.unanswered=1"))
    return [(words, number, url) for words, number, url in found if number != "0"]


def _count(record: Any, which: Any) -> str:
    few = select(record.id).where(which).limit(CAP + 1).subquery()
    count = db.session.scalar(select(func.count()).select_from(few)) or 0
    return f"{CAP:,}+" if count > CAP else f"{count:,}"
