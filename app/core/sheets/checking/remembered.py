"""What was decided about workbooks before: somebody's headings for his next one, the office's values for everybody's.

What is read as a place of the grid holds for those of the same node and below it, and nobody beside or above:
老街网格 may be another one in every community.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base.fields import fields_of
from app.core.base.moments import now
from app.core.base.nodes import Node
from app.core.base.records import Record
from app.core.base.registry import security
from app.core.base.scope import current
from app.core.sheets.checking.drafts import gathering_of
from app.core.sheets.checking.words import key_of
from app.db import db

LONGEST = 120  # longer headings are not kept


class RememberedHeading(db.Model):
    """One heading of one person's workbooks; an empty field leaves the column out."""

    __tablename__ = "remembered_heading"
    __table_args__ = (UniqueConstraint("owner", "record", "heading", name="uq_remembered_heading"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    record: Mapped[str] = mapped_column(String(40))
    heading: Mapped[str] = mapped_column(String(LONGEST))
    field: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]


class RememberedValue(db.Model):
    """One wrong value of a column and what the office reads it as; an empty one leaves the cell blank."""

    __tablename__ = "remembered_value"
    __table_args__ = (UniqueConstraint("record", "field", "wrong", name="uq_remembered_value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(String(40))
    field: Mapped[str] = mapped_column(String(40))
    wrong: Mapped[str] = mapped_column(String(LONGEST))
    right: Mapped[str] = mapped_column(String(LONGEST))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


def remembered_values(record: type[Record]) -> dict[str, dict[str, str]]:
    """The wrong values decided about for the user's workbooks, normalised, with what they are read as: by field."""
    found: dict[str, dict[str, str]] = {}
    for row in db.session.scalars(select(RememberedValue).where(*_ours(record)).order_by(
            RememberedValue.field, RememberedValue.wrong)):
        found.setdefault(row.field, {})[row.wrong] = row.right
    return found


def remember_value(record: type[Record], field: str, wrong: str, right: str) -> None:
    """Keeps what a value is read as, in the place of what was kept before; the caller commits."""
    if not wrong or max(len(wrong), len(right)) > LONGEST:
        return
    db.session.execute(delete(RememberedValue).where(
        RememberedValue.record == record.__tablename__, RememberedValue.field == field, RememberedValue.wrong == wrong))
    db.session.add(RememberedValue(record=record.__tablename__, field=field, wrong=wrong, right=right,
                                   by=current().actor, at=now()))


def forget_value(record: type[Record], field: str, wrong: str) -> None:
    """Forgets one value that holds for the user's workbooks; the caller commits."""
    db.session.execute(delete(RememberedValue).where(
        *_ours(record), RememberedValue.field == field, RememberedValue.wrong == wrong))


def _ours(record: type[Record]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The values of the whole office, and the user's own places that somebody of his node or above decided about."""
    fields = {**fields_of(record), **gathering_of(record).columns}
    placing, account = [name for name, words in fields.items() if words.kind == "grid"], security().user_model
    scope, right = current(), RememberedValue.right
    above = select(account.username).where(account.node.in_(Node(scope.node).path))
    own = RememberedValue.by.in_(above) & ((right == "") | (right >= scope.node) & (right < scope.high))
    return RememberedValue.record == record.__tablename__, RememberedValue.field.not_in(placing) | own


def remembered(record: type[Record]) -> dict[str, str]:
    """The headings the user decided about, normalised, with their fields."""
    return dict(db.session.execute(select(RememberedHeading.heading, RememberedHeading.field).where(
        *_mine(record)).order_by(RememberedHeading.heading)).tuples().all())


def remember(record: type[Record], heading: str, field: str) -> None:
    """Keeps what a heading means, in the place of what was kept before; the caller commits."""
    heading = key_of(heading)
    if not heading or len(heading) > LONGEST:
        return
    forget(record, heading)
    db.session.add(RememberedHeading(owner=current().actor, record=record.__tablename__, heading=heading,
                                     field=field, at=now()))


def forget(record: type[Record], heading: str | None = None) -> None:
    """Forgets one heading, or all of a record; the caller commits."""
    which = [] if heading is None else [RememberedHeading.heading == key_of(heading)]
    db.session.execute(delete(RememberedHeading).where(*_mine(record), *which))


def _mine(record: type[Record]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return RememberedHeading.owner == current().actor, RememberedHeading.record == record.__tablename__
