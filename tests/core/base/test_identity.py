"""The checks of ID numbers, phones and credit codes, as truth tables."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from app.core.base.identity import (
    CREDIT_ALPHABET,
    MAN,
    WOMAN,
    check_digit,
    parse_credit_code,
    parse_id_number,
    parse_phone,
)
from app.core.base.moments import today
from app.core.base.texts import InvalidValue
from tests.core.base.test_texts import refusal

ID = "11010519491231002X"
CREDIT = "91350100M000100Y43"


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
    first = f"420303{today() + timedelta(days=40):%Y%m%d}001"
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


def test_an_x_at_the_end_of_fifteen_characters_is_wrong_not_a_crash() -> None:
    with pytest.raises(InvalidValue) as error:
        parse_id_number("42039990010190X")
    assert error.value.code == "id_characters"
