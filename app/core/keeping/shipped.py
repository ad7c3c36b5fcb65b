"""Rows the program ships with for records that are data of the office, such as the conditions of filing and closing."""

from __future__ import annotations

import csv

from sqlalchemy import select

from app.core.asking.values import reader_of
from app.core.base.fields import fields_of
from app.core.base.records import Record
from app.core.base.registry import records
from app.db import db

WORDS = ("text", "longtext", "choice")  # kept as they are written, full-width commas too


def load() -> None:
    """Adds the rows every record with a file (``__shipped__``) lacks by its natural key; what the office changed stays."""
    for record in records():
        if record.__shipped__ is not None:
            _load(record)
    db.session.commit()


def _load(record: type[Record]) -> None:
    key, words = record.__natural_key__, fields_of(record)
    known = set(db.session.execute(select(*(getattr(record, name) for name in key))
                                   .execution_options(with_deleted=True)).tuples())
    assert record.__shipped__ is not None
    with record.__shipped__.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            values = {name: text if words[name].kind in WORDS else reader_of(words[name])(text) for name, text in row.items() if text}
            if tuple(values[name] for name in key) not in known:
                db.session.add(record(**values))
