"""Labels with their values beside them: a household card above a table, or one record a sheet."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.core.base.fields import Field
from app.core.base.texts import InvalidValue
from app.core.sheets.checking.values import text_of_cell
from app.core.sheets.checking.words import COMMUNITY, PLACE, Words, key_of

Read = Callable[[str, Any], Any]  # the value a cell gives a field; InvalidValue, or None where it gives none
INLINE = re.compile(r"([^\s:]{1,20})\s*:\s*([^:]*?)(?=\s+[^\s:]{1,20}\s*:|$)")
TELLING = ("date", "datetime", "int", "decimal", "bool")


@dataclass
class Pair:
    """A label and what stands beside it."""

    name: str
    label: str
    value: Any


@dataclass
class Card:
    """Lines of labels and values that follow one another; ``row`` is the first, counted from 0."""

    row: int
    pairs: dict[str, Pair] = field(default_factory=dict)

    def repeats(self, pairs: list[Pair]) -> bool:
        """Whether a line begins another card: it says again what this one has said."""
        return any(pair.name in self.pairs for pair in pairs)


def pairs_in(row: list[Any], words: Words) -> list[Pair]:
    """The labels of a row that mean fields, with the values beside them."""
    found: list[Pair] = []
    label, name = "", ""
    for cell in row:
        text = text_of_cell(cell) if cell not in ("", None) else ""
        if not text:
            continue
        inline = INLINE.findall(text) if isinstance(cell, str) and ":" in text else []
        if inline and any(value and words.field_of(key) for key, value in inline):
            found += [Pair(words.field_of(key), key, value.strip()) for key, value in inline if value and words.field_of(key)]
            label = name = ""
        elif isinstance(cell, str) and words.field_of(text):
            label, name = text, words.field_of(text)
        elif label:
            if name:
                found.append(Pair(name, key_of(label).rstrip(":"), cell))
            label = name = ""
        else:
            label, name = text, PLACE if key_of(text).rstrip(":") in COMMUNITY else ""
    return found


def is_card(row: list[Any], words: Words, read: Read, fields: dict[str, Field]) -> bool:
    """Whether a row is of labels and values: more values than not are what their labels say."""
    right = wrong = 0
    for pair in pairs_in(row, words):
        if pair.name == PLACE or not _tells(fields[pair.name]):
            continue
        try:
            right += read(pair.name, pair.value) is not None
        except InvalidValue:
            wrong += 1
    return right > wrong


def _tells(words: Field) -> bool:
    """Whether a value of a field can be told from any other text."""
    return bool(words.dictionary) or words.search in ("digest", "exact") or words.kind in TELLING


def card_lines(rows: list[list[Any]], words: Words, read: Read, fields: dict[str, Field]) -> set[int]:
    """The rows of labels and values among the first ones: those that are sure, and those that touch them."""
    lines = [pairs_in(row, words) for row in rows]
    found = {number for number, row in enumerate(rows) if lines[number] and is_card(row, words, read, fields)}
    for number in range(len(rows)):
        near = {number - 1, number + 1} & found
        if lines[number] and near and not _heads(rows[number], words):
            found.add(number)
    return found


def _heads(row: list[Any], words: Words) -> bool:
    """Whether most of a row are headings, so that no values stand beside them."""
    texts = [text_of_cell(cell) for cell in row if cell not in ("", None)]
    return sum(words.is_heading(text) for text in texts) * 2 > len(texts)
