"""Saved views: a list's search, filters, columns and order under a name of the user's own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base.moments import now
from app.core.base.records import Record
from app.core.base.scope import current
from app.db import db


class SavedView(db.Model):
    """One kept list of one user."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("owner", "record", "name", name="uq_saved_view"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    record: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(2000))
    at: Mapped[datetime]

    @classmethod
    def keep(cls, record: type[Record], name: str, query: str) -> None:
        """Keeps a view; a second one of the same name takes the first one's place."""
        cls._delete(record, cls.name == name)
        db.session.add(cls(owner=current().actor, record=record.__tablename__, name=name,
                           query=query, at=now()))
        db.session.commit()

    @classmethod
    def drop(cls, record: type[Record], view_id: int) -> None:
        cls._delete(record, cls.id == view_id)
        db.session.commit()

    @classmethod
    def _delete(cls, record: type[Record], which: ColumnElement[bool]) -> None:
        db.session.execute(delete(cls).where(
            cls.owner == current().actor, cls.record == record.__tablename__, which))


def saved_views(record: type[Record]) -> list[SavedView]:
    """The user's kept views of a record."""
    return list(db.session.scalars(select(SavedView).where(
        SavedView.owner == current().actor, SavedView.record == record.__tablename__,
    ).order_by(SavedView.name)))
