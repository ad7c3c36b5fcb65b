"""Texts as the product keeps them, yes and no in the words of offices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.core.base.texts import InvalidValue, normalize_text, parse_bool


def refusal(parse: Callable[[Any], object], value: Any) -> str:
    with pytest.raises(InvalidValue) as caught:
        parse(value)
    return caught.value.code


def test_text_is_what_people_meant() -> None:
    assert normalize_text("\u3000'阿依古丽·买买提\u200b ") == "阿依古丽·买买提"
    assert normalize_text("ＡＢ１２") == "AB12" and normalize_text(None) == ""


def test_yes_and_no_in_the_words_of_offices() -> None:
    assert all(parse_bool(word) is True for word in ("是", "有", "√", "Y", "true", "1", True, 1, 1.0))
    assert all(parse_bool(word) is False for word in ("否", "无", "×", "N", "False", "0", False, 0, 0.0))
    assert refusal(parse_bool, "也许") == "bool" and refusal(parse_bool, "") == "bool"
