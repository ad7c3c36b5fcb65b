"""Stored values as cells, a column at a time: dates stay dates, codes become words, long numbers text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from app.core.base.fields import Field
from app.core.base.masks import MASKS, masked
from app.core.base.moments import local
from app.core.base.records import Record
from app.core.sheets.checking.ditto import SIGNS
from app.core.sheets.checking.values import SHELL
from app.core.telling.display import text_of
from app.db import db

Cells = Callable[[Sequence[Any]], Sequence[Any]]
REPEATING, TEXTS, NUMBERS = ("bool", "grid"), ("text", "longtext"), ("int", "decimal")
LOOKUP = 500
MEANING = frozenset("= \t\u3000") | {sign[0] for sign in SIGNS}  # what a text begins with that may mean another


def cells_of(record: type[Record], words: Field, whole: bool) -> Cells:
    """What turns the stored values of one column into its cells; nothing is an empty text."""
    if words.relation:
        return _named(Labels(record.__mapper__.relationships[words.relation].mapper.class_), words, whole)
    if words.kind == "date":
        return lambda values: ["" if value is None else value for value in values]
    if words.kind == "datetime":
        return lambda values: ["" if value is None else local(value).replace(tzinfo=None) for value in values]
    if words.kind in TEXTS and not words.dictionary:
        return _texts(MASKS[words.mask] if words.mask and not whole else None)
    read = _reader(words, whole)
    if words.multiple:
        return lambda values: list(map(read, values))
    if words.dictionary or words.kind in REPEATING:
        known = Remembered(read)
        return lambda values: list(map(known.__getitem__, values))
    return lambda values: ["" if value is None else read(value) for value in values]


def _named(labels: Cells, words: Field, whole: bool) -> Cells:
    return labels if whole or not words.mask else lambda values: [masked(words, label) for label in labels(values)]


def _texts(mask: Callable[[str], str] | None) -> Cells:
    if mask is None:
        return lambda values: [(value if value[0] not in MEANING else _to_the_letter(value)) if value else "" for value in values]
    return lambda values: [mask(value) if value else "" for value in values]


def _to_the_letter(text: str) -> str:
    """A text that a reader would take for 同上, or for a text in its shell, in a shell of its own: it comes back as it is."""
    inner = text.replace('"', '""')
    return f'="{inner}"' if text.strip() in SIGNS or SHELL.fullmatch(text) else text


def _reader(words: Field, whole: bool) -> Callable[[Any], Any]:
    if words.kind in NUMBERS and not words.mask:
        return float
    if whole or not words.mask:
        return lambda value: text_of(words, value)
    return lambda value: masked(words, text_of(words, value))


class Remembered(dict[Any, Any]):
    """The cells of a column that repeats itself: each value is put into words once."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, value: Any) -> Any:
        self[value] = self.read(value)
        return self[value]


class Labels:
    """The rows a relation column points to, in words, each looked up once and only if it may be seen."""

    def __init__(self, target: type[Record]) -> None:
        self.target = target
        self.known: dict[int | None, str] = {None: ""}

    def __call__(self, values: Sequence[int | None]) -> list[str]:
        missing = sorted({value for value in values if value is not None and value not in self.known})
        for start in range(0, len(missing), LOOKUP):
            self._look_up(missing[start:start + LOOKUP])
        return [self.known[value] for value in values]

    def _look_up(self, ids: list[int]) -> None:
        self.known |= dict.fromkeys(ids, "")
        if self.target.__named_by__:
            self._look_up_columns(ids, self.target.__named_by__)
            return
        for row in db.session.scalars(select(self.target).where(self.target.id.in_(ids))):
            self.known[row.id] = str(row)

    def _look_up_columns(self, ids: list[int], names: tuple[str, ...]) -> None:
        """A label made of the row's own columns needs no more than these."""
        label = self.target.__str__
        rows = db.session.execute(select(self.target.id, *(getattr(self.target, name) for name in names))
                                  .where(self.target.id.in_(ids)))
        for number, *values in rows:
            self.known[number] = label(SimpleNamespace(**dict(zip(names, values, strict=True))))
