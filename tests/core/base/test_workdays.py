"""The working calendar: limits over 国庆, 春节 and 调休, against a slow recount day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as some

from app.core.base import workdays
from app.core.base.moments import now
from app.core.base.scope import system
from app.core.base.workdays import DAYS, HOURS, WORK_DAYS, WORK_HOURS, Calendar, CalendarDay, Limit, announced
from app.db import db

SPANS = ((510, 720), (870, 1050))  # 08:30-12:00, 14:30-17:30
SPECIAL = {day: kind == "work" for year in (2025, 2026) for day, kind, _name in announced(year)}
OFFICE = Calendar(SPECIAL, SPANS)
WITHOUT_WORK = Calendar({}, SPANS)


def china(text: str) -> datetime:
    """A moment in China as the database keeps it."""
    return datetime.fromisoformat(text) - timedelta(hours=8)


@pytest.mark.parametrize(("since", "limit", "due"), [
    ("2026-09-30 16:00", Limit(1, WORK_DAYS), "2026-10-08 17:30"),   # over 国庆: 1 to 7 October are off
    ("2026-09-30 16:00", Limit(3, WORK_DAYS), "2026-10-10 17:30"),   # Saturday 10 October is worked
    ("2026-09-19 10:00", Limit(1, WORK_DAYS), "2026-09-20 17:30"),   # Sunday 20 September is worked
    ("2026-02-13 17:00", Limit(2, WORK_DAYS), "2026-02-24 17:30"),   # 14 February worked, then 春节 to the 23rd
    ("2026-09-30 16:30", Limit(4, WORK_HOURS), "2026-10-08 11:30"),  # an hour before 国庆, three after
    ("2026-11-23 11:00", Limit(2, WORK_HOURS), "2026-11-23 15:30"),  # over noon
    ("2026-11-22 23:00", Limit(1, WORK_HOURS), "2026-11-23 09:30"),  # on a Sunday night the office is closed
    ("2026-09-30 16:00", Limit(7, DAYS), "2026-10-08 00:00"),        # the end of 7 October
    ("2026-09-30 16:00", Limit(15, DAYS), "2026-10-16 00:00"),
    ("2026-09-30 16:00", Limit(24, HOURS), "2026-10-01 16:00"),
    ("2025-12-31 10:00", Limit(1, WORK_DAYS), "2026-01-04 17:30"),   # 1 to 3 January off, Sunday the 4th worked
])
def test_a_limit_runs_out_when_the_notice_says(since: str, limit: Limit, due: str) -> None:
    assert OFFICE.due(china(since), limit) == china(due)


@pytest.mark.parametrize(("since", "limit", "due"), [
    ("2026-12-31 17:00", Limit(4, WORK_HOURS), "2027-01-04 12:00"),  # 元旦 is a holiday by law, then a weekend
    ("2027-09-30 16:00", Limit(1, WORK_DAYS), "2027-10-06 17:30"),   # 国庆 1 to 3 October, two of them on a weekend
    ("2027-02-04 09:00", Limit(1, WORK_DAYS), "2027-02-11 17:30"),   # 除夕 to 初三, two of them on a weekend
])
def test_before_the_notice_of_a_year_its_holidays_are_those_of_the_law(since: str, limit: Limit, due: str) -> None:
    assert OFFICE.due(china(since), limit) == china(due)


def test_a_deadline_in_a_year_without_a_notice_says_that_it_may_change(app: Flask) -> None:
    for due, limit, year in (("2027-01-04 12:00", Limit(4, WORK_HOURS), "2027"), ("2026-12-31 17:30", Limit(1, WORK_DAYS), ""),
                             ("2027-01-30 00:00", Limit(30, DAYS), ""), ("2027-01-01 01:00", Limit(4, HOURS), "")):
        assert (year in OFFICE.doubt(china(due), limit)) if year else not OFFICE.doubt(china(due), limit)
    assert not OFFICE.doubt(None, Limit(1, WORK_DAYS)) and not OFFICE.doubt(china("2027-03-01 10:00"), None)


@given(some.datetimes(datetime(2025, 1, 1), datetime(2026, 10, 1)), some.integers(1, 40))
def test_working_days_equal_a_count_on_the_fingers(since: datetime, count: int) -> None:
    due = OFFICE.due(since, Limit(count, WORK_DAYS)) + timedelta(hours=8)
    first = (since + timedelta(hours=8)).date() + timedelta(days=1)
    passed = [first + timedelta(days=n) for n in range((due.date() - first).days + 1)]
    assert sum(OFFICE.is_worked(day) for day in passed) == count and OFFICE.is_worked(due.date())


@given(some.datetimes(datetime(2025, 1, 1), datetime(2026, 10, 1)), some.integers(1, 60))
def test_working_hours_are_the_hours_the_office_was_open(since: datetime, count: int) -> None:
    due = OFFICE.due(since, Limit(count, WORK_HOURS))
    assert OFFICE.worked(since, due) == timedelta(hours=count)


def test_a_calendar_without_a_workday_ends_all_the_same() -> None:
    rest = Calendar({date(2026, 1, 1) + timedelta(days=n): False for n in range(5000)}, SPANS)
    assert rest.due(china("2026-01-01 08:00"), Limit(3, WORK_HOURS)) > china("2035-01-01 00:00")
    assert rest.due(china("2026-01-01 08:00"), Limit(3, WORK_DAYS)) > china("2035-01-01 00:00")


@pytest.fixture
def year(app: Flask) -> Iterator[None]:
    with app.app_context(), system("the year 2026"):
        workdays.load_year(2026)
    yield


def test_a_year_is_loaded_once_and_what_the_office_wrote_stays(app: Flask) -> None:
    with system("calendar"):
        db.session.add(CalendarDay(day=date(2025, 1, 26), kind="rest", name="本街道另行安排"))
        db.session.commit()
        assert workdays.load_year(2025) == 23 and workdays.load_year(2025) == 0
        assert not workdays.calendar().is_worked(date(2025, 1, 26))
        assert workdays.calendar().is_worked(date(2025, 2, 8)) and 2025 in workdays.known_years()


def test_a_day_the_office_took_out_does_not_come_back_when_the_year_is_loaded_again(app: Flask) -> None:
    with system("calendar"):
        workdays.load_year(2024)
        day = db.session.scalars(db.select(CalendarDay).where(CalendarDay.day == date(2024, 10, 7))).one()
        day.deleted_at = now()
        db.session.commit()
        assert workdays.load_year(2024) == 0
        assert workdays.calendar().is_worked(date(2024, 10, 7)) and not workdays.calendar().is_worked(date(2024, 10, 4))


def test_the_year_page_shows_every_month_and_lets_administrators_change_a_day(year: None, client: Any) -> None:
    page = client("street").get("/calendarday/year/2026").get_data(as_text=True)
    assert page.count('class="s-card"') == 12 and 'title="国庆节"' in page
    assert "/calendarday/add?day=2026-11-23&amp;kind=rest" in page
    reader = client("wangwan").get("/calendarday/year/2026").get_data(as_text=True)
    assert 'title="国庆节"' in reader and "/calendarday/add" not in reader and "/calendarday/load" not in reader


def test_a_year_nobody_wrote_yet_is_named_and_filled_on_request(client: Any) -> None:
    browser = client("street")
    assert "2031 年的节假日尚未录入" in browser.get("/calendarday/year/2031").get_data(as_text=True)
    assert browser.post("/calendarday/load/2031").status_code == 302
    page = browser.get("/calendarday/year/2031").get_data(as_text=True)
    assert "尚未录入，时限" not in page and "2031 年的调休日尚未录入" in page
    assert client("wangwan").post("/calendarday/load/2032").status_code == 403
