"""The order people expect: words by pinyin, persons by the reading of their surname, numbers by their size, nothing last.

A database orders by code point, so a sortable text has a column beside it whose code points are in that order.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from pypinyin import Style, lazy_pinyin
from sqlalchemy import DateTime, String
from sqlalchemy.orm import mapped_column

from app.core.base.fields import PERSON, Field, fields_of

SIGNS, LONGEST = 60, 480  # a sign takes eight places at most
NEVER = datetime(9999, 12, 31)
PARTS = re.compile(r"\d+|\D")
# Surnames that are read otherwise than the sign usually is; of two signs before those of one.
SURNAMES = {
    "单于": "chan2 yu2", "万俟": "mo4 qi2", "尉迟": "yu4 chi2", "长孙": "zhang3 sun1", "澹台": "tan2 tai2",
    "单": "shan4", "仇": "qiu2", "曾": "zeng1", "查": "zha1", "解": "xie4", "朴": "piao2", "区": "ou1", "盖": "ge3",
    "任": "ren2", "华": "hua4", "纪": "ji3", "宁": "ning4", "覃": "qin2", "乐": "yue4", "翟": "zhai2", "种": "chong2",
    "繁": "po2", "秘": "bi4", "召": "shao4", "折": "she2", "员": "yun4", "黑": "he4", "隗": "wei3", "祭": "zhai4",
    "阚": "kan4", "粘": "nian2", "乜": "nie4", "么": "yao1", "句": "gou1", "藏": "zang1", "冼": "xian3", "洗": "xian3",
    "葛": "ge3", "缪": "miao4", "牟": "mu4", "燕": "yan1", "应": "ying1", "於": "yu1", "俞": "yu2", "逄": "pang2",
}


@dataclass(frozen=True)
class Stretch:
    """A part of a list in its usual order: which rows it holds, and by which columns they stand, falling or rising.

    The stretches of a record (``Record.__in_order__``) follow each other, and every row lies in one of them.
    """

    which: Any
    order: tuple[Any, ...]
    falling: bool = False


def order_column(words: Field) -> Any:
    """The column that keeps the order of another one; indexed, and never empty."""
    if words.kind == "datetime":
        return mapped_column(DateTime, default=NEVER, server_default=NEVER.isoformat(" "), nullable=False, index=True)
    kept = String(LONGEST).with_variant(String(LONGEST, collation="C"), "postgresql")
    return mapped_column(kept, default="", server_default="", nullable=False, index=True)


def orders_of(record: Any, row: Any) -> dict[str, Any]:
    """What the order columns of a row hold, by its values."""
    return {words.order: order_of(words, getattr(row, name)) for name, words in fields_of(record).items() if words.order}


def order_of(words: Field, value: Any) -> Any:
    """The place of a value among those of its column."""
    if words.kind == "datetime":
        return value or NEVER
    return text_order(value or "", words.sorts == PERSON)


@lru_cache(maxsize=20_000)
def text_order(text: str, person: bool = False) -> str:
    """A text whose code points sort as people do: 章 after 张, 10号 after 2号, 单立人 under shan."""
    plain = unicodedata.normalize("NFKC", text).strip()[:SIGNS]
    head = next((name for name in (plain[:2], plain[:1]) if name in SURNAMES), "") if person else ""
    read = "".join(f"{sound}{sign}" for sound, sign in zip(SURNAMES[head].split(), head, strict=True)) if head else ""
    return (read + "".join(map(_part, PARTS.findall(plain[len(head):]))))[:LONGEST]


def _part(part: str) -> str:
    """A number by its length and its digits, a sign by its sound, anything else before them all."""
    if part[0].isdecimal():
        digits = "".join(str(unicodedata.decimal(sign)) for sign in part).lstrip("0") or "0"
        return f"{len(digits):02d}{digits}"
    return _sound(part)


@lru_cache(maxsize=30_000)
def _sound(sign: str) -> str:
    if sign.isascii():
        return sign.lower() if sign.isalpha() else " "
    found: list[str] = lazy_pinyin(sign, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")
    return f"{found[0]}{sign}" if found else f"~{sign}" if sign.isalpha() else " "
