"""Everything once: who has this natural key already, and where, told only to those who may know."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.base.crypto import keyring
from app.core.base.fields import fields_of
from app.core.base.records import Record, RuleError
from app.core.base.scope import current, scope_column, system
from app.core.telling.places import place_name
from app.db import db


def key_conditions(record: type[Record], values: dict[str, Any]) -> list[Any]:
    """The natural key of the values as conditions; empty when a part of the key is missing."""
    found = []
    for name in record.__natural_key__:
        value = values.get(name)
        if value in (None, ""):
            return []
        if fields_of(record)[name].search == "digest":
            found.append(getattr(record, f"{name}_digest") == keyring().digest(name, value))
        else:
            found.append(getattr(record, name) == value)
    return found


def known_elsewhere(record: type[Record], values: dict[str, Any], but: int | None = None) -> RuleError | None:
    """The error that names the record, ``but`` this one, which has this natural key; None when nobody has."""
    conditions = key_conditions(record, values)
    if not conditions:
        return None
    place = getattr(record, scope_column(record), record.id)
    with system("second registration of the same natural key"):
        row = db.session.execute(select(record.id, place.label("place"), record.deleted_at)
                                 .where(*conditions).execution_options(with_deleted=True)
                                 .order_by(record.deleted_at.is_not(None))).first()
    mine = row is not None and current().covers(row.place if isinstance(row.place, str) else None)
    if row is None or row.deleted_at or mine and row.id == but:
        return None
    field = record.__natural_key__[-1]  # a key starts with the place, which is right; what follows is taken there
    if mine:
        return RuleError(_("Already registered: %(place)s, number %(id)s. Open that record instead.",
                           place=place_name(row.place), id=row.id), field)
    return RuleError(_("Already registered in another community: ask the street office to move "
                       "the record."), field)
