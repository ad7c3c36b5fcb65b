"""One cell of a sheet as the column's value, or a message that says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.core.dictionaries import code_of, entries
from app.core.display import masked
from app.core.fields import Field
from app.core.validators import (
    InvalidValue,
    normalize_text,
    parse_bool,
    parse_date,
    parse_decimal,
    parse_id_number,
    parse_integer,
    parse_phone,
)

NOTHING = {"", "-", "—", "无", "/", "暂无", "空", "none", "null"}
ERROR, NOTE = "error", "note"
PARSERS: dict[str, Callable[[Any], Any]] = {
    "date": parse_date, "int": parse_integer, "decimal": parse_decimal, "bool": parse_bool,
}


@dataclass
class Message:
    """What is to be said about a cell or a sheet."""

    sheet: str
    row: int
    column: str
    value: str
    code: str
    message: str
    level: str = ERROR

    def as_dict(self) -> dict[str, Any]:
        return dict(self.__dict__)


class CellReader:
    """Reads cells, remembering what each distinct text gave: registers repeat themselves."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, Any], Any] = {}

    def read(self, words: Field, raw: Any) -> Any:
        """The value, None for an empty cell; InvalidValue when it cannot be read."""
        key = (words.name, raw if isinstance(raw, str | int | float) else str(raw))
        found = self.held.get(key)
        if found is None:
            try:
                found = (self._read(words, raw), None)
            except InvalidValue as error:
                found = (None, error)
            if words.search != "digest":
                self.held[key] = found
        if found[1] is not None:
            raise found[1]
        return found[0]

    def _read(self, words: Field, raw: Any) -> Any:
        text = normalize_text(raw)
        if text.lower() in NOTHING and words.kind != "bool":
            return None
        if words.search == "digest":
            return parse_id_number(raw if isinstance(raw, int | float) else text).number
        if words.kind == "bool":
            return parse_bool(text) if text else None
        if words.kind in PARSERS:
            return PARSERS[words.kind](raw if not isinstance(raw, str) else text)
        if words.mask == "phone":
            return parse_phone(raw)
        if words.dictionary:
            return self._codes(words, text) if words.multiple else self._code(words, text)
        return self._text(words, raw, text)

    @staticmethod
    def _code(words: Field, text: str) -> str:
        code = code_of(words.dictionary, text)
        if code is None:
            allowed = "、".join(str(entry) for entry in entries(words.dictionary)[:12])
            raise InvalidValue("choice_unknown", _("“%(text)s” is not in the list. Write one of: %(allowed)s",
                                                   text=text[:30], allowed=allowed))
        return code

    def _codes(self, words: Field, text: str) -> list[str]:
        return [self._code(words, part) for part in re.split(r"[、,，;；/\s]+", text) if part]

    @staticmethod
    def _text(words: Field, raw: Any, text: str) -> str:
        if isinstance(raw, float) and raw.is_integer():
            text = str(int(raw))
        if words.length and len(text) > words.length:
            raise InvalidValue("too_long", _("At most %(count)s characters.", count=words.length))
        return text


def quoted(words: Field | None, raw: Any) -> str:
    """A cell's content in a message: whole when it is malformed anyway, masked when it is a real one."""
    text = normalize_text(raw)[:60]
    if words is not None and words.mask and len(text) in (11, 15, 18) and words.search != "digest":
        return masked(words, text)
    return text
