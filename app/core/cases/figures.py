"""按期处置率, 返工率, 准确派遣率, 漏报率, 满意率: counted in one statement a place, each number a list (GB/T 30428.4 practice)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app.core.base.fields import meaning
from app.core.base.language import in_context
from app.core.base.moments import OFFICE_HOURS_AHEAD, now
from app.core.base.scope import WHOLE_RANGE, current
from app.core.cases.loop import CLOSED, MERGED, REJECTED
from app.core.cases.ratings import CONTENT, DISSATISFIED, GOOD, NO, RATED, SOLVED, YES, said
from app.core.cases.records import Case
from app.core.screens import NamedFilter
from app.core.telling.places import place_name
from app.db import db

PUBLIC_SOURCES = ("voice", "hotline", "complaint", "public")  # what residents had to report, the grid worker had missed


def part(label: Any, condition: Any) -> NamedFilter:
    """Something the figures count; also a filter of the list, without a tab of its own."""
    return NamedFilter(label, condition, tab=False)


def _source_of(record: type[Case]) -> Any:
    """The column that says by which way a case came."""
    return getattr(record, meaning(record, "source")[0])


# Conditions the figures count, named by the steps they come from (Step.counts); each is also a filter of the list, so that
# every number opens its list.
PARTS: dict[str, NamedFilter] = {
    "filed": part(_("Filed"), lambda case: case.state.in_(case.workflow.filed)),
    "dispatched": part(_("Dispatched"), lambda case: case.unit.is_not(None) | (case.returned_count > 0)),
    "returned": part(_("Sent back"), lambda case: case.returned_count > 0),
    "handled": part(_("Handled"), lambda case: case.in_time.is_not(None)),
    "owed": part(_("Handled or overdue"), lambda case: owed(case)),
    "handled_late": part(_("Handled late or overdue"), lambda case: late(case)),
    "reworked": part(_("Done again"), lambda case: case.rework_count > 0),
    "closed": part(_("Closed"), lambda case: case.state == CLOSED),
    "closed_late": part(_("Closed late"), lambda case: (case.state == CLOSED) & (case.closed_at > case.case_due_at)),
    "turned_down": part(_("Turned down or merged"), lambda case: case.state.in_((REJECTED, MERGED))),
    "missed": part(_("Reported by the public"), lambda case: _source_of(case).in_(PUBLIC_SOURCES)),
    "rated": part(_("Rated"), lambda case: said(case, CONTENT, *RATED)),
    "content": part(_("Satisfied"), lambda case: said(case, CONTENT, *GOOD) & ~said(case, CONTENT, DISSATISFIED)),
    "followed_up": part(_("Said later whether it stayed solved"), lambda case: said(case, SOLVED, YES, NO)),
    "unsolved": part(_("Not solved, said later"), lambda case: said(case, SOLVED, NO)),
}


def overdue(case: Any) -> Any:
    """Open, not yet handled, and past the limit of its step."""
    flow = case.workflow
    done = {step.target for step in flow.steps if "handled" in step.counts}
    return case.state.not_in(sorted({*flow.final, *done})) & (case.due_at < now())


def owed(case: Any) -> Any:
    """What 按期处置率 is of: handled, or it should be by now."""
    return case.in_time.is_not(None) | overdue(case)


def late(case: Any) -> Any:
    """Handled late once, or still not handled though it should be: not on time."""
    return case.in_time.is_(False) | overdue(case)


def counted(*names: str) -> dict[str, NamedFilter]:
    """Some of the parts of the loop, for a type that counts only those."""
    return {name: PARTS[name] for name in names}


@dataclass(frozen=True)
class Rate:
    """A per cent: of ``whole``, how many are ``part`` (or, where ``but``, how many are not)."""

    label: Any
    part: str
    whole: str
    but: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", in_context(self.label, "rate"))

    def of(self, counts: dict[str, int]) -> float | None:
        """In per cent to one place; None when there is nothing to rate."""
        whole, part = counts[self.whole], counts[self.part]
        return round(100 * ((whole - part) if self.but else part) / whole, 1) if whole else None


@dataclass(frozen=True)
class Figures:
    """What a type of case is measured by: the parts that are counted, and the rates between them."""

    parts: dict[str, NamedFilter]
    rates: tuple[Rate, ...]


RATES = (
    Rate(_("Closed"), "closed", "filed"), Rate(_("Closed in time"), "closed_late", "closed", but=True),
    Rate(_("Handled in time"), "handled_late", "owed", but=True), Rate(_("Done again"), "reworked", "handled"),
    Rate(_("Rightly dispatched"), "returned", "dispatched", but=True), Rate(_("Missed by the grid"), "missed", "filed"),
    Rate(_("Satisfied"), "content", "rated"), Rate(_("Stayed solved"), "unsolved", "followed_up", but=True),
)


@dataclass(frozen=True)
class Row:
    """The counts of one place."""

    code: str
    name: str
    total: int
    counts: dict[str, int]
    measured: tuple[Rate, ...] = RATES

    def rates(self) -> list[tuple[Rate, float | None]]:
        return [(rate, rate.of(self.counts)) for rate in self.measured if {rate.part, rate.whole} <= self.counts.keys()]


def parts_of(record: type[Case]) -> dict[str, NamedFilter]:
    """The parts a type of case declares, else those of the loop it has the columns and the steps for."""
    if record.figures is not None:
        return dict(record.figures.parts)
    known = set(record.workflow.counts)
    if record.workflow.filed:
        known.add("filed")
    if meaning(record, "source"):
        known.add("missed")
    return {name: part for name, part in PARTS.items() if name in known}


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
        found.append(Row(code, place_name(code), total, {name: int(n or 0) for name, n in zip(parts, counts, strict=True)},
                         rates_of(record)))
    return sorted(found, key=lambda row: row.code)


def rates_of(record: type[Case]) -> tuple[Rate, ...]:
    """The rates a type of case declares, else those of the loop."""
    return RATES if record.figures is None else record.figures.rates


def summed(record: type[Case], found: list[Row]) -> Row:
    """All places together."""
    return Row("", "", sum(row.total for row in found), {name: sum(row.counts[name] for row in found) for name in parts_of(record)},
               rates_of(record))


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """The moments at which a day begins and another one ends."""
    begins = datetime.combine(first, time()) - OFFICE_HOURS_AHEAD
    return begins, begins + (last - first) + timedelta(days=1)
