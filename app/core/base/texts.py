"""Texts from outside as the product keeps them, and what is said when one cannot be kept."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _

INVISIBLE = dict.fromkeys(map(ord, "\0\u200b\u200c\u200d\ufeff\u2060\t\r"))
LONGEST_TEXT = 10_000
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")  # makes a text read otherwise than it is stored
LINE_END = re.compile(r"\r\n?")
AROUND = "\u200b\u2060\ufeff"  # what a copied text brings unseen at its ends
TRUE = {"是", "有", "√", "✓", "对", "y", "yes", "true", "1", "1.0", "已签", "畅通"}
FALSE = {"否", "无", "×", "✗", "没有", "n", "no", "false", "0", "0.0", "未签", "不畅通"}


class InvalidValue(Exception):
    """A value that cannot be read: a code for programs, a sentence for people."""

    def __init__(self, code: str, message: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def normalize_text(value: Any) -> str:
    """A code, number or search word as people meant it: full-width digits and letters narrow, no stray spaces."""
    text = "" if value is None else str(value)
    if text.isalnum() and unicodedata.is_normalized("NFKC", text):
        return text
    text = unicodedata.normalize("NFKC", text)
    return text.translate(INVISIBLE).strip().lstrip("'‘’`").strip()


def kept_text(value: Any) -> str:
    """A text to the letter; blanks around it are no part of it, and a line ends in one way."""
    text, before = LINE_END.sub("\n", "" if value is None else str(value)), ""
    while text != before:
        before, text = text, text.strip().strip(AROUND)
    return text


def parse_text(value: Any, limit: int | None = None) -> str:
    """A text to the letter; InvalidValue when it is too long or cannot be kept as it is."""
    text, limit = kept_text(value), limit or LONGEST_TEXT
    if len(text) > limit:
        raise InvalidValue("too_long", _("This text is longer than %(limit)s characters: shorten it.", limit=limit))
    if CONTROL.search(text):
        raise InvalidValue("characters", _("This text holds characters that cannot be kept: type it again."))
    if DIRECTION.search(text):
        raise InvalidValue("direction", _("This text holds hidden marks that turn the direction of reading: "
                                          "type it again instead of pasting it."))
    return text


def parse_json(text: str) -> Any:
    """A JSON value typed, pasted or kept in a cell."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidValue("json", _("This is not valid GeoJSON.")) from error


def parse_bool(value: Any) -> bool:
    """Yes or no in the words offices use."""
    text = normalize_text(value).lower()
    if text in TRUE or text in FALSE:
        return text in TRUE
    raise InvalidValue("bool", _("Write 是 or 否."))
