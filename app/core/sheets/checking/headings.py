"""Which row of a sheet is its heading, and which column of the sheet means which field."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import gettext as _

from app.core.base.texts import normalize_text
from app.core.sheets.checking.plan import SheetPlan
from app.core.sheets.checking.words import COMMUNITY, LONGEST, PLACE, SERIALS, Words, key_of

LOOK_AT = 15
ENOUGH = 2
DIGITS = 6  # a heading has fewer
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
    """What a heading row (or two) says about the table below it.

    Columns of a group make a record of their own: those under 网格长, or a block beside another (then
    ``group_field`` is empty). ``prefix`` stands before a column where a plan speaks of a further table;
    ``labels`` are those of a card, which has no columns.
    """

    row: int
    below: int
    seen: list[Seen] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    texts: tuple[str, ...] = ()
    community: int | None = None
    group_field: str = ""
    prefix: str = ""
    labels: dict[str, str] = field(default_factory=dict)

    def heading_of(self, name: str, group: str = "") -> str:
        """The heading of a field as this sheet writes it; empty where the sheet lacks it."""
        return next((column.heading for column in self.columns
                     if column.name == name and column.group in ("", group)), self.labels.get(name, ""))

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


def texts_of(row: list[Any]) -> list[str]:
    return [normalize_text(cell) if isinstance(cell, str) else "" for cell in row]


def column_letter(index: int) -> str:
    """A column as the spreadsheet calls it: 0 is A, 27 is AB."""
    letters, rest = "", index + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def find_layout(first: list[list[Any]], words: Words, plan: SheetPlan | None = None,
                cards: Container[int] = ()) -> Layout | None:
    """The layout by the row with the most known headings; None when no row looks like a heading.

    What a person decided wins: the heading row and the columns of ``plan``, then remembered headings.
    ``cards`` are rows of labels and values, which are none.
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
        elif number >= LOOK_AT or number in cards:
            continue
        found, score = _laying(number, upper, lower, words, plan)
        if score > best_score:
            best, best_score = found, score
    return best.laid(first) if best else None


def heading_at(number: int, rows: list[list[Any]], words: Words, plan: SheetPlan) -> Layout | None:
    """The layout of a further table, if the first of ``rows`` heads one beyond doubt.

    Half of its cells are known headings, two of them different fields, and none looks like a value.
    """
    upper = texts_of(rows[0])
    filled = [text for text in upper if text]
    if len(filled) < ENOUGH or any(not isinstance(cell, str) for cell in rows[0] if cell not in ("", None)):
        return None
    known = {words.field_of(text) for text in filled} - {""}
    headings = sum(words.is_heading(text) for text in filled)
    if len(known) < ENOUGH or headings * 2 < len(filled) or any(_has_digits(text) for text in filled):
        return None
    laying, _points = _laying(number, upper, texts_of(rows[1]) if len(rows) > 1 else [], words, plan, f"{number}:")
    return laying.laid(rows)


def _has_digits(text: str) -> bool:
    return sum(character.isdigit() for character in text) >= DIGITS


def _laying(number: int, upper: list[str], lower: list[str], words: Words, plan: SheetPlan,
            prefix: str = "") -> tuple[Laying, int]:
    """The heading of one row or of two joined, whichever knows more, and how many headings it knows."""
    alone, joined = _score(upper, words), _joined_score(upper, lower, words)
    if joined > alone:
        return Laying(Layout(number, number + 2, prefix=prefix), words, plan).two_rows(upper, lower), joined
    return Laying(Layout(number, number + 1, prefix=prefix), words, plan).one_row(upper), alone


def _score(row: list[str], words: Words) -> int:
    return sum(words.knows(cell) for cell in row if cell)


def _joined_score(upper: list[str], lower: list[str], words: Words) -> int:
    grouped = any(words.group_of(cell)[0] for cell in upper) or any(cell == "" for cell in upper)
    if not lower or not grouped or not any(not cell for cell in lower):
        return 0
    joined = sum(words.knows(below or above) for above, below in _pairs(upper, lower))
    return joined if joined > _score(lower, words) or any(words.group_of(cell)[0] for cell in upper) else 0


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

    def __init__(self, layout: Layout, words: Words, plan: SheetPlan) -> None:
        self.layout, self.words, self.plan = layout, words, plan
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
        chosen = self.plan.columns.get(f"{self.layout.prefix}{index}")
        if chosen is not None:
            name, by = chosen, CHOSEN
        self.found.append(Seen(index, heading, own, group, name, by))

    def laid(self, rows: list[list[Any]]) -> Layout:
        """The layout; what a person decided takes a field first, then the columns from the left.

        ``rows`` are the first ones of the sheet, or those from the heading of a further table on.
        """
        below = self.layout.below - (self.layout.row if self.layout.prefix else 0)
        width = max((len(row) for row in rows), default=0)
        for index in range(len(self.found), width):
            self._see(index, "", "", "")
        if not self.layout.group_field:
            self.found = side_by_side(self.found)
        used = {index for row in rows[below:] for index, cell in enumerate(row) if cell not in ("", None)}
        seen = [column for column in self.found if column.heading or column.name or column.index in used]
        taken: set[tuple[str, str]] = set()
        for place in sorted(range(len(seen)), key=lambda place: seen[place].by not in (CHOSEN, REMEMBERED)):
            seen[place] = self._settled(seen[place], taken)
        layout = self.layout
        layout.seen = seen
        layout.columns = [Column(column.index, column.title, column.name, column.group)
                          for column in seen if column.name and column.name != PLACE]
        layout.community = next((column.index for column in seen if column.name == PLACE), None)
        return layout

    @staticmethod
    def _settled(column: Seen, taken: set[tuple[str, str]]) -> Seen:
        for name in (column.name, PLACE if key_of(column.heading) in COMMUNITY else ""):
            if name and (name, column.group) not in taken:
                taken.add((name, column.group))
                return replace(column, name=name)
        return replace(column, name="", by=REPEATED) if column.name else column


def side_by_side(found: list[Seen]) -> list[Seen]:
    """The columns with a group for each of the blocks that stand beside one another; as they are where there is one."""
    known = [column for column in found if column.own and column.own != PLACE]
    starts = [column.index for column in known if column.own == known[0].own] or [0]
    blocks = [[column.own for column in known if start <= column.index < end]
              for start, end in zip(starts, [*starts[1:], len(found)], strict=True)]
    if len(blocks) < 2 or any(len(block) < ENOUGH or len(set(block)) < len(block) or len(set(block) & set(blocks[0])) < ENOUGH
                              for block in blocks):
        return found
    return [replace(column, group=str(max(1, sum(start <= column.index for start in starts)))) for column in found]
