"""The office's calendar: which days are worked, and when a limit in 工作时, 工作日 or 自然日 runs out.

The days the State Council moves each year (放假, 调休) are data an administrator edits; every other Monday to
Friday is worked. Moments are UTC without a zone, as everywhere; days and hours are those of China.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped

from app.core.base.fields import field
from app.core.base.moments import OFFICE_HOURS_AHEAD, local, today
from app.core.base.options import clock
from app.core.base.records import Record, RuleError, unique_live
from app.core.base.revisions import Cached
from app.db import db

REST, WORK = "rest", "work"
WORK_HOURS, WORK_DAYS, DAYS, HOURS = "work_hour", "work_day", "day", "hour"
DAY = timedelta(days=1)
LONGEST = timedelta(days=3660)  # no limit of an office runs longer; a calendar without workdays would never end

_HOURS = _("Office hours")
MORNING = clock("office_opens", _HOURS, _("Opens"), default=time(8, 30))
NOON = clock("office_noon", _HOURS, _("Closes for noon"), default=time(12))
AFTERNOON = clock("office_reopens", _HOURS, _("Opens again"), default=time(14, 30))
EVENING = clock("office_closes", _HOURS, _("Closes in the evening"), default=time(17, 30))


class CalendarDay(Record):
    """A day that is not as its weekday says: a holiday, or a weekend that is worked (国务院办公厅 notice of the year)."""

    __tablename__ = "calendar_day"
    __label__ = _("Calendar day")
    __natural_key__ = ("day",)
    __table_args__ = (unique_live("calendar_day", "day"),)
    __revision__ = "calendar"

    day: Mapped[date] = field(_("Day"), listed=True, sortable=True, aliases=("日期",))
    kind: Mapped[str] = field(_("Rest or work"), String(8), dictionary="day_kind", listed=True, aliases=("类型", "放假或上班"))
    name: Mapped[str | None] = field(_("Holiday"), String(60), listed=True, search="text", aliases=("节日", "说明", "名称"))

    def __str__(self) -> str:
        return f"{self.day} {self.name or ''}".strip()

    def check(self) -> None:
        if self.day and not 2000 <= self.day.year <= 2100:
            raise RuleError(gettext("The calendar runs from 2000 to 2100."), "day")


@dataclass(frozen=True)
class Limit:
    """How long something may take: 4 工作时, 3 工作日, 30 自然日."""

    amount: int
    unit: str

    def __str__(self) -> str:
        n = self.amount
        words = {WORK_HOURS: ngettext("%(n)s working hour", "%(n)s working hours", n, n=n),
                 WORK_DAYS: ngettext("%(n)s working day", "%(n)s working days", n, n=n),
                 DAYS: ngettext("%(n)s day", "%(n)s days", n, n=n), HOURS: ngettext("%(n)s hour", "%(n)s hours", n, n=n)}
        return words[self.unit]


@dataclass(frozen=True)
class Calendar:
    """The calendar at one moment, apart from any session: the special days, and the hours of a workday in minutes."""

    special: dict[date, bool]
    hours: tuple[tuple[int, int], ...]

    def is_worked(self, day: date) -> bool:
        """As the notice of the year says; before it is out, the holidays of the law (放假办法) stand in for it."""
        if day in self.special or self.is_announced(day.year):
            return self.special.get(day, day.weekday() < 5)
        return day.weekday() < 5 and day not in lawful_holidays(day.year)

    def is_announced(self, year: int) -> bool:
        """Whether the holidays of a year are in the calendar: every notice begins with 元旦."""
        return date(year, 1, 1) in self.special

    def doubt(self, due: datetime | None, limit: Limit | None) -> str:
        """What may still change about a moment, because it counts office time of a year without a notice; else nothing."""
        year = local(due).year if due else 0
        if limit is None or limit.unit not in (WORK_HOURS, WORK_DAYS) or not year or self.is_announced(year):
            return ""
        return gettext("The holidays of %(year)s are not in the calendar yet: enter them when they are announced, this may change.",
                       year=year)

    def due(self, since: datetime, limit: Limit) -> datetime:
        """The moment a limit runs out.

        Days count from the day after (民法典 第201条): n working days end when the office closes on the n-th
        worked day, n days at the end of the n-th day, holiday or not. Working hours count while the office is open.
        """
        if limit.unit == HOURS:
            return since + timedelta(hours=limit.amount)
        if limit.unit == DAYS:
            return _utc(local(since).date() + limit.amount * DAY, 24 * 60)
        if limit.unit == WORK_DAYS:
            return _utc(self._worked_day(local(since).date(), limit.amount), self.hours[-1][1])
        return self._after_work(since, timedelta(hours=limit.amount))

    def part(self, since: datetime, due: datetime, limit: Limit, share: float) -> datetime:
        """The moment a share of a limit is used up: of office time where the limit counts that, else of all time."""
        if limit.unit in (WORK_HOURS, WORK_DAYS):
            return self._after_work(since, self.worked(since, due) * share)
        return since + (due - since) * share

    def _worked_day(self, day: date, count: int) -> date:
        end = day + LONGEST
        while count and day < end:
            day += DAY
            count -= self.is_worked(day)
        return day

    def _after_work(self, since: datetime, work: timedelta) -> datetime:
        for opens, closes in self._open_from(since):
            if closes - opens >= work:
                return opens + work
            work -= closes - opens
        return since + LONGEST

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """How long the office was open between two moments."""
        total = timedelta()
        for opens, closes in self._open_from(since):
            if opens >= until:
                break
            total += min(closes, until) - opens
        return total

    def _open_from(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans in which the office is open, from a moment on."""
        day = local(since).date()
        for _turn in range(LONGEST.days):
            if self.is_worked(day):
                for opens, closes in self.hours:
                    span = max(_utc(day, opens), since), _utc(day, closes)
                    if span[0] < span[1]:
                        yield span
            day += DAY


def _utc(day: date, minute: int) -> datetime:
    """A minute of an office day as the database keeps it."""
    return datetime.combine(day, time()) + timedelta(minutes=minute) - OFFICE_HOURS_AHEAD


def _days() -> dict[date, bool]:
    return {day: kind == WORK for day, kind in db.session.execute(select(CalendarDay.day, CalendarDay.kind)).tuples()}


_special = Cached("calendar", _days)


def calendar() -> Calendar:
    """The calendar in force."""
    spans = ((MORNING.value, NOON.value), (AFTERNOON.value, EVENING.value))
    open_spans = tuple(span for span in spans if span[0] < span[1])
    return Calendar(_special.get(), open_spans or ((0, 24 * 60),))


def known_years() -> set[int]:
    """The years of which the calendar has days."""
    return {day.year for day in _special.get()}


def announced(year: int) -> list[tuple[date, str, str]]:
    """The special days of a year as the library ``holidays`` knows them: (day, rest or work, name).

    It knows the moved days (调休) of a year only once a release after the State Council's notice is installed.
    """
    import holidays

    found: Any = holidays.country_holidays("CN", years=year, language="zh_CN")
    rest = [(day, REST, name) for day, name in sorted(found.items())]
    return rest + [(day, WORK, "调休上班") for day in sorted(found.weekend_workdays) if day.year == year]


@cache
def lawful_holidays(year: int) -> frozenset[date]:
    """The holidays of a year by law, with the days given for those on a weekend (全国年节及纪念日放假办法, 2024)."""
    return frozenset(day for day, kind, _name in announced(year) if kind == REST)


def moved_days_known(year: int) -> bool:
    return any(kind == WORK for _day, kind, _name in announced(year))


def load_year(year: int) -> int:
    """Adds the days of a year the calendar lacks; what the office wrote stays. Returns how many."""
    known = set(db.session.scalars(select(CalendarDay.day).execution_options(with_deleted=True)))
    missing = [entry for entry in announced(year) if entry[0] not in known]
    db.session.add_all(CalendarDay(day=day, kind=kind, name=name) for day, kind, name in missing)
    db.session.commit()
    return len(missing)


def fill_empty() -> None:
    """Fills an empty calendar with last year, this one and the next, as far as their moved days are known."""
    if known_years():
        return
    for year in (today().year - 1, today().year, today().year + 1):
        if moved_days_known(year):
            load_year(year)
