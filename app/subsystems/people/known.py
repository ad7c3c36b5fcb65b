"""Whoever another record names is picked from the register of residents, or written down when he is not in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import InstanceState

from app.db import db
from app.subsystems.people.residents import Resident

EMPTY = (None, "")
Known = str | Callable[[Resident], Any]


def take_from_register(row: Any, **columns: Known) -> None:
    """What is empty of a row follows from the resident it names: its column, and the resident's, or what makes it.

    When another resident is picked, what came from the one before follows too; what somebody wrote stays.
    """
    with db.session.no_autoflush:
        person = db.session.get(Resident, row.resident_id) if row.resident_id else None
        before = db.session.get(Resident, was) if (was := _before(row)) else None
    if person is None:
        return
    for name, known in columns.items():
        value = getattr(row, name)
        if value in EMPTY or before is not None and value == _of(before, known):
            setattr(row, name, _of(person, known))


def _of(person: Resident, known: Known) -> Any:
    return getattr(person, known) if isinstance(known, str) else known(person)


def _before(row: Any) -> int | None:
    """The resident a row named until now, where it names another one."""
    tracked: InstanceState[Any] | None = inspect(row, raiseerr=False)
    gone = tracked.attrs.resident_id.history.deleted if tracked is not None and tracked.persistent else ()
    return gone[0] if gone else None
