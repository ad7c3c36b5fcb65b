"""Days and moments as offices, REST and spreadsheets write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _

from app.core.base.texts import InvalidValue, normalize_text

DATE_FORMS = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?生?\.?(?:[ T]\d.*)?")
EXCEL_EPOCH = date(1899, 12, 30)
FIRST_SERIAL, END_OF_SERIALS = 9_000, 80_000  # from 1924 on: what is less may be a year, an age, a number of days
YEAR, YEAR_4, MONTH, DAY = r"(?P<year>\d{2}|\d{4})", r"(?P<year>(?:18|19|20)\d{2})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"
SHORT_MONTH = r"(?P<month>0[1-9]|1[0-2])"
PARTS_OF_DAYS = [re.compile(form) for form in (
    rf"{YEAR_4}\s*年?", r"(?P<year>\d{2})\s*年?", rf"{YEAR}\s*[-./年]\s*{MONTH}\s*月?(?:份|生)?\.?", rf"{YEAR_4}{SHORT_MONTH}",
    rf"(?P<year>\d{{2}})\s*[-./年]\s*{MONTH}\s*[-./月]\s*{DAY}\s*[日号]?\.?", rf"{MONTH}\s*月\s*{DAY}\s*[日号]?",
    rf"(?P<year>\d{{2}}){SHORT_MONTH}(?P<day>\d{{2}})", rf"{MONTH}\s*月")]
CHINESE_DATE = re.compile(r"[〇零○一二三四五六七八九]{4}年[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}[日号]")
CHINESE_NUMBER = re.compile(r"[〇零○一二三四五六七八九十]+")
CHINESE_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
MOMENT_FORM = re.compile(r"(.+?)[ T]+(\d{1,2})[:时点](?:(\d{1,2})(?:[:分](\d{1,2})?(?:\.\d*)?秒?)?)?")
OFFICE_ZONE = timezone(timedelta(hours=8))  # China has one time zone and no summer time


def age_on(birth_on: date, day: date) -> int:
    """Full years of age on a day."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def _plain_number(match: re.Match[str]) -> str:
    """A year digit by digit, or a month or day up to 三十一, in plain digits."""
    tens, ten, ones = match[0].partition("十")
    if not ten:
        return match[0].translate(CHINESE_DIGITS)
    return (tens.translate(CHINESE_DIGITS) or "1") + (ones.translate(CHINESE_DIGITS) or "0")


def day_of_serial(serial: float) -> date | None:
    """The day of a spreadsheet's number of days since 1899-12-30; None for what may as well be a year or an age."""
    return EXCEL_EPOCH + timedelta(days=int(serial)) if FIRST_SERIAL <= serial < END_OF_SERIALS else None


def moment_of_serial(serial: float) -> datetime | None:
    """The moment, in UTC, of a spreadsheet's number of days, to the minute; None for what may be no day."""
    if day_of_serial(serial) is None:
        return None
    return _in_utc(datetime.combine(EXCEL_EPOCH, time()) + timedelta(minutes=round(serial * 24 * 60)))


class PartOfDay(NamedTuple):
    """What a text tells of a day when it does not tell all: some of year, month and day, a year perhaps of two digits."""

    year: int | None
    month: int | None
    day: int | None

    def agrees(self, known: date) -> bool:
        """Whether nothing of it speaks against a day that is known otherwise."""
        year = known.year if self.year is None or self.year >= 100 else known.year % 100
        return self.year in (None, year) and self.month in (None, known.month) and self.day in (None, known.day)


def part_of_day(text: str) -> PartOfDay | None:
    """A year, a month, a day without its year, or a day of a year with two digits; None when it is none of them."""
    plain = CHINESE_NUMBER.sub(_plain_number, normalize_text(text))
    for form in PARTS_OF_DAYS:
        if match := form.fullmatch(plain):
            found = match.groupdict()
            year, month, day = (int(found[name]) if found.get(name) else None for name in ("year", "month", "day"))
            return PartOfDay(year, month, day) if (month or 1) in range(1, 13) and (day or 1) in range(1, 32) else None
    return None


def parse_date(value: Any) -> date:
    """A day as offices write it: 2023.5.6, 2023-05-06, 2023年5月6日, 二〇二三年五月六日, 20230506; other numbers are no days."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = normalize_text(int(value) if isinstance(value, float) and value.is_integer() else value)
    if CHINESE_DATE.fullmatch(text):
        text = CHINESE_NUMBER.sub(_plain_number, text)
    match = DATE_FORMS.fullmatch(text) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    if match is None:
        raise InvalidValue("date_format", _("Write the date as 2026-01-31."))
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError as error:
        raise InvalidValue("date_impossible", _("This day does not exist.")) from error


def parse_moment(value: Any) -> datetime:
    """A moment as the database keeps it, in UTC without a zone.

    Offices write 2026-01-31 09:30, 2026年1月31日 9时30分 or a day alone; without a zone it is the time in China.
    ISO 8601 with a zone is read as well.
    """
    if isinstance(value, datetime):
        return _in_utc(value)
    text = normalize_text(value) if isinstance(value, str) else value
    if isinstance(text, str):
        try:
            return _in_utc(datetime.fromisoformat(text))
        except (ValueError, OverflowError):
            pass
        match = MOMENT_FORM.fullmatch(text.replace("日", "日 ", 1))
        if match:
            return _at_time(parse_date(match[1].strip()), *(int(part or 0) for part in match.groups()[1:]))
    return _at_time(parse_date(text))


def _at_time(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    try:
        return _in_utc(datetime.combine(day, time(hour, minute, second)))
    except ValueError as error:
        raise InvalidValue("date_impossible", _("This time does not exist.")) from error


def _in_utc(moment: datetime) -> datetime:
    try:
        placed = moment if moment.tzinfo else moment.replace(tzinfo=OFFICE_ZONE)
        return placed.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise InvalidValue("date_impossible", _("This time does not exist.")) from error
