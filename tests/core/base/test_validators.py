"""The checks of numbers, phones, dates and amounts, as truth tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.core.base.validators import (
    CREDIT_ALPHABET,
    MAN,
    WOMAN,
    InvalidValue,
    age_on,
    check_digit,
    mask_address,
    mask_id_number,
    mask_phone,
    normalize_text,
    parse_bool,
    parse_credit_code,
    parse_date,
    parse_decimal,
    parse_id_number,
    parse_integer,
    parse_moment,
    parse_phone,
)

ID = "11010519491231002X"
CREDIT = "91350100M000100Y43"


def refusal(parse: Callable[[Any], object], value: Any) -> str:
    with pytest.raises(InvalidValue) as caught:
        parse(value)
    return caught.value.code


@pytest.mark.parametrize("written", [
    ID, ID.lower(), f"'{ID}", f"\ufeff{ID}\t", f" {ID}\u3000", "110105 19491231 002X", "110105-19491231-002X",
    "１１０１０５１９４９１２３１００２Ｘ", "1101\u200b0519491231002X",
])
def test_one_id_number_however_it_is_written(written: str) -> None:
    found = parse_id_number(written)
    assert (found.number, found.birth_on, found.sex, found.from_15) == (ID, date(1949, 12, 31), WOMAN, False)


@pytest.mark.parametrize("written", ["110105491231002", 110105491231002, 110105491231002.0])
def test_an_old_number_of_15_digits_grows_to_18(written: str | float) -> None:
    found = parse_id_number(written)
    assert found.number == ID and found.from_15


def test_the_17th_digit_tells_the_sex() -> None:
    first = "42039919900101001"
    assert parse_id_number(first + check_digit(first)).sex == MAN


@pytest.mark.parametrize(("written", "code"), [
    (4.20399e17, "id_digits_lost"), (420399199001010000, "id_digits_lost"), (float("nan"), "id_digits_lost"),
    (float("inf"), "id_digits_lost"), ("4.20399E+17", "id_digits_lost"), ("4E17", "id_digits_lost"),
    ("420303199001011000", "id_digits_lost"),
    (None, "id_length"), ("", "id_length"), (ID[:17], "id_length"), (ID[:17] + "00", "id_length"),
    ("无", "id_characters"), ("11010519491231X021", "id_characters"), ("11010519491231002Y", "id_characters"),
    ("420303199902290011", "id_birth"), ("420303199013010011", "id_birth"), ("420303187912310011", "id_birth"),
    ("420303000001010011", "id_birth"), ("420303990230001", "id_birth"),
    ("110105194912310021", "id_check_digit"),
])
def test_what_is_wrong_with_an_id_number_is_named(written: Any, code: str) -> None:
    assert refusal(parse_id_number, written) == code


def test_nobody_is_born_in_the_future() -> None:
    first = f"420303{date.today() + timedelta(days=40):%Y%m%d}001"
    assert refusal(parse_id_number, first + check_digit(first)) == "id_birth"


def test_29_february_exists_in_leap_years_only() -> None:
    leap, hundred = "42030320000229001", "42030319000229001"
    assert parse_id_number(leap + check_digit(leap)).birth_on == date(2000, 2, 29)
    assert refusal(parse_id_number, hundred + check_digit(hundred)) == "id_birth"


def test_a_number_that_truly_ends_in_zeros_is_kept() -> None:
    number = next(text for text in (f"420399199001{day:02d}{serial}000" for day in range(1, 29) for serial in (1, 2, 3))
                  if check_digit(text[:17]) == "0")
    assert parse_id_number(number).number == number


def test_every_wrong_digit_is_caught() -> None:
    for place in range(17):
        for digit in set("0123456789") - {ID[place]}:
            refusal(parse_id_number, ID[:place] + digit + ID[place + 1:])


def test_neighbours_changing_places_are_caught() -> None:
    for place in range(16):
        if ID[place] != ID[place + 1]:
            refusal(parse_id_number, ID[:place] + ID[place + 1] + ID[place] + ID[place + 2:])


def test_the_message_gives_the_digit_but_never_the_number() -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_id_number("110105194912310021")
    said = str(caught.value.message)
    assert "X" in said and "1101051949" not in said


def test_age_changes_on_the_birthday() -> None:
    assert [age_on(date(2000, 2, 29), day) for day in (date(2018, 2, 28), date(2018, 3, 1))] == [17, 18]
    assert age_on(date(1990, 6, 1), date(1990, 6, 1)) == 0


def test_text_is_what_people_meant() -> None:
    assert normalize_text("\u3000'阿依古丽·买买提\u200b ") == "阿依古丽·买买提"
    assert normalize_text("ＡＢ１２") == "AB12" and normalize_text(None) == ""


@pytest.mark.parametrize(("written", "phone"), [
    ("13212348920", "13212348920"), ("132 1234 8920", "13212348920"), ("132-1234-8920", "13212348920"),
    ("+86 13212348920", "13212348920"), ("8613212348920", "13212348920"), (13212348920.0, "13212348920"),
    (13212348920, "13212348920"), ("１３２１２３４８９２０", "13212348920"), ("0719-8000413", "0719-8000413"),
    ("(0719)8000413", "0719-8000413"), ("07198000413", "0719-8000413"), ("010-12345678", "010-12345678"),
    ("8000413", "8000413"),
])
def test_phones_have_one_form(written: Any, phone: str) -> None:
    assert parse_phone(written) == phone


@pytest.mark.parametrize("written", ["", None, "无", "12345", "12012345678", "132123489201", 1.5, True])
def test_what_is_no_phone_is_refused(written: Any) -> None:
    assert refusal(parse_phone, written) == "phone"


@pytest.mark.parametrize("written", [
    "2023.5.6", "2023-05-06", "2023/5/6", "2023年5月6日", "2023 年 5 月 6 日", "20230506", 20230506, 20230506.0,
    45052, 45052.0, 45052.75, date(2023, 5, 6), datetime(2023, 5, 6, 8, 30), "2023-05-06 00:00:00",
    "２０２３．５．６",
])
def test_days_are_read_as_offices_write_them(written: Any) -> None:
    found = parse_date(written)
    assert found == date(2023, 5, 6) and type(found) is date


@pytest.mark.parametrize(("written", "code"), [
    ("2023-02-30", "date_impossible"), ("20231301", "date_impossible"), ("0000-01-01", "date_impossible"),
    ("23.5.6", "date_format"), ("5/6/23", "date_format"), ("2023.5", "date_format"), ("45052", "date_format"),
    ("不详", "date_format"), ("", "date_format"), (None, "date_format"), (True, "date_format"), (0, "date_format"),
    (80_000, "date_format"), (float("nan"), "date_format"), (float("inf"), "date_format"), (1e300, "date_format"),
])
def test_what_is_no_day_is_refused(written: Any, code: str) -> None:
    assert refusal(parse_date, written) == code


def test_a_credit_code_has_both_checks() -> None:
    assert parse_credit_code("91350100m000100y43 ") == CREDIT
    for place in range(18):
        for sign in set(CREDIT_ALPHABET) - {CREDIT[place]}:
            assert refusal(parse_credit_code, CREDIT[:place] + sign + CREDIT[place + 1:]) == "credit_check_digit"


@pytest.mark.parametrize(("written", "code"), [
    ("", "credit_length"), (CREDIT[:15], "credit_length"), ("91350100M000100YI3", "credit_characters"),
    ("91350100M000100YO3", "credit_characters"), ("91350100M00010中Y43", "credit_characters"),
])
def test_what_is_wrong_with_a_credit_code_is_named(written: str, code: str) -> None:
    assert refusal(parse_credit_code, written) == code


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


def test_yes_and_no_in_the_words_of_offices() -> None:
    assert all(parse_bool(word) is True for word in ("是", "有", "√", "Y", "true", "1", True, 1, 1.0))
    assert all(parse_bool(word) is False for word in ("否", "无", "×", "N", "False", "0", False, 0, 0.0))
    assert refusal(parse_bool, "也许") == "bool" and refusal(parse_bool, "") == "bool"


def test_masks_keep_only_what_tells_people_apart() -> None:
    assert mask_id_number("420303199001011234") == "420303************"
    assert mask_id_number("12345") == "*****"
    assert mask_phone("13212348920") == "132****8920" and mask_phone("0719-8000413") == "0719-****413"
    assert mask_address("王湾小区10栋3单元401室") == "王湾小区***"
    assert mask_address("石桥村") == "石桥村***"


def test_an_x_at_the_end_of_fifteen_characters_is_wrong_not_a_crash() -> None:
    with pytest.raises(InvalidValue) as error:
        parse_id_number("42039990010190X")
    assert error.value.code == "id_characters"


@pytest.mark.parametrize(("typed", "utc"), [
    ("2026-01-31 09:30", "2026-01-31 01:30:00"), ("2026-01-31T09:30", "2026-01-31 01:30:00"),
    ("2026年1月31日 9时30分", "2026-01-31 01:30:00"), ("2026年1月31日9时", "2026-01-31 01:00:00"),
    ("2026.1.31 9:05:07", "2026-01-31 01:05:07"), ("2026-01-31", "2026-01-30 16:00:00"),
    ("2026-01-31T01:30:00+00:00", "2026-01-31 01:30:00"), (46053.395833, "2026-01-31 01:30:00"),
    ("２０２６-01-31 09:30", "2026-01-31 01:30:00")])
def test_a_moment_without_a_zone_is_the_time_in_china(typed: Any, utc: str) -> None:
    assert str(parse_moment(typed)) == utc


@pytest.mark.parametrize("typed", ["2026-01-31 25:00", "2026-02-30 09:30", "昨天", "0001-01-01T00:00:00+14:00", "9:30"])
def test_an_impossible_moment_is_refused(typed: str) -> None:
    with pytest.raises(InvalidValue):
        parse_moment(typed)
