"""Rows of every record made at random, without its rules: what a list is asked about need not make sense."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Boolean, Date, DateTime, Integer, Numeric, Text, insert, select
from sqlalchemy.exc import DataError, IntegrityError

from app.core.base.fields import Field, fields_of
from app.core.base.ordering import order_of
from app.core.base.registry import records
from app.core.base.scope import CHECKED
from app.core.telling.dictionaries import entries
from app.core.telling.places import places
from app.db import db

SIGNS = "张章王伟建国小区单元号东西ABxy一二三0123456789-（）"
STAMPED = {"version": 1, "created_by": "x", "changed_by": "x", "deleted_by": None, "search_text": ""}


def fill(count: int, chance: random.Random) -> None:
    """Writes up to ``count`` rows of every record, each with the values the database lets it have."""
    tables = {record.__tablename__: record for record in records()}
    for table in db.metadata.sorted_tables:
        record = tables.get(table.name)
        if record is None or table.name in ("grid", "dictionary_entry"):
            continue
        for serial in range(count):
            _write(table, _row(record, chance, serial))
    db.session.commit()


def _write(table: Any, row: dict[str, Any] | None) -> None:
    if row is None:
        return
    try:
        with db.session.begin_nested():
            db.session.connection().execute(insert(table), [row], execution_options=CHECKED)
    except (IntegrityError, DataError):
        pass


def _row(record: Any, chance: random.Random, serial: int) -> dict[str, Any] | None:
    """One row; None when it needs a row of another record and there is none."""
    words, found = fields_of(record), dict[str, Any]()
    for attribute in record.__mapper__.column_attrs:
        column = attribute.columns[0]
        if attribute.key == "id":
            continue
        if attribute.key == "deleted_at":
            found[attribute.key] = datetime(2026, 1, 1) if chance.random() < 0.1 else None
        elif attribute.key in STAMPED:
            found[attribute.key] = STAMPED[attribute.key]
        elif column.nullable and chance.random() < 0.3:
            found[attribute.key] = None
        else:
            found[attribute.key] = value_of(column, words.get(attribute.key), chance, serial)
            if found[attribute.key] is None and not column.nullable:
                return None
    return {**found, **{known.order: order_of(known, found[name]) for name, known in words.items() if known.order}}


def value_of(column: Any, words: Field | None, chance: random.Random, serial: int) -> Any:
    """A value of a column's kind."""
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).column
        known = db.session.connection().execute(select(target), execution_options=CHECKED).scalars().all()
        return chance.choice(known) if known else None
    if words is not None and words.kind == "grid":
        return chance.choice(sorted(places()))
    if words is not None and words.dictionary:
        codes = [entry.code for entry in entries(words.dictionary)]
        return chance.sample(codes, min(len(codes), chance.randint(1, 3))) if words.multiple else chance.choice(codes)
    day = date(1940, 1, 1) + timedelta(days=chance.randint(0, 31_500))
    made = {Boolean: chance.random() < 0.5, DateTime: datetime.combine(day, datetime.min.time()) + timedelta(
        seconds=chance.choice([0, 57_599, 57_600, chance.randint(0, 86_399)])),
        Date: day, Integer: chance.randint(-3, 90), JSON: {"a": 1}}
    for kind, value in made.items():
        if isinstance(column.type, kind):
            return value
    if isinstance(column.type, Numeric):
        return Decimal(chance.randint(0, 999)) / 10 ** min(column.type.scale or 0, 2)
    length = 40 if isinstance(column.type, Text) else getattr(column.type, "length", None) or getattr(column.type, "limit", 18)
    return ("".join(chance.choice(SIGNS) for _sign in range(chance.randint(1, 6))) + str(serial))[-length:]
