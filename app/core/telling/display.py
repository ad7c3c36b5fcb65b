"""How values look to people: dates, yes and no, codes in words, sensitive values masked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext, ngettext

from app.core.base.fields import Field
from app.core.base.masks import masked
from app.core.base.moments import local
from app.core.base.registry import record_of_table
from app.core.telling.dictionaries import labels
from app.core.telling.places import place_name
from app.db import db


def teller(words: Field) -> Callable[[Any], str]:
    """Tells a column's stored values in the user's words, unmasked; empty for nothing.

    The code list is looked up once, so that a page or a workbook of many rows is told quickly.
    """
    tell = _telling(words)
    return lambda value: "" if value is None or value == "" or value == [] else tell(value)


def _telling(words: Field) -> Callable[[Any], str]:
    if words.kind == "grid" or words.target == "grid.code":
        return place_name
    if words.relation:
        return _row_teller(words)
    if not words.dictionary:
        return _plain
    label = labels(words.dictionary)
    if words.multiple:
        return lambda codes: "、".join(label.get(code, code) for code in codes)
    return lambda code: label.get(code, str(code))


def _row_teller(words: Field) -> Callable[[Any], str]:
    """Tells the number of a related row by its name, as far as the user may see it."""
    target = record_of_table(words.target.partition(".")[0])
    return lambda number: str(db.session.get(target, number) or gettext("a record you cannot see"))


def shower(words: Field) -> Callable[[Any], str]:
    """Shows a column's stored values as a page does: in words, and masked."""
    tell = teller(words)
    return (lambda value: masked(words, tell(value))) if words.mask else tell


def named(words: Field, other: Any) -> str:
    """A related row that is at hand as a page shows it: by its name, masked where the column is; empty for none."""
    return "" if other is None else masked(words, str(other))


def text_of(words: Field, value: Any) -> str:
    """A stored value in the user's words, unmasked; empty for nothing."""
    return teller(words)(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, datetime):
        return local(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def shown(words: Field, value: Any) -> str:
    """A stored value as a page shows it: in words, and masked."""
    return shower(words)(value)


def how_many(total: int, exact: bool = True) -> str:
    """“1 record”, “1,234 records”; with a plus where counting stopped short."""
    return ngettext("%(total)s record", "%(total)s records", total, total=f"{total:,}" + ("" if exact else "+"))
