"""What an office sets for itself: declared beside the code that reads it, edited on one page, kept as records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped

from app.core.base.fields import field
from app.core.base.records import Record, RuleError, unique_live
from app.core.base.revisions import Cached
from app.db import db


class OfficeOption(Record):
    """A setting this office changed; what is not here has the value the program ships with."""

    __tablename__ = "office_option"
    __label__ = _("Office setting")
    __natural_key__ = ("key",)
    __table_args__ = (unique_live("office_option", "key"),)
    __revision__ = "options"

    key: Mapped[str] = field(_("Setting"), String(40), listed=True)
    value: Mapped[str] = field(_("Value"), String(80), listed=True)

    def __str__(self) -> str:
        return str(OPTIONS[self.key].label) if self.key in OPTIONS else self.key

    def check(self) -> None:
        if self.key in OPTIONS:
            OPTIONS[self.key].read(self.value)


@dataclass(frozen=True)
class Option:
    """One setting under a heading of the page: a whole number from ``least`` to ``most``, in ``unit``, or,
    as a ``clock``, a time of day, kept in minutes after midnight."""

    key: str
    section: Any
    label: Any
    default: int
    least: int
    most: int
    unit: Any = ""
    clock: bool = False

    def read(self, text: str) -> int:
        """The number a text stands for; RuleError says what it may be."""
        if self.clock:
            return self._minutes(text)
        if text.isascii() and text.isdigit() and self.least <= int(text) <= self.most:
            return int(text)
        raise RuleError(gettext("%(what)s: write a whole number from %(least)s to %(most)s.",
                                what=self.label, least=self.least, most=self.most), self.key)

    def _minutes(self, text: str) -> int:
        try:
            moment = time.fromisoformat(text.replace("：", ":").rjust(5, "0"))
        except ValueError:
            raise RuleError(gettext("%(what)s: write a time of day, such as 08:30.", what=self.label), self.key) from None
        return moment.hour * 60 + moment.minute

    def shown(self, number: int) -> str:
        """The number as the page shows it and ``read`` reads it."""
        return f"{number // 60:02d}:{number % 60:02d}" if self.clock else str(number)

    @property
    def value(self) -> int:
        """The number in force."""
        return _changed.get().get(self.key, self.default)


OPTIONS: dict[str, Option] = {}


def option(key: str, section: Any, label: Any, *, default: int, least: int, most: int, unit: Any = "") -> Option:
    """Declares a setting; read its ``value`` where it is needed."""
    OPTIONS[key] = Option(key, section, label, default, least, most, unit)
    return OPTIONS[key]


def clock(key: str, section: Any, label: Any, *, default: time) -> Option:
    """Declares a time of day; its ``value`` is in minutes after midnight."""
    OPTIONS[key] = Option(key, section, label, default.hour * 60 + default.minute, 0, 24 * 60, clock=True)
    return OPTIONS[key]


def _load() -> dict[str, int]:
    rows = db.session.execute(select(OfficeOption.key, OfficeOption.value))
    return {key: OPTIONS[key].read(value) for key, value in rows if key in OPTIONS}


_changed = Cached("options", _load)


def sections() -> dict[str, list[Option]]:
    """The settings under their headings, in the order of their declaration."""
    found: dict[str, list[Option]] = {}
    for known in OPTIONS.values():
        found.setdefault(str(known.section), []).append(known)
    return found


def change(values: dict[str, str]) -> None:
    """Writes what differs from what is in force, with its history; RuleError when a value cannot be read."""
    for key, text in values.items():
        wanted = OPTIONS[key].read(text.strip())
        if wanted == OPTIONS[key].value:
            continue
        row = db.session.scalar(select(OfficeOption).where(OfficeOption.key == key))
        if row is None:
            db.session.add(OfficeOption(key=key, value=OPTIONS[key].shown(wanted)))
        else:
            row.value = OPTIONS[key].shown(wanted)
    db.session.commit()
