"""Whoever another record names is picked from the register of residents, or written down when he is not in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import InstanceState

from app.core.base.fields import Field, fields_of
from app.db import db
from app.subsystems.people.residents import Resident

EMPTY = (None, "")
Known = str | Callable[[Resident], Any]


def take_from_register(row: Any, **columns: Known) -> None:
    """What is empty of a row follows from the resident it names: its column, and the resident's, or what makes it.

    When another resident is picked, what came from the one before follows too; what somebody wrote stays. What the
    register says at more length than the column has is cut there: the row leads to the resident, where all of it stands.
    """
    with db.session.no_autoflush:
        person = db.session.get(Resident, row.resident_id) if row.resident_id else None
        before = db.session.get(Resident, was) if (was := _before(row)) else None
    if person is None:
        return
    for name, known in columns.items():
        value, words = getattr(row, name), fields_of(type(row))[name]
        if value in EMPTY or before is not None and value == _of(before, known, words):
            setattr(row, name, _of(person, known, words))


def _of(person: Resident, known: Known, words: Field) -> Any:
    return words.fitting(getattr(person, known) if isinstance(known, str) else known(person))


def _before(row: Any) -> int | None:
    """The resident a row named until now, where it names another one."""
    tracked: InstanceState[Any] | None = inspect(row, raiseerr=False)
    gone = tracked.attrs.resident_id.history.deleted if tracked is not None and tracked.persistent else ()
    return gone[0] if gone else None
