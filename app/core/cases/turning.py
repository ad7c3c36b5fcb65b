"""One matter grown out of another: an event that became a dispute, a wish heard at a door that became a service request.

The form of the new record begins with what the old one says, and both name each other from then on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base.fields import Field, fields_of, meaning
from app.core.base.moments import now
from app.core.base.registry import may, record_views, view_of
from app.core.base.scope import current
from app.core.cases.counters import number_of_today
from app.db import db


class CaseLink(db.Model):
    """A matter and the one it grew out of, by their numbers."""

    __tablename__ = "case_link"
    __table_args__ = (Index("ix_case_link_source", "source_number"), Index("ix_case_link_target", "target_number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    source_number: Mapped[str] = mapped_column(String(24))
    target_number: Mapped[str] = mapped_column(String(24))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class Numbered:
    """What matters have that may grow out of each other: a number whose letters tell their type.

    ``grows`` says whether one may be begun from another matter's page.
    """

    prefix: ClassVar[str] = ""
    grows: ClassVar[bool] = True

    def take_number(self) -> None:
        """The number by which people call it: its letters, the day, and a count."""
        self.number: Any = self.number or number_of_today(self.prefix)

    def grow_from(self, origin: Any) -> None:
        """Says of a new record which one it grows out of."""
        self.__dict__["_origin"] = origin

    def take_over(self) -> None:
        """What the form shows masked, or not at all, and leaves empty is taken over from the origin unseen."""
        origin = self.__dict__.get("_origin")
        for name, words in fields_of(type(self)).items() if origin is not None else ():
            if words.mask and not getattr(self, name) and (value := _of(origin, type(self), name)) is not None:
                setattr(self, name, value)

    def keep_origin(self) -> None:
        """Writes the link of a record that was just registered."""
        origin = self.__dict__.pop("_origin", None)
        if origin is not None:
            db.session.add(CaseLink(source_number=origin.number, target_number=self.number,  # type: ignore[attr-defined]
                                    by=current().actor or "system", at=now()))


def numbered_views() -> list[Any]:
    """The screens of the records that may grow out of each other, in the order of the menu."""
    return [view for view in record_views() if issubclass(view.record, Numbered)]


def find(number: str) -> Any:
    """The record behind a number, if the user may see it."""
    for view in numbered_views():
        if number.startswith(view.record.prefix) and may("show", view):
            return db.session.scalar(select(view.record).where(view.record.number == number))
    return None


def page_of(number: str) -> str:
    """The address of a matter's page; empty where it is gone, or not the user's."""
    row = find(number)
    return _page(row) if row is not None else ""


def _page(row: Any) -> str:
    return f"{view_of(type(row)).route_base}/show/{row.id}"  # type: ignore[union-attr]


def ways_on(row: Any) -> list[tuple[str, str]]:
    """What a matter may become, as far as the user may add it: (words, address of the form)."""
    return [(str(view.record.__label__), f"{view.route_base}/add?origin={row.number}") for view in numbered_views()
            if not isinstance(row, view.record) and view.record.grows and may("add", view)]


def links(row: Any) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What a matter grew out of, and what grew out of it: (words, address, empty where it is not the user's)."""
    found = db.session.scalars(select(CaseLink).where(or_(
        CaseLink.source_number == row.number, CaseLink.target_number == row.number)).order_by(CaseLink.id)).all()
    return ([_told(link.source_number) for link in found if link.target_number == row.number],
            [_told(link.target_number) for link in found if link.source_number == row.number])


def begin(form: Any, record: type, origin: Any) -> None:
    """Fills the form of a new record with what its origin says; masked columns stay out of sight."""
    for name, words in fields_of(record).items():
        if name in form and not words.mask and (value := _of(origin, record, name)) not in (None, ""):
            form[name].data = value


def _of(origin: Any, record: type, name: str) -> Any:
    """What an origin says under a column's name, or one that means the same, if it is the same kind of value."""
    for other in sources(type(origin), record, name):
        if (value := getattr(origin, other)) not in (None, ""):
            return fields_of(record)[name].fitting(value)
    return None


def sources(origin: type, record: type, name: str) -> list[str]:
    """The columns of an origin from which a column may begin: that of its name, then those that mean the same."""
    known, wanted = fields_of(origin), fields_of(record)[name]
    same = meaning(origin, wanted.means) if wanted.means else []
    return [other for other in dict.fromkeys((name, *same)) if other in known and _shape(known[other]) == _shape(wanted)]


def _shape(words: Field) -> tuple[str, str, str, bool]:
    """What two columns must share before a value goes over: nothing masked becomes visible."""
    return words.kind, words.dictionary, words.target, bool(words.mask)


def _told(number: str) -> tuple[str, str]:
    row = find(number)
    return (f"{number} {row}", _page(row)) if row is not None else (number, "")
