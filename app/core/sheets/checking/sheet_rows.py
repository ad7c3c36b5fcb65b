"""One walk down a sheet: its tables, the cards above them, and what is neither, every row read or named."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from flask_babel import gettext as _

from app.core.sheets.checking.about import About
from app.core.sheets.checking.asides import ABOVE, AGAIN, SECTION, Asides
from app.core.sheets.checking.cards import Card, card_lines, is_card, pairs_in
from app.core.sheets.checking.drafts import Draft
from app.core.sheets.checking.headings import LOOK_AT, REPEATED, Layout, Seen, find_layout, heading_at
from app.core.sheets.checking.naming import named_in
from app.core.sheets.checking.placing import Placing, placing_of
from app.core.sheets.checking.rows import Checker
from app.core.sheets.checking.table_rows import TableRows
from app.core.sheets.checking.values import text_of_cell
from app.core.sheets.checking.words import PLACE
from app.core.sheets.reading.workbook import Sheet
from app.core.telling.places import place_name

AHEAD = 4  # rows looked at from a heading on
Numbered = tuple[int, list[Any]]


def drafts_of(checker: Checker, sheet: Sheet) -> Iterator[Draft]:
    """The drafts of one sheet; a sheet that is hidden, left out, or has no heading is named."""
    plan = checker.how.plan.of(sheet.name)
    first = list(islice(sheet.rows, max(LOOK_AT + 1, (plan.heading or 0) + 3)))
    walk = SheetWalk(checker, sheet, first)
    if plan.leaves_out(sheet.hidden):
        walk.show(walk.layout, first, left_out=True)
        if sheet.hidden and plan.left_out is None:
            checker.note(sheet.name, 1, "hidden_sheet", _("This sheet is hidden and was left out: choose it if it is to come in."))
        return
    if walk.layout is None and not walk.cards:
        walk.show(None, first)
        if any(any(row) for row in first):
            checker.note(sheet.name, 1, "no_heading", _("No row of this sheet looks like a heading: it was left out."))
        return
    yield from walk.drafts()


class SheetWalk:
    """Where the walk is: the table it reads, the card above it, the titles since the last record."""

    def __init__(self, checker: Checker, sheet: Sheet, first: list[list[Any]]) -> None:
        self.checker, self.sheet, self.first = checker, sheet, first
        self.about = About(checker, sheet)
        self.asides = Asides(checker.note)
        plan = self.about.plan
        self.cards = card_lines(first[:LOOK_AT], checker.words, self._typed, checker.fields) if plan.heading is None else set()
        self.layout = find_layout(first, checker.words, plan, self.cards)
        self.table: TableRows | None = None
        self.card: Card | None = None
        self.titles: list[str] = []
        self.texts: list[str] = []
        self.tables = 0
        self.hidden = set(sheet.hidden_rows)
        self.hidden_records = 0

    def _typed(self, name: str, cell: Any) -> Any:
        return self.checker.readers[name].read(cell)

    def show(self, layout: Layout | None, rows: list[list[Any]], left_out: bool = False) -> None:
        """Puts a table of the sheet into the preview."""
        if self.checker.how.preview is not None:
            self.checker.how.preview.sheet(self.sheet, layout, rows, self.checker.fields, left_out)

    def drafts(self) -> Iterator[Draft]:
        if self.layout is None:
            self.show(None, self.first)
        rows = self._rows()
        window = deque(islice(rows, AHEAD))
        while window:
            number, row = window[0]
            used = 1
            if any(cell not in ("", None) for cell in row):
                ahead = [cells for _number, cells in window]
                layout = self._heading(number, ahead)
                if layout is not None:
                    yield from self._end_card(layout)
                    self._begin(layout, ahead)
                    used = layout.below - layout.row
                else:
                    yield from self._line(number, row, ahead)
            for _used in range(min(used, len(window))):
                window.popleft()
            window.extend(islice(rows, AHEAD - len(window)))
        yield from self._end()

    def _rows(self) -> Iterator[Numbered]:
        plan = self.about.plan
        rows = enumerate(chain(self.first, self.sheet.rows))
        return ((number, plan.mended(number, row)) for number, row in rows) if plan.cells else rows

    def _heading(self, number: int, ahead: list[list[Any]]) -> Layout | None:
        """The layout that begins with a row; the one found or chosen first, or a further one beyond doubt."""
        if self.layout is not None and number == self.layout.row:
            return self.layout
        if self.layout is not None and number < self.layout.row and self.about.plan.heading is not None:
            return None
        if self.table is not None and self.table.kind(number, ahead[0]) == AGAIN or self._is_card(number, ahead[0], ahead):
            return None
        return heading_at(number, ahead, self.checker.words, self.about.plan)

    def _begin(self, layout: Layout, ahead: list[list[Any]]) -> None:
        """A table begins: its columns are shown, and those that mean nothing are named."""
        self._end_table()
        own = [title for title in self.titles if named_in(title)]
        self.texts = self.titles if own else [*self.titles, *self.texts]
        self.titles = []
        self.show(layout, self.first if not layout.prefix else [[]] * layout.row + ahead)
        for seen in layout.nameless:
            self._name(layout, seen)
        if self.tables:
            self.checker.note(self.sheet.name, layout.row + 1, "another_table", _(
                "Another table begins in row %(row)s: the rows below are read by its heading.", row=layout.row + 1))
        self.table = TableRows(self.about, layout, self._placing([]), self._given(layout))
        self.card = None
        self.tables += 1

    def _given(self, layout: Layout) -> dict[str, Any]:
        """What the card above says for all rows of a table: what may be shared and has no column of its own."""
        if self.card is None:
            return {}
        return {name: pair.value for name, pair in self.card.pairs.items()
                if self.checker.is_shared(name) and layout.index_of(name) is None}

    def _placing(self, section: list[str]) -> Placing:
        plan = self.about.plan
        if plan.place:
            return placing_of([], plan.place)
        return placing_of([*section, *self.texts, self.sheet.name], self.checker.grid, self.checker.file)

    def _name(self, layout: Layout, seen: Seen) -> None:
        """Says of a column that it is left out, and why."""
        self.checker.note(self.sheet.name, layout.row + 1, "unknown_column",
                          _("Another column has the field “%(heading)s” already: this one was left out.", heading=seen.title)
                          if seen.by == REPEATED else
                          _("The column “%(heading)s” means nothing here and was left out.", heading=seen.title), seen.title)

    def _line(self, number: int, row: list[Any], ahead: list[list[Any]]) -> Iterator[Draft]:
        """One row that heads nothing: a record, a line of a card, or an aside."""
        kind = self.table.kind(number, row) if self.table else ABOVE
        if self.table is not None and not kind:
            self.titles = []
            self.hidden_records += number in self.hidden
            yield from self.table.drafts(number, row)
        elif kind != AGAIN and self._is_card(number, row, ahead):
            yield from self._card_line(number, row)
        else:
            self._aside(kind, number, row)

    def _is_card(self, number: int, row: list[Any], ahead: list[list[Any]]) -> bool:
        words, fields = self.checker.words, self.checker.fields
        if self.about.plan.heading is not None or not pairs_in(row, words):
            return False
        return (number in self.cards or is_card(row, words, self._typed, fields) or self.card is not None and self.table is None
                or len(ahead) > 1 and is_card(ahead[1], words, self._typed, fields))

    def _card_line(self, number: int, row: list[Any]) -> Iterator[Draft]:
        pairs = pairs_in(row, self.checker.words)
        if self.card is None or self.table is not None or self.card.repeats(pairs):
            yield from self._end_card(None)
            self._end_table()
            self.table, self.card = None, Card(number)
        assert self.card is not None
        self.card.pairs |= {pair.name: pair for pair in pairs if pair.name != PLACE}
        self.titles += [text_of_cell(pair.value) for pair in pairs if pair.name == PLACE]

    def _aside(self, kind: str, number: int, row: list[Any]) -> None:
        texts = [text for text in map(text_of_cell, row) if text]
        self.titles += texts
        if self.table is not None:
            self.table.ditto.end()
            self.asides.leave(kind, number, texts[0] if texts else "")
            if kind == SECTION and named_in(texts[0]):
                self.table.placing = self._placing(texts[:1])
        elif len(texts) > 1 and not pairs_in(row, self.checker.words):
            self.asides.leave(ABOVE, number, texts[0])

    def _end_card(self, layout: Layout | None) -> Iterator[Draft]:
        """The record a card gives by itself, if it says who it is; ``layout`` is of the table below it."""
        card, self.card = self.card, self.card if layout else None
        if card is None or self.table is not None:
            return
        if self._is_record(card):
            yield TableRows(self.about, Layout(card.row, card.row, labels={pair.name: pair.label for pair in card.pairs.values()}),
                            self._placing(self.titles), {name: pair.value for name, pair in card.pairs.items()}).card()
        elif layout is None or card.pairs.keys() - self._given(layout).keys():
            self.asides.leave(ABOVE, card.row, next(iter(card.pairs.values())).label)

    def _is_record(self, card: Card) -> bool:
        """Whether a card says who it is: by the number of a person, or by everything a record is known by."""
        return bool((self.checker.digests or self.checker.core) and (
            self.checker.digests & card.pairs.keys() if self.checker.digests else self.checker.core <= card.pairs.keys()))

    def _end_table(self) -> None:
        if self.table is not None and self.table.unplaced and self.table.placing.said:
            self.checker.note(self.sheet.name, self.table.layout.row + 1, "grid_from_sheet", _(
                "%(count)s rows name no grid: the title or the name says %(grid)s.",
                count=self.table.unplaced, grid=place_name(self.table.placing.default)))
        self.table = None

    def _end(self) -> Iterator[Draft]:
        yield from self._end_card(None)
        self._end_table()
        self.asides.tell(self.sheet.name)
        row = self.layout.row + 1 if self.layout else 1
        self.about.tell(row)
        if self.hidden_records:
            self.checker.note(self.sheet.name, row, "hidden_rows", _(
                "%(count)s rows of this sheet are hidden, by a filter or by hand: they come in like the others.",
                count=self.hidden_records))
