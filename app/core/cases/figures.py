"""按期处置率, 返工率, 准确派遣率, 漏报率, 满意率: counted in one statement a place, each number a list (GB/T 30428.4 practice)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app.core.cases.loop import CLOSED, MERGED, REJECTED
from app.core.cases.records import Case
from app.core.display import OFFICE_HOURS_AHEAD
from app.core.places import place_name
from app.core.registry import view_of
from app.core.scope import WHOLE_RANGE, current
from app.core.views import NamedFilter
from app.db import db

PUBLIC_SOURCES = ("voice", "hotline", "complaint", "public")  # what residents had to report, the grid worker had missed



def _part(label: Any, condition: Any) -> NamedFilter:
    return NamedFilter(label, condition, tab=False)


# Conditions the figures count; each is also a filter of the list, so that every number opens its list.
PARTS: dict[str, NamedFilter] = {
    "filed": _part(_("Filed"), lambda case: case.state.in_(case.workflow.filed)),
    "dispatched": _part(_("Dispatched"), lambda case: case.unit.is_not(None) | (case.returned_count > 0)),
    "returned": _part(_("Sent back"), lambda case: case.returned_count > 0),
    "handled": _part(_("Handled"), lambda case: case.in_time.is_not(None)),
    "handled_late": _part(_("Handled late"), lambda case: case.in_time.is_(False)),
    "reworked": _part(_("Done again"), lambda case: case.rework_count > 0),
    "closed": _part(_("Closed"), lambda case: case.state == CLOSED),
    "closed_late": _part(_("Closed late"), lambda case: (case.state == CLOSED) & (case.closed_at > case.case_due_at)),
    "turned_down": _part(_("Turned down or merged"), lambda case: case.state.in_((REJECTED, MERGED))),
    "missed": _part(_("Reported by the public"), lambda case: case.source.in_(PUBLIC_SOURCES)),
    "rated": _part(_("Rated"), lambda case: case.satisfaction.in_(("satisfied", "fair", "dissatisfied"))),
    "content": _part(_("Satisfied"), lambda case: case.satisfaction.in_(("satisfied", "fair"))),
}


@dataclass(frozen=True)
class Rate:
    """A per cent: of ``whole``, how many are ``part`` (or, where ``but``, how many are not)."""

    label: Any
    part: str
    whole: str
    but: bool = False

    def of(self, counts: dict[str, int]) -> float | None:
        """In per cent to one place; None when there is nothing to rate."""
        whole, part = counts[self.whole], counts[self.part]
        return round(100 * ((whole - part) if self.but else part) / whole, 1) if whole else None


RATES = (
    Rate(_("Closed"), "closed", "filed"), Rate(_("Closed in time"), "closed_late", "closed", but=True),
    Rate(_("Handled in time"), "handled_late", "handled", but=True), Rate(_("Done again"), "reworked", "handled"),
    Rate(_("Rightly dispatched"), "returned", "dispatched", but=True), Rate(_("Missed by the grid"), "missed", "filed"),
    Rate(_("Satisfied"), "content", "rated"),
)


@dataclass(frozen=True)
class Row:
    """The counts of one place."""

    code: str
    name: str
    total: int
    counts: dict[str, int]

    def rates(self) -> list[tuple[Rate, float | None]]:
        return [(rate, rate.of(self.counts)) for rate in RATES if rate.part in self.counts]


def parts_of(record: type[Case]) -> dict[str, NamedFilter]:
    """The parts a type of case has the columns for, and those its view counts besides."""
    own = {name: replace(part, tab=False) for name, part in getattr(view_of(record), "more_parts", {}).items()}
    return {name: part for name, part in PARTS.items() if name != "missed" or hasattr(record, "source")} | own


def rows(record: type[Case], first: date, last: date) -> list[Row]:
    """The counts of cases reported from a day to a day, for the whole and for each place under the user's node."""
    parts = parts_of(record)
    digits = 12 if current().sees_all or len(current().node) <= 9 else 15
    place = func.substr(record.grid_code, 1, digits)
    sums = [func.sum(db.case((part.condition(record), 1), else_=0)) for part in parts.values()]
    since, until = span(first, last)
    query = select(place, func.count(), *sums).where(
        record.reported_at >= since, record.reported_at < until).group_by(place)
    found = []
    for code, total, *counts in db.session.execute(query, execution_options=WHOLE_RANGE):
        found.append(Row(code, place_name(code), total, {name: int(n or 0) for name, n in zip(parts, counts, strict=True)}))
    return sorted(found, key=lambda row: row.code)


def summed(found: list[Row]) -> Row:
    """All places together."""
    names = list(found[0].counts) if found else list(PARTS)
    return Row("", "", sum(row.total for row in found), {name: sum(row.counts[name] for row in found) for name in names})


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """The moments at which a day begins and another one ends."""
    begins = datetime.combine(first, time()) - OFFICE_HOURS_AHEAD
    return begins, begins + (last - first) + timedelta(days=1)
