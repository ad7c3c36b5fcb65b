"""What a spreadsheet shows for a number or a day, as Excel shows it; what is not known is not guessed."""

from __future__ import annotations

from datetime import datetime

import pytest

from app.core.sheets.reading.child.formats import date_kind, is_plain, shown, shown_moment

MOMENT = datetime(1985, 3, 1, 8, 5)


@pytest.mark.parametrize(("value", "code", "text"), [
    (123, "000000", "000123"), (7, '"第"000"号"', "第007号"), (0.85, "0%", "85%"), (0.8512, "0.00%", "85.12%"),
    (1234.5, "#,##0.00", "1,234.50"), (1234567, "#,##0", "1,234,567"), (0.5, "0.0#", "0.5"),
    (13212348920, "000-0000-0000", "132-1234-8920"), (1985, '0"年"', "1985年"), (-5, "0;(0)", "(5)"), (0, '0;-0;"无"', "无"),
    (12, 'General"人"', "12人"), (3.5, '"￥"#,##0.00', "￥3.50"), (19850305, '0000"-"00"-"00', "1985-03-05"), (5, "0.00_ ", "5.00"),
    (12, "000-000", "000-012"), (3.7, "0", "4"), (7, "\\A00", "A07"), (1, "[Red]0", "1"), (-1234.5, "#,##0.0", "-1,234.5"),
    (1234, "0,", "1"), (0, "#", ""),
])
def test_a_number_shows_as_its_format_says(value: float, code: str, text: str) -> None:
    assert shown(value, code) == text


@pytest.mark.parametrize("code", ["[DBNum1]0", "# ?/?", "0.00E+00", '[>100]"多";0'])
def test_what_is_not_known_is_not_guessed(code: str) -> None:
    assert shown(12.5, code) is None


@pytest.mark.parametrize(("code", "kind", "text"), [
    ('yyyy"年"m"月"', "month", "1985年3月"), ("mmm-yy", "month", "Mar-85"), ('m"月"d"日"', "day of year", "3月1日"),
    ("yyyy/m/d h:mm", "day", "1985/3/1 8:05"), ("h:mm", "time", "8:05"), ('AM/PMh"时"mm"分"', "time", "AM8时05分"),
    ('[$-804]yyyy"年"m"月"d"日"', "day", "1985年3月1日"), ("mm:ss", "time", "05:00"), ("m/d/yy", "day", "3/1/85"),
    ('yyyy"年"', "year", "1985年"), ("yyyy\\-mm\\-dd;@", "day", "1985-03-01"), ("#,##0.00_);[Red]", "", None), ("0", "", None),
])
def test_a_format_tells_which_part_of_a_day_shows(code: str, kind: str, text: str | None) -> None:
    assert date_kind(code) == kind and (text is None or shown_moment(MOMENT, code) == text)
    assert is_plain(code) == (kind == "day")
