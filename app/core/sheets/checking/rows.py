"""The rows of a sheet as drafts: every cell read, placed in a grid, one message for each bad cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any, NamedTuple

from flask_babel import gettext as _

from app.core.base.fields import Field, fields_of
from app.core.base.masks import masked
from app.core.base.records import Record
from app.core.base.scope import scope_column
from app.core.base.texts import InvalidValue
from app.core.sheets.checking.drafts import Draft, Gathering, gathering_of
from app.core.sheets.checking.headings import LOOK_AT, REPEATED, Column, Layout, Seen, Words, find_layout
from app.core.sheets.checking.how import CLEAR, How
from app.core.sheets.checking.outcome import ERROR, NOTE, WRONG_IN_ITSELF, Message, Outcome
from app.core.sheets.checking.placing import Placing, placing_of
from app.core.sheets.checking.rules import clearable
from app.core.sheets.checking.values import SEVERAL, CellReader, check_cell, text_of_cell
from app.core.sheets.reading.workbook import Sheet
from app.core.telling.places import place_name

FEW = 4
TOTALS = ("合计", "总计", "小计", "共计")
REMARKS = ("说明", "备注", "注:", "注：", "填表", "制表", "审核")


class Checker:
    """Reads the sheets of one file for one record."""

    def __init__(self, record: type[Record], outcome: Outcome, file: str, grid: str | None, how: How) -> None:
        self.record, self.outcome, self.file, self.grid = record, outcome, file, grid
        self.gathering: Gathering = gathering_of(record)(self.problem)
        own = fields_of(record)
        self.fields: dict[str, Field] = {**own, **self.gathering.columns}
        self.how = how
        self.words = Words(self.fields, how.plan.remembered)
        scales = {name: getattr(record.__mapper__.columns[name].type, "scale", None) for name in own}
        self.readers = {name: CellReader(words, scales.get(name)) for name, words in self.fields.items()}
        self.place = scope_column(record)

    def note(self, sheet: str, row: int, code: str, text: str, column: str = "", value: str = "") -> None:
        self.outcome.messages.append(Message(sheet, row, column, value, code, text, NOTE))

    def problem(self, draft: Draft, name: str, code: str, text: str, value: str = "", level: str = ERROR) -> None:
        """A message about one field of a row; an error refuses the row."""
        heading = draft.heading(name) or (str(self.fields[name].label) if name in self.fields else "")
        self._say(draft, name, Message(draft.sheet, draft.row, heading, value[:80], code, text, level))
        draft.refused = draft.refused or level == ERROR

    def _say(self, draft: Draft, name: str, message: Message) -> None:
        self.outcome.messages.append(message)
        draft.said.append((name, message))

    def repeated(self, draft: Draft, name: str, first: tuple[str, int, int], same: bool, value: str) -> None:
        """Refuses a row whose natural key an earlier row has."""
        sheet, row, _values = first
        text = (_("Repeats sheet %(sheet)s row %(row)s: delete this row.", sheet=sheet, row=row) if same
                else _("The same as sheet %(sheet)s row %(row)s, but with other values: keep the right one.",
                       sheet=sheet, row=row))
        self.problem(draft, name, "duplicate_in_file", text, value)

    def tell(self, drafts: list[Draft]) -> None:
        """Turns what is wrong with the cells of drafts into messages."""
        for draft in drafts:
            for name, (error, text, heading) in draft.problems.items():
                shown = text if error.code.startswith(WRONG_IN_ITSELF) else masked(self.fields[name], text)
                self._say(draft, name, Message(draft.sheet, draft.row, heading or draft.heading(name),
                                               shown[:80], error.code, str(error.message)))
                draft.refused = True
            draft.problems = {}

    def drafts(self, sheet: Sheet) -> Iterator[Draft]:
        """The drafts of one sheet; a sheet without a heading is named and left out."""
        plan = self.how.plan.of(sheet.name)
        first = list(islice(sheet.rows, max(LOOK_AT + 1, (plan.heading or 0) + 3)))
        layout = find_layout(first, self.words, plan)
        if self.how.preview is not None:
            self.how.preview.sheet(sheet.name, layout, first, self.fields, plan.left_out)
        if plan.left_out:
            return
        if layout is None:
            if any(any(row) for row in first):
                self.note(sheet.name, 1, "no_heading", _("No row of this sheet looks like a heading: it was left out."))
            return
        for seen in layout.nameless:
            self._name(sheet.name, layout, seen)
        yield from SheetRows(self, sheet, layout).drafts(first)

    def _name(self, sheet: str, layout: Layout, seen: Seen) -> None:
        """Says of a column that it is left out, and why."""
        self.note(sheet, layout.row + 1, "unknown_column",
                  _("Another column has the field “%(heading)s” already: this one was left out.", heading=seen.title)
                  if seen.by == REPEATED else
                  _("The column “%(heading)s” means nothing here and was left out.", heading=seen.title), seen.title)


class Step(NamedTuple):
    """One column of a sheet: where it is, what it is called, and how its cells are read."""

    index: int
    name: str
    heading: str
    extra: bool
    read: Callable[[Any], Any]


class SheetRows:
    """The rows below the heading of one sheet."""

    def __init__(self, checker: Checker, sheet: Sheet, layout: Layout) -> None:
        self.checker, self.sheet, self.layout = checker, sheet, layout
        self.plan = checker.how.plan.of(sheet.name)
        groups = layout.groups()
        common = [column for column in groups.pop("", []) if self._wanted(column)]
        self.groups = groups
        self.steps = self._steps(common)
        self.group_steps = {code: self._steps([*common, *columns]) for code, columns in groups.items()}
        self.placing: Placing = placing_of([*layout.texts, sheet.name, checker.file], checker.grid)
        self.merged = self._merged(common)
        self.tops = {(top, index) for (_row, index), top in self.merged.items()}
        self.held: dict[tuple[int, int], Any] = {}
        self.unplaced = self.masked = 0
        self.clearable = clearable(checker.record) if checker.how.blank == CLEAR else frozenset()

    def _wanted(self, column: Column) -> bool:
        return not self.checker.fields[column.name].derived or column.name in self.checker.record.__natural_key__

    def _merged(self, common: list[Column]) -> dict[tuple[int, int], int]:
        """(row, column) of each cell covered from above -> the row above, for columns that may be shared."""
        shared = {column.index for column in common if self._shared(column.name)} | {self.layout.community}
        return {(row, first): top for top, first, bottom, _last in self.sheet.merged if first in shared
                for row in range(top + 1, bottom + 1)}

    def _shared(self, name: str) -> bool:
        gathering = self.checker.gathering
        return (name in gathering.columns or name in gathering.shared
                or self.checker.fields[name].kind in ("relation", "grid"))

    def drafts(self, first: list[list[Any]]) -> Iterator[Draft]:
        self.headings = first[self.layout.row:self.layout.below]
        for number, row in self._data(first):
            filled = self._filled(number, row)
            if not any(filled) or self._aside(number, filled):
                continue
            if self.groups:
                yield from self._wide(number, filled)
            else:
                yield self._draft(number, filled, self.steps, {}, filled)
        if self.unplaced and self.placing.said:
            self.checker.note(self.sheet.name, self.layout.row + 1, "grid_from_sheet", _(
                "%(count)s rows name no grid: the title or the name says %(grid)s.",
                count=self.unplaced, grid=place_name(self.placing.default)))
        if self.masked:
            self.checker.note(self.sheet.name, self.layout.row + 1, "masked_left", _(
                "%(count)s values are hidden by stars: what is stored stays as it is.", count=self.masked))

    def _data(self, first: list[list[Any]]) -> Iterator[tuple[int, list[Any]]]:
        rows = enumerate(chain(first[self.layout.below:], self.sheet.rows), self.layout.below)
        return ((number, self.plan.mended(number, row)) for number, row in rows) if self.plan.cells else rows

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

    def _aside(self, number: int, row: list[Any]) -> bool:
        """Whether a row is no record: blank, a sum, a remark, or the heading again."""
        filled = [cell for cell in row if cell not in ("", None)]
        if len(filled) > FEW:
            return row in self.headings
        texts = [text for text in map(text_of_cell, filled) if text]
        if not texts:
            return True
        if texts[0].startswith(TOTALS):
            self.checker.note(self.sheet.name, number + 1, "total_row", _("A row of sums was left out."), value=texts[0])
            return True
        if len(texts) == 1 and texts[0].startswith(REMARKS):
            self.checker.note(self.sheet.name, number + 1, "remark_row", _("A remark was left out."), value=texts[0][:80])
            return True
        return False

    def _draft(self, number: int, row: list[Any], steps: list[Step], values: dict[str, Any], cells: list[Any],
               group: str = "") -> Draft:
        draft = Draft(self.sheet.name, number + 1, self.layout, values, cells=cells, group=group)
        self._read(draft, row, steps)
        if self.plan.cells:
            added = self.plan.added(number)
            self._read(draft, list(added.values()), self._steps([
                Column(at, draft.heading(name), name) for at, name in enumerate(added) if name in self.checker.fields]))
        if "grid_code" in self.checker.fields:
            self._settle_place(draft, row)
        self.checker.gathering.row(draft)
        return draft

    def _steps(self, columns: list[Column]) -> list[Step]:
        """What is done with each column of a row, found out once a sheet."""
        extra = self.checker.gathering.columns
        return [Step(column.index, column.name, column.heading, column.name in extra,
                     self.checker.readers[column.name].read) for column in columns]

    def _read(self, draft: Draft, row: list[Any], steps: list[Step]) -> None:
        values, width = draft.values, len(row)
        for index, name, heading, extra, read in steps:
            cell = row[index] if index < width else None
            if cell is None or cell == "":
                if name in self.clearable:
                    draft.cleared.add(name)
                continue
            try:
                value = self._place_of(row, cell) if name == "grid_code" else read(cell)
            except InvalidValue as error:
                if error.code == "masked" and name not in self.checker.record.__natural_key__:
                    self.masked += 1
                    continue
                text = str(cell) if isinstance(cell, float) else text_of_cell(cell)
                draft.problems[name] = (error, text, heading)
                continue
            if value is None:
                if name in self.clearable:
                    draft.cleared.add(name)
                continue
            if extra:
                draft.extra[name] = value
            else:
                values[self.checker.place if name == "grid_code" else name] = value

    def _place_of(self, row: list[Any], cell: Any) -> str | None:
        check_cell(cell)
        text = text_of_cell(cell)
        return self.placing.read(text, self._community(row)) if text else None

    def _community(self, row: list[Any]) -> str:
        index = self.layout.community
        return text_of_cell(row[index]) if index is not None and index < len(row) else ""

    def _settle_place(self, draft: Draft, row: list[Any]) -> None:
        """The grid of a row that names none."""
        if draft.values.get("grid_code") or "grid_code" in draft.problems:
            return
        try:
            community = self._community(row)
            draft.values["grid_code"] = (self.placing.read(community) if community and not self.placing.default
                                         else self.placing.fallback())
            draft.placed_by_sheet = True
            self.unplaced += 1
        except InvalidValue as error:
            draft.problems["grid_code"] = (error, "", draft.heading("grid_code"))

    def _wide(self, number: int, row: list[Any]) -> Iterator[Draft]:
        """One draft for each person of each group: a row of 网格长, 网格员, 信息员, 志愿者 is many posts."""
        for code, columns in self.groups.items():
            for cells in self._people(row, columns):
                line = [cells.get(index, cell) for index, cell in enumerate(row)]
                yield self._draft(number, line, self.group_steps[code], {self.layout.group_field: code}, row, code)

    def _people(self, row: list[Any], columns: list[Column]) -> list[dict[int, str]]:
        """The cells of a group split among the persons its first column names."""
        cells = {column.index: text_of_cell(row[column.index]) if column.index < len(row) else ""
                 for column in columns}
        if not any(cells.values()):
            return []
        leading = columns[0].index
        names = [part.strip() for part in SEVERAL.split(cells[leading]) if part.strip()] or [""]
        found = [{**cells, leading: name} for name in names]
        for index, text in cells.items():
            parts = SEVERAL.split(text)
            if index != leading and len(names) > 1 and len(parts) == len(names):
                for person, part in zip(found, parts, strict=True):
                    person[index] = part.strip()
        return found
