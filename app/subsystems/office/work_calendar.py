"""The screens of the working calendar: the days as a list, a year at a glance, and a year taken from the library."""

from __future__ import annotations

import calendar as months
from datetime import date
from typing import Any

from flask import flash, redirect
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import format_date, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy import select

from app.core.base import workdays
from app.core.base.moments import today
from app.core.base.workdays import CalendarDay
from app.core.screens import RecordView
from app.db import db

FIRST_YEAR, LAST_YEAR = 2000, 2100
NOTICE_MONTH = 11  # the State Council's notice for the next year comes out in November


class CalendarDayView(RecordView):
    record = CalendarDay
    menu_order = 10
    icon = "fa-calendar-days"
    more_pages = (("year/", lazy_gettext("Year at a glance"), "fa-calendar"),)

    @expose("/year/")
    @expose("/year/<int:year>")
    @has_access
    @permission_name("list")
    def year(self, year: int = 0) -> Any:
        """The twelve months, each day worked or not; a click on a day changes it. Without a year, this one."""
        year = year if FIRST_YEAR <= year <= LAST_YEAR else today().year
        days = db.session.scalars(select(CalendarDay).where(
            CalendarDay.day >= date(year, 1, 1), CalendarDay.day <= date(year, 12, 31)))
        known = {row.day: row for row in days}
        return self.page("year", year=year, months=_months(year), known=known, calendar=workdays.calendar(),
                         warning=_warning(year), today=today())

    @expose("/load/<int:year>", methods=["POST"])
    @has_access
    @permission_name("import")
    def load(self, year: int) -> Any:
        """Takes the special days of a year from the library; what the office wrote stays."""
        if FIRST_YEAR <= year <= LAST_YEAR:
            count = workdays.load_year(year)
            flash(_("%(count)s days of %(year)s were added.", count=count, year=year), "success")
        return redirect(f"{self.route_base}/year/{year}")


def _months(year: int) -> list[tuple[str, list[list[date]]]]:
    """Each month with its weeks, Monday first; days of other months stand in for the gaps."""
    weeks = months.Calendar(firstweekday=0)
    return [(format_date(date(year, month, 1), "LLLL"), weeks.monthdatescalendar(year, month)) for month in range(1, 13)]


def _warning(year: int) -> str:
    """What is still missing for the year on screen or, from November on, for the next."""
    for wanted in dict.fromkeys((year, today().year, *((today().year + 1,) if today().month >= NOTICE_MONTH else ()))):
        if wanted not in workdays.known_years():
            return _("The calendar has no days of %(year)s yet: every limit counts its weekdays as worked. Take the legal "
                     "holidays from the program, and write the moved days when the State Council's notice is out.", year=wanted)
        if not any(works for day, works in workdays.calendar().special.items() if day.year == wanted):
            return _("The calendar of %(year)s has no moved days (调休) yet: write them when the State Council's notice is "
                     "out.", year=wanted)
    return ""
