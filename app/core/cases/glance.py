"""The inbox in numbers: how many cases press, by tab and type; what a leader sees of them at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select

from app.core.base import registry
from app.core.cases.inbox import LATE, LEVEL, MINE, SOON, TABS, UNIT, Asked, Line, listed_views, page, under
from app.core.cases.supervision import Supervision, unanswered
from app.db import db

CAP = 1_000


def counted(views: Sequence[Any], tabs: Sequence[str]) -> dict[Any, dict[str, int]]:
    """How many open cases of each type stand under each tab, counted up to CAP; one statement, however many there are."""
    asked = [(view, tab) for view in views for tab in tabs]
    if not asked:
        return {}
    counts = db.session.execute(select(*(_count(view.record, under(view, tab)) for view, tab in asked))).one()
    found: dict[Any, dict[str, int]] = {view: {} for view in views}
    for (view, tab), count in zip(asked, counts, strict=True):
        found[view][tab] = count
    return found


def sums(counts: dict[Any, dict[str, int]]) -> dict[str, int]:
    """The same over all types together."""
    return {tab: sum(line.get(tab, 0) for line in counts.values()) for tab in TABS}


@dataclass(frozen=True)
class Survey:
    """The open cases at a glance: those of each type by how they press, over all types, and the longest overdue."""

    lines: list[tuple[str, str, dict[str, int]]]
    total: dict[str, int]
    longest: list[Line]


def survey(shown: int) -> Survey:
    """What a leader sees of the cases under him; three statements and a page of a few lines."""
    counts = counted(listed_views(), (LEVEL, SOON, LATE))
    lines = [(str(view.record.__label__), view.record.__tablename__, line) for view, line in counts.items() if line[LEVEL]]
    lines.sort(key=lambda line: (-line[2][LATE], -line[2][SOON], -line[2][LEVEL]))
    return Survey(lines, sums(counts), page(Asked(LATE), shown, counts).lines)


def told(count: int) -> str:
    """A number as the page says it: exact up to CAP."""
    return f"{CAP:,}+" if count > CAP else f"{count:,}"


def numbers(views: Sequence[Any]) -> list[tuple[str, str, str]]:
    """What presses over all types together, and the sheets that want an answer: (words, number, address)."""
    total = sums(counted(views, (MINE, UNIT, SOON, LATE)))
    found = [(str(TABS[tab][0]), total[tab], f"/todo/?tab={tab}") for tab in (MINE, UNIT, SOON, LATE)]
    if registry.may("edit", registry.view_of(Supervision)):
        found.append((gettext("Supervision sheets to answer"), db.session.scalar(
            select(_count(Supervision, unanswered(Supervision)))) or 0, "/supervision/list/?f.unanswered=1"))
    return [(words, told(count), url) for words, count, url in found if count]


def _count(record: Any, which: Any) -> Any:
    """How many records are so, counted up to CAP."""
    few = select(record.id).where(which).limit(CAP + 1).subquery()
    return select(func.count()).select_from(few).scalar_subquery()
