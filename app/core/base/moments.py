"""Now, today and the office's clock: the database keeps UTC without a zone, people read China Standard Time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import or_

OFFICE_HOURS_AHEAD = timedelta(hours=8)
CLOCKS_DIFFER = timedelta(seconds=30)  # the clocks of two computers, at most
_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """The moment in UTC, without a zone, as the database keeps it; in a simulation, the one that is played."""
    return _moment.get() or datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def lately(moment: datetime, span: timedelta) -> bool:
    """Whether something was within a span of now; what lies in the future was noted by a clock that went wrong."""
    return now() - span < moment <= now() + CLOCKS_DIFFER


def not_lately(column: Any, span: timedelta) -> Any:
    """The same as a condition, the other way round."""
    return or_(column <= now() - span, column > now() + CLOCKS_DIFFER)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Plays that it is another moment: for the simulated year of the demo and for tests of clocks."""
    token = _moment.set(moment.replace(microsecond=0))
    try:
        yield
    finally:
        _moment.reset(token)


def local(moment: datetime) -> datetime:
    """UTC as the database keeps it, in China Standard Time (one zone, no summer time)."""
    return moment + OFFICE_HOURS_AHEAD


def today() -> date:
    """The office's day."""
    return local(now()).date()


def years_ago(years: int) -> date:
    """The day on which somebody who is ``years`` old today was born."""
    day = today()
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
