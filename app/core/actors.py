"""Who did something, by the name people know: history keeps user names, pages show persons."""

from __future__ import annotations

from flask import current_app, g
from flask_babel import gettext as _
from sqlalchemy import select

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
    user = current_app.appbuilder.sm.user_model
    row = db.session.execute(select(user.last_name, user.first_name).where(user.username == username)).first()
    return "".join(part or "" for part in row or ()) or username
