"""Whole numbers, amounts and ids as forms, REST and workbooks write them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _

from app.core.base.texts import InvalidValue, normalize_text

LARGEST = 2**31 - 1  # what an integer column of PostgreSQL holds
AROUND = re.compile(r"^(?:约|共|第|¥|人民币)\s*|\s*(?:间|m2|平方米|平米|平|元(?:/月|/年)?|层|楼|户|人次?|年|个|栋|套|室|周?岁|米|亩)$")


def record_id(value: Any) -> int | None:
    """The id that a text or number from outside names; None when no record can have it."""
    if isinstance(value, str):
        value = int(value) if re.fullmatch("[0-9]{1,10}", value) else 0
    return value if type(value) is int and 0 < value <= LARGEST else None


def _number_text(value: Any) -> str:
    return AROUND.sub("", normalize_text(value).replace(",", "")).strip()


def parse_integer(value: Any) -> int:
    """A whole number, with full-width digits, thousands commas or a unit behind it."""
    number = parse_decimal(value)
    if number != number.to_integral_value() or abs(number) > LARGEST:
        raise InvalidValue("integer", _("Write a whole number."))
    return int(number)


def parse_decimal(value: Any) -> Decimal:
    """A number, with full-width digits, thousands commas or a unit behind it."""
    try:
        number = Decimal(_number_text(value))
    except InvalidOperation as error:
        raise InvalidValue("number", _("Write a number.")) from error
    if not number.is_finite() or abs(number) >= 10**12:
        raise InvalidValue("number", _("Write a number."))
    return number
