"""Rows the program ships with for records that are data of the office: code lists, limits, phrases, standards.

They lie in app/dictionaries/shipped, a file named like the table; a record with rows of its own making says
``shipped_rows``. What the office changed or deleted stays as it is.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from app.core.asking.values import reader_of
from app.core.base.fields import Field, fields_of
from app.core.base.records import Record
from app.core.base.registry import records
from app.core.telling.dictionaries import FOLDER, DictionaryEntry, shipped
from app.db import db

FILES = FOLDER / "shipped"
WORDS = ("text", "longtext", "choice")  # kept as they are written, full-width commas too


def load() -> None:
    """Adds what every record with shipped rows (``__shipped__``) lacks, by the columns it says they are known by."""
    for record in records():
        if record.__shipped__:
            db.session.add_all(record(**values) for values in _missing(record))
    _learn_words()
    db.session.commit()


def _learn_words() -> None:
    """What a newer program knows an entry of a code list by is added; an entry the office changed stays as it is."""
    newer = {(row["kind"], row["code"]): row["aliases"] for row in shipped()}
    columns = (DictionaryEntry.id, DictionaryEntry.kind, DictionaryEntry.code, DictionaryEntry.aliases)
    for number, kind, code, aliases in db.session.execute(
            select(*columns).where(DictionaryEntry.changed_by == DictionaryEntry.created_by)).all():
        known = (aliases or "").split("|")
        more = [word for word in (newer.get((kind, code)) or "").split("|") if word and word not in known]
        if more:
            db.session.get_one(DictionaryEntry, number).aliases = "|".join(filter(None, [*known, *more]))


def _missing(record: type[Record]) -> list[dict[str, Any]]:
    key, words = record.__shipped__, fields_of(record)
    known = set(db.session.execute(select(*(getattr(record, name) for name in key))
                                   .execution_options(with_deleted=True)).tuples())
    read = [{name: _value(words[name], given) for name, given in row.items() if given not in ("", None)}
            for row in _rows(record)]
    return [values for values in read if tuple(values[name] for name in key) not in known]


def _rows(record: type[Record]) -> Iterable[dict[str, Any]]:
    made = getattr(record, "shipped_rows", None)
    if made is not None:
        return list(made())
    with (FILES / f"{record.__tablename__}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _value(words: Field, given: Any) -> Any:
    return reader_of(words)(given) if isinstance(given, str) and words.kind not in WORDS else given
