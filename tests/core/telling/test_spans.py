"""How long it still is, in words, by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask_babel import force_locale

from app.core.cases.lights import AMBER, GREEN, RED, mark
from app.core.telling.spans import left

MOMENT = datetime(2026, 3, 2, 9, 0)


@pytest.mark.parametrize(("days", "hours", "minutes", "words"), [
    (0, 1, 20, "还剩 1 小时 20 分"), (0, 2, 0, "还剩 2 小时"), (0, 0, 5, "还剩 5 分"), (1, 3, 30, "还剩 1 天 3 小时"),
    (5, 3, 30, "还剩 5 天"), (-2, 0, 0, "超期 2 天"), (0, -1, -5, "超期 1 小时 5 分"), (-40, -5, 0, "超期 40 天")])
def test_what_is_left_is_said_in_two_units(app: Flask, days: int, hours: int, minutes: int, words: str) -> None:
    with app.test_request_context(), force_locale("zh"):
        assert left(MOMENT + timedelta(days=days, hours=hours, minutes=minutes), MOMENT) == words


def test_a_begun_minute_counts_and_a_passed_moment_is_past(app: Flask) -> None:
    with app.test_request_context(), force_locale("zh"):
        assert left(MOMENT + timedelta(seconds=20), MOMENT) == "还剩 1 分"
        assert left(MOMENT, MOMENT + timedelta(seconds=20)) == "超期 1 分"
    with app.test_request_context(), force_locale("en"):
        assert left(MOMENT + timedelta(hours=1, minutes=20), MOMENT) == "1 h 20 min left"


def test_lights_differ_by_shape_and_word_not_by_colour_alone(app: Flask) -> None:
    with app.test_request_context(), force_locale("zh"):
        drawn = [str(mark(colour)) for colour in (GREEN, AMBER, RED)]
    assert [word in text for word, text in zip(("正常", "即将到期", "已超期"), drawn, strict=True)], drawn
    assert len({text[text.index("<i"):text.index("</i>")] for text in drawn}) == 3
    assert not mark("")
