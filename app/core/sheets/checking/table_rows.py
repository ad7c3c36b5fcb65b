"""The rows of one table as drafts: every cell read, placed in a grid, one message for each bad cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from app.core.base.texts import InvalidValue
from app.core.sheets.checking.about import About
from app.core.sheets.checking.asides import AGAIN, Kinds, kind_of_aside
from app.core.sheets.checking.ditto import Ditto, NothingAbove, nothing_above
from app.core.sheets.checking.drafts import Draft
from app.core.sheets.checking.headings import Column, Layout
from app.core.sheets.checking.outcome import NOTE
from app.core.sheets.checking.placing import Placing
from app.core.sheets.checking.several import people_in, persons_in
from app.core.sheets.checking.taking import Kept
from app.core.sheets.checking.values import check_cell, text_of_cell
from app.core.sheets.checking.words import key_of

SURE = 15  # characters of an identity number


class Step(NamedTuple):
    """One column of a table: where it is, what it is called, and how its cells are read."""

    place: int
    name: str
    heading: str
    extra: bool
    read: Callable[[Any], Any]


class TableRows:
    """The rows below one heading; ``given`` is what a card above the table says for all of them."""

    def __init__(self, about: About, layout: Layout, placing: Placing, given: dict[str, Any] | None = None) -> None:
        self.about, self.layout, self.placing, self.given = about, layout, placing, given or {}
        groups = layout.groups()
        common = [column for column in groups.pop("", []) if about.checker.is_wanted(column.name)]
        self.groups = groups
        self.steps = self._steps(common)
        self.group_steps = {code: self._steps([*common, *columns]) for code, columns in groups.items()}
        self.merged = self._merged()
        self.tops = {(top, index) for (_row, index), top in self.merged.items()}
        self.held: dict[tuple[int, int], Any] = {}
        self.ditto = Ditto(frozenset(column.index for column in layout.columns if column.name in about.checker.own))
        self.kinds = Kinds(*(frozenset(column.index for column in layout.columns if column.name in names)
                             for names in (about.checker.core, about.checker.people, about.checker.heavy)))
        self.names = [column.index for column in layout.columns if column.name in about.checker.people]
        self.numbers = [column.index for column in layout.columns if column.name in about.checker.digests]
        self.unplaced = 0

    def _merged(self) -> dict[tuple[int, int], int]:
        """(row, column) of each cell covered from above -> the row above, for columns that may be shared."""
        shared = {column.index for column in self.layout.columns if self.about.checker.is_shared(column.name)}
        return {(row, first): top for top, first, bottom, _last in self.about.sheet.merged
                if first in shared or first == self.layout.community
                for row in range(top + 1, bottom + 1)}

    def kind(self, number: int, row: list[Any]) -> str:
        """What a row is that is no record; empty when it is one."""
        for index in self.numbers:
            cell = row[index] if index < len(row) else None
            if isinstance(cell, str) and len(cell) >= SURE or isinstance(cell, float):
                return ""
        if self._is_heading(row):
            return AGAIN
        if not self.kinds.core:
            return ""
        return kind_of_aside(row, self.kinds, number in self.about.wide)

    def _is_heading(self, row: list[Any]) -> bool:
        """Whether a row says the headings again."""
        pairs = [(row[column.index], column.heading) for column in self.layout.columns if column.index < len(row)]
        filled = [(cell, heading) for cell, heading in pairs if cell not in ("", None)]
        again = sum(isinstance(cell, str) and key_of(text_of_cell(cell)) in (key_of(heading), *map(key_of, heading.split()))
                    for cell, heading in filled)
        return again > 1 and again * 2 > len(filled)

    def drafts(self, number: int, row: list[Any]) -> Iterator[Draft]:
        """The records of one row: one, or one for each group of columns, or one for each person its cells hold."""
        filled = self.ditto.filled(self._filled(number, row))
        if self.groups:
            yield from self._wide(number, filled)
            return
        persons = persons_in(filled, self.numbers, self.names)
        for cells in persons or [filled]:
            yield self._draft(number, cells, self.steps, {}, filled)

    def _filled(self, number: int, row: list[Any]) -> list[Any]:
        """The row with what merged cells above say about it."""
        if not self.merged:
            return row
        filled = list(row)
        for index in range(len(row)):
            top = self.merged.get((number, index))
            if (number, index) in self.tops:
                self.held[number, index] = row[index]
            if top is not None and row[index] in ("", None):
                filled[index] = self.held.get((top, index), "")
        return filled

    def _wide(self, number: int, row: list[Any]) -> Iterator[Draft]:
        """One draft for each person of each group: a row of 网格长, 网格员, 信息员, 志愿者 is many posts."""
        for code, columns in self.groups.items():
            if self.layout.group_field:
                for cells in people_in(row, columns):
                    line = [cells.get(index, cell) for index, cell in enumerate(row)]
                    yield self._draft(number, line, self.group_steps[code], {self.layout.group_field: code}, row, code)
            elif self._is_block(row, columns):
                yield self._draft(number, row, self.group_steps[code], {}, row, code)

    def _is_block(self, row: list[Any], columns: list[Column]) -> bool:
        """Whether the block of a row holds a record."""
        own = {column.index for column in columns}
        part = [cell if index in own else "" for index, cell in enumerate(row)]
        return any(cell not in ("", None) for cell in part) and not kind_of_aside(part, self.kinds)

    def card(self) -> Draft:
        """The record that a card gives: everything is given, and nothing stands in a row."""
        return self._draft(self.layout.row, [], [], {}, [], card=True)

    def _draft(self, number: int, row: list[Any], steps: list[Step], values: dict[str, Any], cells: list[Any],
               group: str = "", card: bool = False) -> Draft:
        draft = Draft(self.about.sheet.name, number + 1, self.layout, values, cells=cells, group=group, card=card)
        community = self._community(row)
        self._read(draft, row, steps, community)
        added = self.about.plan.added(number) if self.about.plan.cells else {}
        added = {name: text for name, text in added.items() if name in self.about.checker.fields}
        for more in (added, {name: value for name, value in self.given.items() if draft.lacks(name)}):
            if more:
                self._read(draft, list(more.values()), self._steps([
                    Column(at, draft.heading(name), name) for at, name in enumerate(more)]), community)
        if "grid_code" in self.about.checker.fields:
            self._settle_place(draft, community)
        self.about.checker.gathering.row(draft)
        return draft

    def _steps(self, columns: list[Column]) -> list[Step]:
        """What is done with each column of a row, found out once a table."""
        extra = self.about.checker.gathering.columns
        return [Step(column.index, column.name, column.heading, column.name in extra,
                     self.about.takers[column.name].read) for column in columns]

    def _read(self, draft: Draft, row: list[Any], steps: list[Step], community: str) -> None:
        values, width, clearable = draft.values, len(row), self.about.clearable
        for index, name, heading, extra, read in steps:
            cell = row[index] if index < width else None
            if cell is None or cell == "":
                if name in clearable:
                    draft.cleared.add(name)
                continue
            try:
                if type(cell) is NothingAbove:
                    raise nothing_above()
                value = self._place_of(cell, community) if name == "grid_code" else read(cell)
            except Kept as kept:
                value = kept.value
                self.about.checker.problem(draft, name, kept.code, kept.message, text_of_cell(cell), NOTE)
                if value is None:
                    continue
            except InvalidValue as error:
                if self.about.checker.is_mask(error, name):
                    self.about.masked += 1
                else:
                    draft.problems[name] = (error, str(cell) if isinstance(cell, float) else text_of_cell(cell), heading)
                continue
            if value is None:
                if name in clearable:
                    draft.cleared.add(name)
            elif extra:
                draft.extra[name] = value
            else:
                values[self.about.checker.place if name == "grid_code" else name] = value

    def _place_of(self, cell: Any, community: str) -> str | None:
        check_cell(cell)
        text = text_of_cell(self.about.takers["grid_code"].right(cell))
        return self.placing.read(text, community) if text else None

    def _community(self, row: list[Any]) -> str:
        index = self.layout.community
        return text_of_cell(row[index]) if index is not None and index < len(row) else ""

    def _settle_place(self, draft: Draft, community: str) -> None:
        """The grid of a row that names none."""
        if draft.values.get("grid_code") or "grid_code" in draft.problems:
            return
        try:
            draft.values["grid_code"] = (self.placing.read(community) if community and not self.placing.default
                                         else self.placing.fallback())
            draft.placed_by_sheet = True
            self.unplaced += 1
        except InvalidValue as error:
            draft.problems["grid_code"] = (error, "", draft.heading("grid_code"))
