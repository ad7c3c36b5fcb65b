"""Which rows of a file are known already: by natural key, in bulk; and what their cells mean in ids."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import literal, select, tuple_

from app.core.base.chunks import chunks
from app.core.base.crypto import Encrypted, keyring
from app.core.base.fields import fields_of
from app.core.base.identity import parse_id_number
from app.core.base.numbers import record_id
from app.core.base.once import once
from app.core.base.records import Record, RuleError
from app.core.base.scope import current, scope_column, system
from app.core.base.texts import InvalidValue, normalize_text
from app.core.sheets.checking.drafts import Draft
from app.core.sheets.checking.rules import completed
from app.core.sheets.checking.zeros import lengths_with_zeros, with_zeros
from app.db import db

LOOKUP = 500
IN_BRACKETS = re.compile(r".*[（(]([^（）()]+)[）)]$")


@once
def key_columns(record: type[Record]) -> list[str]:
    """The columns of the natural key; an encrypted one is compared by its digest."""
    words = fields_of(record)
    return [f"{name}_digest" if words[name].search == "digest" else name for name in record.__natural_key__]


def key_of(record: type[Record], row: Any) -> tuple[Any, ...] | None:
    """The natural key of a completed row; None when a part of it is missing."""
    found = []
    for name, column in zip(record.__natural_key__, key_columns(record), strict=True):
        value = getattr(row, name)
        if value in (None, ""):
            return None
        found.append(value if name == column else keyring().digest(name, value))
    return tuple(found) or None


def find_stored(record: type[Record], keys: list[tuple[Any, ...]]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The stored rows, of any place, that have these natural keys: key -> values."""
    columns = [getattr(record, name) for name in key_columns(record)]
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    with system("natural keys of an import"):
        for part in chunks(keys, LOOKUP):
            found |= {tuple(row[column.key] for column in columns): row
                      for row in _rows(record, _has_key(record, part))}
    return found


def any_stored(record: type[Record], rows: list[dict[str, Any]]) -> bool:
    """Whether one of these rows, given as columns, has its natural key in the register by now, in any place."""
    names = key_columns(record)
    keys = [tuple(row[name] for name in names) for row in rows if names and all(row.get(name) for name in names)]
    with system("natural keys of rows to be written"):
        return any(db.session.scalar(select(record.id).where(_has_key(record, part)).limit(1)) is not None
                   for part in chunks(keys, LOOKUP))


def _has_key(record: type[Record], keys: list[tuple[Any, ...]]) -> Any:
    columns = [getattr(record, name) for name in key_columns(record)]
    return columns[0].in_([key[0] for key in keys]) if len(columns) == 1 else tuple_(*columns).in_(keys)


def find_by_id(record: type[Record], ids: list[int]) -> dict[int, dict[str, Any]]:
    """The stored rows with these ids that whoever acts may see: id -> values."""
    return {row["id"]: row for part in chunks(ids, LOOKUP) for row in _rows(record, record.id.in_(part))}


def _rows(record: type[Record], condition: Any) -> list[dict[str, Any]]:
    names = _stored_names(record)
    rows = db.session.execute(select(*(getattr(record, name) for name in names)).where(condition).order_by(record.id))
    return [dict(zip(names, row, strict=True)) for row in rows]


@once
def _stored_names(record: type[Record]) -> list[str]:
    return [attribute.key for attribute in record.__mapper__.column_attrs
            if not isinstance(attribute.columns[0].type, Encrypted) and attribute.key != "search_text"]


class Relation:
    """The rows that the texts of one relation column name, in the part the user may see."""

    def __init__(self, record: type[Record], name: str) -> None:
        words = fields_of(record)[name]
        self.target: type[Record] = record.__mapper__.relationships[words.relation].mapper.class_
        self.key = next((part for part in self.target.__natural_key__ if part != "grid_code"), "id")
        self.digest = fields_of(self.target).get(self.key) and fields_of(self.target)[self.key].search == "digest"
        self.found: dict[Any, list[tuple[int, str]]] = {}
        self.asked: set[Any] = set()

    def look_up(self, texts: set[str]) -> None:
        """Finds all texts of a batch at once, and no text twice."""
        wanted = {value for text in texts for value in self._meanings(text)} - self.asked
        self.asked |= wanted
        for value, found in self._stored(wanted).items():
            self.found.setdefault(value, []).extend(found)

    def _stored(self, wanted: set[Any]) -> dict[Any, list[tuple[int, str]]]:
        """(id, place) of the rows that have these values, the natural key asked first: value -> rows."""
        stored: dict[Any, list[tuple[int, str]]] = {}
        place = getattr(self.target, scope_column(self.target), literal(""))  # what all places share lies in none
        for name in (f"{self.key}_digest" if self.digest else self.key, *self.target.__known_by__):
            column = getattr(self.target, name)
            for part in chunks(sorted(wanted - stored.keys(), key=str), LOOKUP):
                for row in db.session.execute(select(column, self.target.id, place).where(column.in_(part))
                                              .order_by(self.target.id)):
                    stored.setdefault(row[0], []).append((row[1], row[2]))
        return stored

    def moved(self) -> bool:
        """Whether a text would lead to other rows by now."""
        return self._stored(self.asked) != self.found

    def id_of(self, text: str, grid: str) -> int:
        """The id a text names, the nearest place first; InvalidValue when none or several."""
        for value in self._meanings(text):
            rows = self.found.get(value, [])
            for digits in (15, 12, 0):
                near = [row_id for row_id, place in rows if place.startswith(grid[:digits])]
                if len(near) == 1:
                    return near[0]
        raise InvalidValue("relation_unknown", _(
            "%(what)s “%(text)s” is not registered, or there are several: register it first.",
            what=str(self.target.__label__), text=text[:40]))

    def _meanings(self, text: str) -> list[Any]:
        """What a text may stand for: as written, in the record's own form, or the number in brackets."""
        bracketed = IN_BRACKETS.match(text)
        options = [text, *([bracketed[1]] if bracketed else [])]
        if self.digest:
            return [keyring().digest(self.key, number) for option in options if (number := _number(option))]
        if self.key == "id":
            return [row_id for option in options if (row_id := record_id(option))]
        return list(dict.fromkeys(meaning for option in options for meaning in (
            option, self._own_form(option), *with_zeros(option, self.lengths))))

    @cached_property
    def lengths(self) -> list[int]:
        """How long the keys are that begin with a zero, which a spreadsheet takes away."""
        return lengths_with_zeros(getattr(self.target, self.key)) if fields_of(self.target)[self.key].kind == "text" else []

    def _own_form(self, text: str) -> str:
        try:
            return str(getattr(completed(self.target, {self.key: text}), self.key))
        except RuleError:
            return text


def _number(text: str) -> str:
    try:
        return parse_id_number(normalize_text(text)).number
    except InvalidValue:
        return ""


class Relations:
    """The relation columns of a record's sheets."""

    def __init__(self, record: type[Record]) -> None:
        self.known = {name: Relation(record, name) for name, words in fields_of(record).items() if words.relation}

    def moved(self) -> bool:
        return any(relation.moved() for relation in self.known.values())

    def resolve(self, drafts: list[Draft]) -> None:
        """Puts ids in the place of the texts of relation columns; what is not found becomes a problem."""
        for name, relation in self.known.items():
            texts = [(draft, text) for draft in drafts if isinstance(text := draft.values.get(name), str)]
            relation.look_up({text for _draft, text in texts})
            for draft, text in texts:
                _resolve(draft, name, text, relation)


def _resolve(draft: Draft, name: str, text: str, relation: Relation) -> None:
    try:
        draft.values[name] = relation.id_of(text, draft.values.get("grid_code") or current().node)
    except InvalidValue as error:
        draft.problems[name] = (error, text, draft.heading(name))
        draft.values[name] = None
