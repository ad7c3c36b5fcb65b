"""What is done with a cell beside reading it: words for nothing, values put right for all rows, phones with more in the cell."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Any

from flask_babel import gettext as _

from app.core.base.fields import Field
from app.core.base.identity import parse_phone
from app.core.base.texts import InvalidValue
from app.core.sheets.checking.values import CellReader, text_of_cell
from app.core.sheets.checking.words import key_of
from app.core.telling.dictionaries import dictionary

NOTHING = frozenset({"无", "暂无", "没有", "不详", "不清楚", "不知道", "未知", "未填", "空", "none", "n/a", "无电话", "无手机",
                     "未提供", "不提供", "无联系方式", "无号码"})
EMPTY_KINDS = ("choice", "date", "datetime", "int", "decimal", "relation")
NUMBER = re.compile(r"(?<![\d])(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4}|1[3-9]\d{2}[- ]?\d{3}[- ]?\d{4})(?!\d)"
                    r"|(?<!\d)(\(?0(?:10|2\d|[3-9]\d{2})\)?[- ]?\d{3,4}[- ]?\d{4})(?!\d)|(?<![\d-])(\d{7,8})(?![\d-])")
LOST_ZERO = re.compile(r"[3-9]\d{2}\d{7}")  # 7198000123: the spreadsheet took the zero from 0719


class Kept(Exception):
    """A cell of which a part is kept, or nothing: the value, a code, and what is told about it."""

    def __init__(self, value: Any, code: str, message: str) -> None:
        super().__init__(code)
        self.value, self.code, self.message = value, code, message


class Taker:
    """Reads the cells of one field; ``replaced`` are its wrong values and what they are to be."""

    def __init__(self, words: Field, reader: CellReader, replaced: dict[str, str]) -> None:
        self.words, self.reader, self.replaced = words, reader, replaced
        self.used: Counter[str] = Counter()
        self.may_be_nothing = reader.is_phone or words.kind in EMPTY_KINDS or bool(words.dictionary)

    def read(self, cell: Any) -> Any:
        """The value, None for an empty cell; InvalidValue says what is wrong, Kept what is told."""
        if self.replaced:
            cell = self.right(cell)
        if self.may_be_nothing and type(cell) is str and self._is_nothing(cell):
            return None
        if not self.reader.is_phone:
            return self.reader.read(cell)
        try:
            return self.reader.read(cell)
        except InvalidValue as error:
            if error.code != "phone" or self.words.required:
                raise
            return self._phone(text_of_cell(cell), error)

    def right(self, cell: Any) -> Any:
        """What was said about a wrong value, in its place."""
        wrong = key_of(text_of_cell(cell))
        if wrong not in self.replaced:
            return cell
        self.used[wrong] += 1
        return self.replaced[wrong]

    def _is_nothing(self, text: str) -> bool:
        text = text.strip().lower()
        return text in NOTHING and not (self.words.dictionary and text in dictionary(self.words.dictionary).by_word)

    @staticmethod
    def _phone(text: str, wrong: InvalidValue) -> Any:
        """The first number of a cell; what else stands there is told, for a phone is no reason to lose a person.

        Digits that are no number are wrong, and to be put right.
        """
        text = unicodedata.normalize("NFKC", text).removesuffix(".0")
        if LOST_ZERO.fullmatch(text):
            raise Kept(parse_phone(f"0{text}"), "tel_zero", _(
                "The number had lost its zero and was read as %(number)s…: correct it if that is wrong.", number=f"0{text[:3]}"))
        found = list(NUMBER.finditer(text))
        if not found and any(map(str.isdigit, text)):
            raise wrong
        if not found:
            raise Kept(None, "phone_left", _("No phone number stands here: “%(text)s” was left out, put it in the remarks.",
                                             text=text[:40]))
        value, more = parse_phone(next(part for part in found[0].groups() if part)), len(found) - 1
        rest = re.sub(r"^[\s,，、;；/|:：.-]+|[\s,，、;；/|:：.-]+$", "", NUMBER.sub("", text))
        if more:
            raise Kept(value, "tel_several", _(
                "The cell holds %(count)s numbers: the first is kept. Put the others in a column of their own.", count=more + 1))
        if rest:
            raise Kept(value, "tel_remark", _("The number is kept, “%(rest)s” beside it is not: put it in the remarks.",
                                              rest=rest[:40]))
        return value
