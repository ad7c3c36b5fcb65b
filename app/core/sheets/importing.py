"""Takes a workbook in: every row ends as a record or as a message; one transaction or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from app.core.display import shown
from app.core.fields import Field, fields_of
from app.core.masking import IMPORT, log_access
from app.core.records import Record, RuleError
from app.core.scope import current
from app.core.sheets.applying import Writer, existing_rows
from app.core.sheets.cells import ERROR, NOTE, CellReader, Message, quoted
from app.core.sheets.headings import COMMUNITY, SERIAL, Heading, find_heading, is_total, known_words
from app.core.sheets.placing import Places
from app.core.sheets.reading import Sheet, SheetError, read_sheets
from app.core.validators import InvalidValue, normalize_text

SHOWN_CHANGES = 50


@dataclass
class Row:
    """One row of a sheet on its way into the register."""

    sheet: str
    number: int
    raw: dict[str, Any]
    names: dict[str, str]
    community: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)
    refused: bool = False
    record: Record | None = None
    existing: Record | None = None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass
class Outcome:
    """What an import did, or would do."""

    file: str
    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    messages: list[Message] = field(default_factory=list)
    error: str | None = None
    preview: list[tuple[str, list[tuple[str, str, str]]]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The outcome as ``run.py import --json`` prints it."""
        return {"file": self.file, "rows": self.rows, "new": self.new, "changed": self.changed,
                "same": self.same, "refused": self.refused,
                "messages": [message.as_dict() for message in self.messages], "error": self.error}


class Importer:
    """Takes sheets of one record in. A record with surroundings of its own subclasses it."""

    record: type[Record] | None = None
    extras: dict[str, tuple[str, ...]] = {}

    def __init__(self, record: type[Record], path: Path, grid: str | None) -> None:
        self.target = record
        self.words = fields_of(record)
        self.path = path
        self.outcome = Outcome(path.name)
        self.cells = CellReader()
        self.places = Places(path.stem, grid)
        self.rows: list[Row] = []

    def run(self, dry_run: bool) -> Outcome:
        """Reads, checks everything, then writes in one transaction unless it is a dry run."""
        try:
            sheets = read_sheets(self.path)
        except SheetError as error:
            self.outcome.error = str(error.message)
            return self.outcome
        known = known_words(self.target, self.extras)
        for sheet in sheets:
            self.take_sheet(sheet, known)
        if not any(sheet.rows for sheet in sheets) or not self.rows and not self.outcome.messages:
            self.outcome.error = _("The file has no rows with a heading this record knows.")
            return self.outcome
        self.check_rows()
        self.match_rows()
        writer = Writer(self.target)
        self.gather(writer)
        self.compare()
        self.count()
        if not dry_run and self.outcome.new + self.outcome.changed:
            log_access(IMPORT, self.target, self.path.name.ljust(2), rows=self.outcome.new + self.outcome.changed)
            writer.write([row for row in self.rows if not row.refused])
        return self.outcome

    # Sheets

    def take_sheet(self, sheet: Sheet, known: dict[str, str]) -> None:
        heading = find_heading(sheet.rows, self.target, known)
        if heading is None:
            if any(any(row) for row in sheet.rows):
                self.note(sheet.name, 0, "no_heading", _("No heading row was found in this sheet; it was left out."))
            return
        for name in heading.unknown:
            self.note(sheet.name, heading.row + 1, "unknown_column",
                      _("The column “%(name)s” is not known and was left out.", name=name), name)
        title = " ".join(str(c) for row in sheet.rows[:heading.row] for c in row if c)
        self.places.enter_sheet(sheet.name, title)
        self._fill_down(sheet, heading)
        for index, cells in enumerate(sheet.rows[heading.first_data_row:], heading.first_data_row + 1):
            if not any(normalize_text(cell) for cell in cells):
                continue
            if is_total(cells):
                self.note(sheet.name, index, "total_row", _("A row of totals was left out."))
                continue
            self.rows += self._rows_of(sheet.name, index, cells, heading)

    def _fill_down(self, sheet: Sheet, heading: Heading) -> None:
        """Merged cells of columns that tie rows together stand for every row they cover."""
        for (top, left), (bottom, _right) in sheet.merged:
            name = heading.columns.get(left)
            if top < heading.first_data_row or name is None or not self._ties(name):
                continue
            for row in range(top + 1, min(bottom + 1, len(sheet.rows))):
                sheet.rows[row][left] = sheet.rows[top][left]

    def _ties(self, name: str) -> bool:
        if name in self.words:
            return self.words[name].kind in ("grid", "relation")
        return name in self.extras or name == COMMUNITY

    def _rows_of(self, sheet: str, number: int, cells: list[Any], heading: Heading) -> list[Row]:
        raw = {name: cells[at] for at, name in heading.columns.items() if 0 <= at < len(cells)}
        names = {name: heading.names.get(at, "") for at, name in heading.columns.items()}
        community = normalize_text(raw.pop(COMMUNITY, ""))
        raw.pop(SERIAL, None)
        if not heading.groups:
            return [Row(sheet, number, raw, names, community)] if raw and any(map(normalize_text, raw.values())) else []
        return self._grouped_rows(Row(sheet, number, raw, names, community), cells, heading)

    def _grouped_rows(self, base: Row, cells: list[Any], heading: Heading) -> list[Row]:
        """One record for every code across the row, several where names are listed with 、."""
        column, found = heading.columns[-1], []
        for code in dict.fromkeys(code for code, _name in heading.groups.values()):
            part = {name: cells[at] for at, (c, name) in heading.groups.items() if c == code and at < len(cells)}
            first = next(iter(part), "")
            for text in [t for t in normalize_text(part.get(first)).replace("，", "、").split("、") if t]:
                names = {**base.names, **{n: heading.names[at] for at, (c, n) in heading.groups.items() if c == code}}
                raw = {**base.raw, **part, first: text, column: code}
                found.append(Row(base.sheet, base.number, raw, names, base.community))
        return found

    # Cells and rules

    def check_rows(self) -> None:
        for row in self.rows:
            self._place(row)
            for name, raw in row.raw.items():
                self._read(row, name, raw)
            if not row.refused:
                self._rules(row)

    def _place(self, row: Row) -> None:
        if "grid_code" not in self.words:
            return
        raw = row.raw.pop("grid_code", None)
        code, problem, level = self.places.place(row.sheet, normalize_text(raw), row.community)
        if problem is not None:
            shown_column = row.names.get("grid_code") or str(self.words["grid_code"].label)
            if level == NOTE:
                self.note(row.sheet, row.number, *problem)
            else:
                self.refuse(row, shown_column, normalize_text(raw), *problem)
        if code:
            row.values["grid_code"] = code

    def _read(self, row: Row, name: str, raw: Any) -> None:
        words = self.words.get(name)
        if words is None:
            row.extras[name] = normalize_text(int(raw) if isinstance(raw, float) and raw.is_integer() else raw)
            return
        if words.relation:
            self._relate(row, words, raw)
            return
        try:
            value = self.cells.read(words, raw)
        except InvalidValue as error:
            self.refuse(row, row.names[name], quoted(words, raw), error.code, str(error.message))
            return
        if value is not None:
            row.values[name] = value

    def _relate(self, row: Row, words: Field, raw: Any) -> None:
        """A related record by its natural key."""
        text = normalize_text(raw)
        if not text:
            return
        found = self.places.related(self.target, words, text)
        if found is None:
            self.refuse(row, row.names[words.name], text, "relation_unknown",
                        _("No %(what)s “%(text)s” is registered here: register it first.",
                          what=str(words.label), text=text[:40]))
        else:
            row.values[words.name] = found

    def _rules(self, row: Row) -> None:
        """The rules of the form hold in an import: the record checks itself."""
        missing = [n for n, w in self.words.items() if w.required and not w.derived
                   and row.values.get(n) is None and not self.partial(row)]
        for name in missing:
            self.refuse(row, row.names.get(name) or str(self.words[name].label), "", "required_missing", _("Fill this in."))
        if missing:
            return
        if "grid_code" in self.words and not current().covers(row.values.get("grid_code")):
            self.refuse(row, str(self.words["grid_code"].label), "", "grid_outside",
                        _("This place is not in your part of the grid."))
            return
        record = self.target(**row.values)
        try:
            record.complete()
            record.check()
        except RuleError as error:
            name = error.field or ""
            code = {"id_number": "id_missing", "sex": "sex_mismatch", "birth_on": "birth_mismatch"}.get(name, "rule")
            self.refuse(row, row.names.get(name) or (str(self.words[name].label) if name in self.words else ""),
                        quoted(self.words.get(name), row.raw.get(name)), code, str(error))
            return
        row.record = record

    def partial(self, row: Row) -> bool:
        """Whether missing columns may stay missing, because the row only changes a known record."""
        return False

    # Keys

    def key_of(self, row: Row) -> tuple[Any, ...] | None:
        values = tuple(getattr(row.record, name) for name in self.target.__natural_key__)
        return values if values and all(v not in (None, "") for v in values) else None

    def match_rows(self) -> None:
        """Finds what is registered already, in bulk, and what the file says twice."""
        first: dict[tuple[Any, ...], Row] = {}
        for row in self.rows:
            key = None if row.refused else self.key_of(row)
            if key is None:
                continue
            if key in first:
                other = first[key]
                self.refuse(row, row.names.get(self.target.__natural_key__[0], ""), "", "duplicate_in_file",
                            _("The same record stands in sheet %(sheet)s, row %(row)s: keep one of them.",
                              sheet=other.sheet, row=other.number))
            else:
                first[key] = row
        known, elsewhere = existing_rows(self.target, list(first))
        for key, row in first.items():
            if key in elsewhere:
                self.refuse(row, row.names.get(self.target.__natural_key__[0], ""), "", "already_elsewhere",
                            _("Already registered in another community: ask the street office to move the record."))
            row.existing = known.get(key)

    def gather(self, writer: Writer) -> None:
        """Finds or makes what the rows need around them; nothing for a plain record."""

    def compare(self) -> None:
        """What each row changes on the record that is there; an empty cell leaves what is stored."""
        for row in self.rows:
            if row.refused or row.existing is None or row.record is None:
                continue
            given = {*row.values, *(n for n in row.changes)}
            for name in given:
                old, new = getattr(row.existing, name), getattr(row.record, name)
                if old != new and new is not None:
                    row.changes[name] = (old, new)
                else:
                    row.changes.pop(name, None)

    def count(self) -> None:
        out = self.outcome
        out.rows = len(self.rows)
        for row in self.rows:
            if row.refused:
                out.refused += 1
            elif row.existing is None:
                out.new += 1
            elif row.changes:
                out.changed += 1
                if len(out.preview) < SHOWN_CHANGES:
                    out.preview.append((str(row.existing), [
                        (str(self.words[n].label), shown(self.words[n], old), shown(self.words[n], new))
                        for n, (old, new) in row.changes.items()]))
            else:
                out.same += 1

    # Messages

    def refuse(self, row: Row, column: str, value: str, code: str, message: str) -> None:
        row.refused = True
        self.outcome.messages.append(Message(row.sheet, row.number, column, value, code, message, ERROR))

    def note(self, sheet: str, number: int, code: str, message: str, column: str = "") -> None:
        self.outcome.messages.append(Message(sheet, number, column, "", code, message, NOTE))


def importer_of(record: type[Record]) -> type[Importer]:
    """The importer a record has of its own, or the common one."""
    return next((known for known in Importer.__subclasses__() if known.record is record), Importer)


def import_file(record: type[Record], path: Path, *, grid: str | None = None, dry_run: bool = False) -> Outcome:
    """Imports one file; refused rows are named, the others go in together or not at all."""
    return importer_of(record)(record, Path(path), grid).run(dry_run)
