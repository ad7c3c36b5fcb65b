"""Days, moments and ages, as truth tables."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from app.core.base.dates import age_on, parse_date, parse_moment, part_of_day
from app.core.base.texts import InvalidValue
from tests.core.base.test_texts import refusal


def test_age_changes_on_the_birthday() -> None:
    assert [age_on(date(2000, 2, 29), day) for day in (date(2018, 2, 28), date(2018, 3, 1))] == [17, 18]
    assert age_on(date(1990, 6, 1), date(1990, 6, 1)) == 0


@pytest.mark.parametrize("written", [
    "2023.5.6", "2023-05-06", "2023/5/6", "2023年5月6日", "2023 年 5 月 6 日", "20230506", 20230506, 20230506.0,
    date(2023, 5, 6), datetime(2023, 5, 6, 8, 30), "2023-05-06 00:00:00",
    "２０２３．５．６",
])
def test_days_are_read_as_offices_write_them(written: Any) -> None:
    found = parse_date(written)
    assert found == date(2023, 5, 6) and type(found) is date


@pytest.mark.parametrize(("written", "code"), [
    ("2023-02-30", "date_impossible"), ("20231301", "date_impossible"), ("0000-01-01", "date_impossible"),
    ("23.5.6", "date_format"), ("5/6/23", "date_format"), ("2023.5", "date_format"), ("45052", "date_format"),
    ("不详", "date_format"), ("", "date_format"), (None, "date_format"), (True, "date_format"), (0, "date_format"),
    (80_000, "date_format"), (1985, "date_format"), (65, "date_format"), (2023.5, "date_format"),
    (45052, "date_format"), (float("nan"), "date_format"), (float("inf"), "date_format"), (1e300, "date_format"),
])
def test_what_is_no_day_is_refused(written: Any, code: str) -> None:
    assert refusal(parse_date, written) == code


@pytest.mark.parametrize(("typed", "utc"), [
    ("2026-01-31 09:30", "2026-01-31 01:30:00"), ("2026-01-31T09:30", "2026-01-31 01:30:00"),
    ("2026年1月31日 9时30分", "2026-01-31 01:30:00"), ("2026年1月31日9时", "2026-01-31 01:00:00"),
    ("2026.1.31 9:05:07", "2026-01-31 01:05:07"), ("2026-01-31", "2026-01-30 16:00:00"),
    ("2026-01-31T01:30:00+00:00", "2026-01-31 01:30:00"),
    ("２０２６-01-31 09:30", "2026-01-31 01:30:00")])
def test_a_moment_without_a_zone_is_the_time_in_china(typed: Any, utc: str) -> None:
    assert str(parse_moment(typed)) == utc


@pytest.mark.parametrize("typed", [46053.395833, 2023.5, 1985, "2026-01-31 25:00", "2026-02-30 09:30", "昨天", "0001-01-01T00:00:00+14:00", "9:30"])
def test_an_impossible_moment_is_refused(typed: Any) -> None:
    with pytest.raises(InvalidValue):
        parse_moment(typed)


@pytest.mark.parametrize("written", [
    "1985", "1985年", "85", "85年", "1985.3", "1985-03", "1985/3", "1985年3月", "1985 年 3 月", "198503", "85.3", "85年3月5日",
    "85.3.5", "850305", "八五年三月", "一九八五年三月", "八五年三月五日", "3月5日", "三月五日", "1985年3月份", "１９８５．３"])
def test_a_part_of_a_day_agrees_with_that_day_and_with_no_other(written: str) -> None:
    part = part_of_day(written)
    assert part and part.agrees(date(1985, 3, 5)) and not part.agrees(date(1996, 4, 6))


@pytest.mark.parametrize("written", ["40岁", "5/3/1985", "不详", "", "1985.13", "85.3.45", "3-5", "正月", "198513", "13212348920"])
def test_what_tells_no_part_of_a_day_is_none(written: str) -> None:
    assert part_of_day(written) is None
