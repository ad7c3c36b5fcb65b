"""Rows on their way in: what was read, what is wrong with it, and what a record adds of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from app.core.base.fields import Field
from app.core.base.records import Record
from app.core.base.texts import InvalidValue
from app.core.sheets.checking.headings import Layout
from app.core.sheets.checking.outcome import Change, Message
from app.core.sheets.checking.spool import Ready

NEW, CHANGED, SAME = "new", "changed", "same"


@dataclass(slots=True)
class Draft:
    """One record as a row of a sheet gives it.

    ``placed_by_sheet`` says that the row itself names no grid, ``cleared`` names the fields its blank cells empty,
    ``cells`` is the row itself, ``group`` the code of its group of columns, ``said`` the messages
    about its fields and ``changes`` what it would change, both for the preview; ``card`` says that labels and
    values gave it, not a row of a table.
    """

    sheet: str
    row: int
    layout: Layout
    values: dict[str, Any]
    extra: dict[str, str] = field(default_factory=dict)
    problems: dict[str, tuple[InvalidValue, str, str]] = field(default_factory=dict)
    refused: bool = False
    placed_by_sheet: bool = False
    state: str = ""
    id: int | None = None
    stored: dict[str, Any] = field(default_factory=dict)
    key: tuple[Any, ...] | None = None
    record: Any = None
    columns: dict[str, Any] = field(default_factory=dict)
    cleared: set[str] = field(default_factory=set)
    cells: list[Any] = field(default_factory=list)
    group: str = ""
    said: list[tuple[str, Message]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    card: bool = False

    @property
    def is_written(self) -> bool:
        """Whether the row makes a record or changes one."""
        return self.state in (NEW, CHANGED) and not self.refused

    def heading(self, name: str) -> str:
        """The heading of a field as this sheet writes it; empty where the sheet lacks it."""
        return self.layout.heading_of(name, self.group)

    def lacks(self, name: str) -> bool:
        """Whether the row says nothing of a field, not even something wrong."""
        return not (name in self.values or name in self.extra or name in self.problems)

    def put(self, name: str, value: Any) -> None:
        """A value that was found out after the row was completed."""
        self.values[name] = value
        setattr(self.record, name, value)


@dataclass(frozen=True)
class Pending:
    """A row that is still to be made; its id stands in when it is."""

    record: type[Record]
    key: tuple[Any, ...]


Say = Callable[..., None]


class Gathering:
    """What a record's rows bring along besides their own columns; a record may have its own kind.

    ``columns`` are further headings a sheet may carry; ``shared`` names columns that one merged cell
    may fill for all its rows, and a card above a table for all rows of it. Rows come in batches; for each batch ``row`` runs for each row as it
    is read, ``settle`` over the good rows, ``seek`` for each row whose natural key is not stored,
    ``known`` for each row that is, ``brings`` for each row that is taken in, ``agree`` over all that are, and
    ``keep`` over the rows that are to be written. When all rows are checked, ``write`` runs once, then for each batch ``tie`` before
    its rows and ``after`` behind them; ``fill`` runs once behind the new rows.
    """

    columns: ClassVar[dict[str, Field]] = {}
    shared: ClassVar[tuple[str, ...]] = ()

    def __init__(self, say: Say) -> None:
        self.say = say

    def row(self, draft: Draft) -> None:
        """Looks at the cells of one row together."""

    def settle(self, drafts: list[Draft]) -> None:
        """Finds, in bulk, what the rows point to, and puts ids or Pending into their values."""

    def seek(self, draft: Draft) -> None:
        """Looks for a row's record by other means than its natural key, and sets the id; may refuse it."""

    def known(self, draft: Draft, stored: dict[str, Any]) -> None:
        """Looks at a row whose record is stored already; may refuse it."""

    def facts(self, draft: Draft) -> list[tuple[str, str]]:
        """What the page tells of a new record before it is written, in words: label, value."""
        return []

    def brings(self, draft: Draft) -> list[tuple[str, str, str]]:
        """What a row that is taken in changes in other stored records, in words: label, old, new."""
        return []

    def agree(self, drafts: list[Draft]) -> None:
        """Looks at the rows that are taken in beside each other and the register; may refuse some."""

    def keep(self, drafts: list[Draft]) -> None:
        """Notes what the rows that are to be written need."""

    def moved(self) -> bool:
        """Whether what ``settle`` and ``seek`` found is no longer so, asked before anything is written."""
        return False

    def write(self, writer: Any) -> None:
        """Makes what is missing."""

    def fill(self, writer: Any) -> None:
        """Changes what is stored already; in the last transaction."""

    def tie(self, rows: list[Ready]) -> None:
        """Puts ids in the place of Pending."""

    def after(self, writer: Any, rows: list[tuple[int, Ready]]) -> None:
        """Writes what follows from rows that have ids now."""


_gatherings: dict[type[Record], type[Gathering]] = {}


def gathers(record: type[Record]) -> Callable[[type[Gathering]], type[Gathering]]:
    """Names the gathering of a record: the class below is used when its sheets are imported."""

    def keep(gathering: type[Gathering]) -> type[Gathering]:
        _gatherings[record] = gathering
        return gathering

    return keep


def gathering_of(record: type[Record]) -> type[Gathering]:
    return _gatherings.get(record, Gathering)
