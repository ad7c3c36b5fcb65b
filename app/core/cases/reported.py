"""Columns many types of case share: what it is called, where it is, on the map, and who reported it.

A type takes the classes it needs and says in ``worded`` what is otherwise with it: its label, its aliases,
the section on the form, or the column it stands behind (``after``).
"""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Numeric, String
from sqlalchemy.orm import Mapped, MappedColumn, declared_attr

from app.core.base.fields import field
from app.core.base.records import RuleError, changes


class _Shared:
    """What the classes below have in common."""

    worded: ClassVar[dict[str, dict[str, Any]]] = {}
    matter_section: ClassVar[Any] = _("What happened")  # the part of the form that says what and where


def _shared(cls: Any, name: str, type_: Any, **words: Any) -> MappedColumn[Any]:
    """A shared column in the words of a type."""
    said = {**words, **cls.worded.get(name, {})}
    return field(said.pop("label"), type_, **said)


class Titled(_Shared):
    """What has a title, and is called by it."""

    @declared_attr
    def title(cls) -> Mapped[str]:
        return _shared(cls, "title", String(80), label=_("Title"), listed=True, search="text",
                       aliases=("标题",), means="title", after="")

    def __str__(self) -> str:
        return self.title or ""


class Placed(Titled):
    """What has a title and a place in words, and is found by both."""

    @declared_attr
    def place(cls) -> Mapped[str]:
        return _shared(cls, "place", String(120), label=_("Place"), section=cls.matter_section, listed=True,
                       aliases=("地点",), means="place")

    def searchable(self) -> tuple[str | None, ...]:
        return (self.number, self.title, self.place)  # type: ignore[attr-defined]


class Located(_Shared):
    """What has a point on the map, in degrees."""

    stands: ClassVar[tuple[str, ...]] = ("longitude", "latitude")

    @declared_attr
    def longitude(cls) -> Mapped[Any]:
        return _shared(cls, "longitude", Numeric(9, 6), label=_("Longitude"), section=cls.matter_section,
                       nullable=True, aliases=("经度",), after="place", means="longitude")

    @declared_attr
    def latitude(cls) -> Mapped[Any]:
        return _shared(cls, "latitude", Numeric(9, 6), label=_("Latitude"), section=cls.matter_section,
                       nullable=True, aliases=("纬度",), after="longitude", means="latitude")

    def check(self) -> None:
        """Both or none, and on this earth; what was written before stays as it is until somebody writes it anew."""
        super().check()  # type: ignore[misc]
        if not changes(self, "longitude", "latitude"):
            return
        east, north = self.longitude, self.latitude
        if (east is None) != (north is None) or east is not None and not (-180 <= east <= 180 and -90 <= north <= 90):
            raise RuleError(gettext("Longitude and latitude belong together, in degrees: put the pin again, or leave both empty."),
                            "longitude" if east is None or not -180 <= east <= 180 else "latitude")


class Reported(_Shared):
    """What somebody reported, with his name and phone."""

    @declared_attr
    def reporter(cls) -> Mapped[str | None]:
        return _shared(cls, "reporter", String(60), label=_("Reporter"), section=_("Who reported it"),
                       mask="name", aliases=("反映人",), means="person")

    @declared_attr
    def reporter_phone(cls) -> Mapped[str | None]:
        return _shared(cls, "reporter_phone", String(20), label=_("Reporter's phone"),
                       section=_("Who reported it"), mask="phone", aliases=("联系电话",),
                       means="phone", after="reporter")
