"""Whole numbers as offices write them in names: 1, 01, 一, 十一, 壹, Ⅰ, ①."""

from __future__ import annotations

import re
import unicodedata

ONES = {sign: value for signs in ("〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖") for value, sign in enumerate(signs)}
FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰零", "一二三四五六七八九十百〇")
ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50}
NUMERAL = "[0-9]{1,4}|[IVXL]{1,7}|[〇零一二三四五六七八九十百壹贰叁肆伍陆柒捌玖拾佰]{1,6}"  # of a text in NFKC
CHINESE = re.compile("(?:([一二三四五六七八九])百)?〇?(?:([一二三四五六七八九])?(十))?〇?([一二三四五六七八九])?")


def whole_number(text: str) -> int | None:
    """The number a text is; None when it is none, or more than a number."""
    text = unicodedata.normalize("NFKC", text).strip()
    if re.fullmatch("[0-9]{1,4}", text):
        return int(text)
    if re.fullmatch("[IVXL]{1,7}", text):
        return _roman(text)
    text = text.translate(FORMAL)
    found = CHINESE.fullmatch(text) if text else None
    if found is None:
        return int("".join(str(ONES[sign]) for sign in text)) if text and set(text) <= ONES.keys() else None
    hundreds, tens, ten, ones = found.groups()
    return ONES.get(hundreds, 0) * 100 + (ONES.get(tens, 1) * 10 if ten else 0) + ONES.get(ones, 0)


def _roman(text: str) -> int:
    """A Roman number: what stands before something larger is taken off."""
    values = [ROMAN[sign] for sign in text]
    return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))
