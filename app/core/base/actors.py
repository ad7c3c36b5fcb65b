"""Who did something, by the name people know; and who acts now, as cases name whoever is in charge."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g
from flask_babel import gettext as _
from sqlalchemy import select

from app.core.base.registry import security
from app.core.base.scope import current
from app.db import db


def actor_name(username: str) -> str:
    """The full name behind a user name; asked once a request, the user name where there is no such account."""
    known: dict[str, str] = g.setdefault("actor_names", {})
    if username not in known:
        known[username] = _programs().get(username) or _person(username)
    return known[username]


def _programs() -> dict[str, str]:
    return {"demo": _("Demonstration data"), "system": _("The program"), "public": _("The resident")}


def _person(username: str) -> str:
    return _account(username).name or username


@dataclass(frozen=True)
class Me:
    """Somebody with an account, as cases name him: his full name, the handling unit he belongs to, his account."""

    name: str = ""
    unit: str = ""
    id: int | None = None


def me() -> Me:
    """Asked once a request; nobody for a program."""
    known: dict[str, Me] = g.setdefault("acting_people", {})
    username = current().actor
    if username not in known:
        known[username] = _account(username)
    return known[username]


def _account(username: str) -> Me:
    user = security().user_model
    row = db.session.execute(select(user.id, user.last_name, user.first_name, user.unit).where(user.username == username)).first()
    return Me(f"{row.last_name or ''}{row.first_name or ''}", row.unit or "", row.id) if row else Me()
