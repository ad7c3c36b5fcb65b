"""What every record is: numbered, stamped, versioned, deleted into a recycle bin, not for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import DateTime, Index, String, Text, inspect, text
from sqlalchemy.orm import Mapped, MappedColumn, declared_attr, mapped_column, with_loader_criteria
from sqlalchemy.types import TypeDecorator

from app.core.base.fields import Field, kind_of
from app.core.base.language import in_context
from app.core.base.moments import now, today
from app.core.base.ordering import Stretch, order_column
from app.db import db


class RuleError(Exception):
    """A rule of the office was broken: one sentence that tells the user what to do."""

    status = 422

    def __init__(self, message: Any, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class Choices(TypeDecorator[list[str]]):
    """Several codes of one dictionary in a column, kept as ``|a|b|``."""

    impl = Text
    cache_ok = True
    multiple = True

    def process_bind_param(self, value: list[str] | None, dialect: Any) -> str | None:
        return f"|{'|'.join(value)}|" if value else None

    def process_result_value(self, value: str | None, dialect: Any) -> list[str]:
        return value.strip("|").split("|") if value else []


class Record(db.Model):
    """Base of everything the office keeps."""

    __abstract__ = True
    __label__: Any = ""
    __natural_key__: tuple[str, ...] = ()
    __known_by__: tuple[str, ...] = ()  # other columns by which a cell of a workbook may name a row; indexed
    __told__: dict[str, Callable[[Any], str]] = {}  # columns whose words depend on the row, and what tells them
    __named_by__: tuple[str, ...] = ()  # the columns its text is made of, where no other is read for it
    __inlines__: tuple[str, ...] = ()
    __shipped__: tuple[str, ...] = ()  # the columns by which rows the program ships with are known; () for none
    __inline_columns__: tuple[str, ...] = ()  # what a line of it shows on its owner's form, where that is not all

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(
        DateTime, info={"field": Field(_("Created at"), derived=True, kind="datetime"),
                        "required": False})
    created_by: Mapped[str] = mapped_column(
        String(64), info={"field": Field(_("Created by"), derived=True), "required": False})
    changed_at: Mapped[datetime] = mapped_column(
        DateTime, info={"field": Field(_("Changed at"), derived=True, kind="datetime"),
                        "required": False})
    changed_by: Mapped[str] = mapped_column(
        String(64), info={"field": Field(_("Changed by"), derived=True), "required": False})
    deleted_at: Mapped[datetime | None] = mapped_column()
    deleted_by: Mapped[str | None] = mapped_column(String(64))
    search_text: Mapped[str | None] = mapped_column(Text)

    @classmethod
    def __in_order__(cls) -> Sequence[Stretch]:
        """The stretches of its list in the usual order, where that is not by place; none here."""
        return ()

    def __init_subclass__(cls, **options: Any) -> None:
        """Its name is said in its own context, and a column not in the order people expect gets one beside it that is."""
        if "__label__" in cls.__dict__:
            cls.__label__ = in_context(cls.__label__, cls.__name__)
        for name, declared in list(vars(cls).items()):
            words = declared.column.info.get("field") if isinstance(declared, MappedColumn) else None
            if words is not None and words.sorts:
                setattr(cls, f"{name}_order", order_column(replace(words, kind=kind_of(declared.column, words))))
        super().__init_subclass__(**options)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}

    def complete(self) -> None:
        """Fills what follows from other values (sex from the ID number, address from the house)."""

    def take_number(self) -> None:
        """Takes a running number, in the transaction that writes a new row and not before."""

    def check(self) -> None:
        """Raises RuleError when the values break a rule of the office."""

    def stays(self) -> str:
        """Why nothing of it is changed any more, in a sentence; empty while it may be."""
        return ""

    def announce(self) -> None:
        """Says to whom it concerns that the record is new; nothing is said of rows a workbook brings."""

    def searchable(self) -> tuple[str | None, ...]:
        """The texts by whose characters the record is found."""
        return (str(self),)

    def note(self) -> str:
        """What a select says beside the record's name, masked as a page masks it."""
        return ""


def changes(row: Any, *names: str) -> bool:
    """Whether one of these columns is getting another value, on a form as in a workbook (there beside what is stored)."""
    tracked = inspect(row, raiseerr=False)
    if tracked is not None:
        return any(tracked.attrs[name].history.has_changes() for name in names)
    stored = row.stored or {}
    return any(getattr(row, name) != stored.get(name) for name in names)


def not_ahead(row: Any, name: str, words: Any = "") -> None:
    """RuleError when a day or a moment has not come yet; ``words`` say what to write instead."""
    value = getattr(row, name)
    if value and value > (now() if isinstance(value, datetime) else today()):
        raise RuleError(str(words or _("This lies in the future: write when it happened.")), name)


LIVE = with_loader_criteria(Record, lambda cls: cls.deleted_at.is_(None), include_aliases=True)


def unique_live(table: str, *columns: str) -> Index:
    """No two records outside the recycle bin share these values."""
    return live_index(f"uq_{table}_{'_'.join(columns)}"[:60], *columns, unique=True)


def live_index(name: str, *columns: str, unique: bool = False) -> Index:
    """An index of the records outside the recycle bin: it answers a list without reading the rows."""
    return part_index(name, "deleted_at IS NULL", *columns, unique=unique)


def bin_index(table: str, *columns: str) -> Index:
    """An index of the recycle bin alone, which stays small however large the register grows."""
    return part_index(f"ix_{table}_bin", "deleted_at IS NOT NULL", *columns)


def part_index(name: str, which: str, *columns: str, unique: bool = False) -> Index:
    """An index of some rows alone."""
    return Index(name, *columns, unique=unique, sqlite_where=text(which), postgresql_where=text(which))
