"""Identity numbers, phones, dates, credit codes: read the same way by forms, REST and workbooks."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from operator import mul
from typing import Any

from flask_babel import lazy_gettext as _

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"
MAN, WOMAN = "1", "2"
INVISIBLE = dict.fromkeys(map(ord, "\0\u200b\u200c\u200d\ufeff\u2060\t\r"))
EXACT_DIGITS = 15
CITIZEN = re.compile(r"\d{17}[\dX]", re.ASCII)
MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
SPREADSHEET_ZEROS = "000"  # what a saved number cell shows for the last three of 18 digits


class InvalidValue(Exception):
    """A value that cannot be read: a code for programs, a sentence for people."""

    def __init__(self, code: str, message: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


LARGEST = 2**31 - 1  # what an integer column of PostgreSQL holds
LONGEST_TEXT = 10_000
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def record_id(value: Any) -> int | None:
    """The id that a text or number from outside names; None when no record can have it."""
    if isinstance(value, str):
        value = int(value) if re.fullmatch("[0-9]{1,10}", value) else 0
    return value if type(value) is int and 0 < value <= LARGEST else None


def normalize_text(value: Any) -> str:
    """Text as people meant it: full-width digits and letters narrow, no stray spaces or apostrophes."""
    text = "" if value is None else str(value)
    if text.isalnum() and unicodedata.is_normalized("NFKC", text):
        return text
    text = unicodedata.normalize("NFKC", text)
    return text.translate(INVISIBLE).strip().lstrip("'‘’`").strip()


def parse_text(value: Any, limit: int | None = None) -> str:
    """Text as people meant it; InvalidValue when it is too long or cannot be kept."""
    text, limit = normalize_text(value), limit or LONGEST_TEXT
    if len(text) > limit:
        raise InvalidValue("too_long", _("This text is longer than %(limit)s characters: shorten it.", limit=limit))
    if CONTROL.search(text):
        raise InvalidValue("characters", _("This text holds characters that cannot be kept: type it again."))
    return text


def parse_json(text: str) -> Any:
    """A JSON value typed, pasted or kept in a cell."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidValue("json", _("This is not valid GeoJSON.")) from error


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
    if not date(1880, 1, 1) <= born <= date.today() + timedelta(days=1):
        raise InvalidValue("id_birth", _("The date of birth in the ID number cannot be right."))
    if check_digit(number[:17]) != number[17]:
        if number.endswith(SPREADSHEET_ZEROS):
            raise _digits_lost()
        raise InvalidValue("id_check_digit", _(
            "The last character does not fit the others (it would be %(digit)s): compare with the card.",
            digit=check_digit(number[:17])))
    return IdNumber(number, born, MAN if int(number[16]) % 2 else WOMAN, from_15)


def age_on(birth_on: date, day: date) -> int:
    """Full years of age on a day."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


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


DATE_FORMS = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?\.?(?:[ T]\d.*)?")
EXCEL_EPOCH = date(1899, 12, 30)


CHINESE_DATE = re.compile(r"[〇零○一二三四五六七八九]{4}年[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}[日号]")
CHINESE_NUMBER = re.compile(r"[〇零○一二三四五六七八九十]+")
CHINESE_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")


def _plain_number(match: re.Match[str]) -> str:
    """A year digit by digit, or a month or day up to 三十一, in plain digits."""
    tens, ten, ones = match[0].partition("十")
    if not ten:
        return match[0].translate(CHINESE_DIGITS)
    return (tens.translate(CHINESE_DIGITS) or "1") + (ones.translate(CHINESE_DIGITS) or "0")


def parse_date(value: Any) -> date:
    """A day as offices write it: 2023.5.6, 2023-05-06, 2023年5月6日, 二〇二三年五月六日, 20230506, or Excel's number."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value < 80_000:
        return EXCEL_EPOCH + timedelta(days=int(value))
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


MOMENT_FORM = re.compile(r"(.+?)[ T]+(\d{1,2})[:时点](?:(\d{1,2})(?:[:分](\d{1,2})?(?:\.\d*)?秒?)?)?")
OFFICE_ZONE = timezone(timedelta(hours=8))  # China has one time zone and no summer time


def parse_moment(value: Any) -> datetime:
    """A moment as the database keeps it, in UTC without a zone.

    Offices write 2026-01-31 09:30, 2026年1月31日 9时30分 or a day alone; without a zone it is the time in China.
    ISO 8601 with a zone, and Excel's number of days, are read as well.
    """
    if isinstance(value, float) and not value.is_integer() and 1 <= value < 80_000:
        return _in_utc(datetime.combine(EXCEL_EPOCH, time()) + timedelta(minutes=round(value * 24 * 60)))
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
            return _at_time(parse_date(match[1].strip()), [int(part or 0) for part in match.groups()[1:]])
    return _at_time(parse_date(text), [0, 0, 0])


def _at_time(day: date, parts: list[int]) -> datetime:
    try:
        return _in_utc(datetime.combine(day, time(*parts)))
    except ValueError as error:
        raise InvalidValue("date_impossible", _("This time does not exist.")) from error


def _in_utc(moment: datetime) -> datetime:
    try:
        placed = moment if moment.tzinfo else moment.replace(tzinfo=OFFICE_ZONE)
        return placed.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise InvalidValue("date_impossible", _("This time does not exist.")) from error


CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


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


AROUND = re.compile(r"^(?:约|共|第|¥|人民币)\s*|\s*(?:间|m2|平方米|平米|平|元(?:/月|/年)?|层|楼|户|人次?|年|个|栋|套|室|周?岁|米|亩)$")


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


TRUE = {"是", "有", "√", "✓", "对", "y", "yes", "true", "1", "1.0", "已签", "畅通"}
FALSE = {"否", "无", "×", "✗", "没有", "n", "no", "false", "0", "0.0", "未签", "不畅通"}


def parse_bool(value: Any) -> bool:
    """Yes or no in the words offices use."""
    text = normalize_text(value).lower()
    if text in TRUE or text in FALSE:
        return text in TRUE
    raise InvalidValue("bool", _("Write 是 or 否."))


def mask_id_number(text: str) -> str:
    """The division code stays; the date of birth stands beside it, so the end would give all away."""
    return f"{text[:6]}{'*' * (len(text) - 6)}" if len(text) > 10 else "*" * len(text)


def mask_phone(text: str) -> str:
    """The first three and the last four digits of a mobile number stay."""
    if "-" in text:
        area, _sep, local = text.partition("-")
        return f"{area}-****{local[-3:]}"
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 10 else f"****{text[-3:]}"


def mask_address(text: str) -> str:
    """The road or estate stays; what leads to the door is hidden."""
    return re.sub(r"\d.*", "***", text, count=1) if re.search(r"\d", text) else f"{text[:3]}***"
