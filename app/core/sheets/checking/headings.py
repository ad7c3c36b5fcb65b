"""Which row of a sheet is its heading, and which column of the sheet means which field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from app.core.base.fields import Field
from app.core.base.texts import normalize_text
from app.core.sheets.checking.plan import SheetPlan
from app.core.telling.dictionaries import dictionary

LOOK_AT = 15
ENOUGH = 2
LONGEST = 200  # what is longer is no heading, and costs the square of its length to search for brackets
REASON = "需要修改的原因"  # heads the first column of a marked workbook; known again when it comes back
SERIALS = {"序号", "no", "no.", "行号", "#", REASON}
COMMUNITY = {"社区", "所属社区", "社区名称", "村（社区）", "社区（村）", "村(社区)", "社区(村)", "所在社区"}
BRACKETS = re.compile(r"[（(\[【].*?[）)\]】]|[*＊:：]")


PLACE = "@community"  # a column that names the community its rows' grids are looked for in
HEADING, CHOSEN, REMEMBERED, SERIAL, REPEATED, UNKNOWN = (
    "heading", "chosen", "remembered", "serial", "repeated", "unknown")


@dataclass(frozen=True)
class Column:
    """One column of a sheet that means something: where it is, its heading as in the file, its field."""

    index: int
    heading: str
    name: str
    group: str = ""


@dataclass(frozen=True)
class Seen:
    """One column as it was found: ``own`` is what its heading says by itself, ``name`` what it is taken for."""

    index: int
    heading: str
    own: str
    group: str = ""
    name: str = ""
    by: str = HEADING

    @property
    def title(self) -> str:
        return self.heading or _("Column %(letter)s", letter=self.letter)

    @property
    def letter(self) -> str:
        return column_letter(self.index)


@dataclass
class Layout:
    """What a heading row (or two) says about its sheet."""

    row: int
    below: int
    seen: list[Seen] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    texts: tuple[str, ...] = ()
    community: int | None = None
    group_field: str = ""
    headings: dict[str, str] = field(default_factory=dict)

    @property
    def nameless(self) -> list[Seen]:
        """Columns that nobody decided about and that mean nothing: they are left out, and named."""
        return [seen for seen in self.seen if seen.by in (UNKNOWN, REPEATED)]

    def groups(self) -> dict[str, list[Column]]:
        """Columns by the code of their group; those outside any group under the empty code."""
        found: dict[str, list[Column]] = {}
        for column in self.columns:
            found.setdefault(column.group, []).append(column)
        return found

    def index_of(self, name: str, group: str = "") -> int | None:
        """Where the cells of a field are, for the rows of a group; None where the sheet lacks it."""
        return next((column.index for column in self.columns
                     if column.name == name and column.group in ("", group)), None)


class Words:
    """The words by which the fields of a record are known in a heading."""

    def __init__(self, fields: dict[str, Field], remembered: dict[str, str] | None = None) -> None:
        self.fields = fields
        self.remembered = {heading: name for heading, name in (remembered or {}).items()
                           if not name or name == PLACE or name in fields}
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

    def knows(self, heading: str) -> bool:
        """Whether a heading means a field, by itself or by what was said about it before."""
        return bool(self.remembered.get(key_of(heading)) or self.field_of(heading))

    def group_of(self, heading: str) -> tuple[str, str]:
        """The (field, code) a group of columns stands for: 网格长 is (role, head)."""
        return self.groups.get(key_of(heading), ("", ""))


def key_of(text: str) -> str:
    """A heading as it is compared: cells come normalized, so must the words they are looked up by."""
    return re.sub(r"\s+", "", normalize_text(text)).lower()


def texts_of(row: list[Any]) -> list[str]:
    return [normalize_text(cell) if isinstance(cell, str) else "" for cell in row]


def column_letter(index: int) -> str:
    """A column as the spreadsheet calls it: 0 is A, 27 is AB."""
    letters, rest = "", index + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def find_layout(first: list[list[Any]], words: Words, plan: SheetPlan | None = None) -> Layout | None:
    """The layout by the row with the most known headings; None when no row looks like a heading.

    What a person decided wins: the heading row and the columns of ``plan``, then remembered headings.
    """
    plan = plan or SheetPlan()
    texts = [texts_of(row) for row in first[:max(LOOK_AT, (plan.heading or 0) + 2)]]
    best, best_score = None, ENOUGH - 1
    for number, upper in enumerate(texts):
        lower = texts[number + 1] if number + 1 < len(texts) else []
        if plan.heading is not None:
            best_score = -1
            if number != plan.heading:
                continue
        elif number >= LOOK_AT:
            break
        alone, joined = _score(upper, words), _joined_score(upper, lower, words)
        if joined > max(alone, best_score):
            best, best_score = Laying(number, number + 2, words, plan).two_rows(upper, lower), joined
        elif alone > best_score:
            best, best_score = Laying(number, number + 1, words, plan).one_row(upper), alone
    if best is None:
        return None
    layout = best.laid(first)
    layout.texts = tuple(cell for row in texts[:layout.row] for cell in row if cell)
    return layout


def _score(row: list[str], words: Words) -> int:
    return sum(words.knows(cell) for cell in row if cell)


def _joined_score(upper: list[str], lower: list[str], words: Words) -> int:
    grouped = any(words.group_of(cell)[0] for cell in upper) or any(cell == "" for cell in upper)
    if not lower or not grouped or not any(not cell for cell in lower):
        return 0
    return sum(words.knows(below or above) for above, below in _pairs(upper, lower))


def _pairs(upper: list[str], lower: list[str]) -> list[tuple[str, str]]:
    """(group, heading) of each column; a merged group heading reaches over the empty cells behind it."""
    found, last = [], ""
    for index in range(max(len(upper), len(lower))):
        above = upper[index] if index < len(upper) else ""
        below = lower[index] if index < len(lower) else ""
        last = above or (last if below else "")
        found.append((last, below))
    return found


class Laying:
    """Makes a layout of the texts of a heading: first what each column says, then who wins a field."""

    def __init__(self, row: int, below: int, words: Words, plan: SheetPlan) -> None:
        self.layout = Layout(row, below)
        self.words, self.plan = words, plan
        self.found: list[Seen] = []

    def one_row(self, row: list[str]) -> Laying:
        for index, heading in enumerate(row):
            self._see(index, heading, self.words.field_of(heading), "")
        return self

    def two_rows(self, upper: list[str], lower: list[str]) -> Laying:
        words = self.words
        for index, (above, below) in enumerate(_pairs(upper, lower)):
            group_field, code = words.group_of(above) if below else ("", "")
            self.layout.group_field = self.layout.group_field or group_field
            name = (words.field_of(below) if code else
                    words.field_of(above + below) or words.field_of(below) or words.field_of(above))
            self._see(index, " ".join(text for text in (above, below) if text), name, code)
        return self

    def _see(self, index: int, heading: str, own: str, group: str) -> None:
        key = key_of(heading) if len(heading) <= LONGEST else ""
        if not own and key in COMMUNITY:
            own = PLACE
        name, by = own, HEADING if own else SERIAL if key in SERIALS else UNKNOWN
        if key and key in self.words.remembered:
            name, by = self.words.remembered[key], REMEMBERED
        if str(index) in self.plan.columns:
            name, by = self.plan.columns[str(index)], CHOSEN
        self.found.append(Seen(index, heading, own, group, name, by))

    def laid(self, first: list[list[Any]]) -> Layout:
        """The layout; what a person decided takes a field first, then the columns from the left."""
        width = max((len(row) for row in first), default=0)
        for index in range(len(self.found), width):
            self._see(index, "", "", "")
        used = {index for row in first[self.layout.below:] for index, cell in enumerate(row) if cell not in ("", None)}
        seen = [column for column in self.found if column.heading or column.name or column.index in used]
        taken: set[tuple[str, str]] = set()
        for place in sorted(range(len(seen)), key=lambda place: seen[place].by not in (CHOSEN, REMEMBERED)):
            seen[place] = self._settled(seen[place], taken)
        layout = self.layout
        layout.seen = seen
        layout.columns = [Column(column.index, column.title, column.name, column.group)
                          for column in seen if column.name and column.name != PLACE]
        layout.community = next((column.index for column in seen if column.name == PLACE), None)
        layout.headings = {column.name: column.heading for column in layout.columns if not column.group}
        return layout

    @staticmethod
    def _settled(column: Seen, taken: set[tuple[str, str]]) -> Seen:
        for name in (column.name, PLACE if key_of(column.heading) in COMMUNITY else ""):
            if name and (name, column.group) not in taken:
                taken.add((name, column.group))
                return replace(column, name=name)
        return replace(column, name="", by=REPEATED) if column.name else column
