"""What hangs on a record: the rows that point to it, counted, each count a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.core.listing import condition
from app.core.records import Record
from app.core.registry import record_name, records, view_of
from app.core.scope import system
from app.db import db

COUNT_CAP = 1_000


@dataclass(frozen=True)
class Link:
    """Rows of another record that point to this one."""

    label: str
    count: str
    url: str


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


def linked(view: Any, row: Record) -> list[Link]:
    """The lists that belong to a record, as far as the user may open them."""
    found = []
    for other, column, key in pointers(type(row)):
        known = view_of(other)
        if known is None or not view.appbuilder.sm.has_access("can_list", known.__name__):
            continue
        value = getattr(row, key)
        found.append(_link(other, column, value, _counted(other, column, value)))
    return found


def blocking(row: Record) -> list[Link]:
    """The rows that would be left without this one; a record in use is not deleted."""
    found = []
    with system("rows that point to a record about to be deleted"):
        for other, column, key in pointers(type(row)):
            count = _counted(other, column, getattr(row, key))
            if count:
                found.append(_link(other, column, getattr(row, key), count))
    return found


