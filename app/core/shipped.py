"""The rows an installation begins with: of every record that names a file of them, while it has none of its own."""

from __future__ import annotations

import csv

from sqlalchemy import select

from app.core.fields import fields_of
from app.core.records import Record
from app.core.registry import records
from app.core.values import reader_of
from app.db import db


def load_shipped() -> None:
    """Writes the shipped rows of records that have no row yet, not even in the recycle bin."""
    for record in records():
        if record.__shipped__ is not None and not _has_rows(record):
            with record.__shipped__.open(encoding="utf-8", newline="") as file:
                db.session.add_all([_row(record, values) for values in csv.DictReader(file)])
    db.session.commit()


def _has_rows(record: type[Record]) -> bool:
    return db.session.scalar(select(record.id).limit(1).execution_options(with_deleted=True)) is not None


def _row(record: type[Record], values: dict[str, str]) -> Record:
    words = fields_of(record)
    return record(**{name: reader_of(words[name])(value) for name, value in values.items()})
