"""Rows a record owns, written on its own form: the members of a leading body, for example."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from wtforms import HiddenField

from app.core.base.fields import Field, fields_of
from app.core.base.moments import now
from app.core.base.numbers import record_id
from app.core.base.records import Record
from app.core.base.registry import view_of
from app.core.base.scope import current
from app.core.screens.inputs import form_class, renew
from app.core.screens.screen import targets_of

SPARE_ROWS = 3
HIDDEN = ("grid_code",)


@dataclass
class Line:
    """One line of the table: its small form, and the stored row it was opened with."""

    form: Any
    row: Record | None


class InlineTable:
    """A small table of owned rows on the form of their owner."""

    def __init__(self, record: type[Record], name: str, owner: Record | None = None, posted: Any = None) -> None:
        relation = record.__mapper__.relationships[name]
        owner_column = next(iter(relation.remote_side)).name
        self.name = name
        self.record = relation.mapper.class_
        self.columns = [column for column, words in fields_of(self.record).items()
                        if words.editable and column != owner_column and column not in HIDDEN
                        and column in (self.record.__inline_columns__ or (column,))]
        self.form = type("LineForm", (form_class(self.record, self.columns, targets_of(self.record)),), {"row_id": HiddenField()})
        self.errors: list[str] = []
        self.conflict = False
        rows = list(getattr(owner, name)) if owner else []
        self.lines = self._stored(rows) if posted is None else self._posted(rows, posted)

    @property
    def title(self) -> str:
        return str(self.record.__label__)

    @property
    def address(self) -> str:
        """Where the selects of its lines find what matches the words somebody types."""
        return str(view_of(self.record).route_base)

    def words(self) -> list[Field]:
        return [fields_of(self.record)[name] for name in self.columns]

    def _stored(self, rows: list[Record]) -> list[Line]:
        """One line a row, and a few empty ones at the end."""
        return [self._line(index, row, None) for index, row in enumerate([*rows, *[None] * SPARE_ROWS])]

    def _line(self, index: int, row: Record | None, posted: Any) -> Line:
        form = self.form(formdata=posted, obj=row, prefix=f"{self.name}-{index}-", meta={"csrf": False},
                         row_id=row.id if row else None)
        return Line(form, row)

    def _posted(self, rows: list[Record], posted: Any) -> list[Line]:
        """The lines as they were sent, each with the row it names: places move, numbers do not."""
        known: dict[int | None, Record] = {row.id: row for row in rows}
        here = re.compile(rf"{re.escape(self.name)}-([0-9]{{1,4}})-")
        numbers = sorted({int(found[1]) for key in posted if (found := here.match(key))})
        lines = [self._line(number, known.get(record_id(posted.get(f"{self.name}-{number}-row_id"))), posted)
                 for number in numbers]
        for line in lines:
            self._compare(line)
        return lines

    def _compare(self, line: Line) -> None:
        """A row that somebody changed or removed meanwhile is a conflict; saving again is then meant so."""
        if not line.form.row_id.data or line.row and record_id(line.form.version.data) == line.row.version:
            return
        self.conflict = True
        if line.row is None:
            line.form.row_id.data = line.form.version.data = ""
            self.errors.append(_("Somebody else removed this line: %(what)s. Save again to write it anew.",
                                 what=self._told(line)))
        else:
            line.form.version.data = str(line.row.version)
            renew(line.form)
            self.errors.append(_("Somebody else changed this line: %(what)s. Save again to write yours over it.",
                                 what=str(line.row)))

    def _told(self, line: Line) -> str:
        """A line in the words of its required columns."""
        return next((text for name in self.columns for text in line.form[name].raw_data or () if text.strip()), "—")

    def validate(self) -> bool:
        """Whether every line may be written; what is wrong stands in ``errors``."""
        for line in self.lines:
            if not self._empty(line) and not line.form.validate():
                self.errors += [f"{line.form[name].label.text}: {error}"
                                for name, errors in line.form.errors.items() for error in errors]
        return not self.errors

    def _empty(self, line: Line) -> bool:
        """Nothing stands in what a line must have, and nothing new in the rest of it."""
        return all(_blank(line.form[name]) or not words.required and line.form[name].data == self._before(name, line)
                   for name, words in zip(self.columns, self.words(), strict=True))

    def _before(self, name: str, line: Line) -> Any:
        default = self.record.__table__.c[name].default
        return getattr(line.row, name) if line.row else default.arg if default is not None else None

    def write(self, owner: Record) -> None:
        """Takes the lines over; an emptied one goes to the recycle bin."""
        for line in self.lines:
            if not self._empty(line):
                self._fill(line.row or self._new(owner), line.form)
            elif line.row is not None:
                line.row.deleted_at, line.row.deleted_by = now(), current().actor

    def _fill(self, row: Record, form: Any) -> None:
        for name in self.columns:
            if getattr(row, name) != form[name].data:
                setattr(row, name, form[name].data)

    def _new(self, owner: Record) -> Record:
        row = self.record()
        getattr(owner, self.name).append(row)
        return row


def _blank(field: Any) -> bool:
    return not any(text.strip() for text in field.raw_data or ())
