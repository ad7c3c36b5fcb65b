"""ID numbers, phones and credit codes: read the same way by forms, REST and workbooks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from operator import mul
from typing import Any

from flask_babel import lazy_gettext as _

from app.core.base.moments import today
from app.core.base.texts import InvalidValue, normalize_text

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
MAN, WOMAN = "1", "2"
EXACT_DIGITS = 15
CITIZEN = re.compile(r"\d{17}[\dX]", re.ASCII)
MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
SPREADSHEET_ZEROS = "000"  # what a saved number cell shows for the last three of 18 digits
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class IdNumber:
    """What a citizen identity number says (GB 11643-1999)."""

    number: str
    birth_on: date
    sex: str
    from_15: bool = False


def check_digit(first17: str) -> str:
    """The 18th character for the first 17 (ISO 7064 MOD 11-2)."""
    total = sum(map(mul, first17.encode(), ID_WEIGHTS)) - ord("0") * sum(ID_WEIGHTS)
    return ID_CHECKS[total % 11]


def parse_id_number(value: Any) -> IdNumber:
    """Reads a number of 18 or 15 characters; InvalidValue says what is wrong with it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = _from_number_cell(value)
    return _parsed_id("" if value is None else str(value))


@lru_cache(maxsize=4_000)
def _parsed_id(written: str) -> IdNumber:
    """Remembered while a batch of rows passes, because cell, rule and check each read the number of a row."""
    if CITIZEN.fullmatch(written):
        return _checked(written, from_15=False)
    text = re.sub(r"[\s-]", "", normalize_text(written)).upper()
    if re.fullmatch(r"\d(\.\d+)?E\+?\d+", text):
        raise _digits_lost()
    if re.search(r"[^0-9X]", text) or "X" in text[:-1] or len(text) == 15 and text[-1] == "X":
        raise InvalidValue("id_characters", _("An ID number has only digits, and X at the end at most."))
    if len(text) == 15:
        text = text[:6] + "19" + text[6:]
        return _checked(text + check_digit(text), from_15=True)
    if len(text) != 18:
        raise InvalidValue("id_length", _("An ID number has 18 characters (old ones 15); this one has %(count)s.",
                                          count=len(text)))
    return _checked(text, from_15=False)


def _from_number_cell(value: int | float) -> str:
    """A spreadsheet's number keeps 15 digits: longer ones have lost their end."""
    if not float(value).is_integer() or abs(value) >= 10**EXACT_DIGITS:
        raise _digits_lost()
    return str(int(value))


def _digits_lost() -> InvalidValue:
    return InvalidValue("id_digits_lost", _(
        "The cell is a number, so the spreadsheet has lost the last digits: enter the ID number again as text."))


def _checked(number: str, from_15: bool) -> IdNumber:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise InvalidValue("id_birth", _("The date of birth in the ID number does not exist.")) from error
    if not date(1880, 1, 1) <= born <= today() + timedelta(days=1):
        raise InvalidValue("id_birth", _("The date of birth in the ID number cannot be right."))
    if check_digit(number[:17]) != number[17]:
        if number.endswith(SPREADSHEET_ZEROS):
            raise _digits_lost()
        raise InvalidValue("id_check_digit", _(
            "The last character does not fit the others (it would be %(digit)s): compare with the card.",
            digit=check_digit(number[:17])))
    return IdNumber(number, born, MAN if int(number[16]) % 2 else WOMAN, from_15)


def parse_phone(value: Any) -> str:
    """A mobile number, or a fixed one with or without its area code, in one form."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and MOBILE.fullmatch(value):
        return value
    text = re.sub(r"^(\+?86)(?=1\d{10}$)", "", re.sub(r"[\s()\-–—]", "", normalize_text(value)))
    if MOBILE.fullmatch(text):
        return text
    fixed = re.fullmatch(r"(0(?:10|2\d|[3-9]\d{2}))?(\d{7,8})", text)
    if fixed:
        return f"{fixed[1]}-{fixed[2]}" if fixed[1] else fixed[2]
    raise InvalidValue("phone", _("A phone number has 11 digits (mobile) or an area code and 7 or 8 digits."))


def credit_check(first17: str) -> str:
    """The 18th character of a unified social credit code (GB 32100-2015)."""
    total = sum(CREDIT_ALPHABET.index(c) * w for c, w in zip(first17, CREDIT_WEIGHTS, strict=True))
    return CREDIT_ALPHABET[(31 - total % 31) % 31]


def body_check(first8: str) -> str:
    """The 9th character of an organization code (GB 11714)."""
    total = sum(int(c, 36) * w for c, w in zip(first8, BODY_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def parse_credit_code(value: Any) -> str:
    """A unified social credit code with both check characters right."""
    text = re.sub(r"[\s-]", "", normalize_text(value)).upper()
    if len(text) != 18:
        raise InvalidValue("credit_length", _("A unified social credit code has 18 characters."))
    if set(text) - set(CREDIT_ALPHABET):
        raise InvalidValue("credit_characters", _("The letters I, O, S, V, Z do not occur in a credit code."))
    if credit_check(text[:17]) != text[17] or body_check(text[8:16]) != text[16]:
        raise InvalidValue("credit_check_digit", _("The check character does not fit: compare with the licence."))
    return text
