"""Values a record takes, made from its declaration: by kind, code list, relation and mask."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import tests
from app.core.base.fields import Field, fields_of
from app.core.base.moments import now, today
from app.core.base.records import Record
from app.core.base.registry import view_of
from app.core.base.scope import acting_as
from app.core.cases.records import Case
from app.core.cases.taking import take
from app.core.telling.dictionaries import entries
from app.db import db
from tests.street import FIRST, STREET, id_number

DAYS_AGO, HOURS_AGO = timedelta(days=20), timedelta(hours=30)
OWN_NUMBERS = 5_000  # behind those of rows the program ships with
serial = count(1)


def values(record: type[Record]) -> dict[str, Any]:
    """What a form of the record may say, other each time; what its tests know better stands in an ``examples.py``."""
    number = next(serial)
    known = examples().get(record.__name__, {})
    found = {}
    for name in columns(record):
        value = known[name] if name in known else made(record, fields_of(record)[name], number)
        value = value(number) if callable(value) else value
        if value is not None:
            found[name] = value
    return found


def columns(record: type[Record]) -> list[str]:
    """The columns a person writes on the form of a record."""
    view = view_of(record)
    words = fields_of(record)
    return [name for name in (view.form_columns if view else words) if words[name].editable and words[name].kind != "json"]


def row(record: type[Record], **known: Any) -> Any:
    """A new row with such values, written as the program writes it."""
    found = record(**{**values(record), **known})
    db.session.add(found)
    db.session.flush()
    return found


def played(case: Case, *steps: tuple[str, dict[str, Any]], rows: dict[str, list[Any]] | None = None) -> int:
    """A new case, with the lines its pages would have written, after these steps; its number."""
    with acting_as("street", STREET), db.session.no_autoflush:
        db.session.add(case)
        db.session.flush()
        for name, written in steps:
            for line in (rows or {}).pop(name, []):
                getattr(case, line[0]).append(line[1])
            take(case, case.workflow.by_name[name], written)
            db.session.flush()
        db.session.commit()
        return case.id


def made(record: type[Record], words: Field, number: int) -> Any:
    """A value of one column; None leaves it empty."""
    if words.dictionary:
        known = entries(words.dictionary)
        code = known[number % len(known) if words.name in record.__natural_key__ else 0].code
        return [code] if words.multiple else code
    if words.kind == "relation":
        return related(record, words) if words.required else None
    if words.kind == "int" and words.name in record.__natural_key__:
        return OWN_NUMBERS + number
    return KINDS[words.kind](words, number)


def related(record: type[Record], words: Field) -> int | None:
    """A row to point to: one the program ships with, or else a new one; nothing where a record points to its own kind."""
    target = record.__mapper__.relationships[words.relation].mapper.class_
    if target is record:
        return None
    shipped = db.session.scalar(db.select(target.id).order_by(target.id).limit(1)) if target.__shipped__ else None
    return shipped or row(target).id


def _text(words: Field, number: int) -> str:
    if words.mask == "id_number":
        return id_number(2 * (number % 400) + 1, f"1970{number // 28 % 12 + 1:02d}{number % 28 + 1:02d}")
    if words.mask == "address":
        return f"示例小区{number}栋1单元101室"
    if words.mask == "phone" or words.name.endswith("phone"):
        return f"1901{number:07d}"
    return words.name.replace("_", "")[:max(0, min(8, (words.length or 99) - len(str(number))))] + str(number)


KINDS: dict[str, Callable[[Field, int], Any]] = {
    "text": _text,
    "longtext": lambda words, number: f"说明{number}",
    "grid": lambda words, number: FIRST,
    "date": lambda words, number: today() - DAYS_AGO - timedelta(days=number % 300),
    "datetime": lambda words, number: (now() - HOURS_AGO).replace(second=0),
    "int": lambda words, number: 1,
    "decimal": lambda words, number: Decimal("1.50"),
    "bool": lambda words, number: True,
}


def examples() -> dict[str, dict[str, Any]]:
    """What the rules of a record want beyond its declaration, from the ``examples.py`` beside its tests."""
    found: dict[str, dict[str, Any]] = {}
    for module in pkgutil.walk_packages(tests.__path__, "tests."):
        if module.name.endswith(".examples"):
            found.update(importlib.import_module(module.name).EXAMPLES)
    return found
