"""What hangs on a record: the rows that point to it, each relation one tab of its page and one list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core.asking import listing
from app.core.asking.filters import condition
from app.core.asking.listing import ListState
from app.core.base.fields import fields_of
from app.core.base.records import Record
from app.core.base.registry import may, place_in_menu, record_name, records, view_of
from app.core.base.scope import system
from app.db import db

COUNT_CAP, FIRST_ROWS = 1_000, 10


@dataclass(frozen=True)
class Link:
    """Rows of another record that keep this one from being deleted."""

    label: str
    count: str
    url: str


@dataclass
class Relation:
    """The rows of a list whose column has one value: what belongs to a record."""

    view: Any
    column: str
    value: Any
    label: str

    @property
    def key(self) -> str:
        return f"{record_name(self.view.record)}.{self.column}"

    @property
    def url(self) -> str:
        return f"/{record_name(self.view.record)}/list/?f.{self.column}={self.value}"

    @property
    def hides(self) -> bool:
        """Whether its column names this record only to those who may see it whole."""
        words = fields_of(self.view.record).get(self.column)
        return words is not None and bool(words.mask)

    def state(self, size: int = FIRST_ROWS) -> ListState:
        """The list behind the tab, without the column that is the same in every row."""
        columns = [name for name in self.view.list_columns if name != self.column]
        return ListState(self.view.record, columns, filters=[(self.column, str(self.value))], size=size, unmask=self.hides)

    @cached_property
    def count(self) -> str:
        """How many rows the list has; the tab and the list agree because they ask the same."""
        total, exact = listing.count(self.state(), self.view)
        return f"{total:,}" + ("" if exact else "+")


def relations(view: Any, row: Record) -> list[Relation]:
    """What belongs to a record as far as the user may open it: the rows that point to it, and those
    that share what its view names in ``related`` (the people of the same household)."""
    found = [Relation(known, column, getattr(row, key), _pointing(view, known))
             for other, column, key in pointers(type(row)) if (known := view_of(other)) is not None]
    found += [Relation(type(view), column, getattr(row, column), _sharing(view, column)) for column in view.related]
    return sorted((relation for relation in found if relation.value is not None and _may_list(relation)),
                  key=lambda relation: place_in_menu(relation.view))


def _pointing(view: Any, other: Any) -> str:
    label = str(other.record.__label__)
    return _("%(records)s under it", records=label) if other.record is view.record else label


def _sharing(view: Any, column: str) -> str:
    return _("%(records)s of the same %(what)s", records=view.title, what=view.words[column].label)


def _may_list(relation: Relation) -> bool:
    """Whether the user may open the list, narrowed as it is."""
    return may("list", relation.view) and (not relation.hides or may("reveal", relation.view))


def pointers(record: type[Record]) -> list[tuple[type[Record], str, str]]:
    """Every (record, column) whose foreign key points to a record, with the column pointed to."""
    found = []
    for other in records():
        for column in other.__table__.columns:
            for key in column.foreign_keys:
                if key.column.table.name == record.__tablename__:
                    found.append((other, column.name, key.column.name))
    return found


def _counted(other: type[Record], column: str, value: Any) -> int:
    """Counted by the condition of the list it links to, so that both agree."""
    few = select(other.id).where(condition(other, column, str(value))).limit(COUNT_CAP + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(few)) or 0


def _link(other: type[Record], column: str, value: Any, count: int) -> Link:
    known = view_of(other)
    url = f"/{record_name(other)}/list/?f.{column}={value}" if known else ""
    shown = f"{COUNT_CAP:,}+" if count > COUNT_CAP else f"{count:,}"
    return Link(str(other.__label__), shown, url)


def blocking(row: Record) -> list[Link]:
    """The rows that would be left without this one; a record in use is not deleted."""
    found = []
    with system("rows that point to a record about to be deleted"):
        for other, column, key in pointers(type(row)):
            count = _counted(other, column, getattr(row, key))
            if count:
                found.append(_link(other, column, getattr(row, key), count))
    return found
