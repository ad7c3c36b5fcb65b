"""What the rows of one file are read for: the record, its fields and readers, and what is said about them."""

from __future__ import annotations

from flask_babel import gettext as _

from app.core.base.fields import PERSON, Field, fields_of
from app.core.base.masks import masked
from app.core.base.records import Record
from app.core.base.scope import scope_column
from app.core.base.texts import InvalidValue
from app.core.sheets.checking.drafts import Draft, Gathering, gathering_of
from app.core.sheets.checking.how import How
from app.core.sheets.checking.outcome import ERROR, NOTE, WRONG_IN_ITSELF, Message, Outcome
from app.core.sheets.checking.rules import defaults_of
from app.core.sheets.checking.values import CellReader
from app.core.sheets.checking.words import Words

LIGHT = ("choice", "grid", "bool", "relation")


class Checker:
    """Knows the record the sheets of one file are read for, and takes down what is said about their rows.

    ``core`` are the fields by which a record is known, ``own`` those in which each has a value of its own,
    ``heavy`` those that say something of one record: no choices and places; ``digests`` hold identity numbers and
    ``people`` the names of persons.
    """

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
        key = {name for name in record.__natural_key__ if name != "grid_code"}
        self.digests = frozenset(name for name in key if own[name].search == "digest")
        self.core = frozenset(key | {name for name, words in own.items() if words.required and not words.dictionary
                                     and words.kind not in LIGHT and not words.derived and name not in defaults_of(record)})
        self.people = frozenset(name for name, words in own.items() if words.sorts == PERSON and words.required)
        self.own = frozenset(key | self.people)
        self.heavy = frozenset(name for name, words in own.items() if words.kind not in LIGHT and not words.dictionary)

    def note(self, sheet: str, row: int, code: str, text: str, column: str = "", value: str = "") -> None:
        message = Message(sheet, row, column, value, code, text, NOTE)
        self.outcome.messages.append(message)
        if self.how.preview is not None:
            self.how.preview.note(message)

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

    def is_wanted(self, name: str) -> bool:
        """Whether a column of this field is read: what the console works out itself is not."""
        return not self.fields[name].derived or name in self.record.__natural_key__

    def is_shared(self, name: str) -> bool:
        """Whether one merged cell, or a card above a table, may say a field for many rows."""
        return (name in self.gathering.columns or name in self.gathering.shared
                or self.fields[name].kind in ("relation", "grid"))

    def is_mask(self, error: InvalidValue, name: str) -> bool:
        """Whether a cell was only hidden by stars, so that what is stored stays."""
        return error.code == "masked" and name not in self.record.__natural_key__
