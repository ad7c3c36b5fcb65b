"""Where a page of a list begins: the values of the row before it, as a word of the address."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import literal, tuple_

from app.core.base.numbers import LARGEST
from app.core.base.texts import CONTROL


def encoded(values: Sequence[Any]) -> str:
    """The word for a place in a list."""
    text = json.dumps(list(values), default=lambda value: value.isoformat(), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(row: Any, order: Sequence[Any]) -> list[Any]:
    """The values by which a row stands where it stands."""
    return [getattr(row, column.key) for column in order]


def decoded(cursor: str, kinds: Sequence[type]) -> list[Any] | None:
    """The values of a place, of these kinds; None for a word that names none."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [_as_kind(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def _as_kind(value: Any, kind: Any) -> Any:
    if value is None:
        raise ValueError("A cursor names a place, and nothing is no place.")
    found = kind.fromisoformat(value) if kind in (date, datetime) else kind(value)
    if kind is int and abs(found) > LARGEST or kind is str and CONTROL.search(found) or kind is datetime and found.tzinfo:
        raise ValueError("No row can have this value.")
    return found


def kinds_of(order: Sequence[Any]) -> list[type]:
    return [column.type.python_type for column in order]


def beyond(values: Sequence[Any], order: Sequence[Any], falling: bool) -> Any:
    """The condition for the rows behind a place."""
    here = tuple_(*(literal(value, column.type) for value, column in zip(values, order, strict=True)))
    return tuple_(*order) < here if falling else tuple_(*order) > here
