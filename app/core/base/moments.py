"""Now, today and the office's clock: the database keeps UTC without a zone, people read China Standard Time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

OFFICE_HOURS_AHEAD = timedelta(hours=8)
_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """The moment in UTC, without a zone, as the database keeps it; in a simulation, the one that is played."""
    return _moment.get() or datetime.now(UTC).replace(tzinfo=None, microsecond=0)


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
