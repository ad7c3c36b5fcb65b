"""The rules of a record, run on a hundred thousand rows before any of them is a row of the database."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from sqlalchemy.orm import SynonymProperty

from app.core.base.crypto import keyring
from app.core.base.fields import fields_of
from app.core.base.once import once
from app.core.base.ordering import orders_of
from app.core.base.pinyin import search_text
from app.core.base.records import Record


@once
def stand_in(record: type[Record]) -> type[Any]:
    """The record as a class no database knows: its rules read and set plain attributes, which begin empty.

    An instance the session can track costs ten times as much, and an import of 100,000 rows needs none. ``stored``
    is what the database holds of the row, None for a new one.
    """
    members: dict[str, Any] = {attribute.key: None for attribute in record.__mapper__.attrs}
    for attribute in record.__mapper__.all_orm_descriptors:
        if isinstance(attribute, SynonymProperty):
            members[attribute.key] = property(attrgetter(attribute.name))
    members |= {"__abstract__": True, "stored": None, "__init__": lambda self, **values: self.__dict__.update(values)}
    return type(record.__name__, (record,), members)


@once
def defaults_of(record: type[Record]) -> dict[str, Any]:
    """What a new record has where nobody says otherwise; makers of values are called each time."""
    columns = {key: record.__mapper__.columns[key] for key in fields_of(record)}
    return {key: column.default.arg for key, column in columns.items() if column.default is not None}


@once
def clearable(record: type[Record]) -> frozenset[str]:
    """The fields a blank cell may empty; what a record is known and placed by, and what follows from it, stays."""
    kept = {*record.__natural_key__, "grid_code"}
    return frozenset(name for name, words in fields_of(record).items() if name not in kept and not words.derived and (
        words.required or name in defaults_of(record) or record.__mapper__.columns[name].nullable))


def emptied_by(record: type[Record], names: set[str]) -> dict[str, Any]:
    """What fields hold once they are emptied: what a new record has, or nothing."""
    found = {name: defaults_of(record).get(name) for name in names}
    return {name: value(None) if callable(value) else value for name, value in found.items()}


def stored_as(record: type[Record], name: str) -> str:
    """The column that tells whether a field holds something: of an encrypted one, its digest."""
    return f"{name}_digest" if name in digested(record) else name


def with_defaults(record: type[Record], values: dict[str, Any]) -> dict[str, Any]:
    found = {name: value(None) if callable(value) else value for name, value in defaults_of(record).items()}
    return found | {name: value for name, value in values.items() if value is not None}


def completed(record: type[Record], values: dict[str, Any], stored: dict[str, Any] | None = None) -> Any:
    """A stand-in with these values, beside what is stored, after ``complete``; raises the record's RuleError."""
    row = stand_in(record)(**values, stored=stored)
    row.complete()
    return row


@once
def digested(record: type[Record]) -> list[str]:
    """The encrypted columns that are found by a digest."""
    return [name for name, words in fields_of(record).items() if words.search == "digest"]


@once
def column_names(record: type[Record]) -> frozenset[str]:
    return frozenset(attribute.key for attribute in record.__mapper__.column_attrs)


def numbered(record: type[Record], columns: dict[str, Any]) -> dict[str, Any]:
    """The columns of a new row with the running number it takes as it is written."""
    if record.take_number is Record.take_number:
        return columns
    row = stand_in(record)(**columns)
    row.take_number()
    return columns_of(record, row)


def columns_of(record: type[Record], row: Any, stored: dict[str, Any] | None = None) -> dict[str, Any]:
    """The values of a stand-in as columns, with the digests, the texts it is found by and its place in every order.

    The texts of a stored row are worked out again only where what it is found by has changed.
    """
    known = column_names(record)
    found = {name: value for name, value in vars(row).items() if name in known and value is not None}
    for name in digested(record):
        if found.get(name):
            found[f"{name}_digest"] = keyring().digest(name, found[name])
    texts = row.searchable()
    if stored is None or stand_in(record)(**stored).searchable() != texts:
        found["search_text"] = search_text(*(text or "" for text in texts))
    return found | orders_of(record, row)


@once
def worked_out(record: type[Record]) -> frozenset[str]:
    """The columns that only follow from others: a change in them alone is no change of the record."""
    return frozenset({"search_text", *(words.order for words in fields_of(record).values() if words.order)})


@once
def required_of(record: type[Record]) -> list[str]:
    return [name for name, words in fields_of(record).items() if words.required]


def required_missing(record: type[Record], row: Any) -> list[str]:
    """The fields a record must have and this one lacks."""
    return [name for name in required_of(record) if getattr(row, name) in (None, "", [])]
