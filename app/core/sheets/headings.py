"""Which row of a sheet is its heading, and which column of the sheet means which field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask_babel import force_locale

from app.core.dictionaries import dictionary
from app.core.fields import Field
from app.core.validators import normalize_text

LOOK_AT = 15
ENOUGH = 2
LONGEST = 200  # what is longer is no heading, and costs the square of its length to search for brackets
SERIALS = {"序号", "no", "no.", "行号", "#"}
COMMUNITY = {"社区", "所属社区", "社区名称", "村（社区）", "社区（村）", "村(社区)", "社区(村)", "所在社区"}
BRACKETS = re.compile(r"[（(\[【].*?[）)\]】]|[*＊:：]")


@dataclass(frozen=True)
class Column:
    """One column of a sheet that means something: where it is, its heading as in the file, its field."""

    index: int
    heading: str
    name: str
    group: str = ""


@dataclass
class Layout:
    """What a heading row (or two) says about its sheet."""

    row: int
    below: int
    columns: list[Column]
    unknown: list[str]
    texts: tuple[str, ...] = ()
    community: int | None = None
    group_field: str = ""
    headings: dict[str, str] = field(default_factory=dict)

    def groups(self) -> dict[str, list[Column]]:
        """Columns by the code of their group; those outside any group under the empty code."""
        found: dict[str, list[Column]] = {}
        for column in self.columns:
            found.setdefault(column.group, []).append(column)
        return found


class Words:
    """The words by which the fields of a record are known in a heading."""

    def __init__(self, fields: dict[str, Field]) -> None:
        self.fields = fields
        self.names: dict[str, str] = {}
        for locale in ("zh", "en"):
            with force_locale(locale):
                self._learn((str(words.label), name) for name, words in fields.items())
        self._learn((alias, name) for name, words in fields.items() for alias in words.aliases)
        self._learn((name, name) for name in fields)
        self.groups = {word: (name, code) for name, words in fields.items()
                       if words.dictionary and not words.multiple
                       for word, code in dictionary(words.dictionary).by_word.items()
                       if not word.isascii()}

    def _learn(self, pairs: Iterable[tuple[str, str]]) -> None:
        for text, name in pairs:
            self.names.setdefault(key_of(text), name)

    def field_of(self, heading: str) -> str:
        """The field a heading means, its remark in brackets aside; empty when it means none."""
        if len(heading) > LONGEST:
            return ""
        return self.names.get(key_of(heading)) or self.names.get(key_of(BRACKETS.sub("", heading)), "")

    def group_of(self, heading: str) -> tuple[str, str]:
        """The (field, code) a group of columns stands for: 网格长 is (role, head)."""
        return self.groups.get(key_of(heading), ("", ""))


def key_of(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()


def texts_of(row: list[Any]) -> list[str]:
    return [normalize_text(cell) if isinstance(cell, str) else "" for cell in row]


def find_layout(first: list[list[Any]], words: Words) -> Layout | None:
    """The layout by the row with the most known headings; None when no row looks like a heading."""
    texts = [texts_of(row) for row in first[:LOOK_AT]]
    best, best_score = None, ENOUGH - 1
    for number, upper in enumerate(texts):
        lower = texts[number + 1] if number + 1 < len(texts) else []
        alone, joined = _score(upper, words), _joined_score(upper, lower, words)
        if joined > max(alone, best_score):
            best, best_score = _two_rows(number, upper, lower, words), joined
        elif alone > best_score:
            best, best_score = _one_row(number, upper, words), alone
    if best is not None:
        best.texts = tuple(cell for row in texts[:best.row] for cell in row if cell)
    return best


def _score(row: list[str], words: Words) -> int:
    return sum(bool(words.field_of(cell)) for cell in row if cell)


def _joined_score(upper: list[str], lower: list[str], words: Words) -> int:
    grouped = any(words.group_of(cell)[0] for cell in upper) or any(cell == "" for cell in upper)
    if not lower or not grouped or not any(not cell for cell in lower):
        return 0
    return sum(bool(words.field_of(below) if below else words.field_of(above))
               for above, below in _pairs(upper, lower))


def _pairs(upper: list[str], lower: list[str]) -> list[tuple[str, str]]:
    """(group, heading) of each column; a merged group heading reaches over the empty cells behind it."""
    found, last = [], ""
    for index in range(max(len(upper), len(lower))):
        above = upper[index] if index < len(upper) else ""
        below = lower[index] if index < len(lower) else ""
        last = above or (last if below else "")
        found.append((last, below))
    return found


def _one_row(number: int, row: list[str], words: Words) -> Layout:
    layout = Layout(number, number + 1, [], [])
    for index, heading in enumerate(row):
        _place(layout, index, heading, words.field_of(heading), "")
    return _named(layout)


def _two_rows(number: int, upper: list[str], lower: list[str], words: Words) -> Layout:
    layout = Layout(number, number + 2, [], [])
    for index, (above, below) in enumerate(_pairs(upper, lower)):
        heading = " ".join(text for text in (above, below) if text)
        group_field, code = words.group_of(above) if below else ("", "")
        layout.group_field = layout.group_field or group_field
        name = (words.field_of(below) if code else
                words.field_of(above + below) or words.field_of(below) or words.field_of(above))
        _place(layout, index, heading, name, code)
    return _named(layout)


def _place(layout: Layout, index: int, heading: str, name: str, group: str) -> None:
    taken = any(column.name == name and column.group == group for column in layout.columns)
    if not heading or key_of(heading) in SERIALS:
        return
    if name and not taken:
        layout.columns.append(Column(index, heading, name, group))
    elif key_of(heading) in COMMUNITY and layout.community is None:
        layout.community = index
    else:
        layout.unknown.append(heading)


def _named(layout: Layout) -> Layout:
    layout.headings = {column.name: column.heading for column in layout.columns if not column.group}
    return layout
