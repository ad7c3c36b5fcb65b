"""Texts from outside as the product keeps them, and what is said when one cannot be kept."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from flask_babel import lazy_gettext as _

INVISIBLE = dict.fromkeys(map(ord, "\0\u200b\u200c\u200d\ufeff\u2060\t\r"))
LONGEST_TEXT = 10_000
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
TRUE = {"是", "有", "√", "✓", "对", "y", "yes", "true", "1", "1.0", "已签", "畅通"}
FALSE = {"否", "无", "×", "✗", "没有", "n", "no", "false", "0", "0.0", "未签", "不畅通"}


class InvalidValue(Exception):
    """A value that cannot be read: a code for programs, a sentence for people."""

    def __init__(self, code: str, message: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


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


def parse_bool(value: Any) -> bool:
    """Yes or no in the words offices use."""
    text = normalize_text(value).lower()
    if text in TRUE or text in FALSE:
        return text in TRUE
    raise InvalidValue("bool", _("Write 是 or 否."))
