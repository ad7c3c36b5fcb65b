"""Whole numbers and amounts as offices write them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.core.base.numbers import parse_decimal, parse_integer
from tests.core.base.test_texts import refusal


@pytest.mark.parametrize(("written", "number"), [
    ("３间", 3), ("1,200", 1200), ("2户", 2), ("3人", 3), ("6 层", 6), (4.0, 4), ("-1", -1),
])
def test_whole_numbers_lose_their_units(written: Any, number: int) -> None:
    assert parse_integer(written) == number


@pytest.mark.parametrize(("written", "number"), [
    ("８８．５㎡", "88.5"), ("120 平方米", "120"), ("1,200.50元", "1200.50"), ("88.5m²", "88.5"), (0.1, "0.1"),
])
def test_amounts_are_exact(written: Any, number: str) -> None:
    assert parse_decimal(written) == Decimal(number)


@pytest.mark.parametrize("written", ["", None, "abc", "NaN", "Infinity", "1e300", True])
def test_what_is_no_number_is_refused(written: Any) -> None:
    assert refusal(parse_decimal, written) == "number"


def test_half_a_person_is_refused() -> None:
    assert refusal(parse_integer, "2.5人") == "integer"
