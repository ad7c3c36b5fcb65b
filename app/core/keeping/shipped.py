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
from app.core.telling.dictionaries import FOLDER
from app.db import db

FILES = FOLDER / "shipped"
WORDS = ("text", "longtext", "choice")  # kept as they are written, full-width commas too


def load() -> None:
    """Adds what every record with shipped rows (``__shipped__``) lacks, by the columns it says they are known by."""
    for record in records():
        if record.__shipped__:
            db.session.add_all(record(**values) for values in _missing(record))
    db.session.commit()


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
