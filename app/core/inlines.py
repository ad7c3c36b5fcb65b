"""Rows a record owns, written on its own form: the members of a leading body, for example."""

from __future__ import annotations

from typing import Any

from app.core.fields import Field, fields_of
from app.core.forms import form_class
from app.core.records import Record, now
from app.core.scope import current

SPARE_ROWS = 3
HIDDEN = ("grid_code",)


class InlineTable:
    """A small table of owned rows on the form of their owner."""

    def __init__(self, record: type[Record], name: str, owner: Record | None = None) -> None:
        relation = record.__mapper__.relationships[name]
        self.name = name
        self.record = relation.mapper.class_
        self.owner_column = next(iter(relation.remote_side)).name
        self.rows: list[Record] = list(getattr(owner, name)) if owner else []
        self.columns = [column for column, words in fields_of(self.record).items()
                        if words.editable and column != self.owner_column and column not in HIDDEN]
        self.form = form_class(self.record, self.columns, {})
        self.errors: list[str] = []
        self.typed: list[Any] | None = None

    @property
    def title(self) -> str:
        return str(self.record.__label__)

    def words(self) -> list[Field]:
        return [fields_of(self.record)[name] for name in self.columns]

    def forms(self) -> list[Any]:
        """One small form a row, and a few empty ones at the end."""
        if self.typed is not None:
            return self.typed
        made = [self.form(obj=row, prefix=self.prefix(i), meta={"csrf": False}, formdata=None)
                for i, row in enumerate(self.rows)]
        spare = range(len(made), len(made) + SPARE_ROWS)
        return [*made, *(self.form(prefix=self.prefix(i), meta={"csrf": False}, formdata=None)
                         for i in spare)]

    def prefix(self, index: int) -> str:
        return f"{self.name}-{index}-"

    def fill(self, owner: Record, posted: Any) -> bool:
        """Takes the posted rows over; an emptied row goes to the recycle bin. False on errors."""
        self.typed = []
        count = len(self.rows) + SPARE_ROWS
        for index in range(count):
            row = self.rows[index] if index < len(self.rows) else None
            form = self.form(formdata=posted, obj=row, prefix=self.prefix(index),
                             meta={"csrf": False})
            self.typed.append(form)
            self._take(owner, row, form)
        return not self.errors

    def _take(self, owner: Record, row: Record | None, form: Any) -> None:
        required = [n for n in self.columns if fields_of(self.record)[n].required]
        if not any(form[name].data for name in required):
            if row is not None:
                row.deleted_at, row.deleted_by = now(), current().actor
            return
        if not form.validate():
            self.errors += [f"{form[name].label.text}: {error}"
                            for name, errors in form.errors.items() for error in errors]
            return
        row = row or self._new(owner)
        for name in self.columns:
            if getattr(row, name) != form[name].data:
                setattr(row, name, form[name].data)

    def _new(self, owner: Record) -> Record:
        row = self.record()
        getattr(owner, self.name).append(row)
        return row


