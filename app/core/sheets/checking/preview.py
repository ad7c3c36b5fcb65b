"""What a check found, on the disk beside the workbook: read by pages of it, however many rows there are."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.core.base.fields import Field
from app.core.base.masks import mask_id_number, mask_phone, masked
from app.core.sheets.checking.drafts import NEW, Draft
from app.core.sheets.checking.headings import Layout, Seen, column_letter
from app.core.sheets.checking.outcome import ERROR, WRONG_IN_ITSELF, Message
from app.core.sheets.checking.values import text_of_cell
from app.core.sheets.reading.workbook import Sheet
from app.core.telling.display import shower
from app.core.telling.places import place_name, places

PREVIEW = "preview.db"
REFUSED = "refused"
SAMPLES, LONGEST_SAMPLE, LONGEST_RAW, TITLE_ROWS = 3, 30, 2_000, 6
TABLES = """
CREATE TABLE sheet (place INTEGER PRIMARY KEY, name TEXT, heading INTEGER, below INTEGER, left_out INTEGER, top TEXT,
                    grouped TEXT, prefix TEXT, hidden INTEGER);
CREATE TABLE seen (sheet INTEGER, place INTEGER, heading TEXT, own TEXT, grouped TEXT, name TEXT, by TEXT, samples TEXT);
CREATE TABLE note (sheet TEXT, row INTEGER, code TEXT, text TEXT);
CREATE TABLE line (id INTEGER PRIMARY KEY, sheet TEXT, row INTEGER, state TEXT, who TEXT, changes TEXT, facts TEXT);
CREATE TABLE fault (line INTEGER, sheet TEXT, row INTEGER, field TEXT, key TEXT, heading TEXT, value TEXT, raw TEXT,
                    code TEXT, text TEXT, level TEXT);
"""
INDEXES = """
CREATE INDEX line_state ON line (state, id); CREATE INDEX fault_line ON fault (line);
CREATE INDEX fault_code ON fault (code, line);
CREATE INDEX fault_row ON fault (sheet, row);
CREATE TABLE code AS SELECT level, code, min(text) AS text, count(DISTINCT line) AS lines FROM fault GROUP BY level, code;
"""


class Preview:
    """Writes the preview of one check; whoever reads it sees all of it, or the one before."""

    def __init__(self, folder: Path, listed: list[str]) -> None:
        self.target, self.listed = folder / PREVIEW, listed
        self.part = folder / f"{PREVIEW}.part"

    def begin(self, facts_of: Callable[[Draft], list[tuple[str, str]]] = lambda draft: []) -> None:
        """An empty preview; a file that is checked once more begins again.

        ``facts_of`` says what else is to be told of a new record, in words: label, value.
        """
        self.part.unlink(missing_ok=True)
        self.base = sqlite3.connect(self.part)
        self.base.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + TABLES)
        self.sheets = self.count = 0
        self.fields: dict[str, Field] = {}
        self.show: dict[str, Any] = {}
        self.facts_of = facts_of

    def sheet(self, sheet: Sheet, layout: Layout | None, first: list[list[Any]], fields: dict[str, Field],
              left_out: bool) -> None:
        """Notes a sheet, or a further table of one, with its columns and a few values of each."""
        self.fields = fields
        self.show = self.show or {name: shower(fields[name]) for name in self.listed}
        self.sheets += 1
        top = [[_short(cell) for cell in row[:12]] for row in first[:TITLE_ROWS]]
        self._add("sheet", (self.sheets, sheet.name, layout.row if layout else None, layout.below if layout else 0, left_out,
                            json.dumps(top, ensure_ascii=False), layout.group_field if layout else "",
                            layout.prefix if layout else "", sheet.hidden))
        for seen in layout.seen if layout else []:
            words = fields.get(seen.name)
            samples = json.dumps(_samples(seen.index, first[layout.below:], words), ensure_ascii=False) if layout else "[]"
            self._add("seen", (self.sheets, seen.index, seen.heading, seen.own, seen.group, seen.name, seen.by, samples))

    def _add(self, table: str, *rows: tuple[Any, ...]) -> None:
        marks = ",".join("?" * len(rows[0]))
        self.base.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def note(self, message: Message) -> None:
        """Notes what is said of a whole sheet, not of one of its records."""
        self._add("note", (message.sheet, message.row, message.code, message.message))

    def lines(self, drafts: list[Draft]) -> None:
        """Notes what would become of rows, and what is said about them."""
        lines, faults = [], []
        for draft in drafts:
            self.count += 1
            lines.append((self.count, draft.sheet, draft.row, REFUSED if draft.refused else draft.state, self._who(draft),
                          json.dumps([(c.label, c.old, c.new) for c in draft.changes], ensure_ascii=False)
                          if draft.changes else None,
                          json.dumps(self._facts(draft), ensure_ascii=False) if draft.state == NEW else None))
            faults += [self._fault(draft, name, message) for name, message in draft.said]
        if lines:
            self._add("line", *lines)
        if faults:
            self._add("fault", *faults)

    def _who(self, draft: Draft) -> str:
        texts = (self.show[name](draft.values[name]) for name in self.listed if draft.values.get(name))
        return " · ".join(text for text in texts if text)[:120]

    def _facts(self, draft: Draft) -> list[tuple[str, str]]:
        """Where a new record will lie, and what else is to be looked at before it is written."""
        words, place = self.fields.get("grid_code"), draft.values.get("grid_code")
        return [*([(str(words.label), place_name(place))] if words and place else []), *self.facts_of(draft)]

    def _fault(self, draft: Draft, name: str, message: Any) -> tuple[Any, ...]:
        index = draft.layout.index_of(name, draft.group)
        raw, words = message.value, self.fields.get(name)
        if index is not None and index < len(draft.cells):
            raw = text_of_cell(draft.cells[index])[:LONGEST_RAW]
        if words is not None and words.mask and not message.code.startswith(WRONG_IN_ITSELF):
            raw = masked(words, raw)
        return (self.count, message.sheet, message.row, name, name if index is None else str(index), message.column,
                message.value, raw, message.code, message.message, message.level)

    def close(self) -> None:
        """Everything is noted: it takes the place of the preview before."""
        self.base.executescript(INDEXES)
        self.base.commit()
        self.base.close()
        self.part.replace(self.target)


def _samples(index: int, rows: Iterable[list[Any]], words: Field | None) -> list[str]:
    """A few different values of a column, hidden where they are sensitive or look it."""
    found: dict[str, None] = {}
    for row in rows:
        if index < len(row) and row[index] not in ("", None) and len(found) < SAMPLES:
            found[_hidden(words, text_of_cell(row[index]))[:LONGEST_SAMPLE]] = None
    return list(found)


def _short(cell: Any) -> str:
    return _hidden(None, text_of_cell(cell))[:LONGEST_SAMPLE] if cell not in ("", None) else ""


def _hidden(words: Field | None, text: str) -> str:
    """A value of a column: where nobody knows what it is, long numbers are taken for sensitive ones."""
    if words is not None or text in places():
        return masked(words, text) if words else text
    digits = sum(character.isdigit() for character in text)
    if digits >= 14:
        return mask_id_number(text)
    return mask_phone(text) if digits == 11 and len(text) <= 13 else text


@dataclass(frozen=True)
class SheetSeen:
    """One sheet as the check saw it; rows count from 0. Groups of columns may give a field too (``group_field``).

    A further table of the same sheet has a ``prefix`` by which a plan knows its columns.
    """

    place: int
    name: str
    heading: int | None
    below: int
    left_out: bool
    top: list[list[str]]
    group_field: str
    prefix: str = ""
    hidden: bool = False
    columns: list[tuple[Seen, list[str]]] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    """One row of the workbook and what would become of it."""

    id: int
    sheet: str
    row: int
    state: str
    who: str
    changes: list[tuple[str, str, str]]
    facts: list[tuple[str, str]]
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Fault:
    """What is said about one cell; ``key`` is its column, or its field where the sheet lacks the column."""

    sheet: str
    row: int
    field: str
    key: str
    heading: str
    value: str
    raw: str
    code: str
    text: str
    level: str

    @property
    def is_error(self) -> bool:
        return self.level == ERROR

    @property
    def place(self) -> str:
        return f"{self.heading}（{column_letter(int(self.key))}）" if self.key.isdigit() else self.heading


@dataclass(frozen=True)
class Wrong:
    """One value of a column that is wrong in many rows; ``sheet`` is empty where it means the same in all."""

    field: str
    sheet: str
    raw: str
    heading: str
    text: str
    lines: int


class Found:
    """Reads the preview of a check."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def _rows(self, statement: str, *values: Any) -> Iterator[Any]:
        with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)) as base:
            yield from base.execute(statement, values).fetchall()

    def sheets(self) -> list[SheetSeen]:
        found = [SheetSeen(place, name, heading, below, bool(left_out), json.loads(top), grouped, prefix, bool(hidden))
                 for place, name, heading, below, left_out, top, grouped, prefix, hidden
                 in self._rows("SELECT * FROM sheet ORDER BY place")]
        for sheet, index, heading, own, group, name, by, samples in self._rows("SELECT * FROM seen ORDER BY sheet, place"):
            found[sheet - 1].columns.append((Seen(index, heading, own, group, name, by), json.loads(samples)))
        return found

    def doubts(self, codes: tuple[str, ...]) -> dict[str, str]:
        """What is asked about the place of whole sheets, in words, by sheet."""
        marks = ",".join("?" * len(codes))
        return dict(self._rows(f"SELECT sheet, min(text) FROM fault WHERE code IN ({marks}) GROUP BY sheet", *codes))

    def notes(self) -> list[tuple[str, str]]:
        """What is said of whole sheets: (sheet, words); columns that are left out stand with the columns."""
        return list(self._rows("SELECT sheet, text FROM note WHERE code <> 'unknown_column' ORDER BY rowid"))

    def codes(self, level: str) -> list[tuple[str, str, int]]:
        """(code, a message as an example, number of rows) of everything that is wrong, the most frequent first."""
        return list(self._rows("SELECT code, text, lines FROM code WHERE level = ? ORDER BY lines DESC, code", level))

    def errors(self) -> Iterator[Fault]:
        """Everything that keeps a row out, in the order of the file."""
        for _line, *rest in self._rows("SELECT * FROM fault WHERE level = ? ORDER BY line", ERROR):
            yield Fault(*rest)

    def faults_of(self, code: str, most: int) -> list[Fault]:
        """The first cells that are wrong in one way, in the order of the file."""
        return [Fault(*rest) for _line, *rest in self._rows(
            "SELECT * FROM fault WHERE code = ? AND level = ? ORDER BY line LIMIT ?", code, ERROR, most)]

    def faults_at(self, sheet: str, row: int) -> list[Fault]:
        """What is wrong with the cells of one row of a sheet."""
        return [Fault(*rest) for _line, *rest in self._rows(
            "SELECT * FROM fault WHERE sheet = ? AND row = ? AND level = ?", sheet, row, ERROR)]

    def wrong_values(self, fields: list[str], codes: tuple[str, ...], most: int) -> list[Wrong]:
        """The values that are wrong in two rows or more, the most frequent first; a grid's are told by sheet."""
        marks, kinds = ",".join("?" * len(fields)), ",".join("?" * len(codes))
        return [Wrong(*row) for row in self._rows(
            f"""SELECT field, CASE field WHEN 'grid_code' THEN sheet ELSE '' END AS part, raw, min(heading), min(text),
                count(DISTINCT line) AS lines FROM fault WHERE level = ? AND raw <> '' AND raw NOT LIKE '%**%'
                AND field IN ({marks}) AND code IN ({kinds}) GROUP BY field, part, raw HAVING lines > 1
                ORDER BY lines DESC, field, part, raw LIMIT ?""", ERROR, *fields, *codes, most)]

    def count(self, state: str, code: str = "") -> int:
        where, values = _narrowed(state, code)
        return int(next(self._rows(f"SELECT count(*) FROM line WHERE {where}", *values))[0])

    def lines(self, state: str, code: str, start: int, size: int) -> list[Line]:
        """A page of rows with everything that is said about them."""
        where, values = _narrowed(state, code)
        found = {number: Line(number, sheet, row, its, who, *(json.loads(told or "[]") for told in rest))
                 for number, sheet, row, its, who, *rest in self._rows(
                     f"SELECT * FROM line WHERE {where} ORDER BY id LIMIT ? OFFSET ?", *values, size, start)}
        marks = ",".join("?" * len(found))
        for line, *rest in self._rows(f"SELECT * FROM fault WHERE line IN ({marks}) ORDER BY rowid", *found):
            found[line].faults.append(Fault(*rest))
        return list(found.values())


def _narrowed(state: str, code: str) -> tuple[str, list[str]]:
    where, values = ["1"], []
    if state:
        where.append("state = ?")
        values.append(state)
    if code:
        where.append("id IN (SELECT line FROM fault WHERE code = ?)")
        values.append(code)
    return " AND ".join(where), values
