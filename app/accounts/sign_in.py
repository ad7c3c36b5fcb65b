"""Who failed to sign in how often: counted in the database, so that every worker knows; lifted by an administrator.

A name is locked after a few wrong passwords whether anybody has it or not, so a lockout tells nothing
about who exists; an address is held up after many, so names cannot be tried one after the other.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, g, request, session
from flask_babel import gettext as _
from sqlalchemy import DateTime, String, delete, exists
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts import throttle
from app.accounts.throttle import Limit
from app.core.base.moments import now
from app.db import db

NAME = Limit("name", 5, timedelta(minutes=15), timedelta(minutes=15))
OF_THE_BROWSER = ("locale", "csrf_token")  # what stays in a session whoever signs in
ADDRESS = Limit("address", 30, timedelta(minutes=1), timedelta(minutes=1))


def is_locked(name: str) -> bool:
    """Whether this name, or the address of this request, must wait."""
    minutes = throttle.minutes_to_wait(NAME.key(name), ADDRESS.key(request.remote_addr or ""))
    if minutes:
        g.sign_in_wait = minutes
    return bool(minutes)


def note_failure(name: str, known_as: str | None) -> None:
    """Counts a failure for the name (``known_as`` when an account has it) and for the address."""
    throttle.count(NAME, name, known_as)
    throttle.count(ADDRESS, request.remote_addr or "", request.remote_addr)
    db.session.commit()


def forget(name: str) -> None:
    """A right password clears the name; the address keeps its count."""
    throttle.forget(NAME.key(name))


class EndedSession(db.Model):
    """A session that was signed out, until its cookie would have run out by itself."""

    __tablename__ = "ended_session"

    key: Mapped[str] = mapped_column(String(43), primary_key=True)
    until: Mapped[datetime] = mapped_column(DateTime)


def begin_session(*_about: Any, **_more: Any) -> None:
    """Names a new session, so that signing out can end it on the server too; nothing of whoever was there before stays."""
    for name in [name for name in session if not name.startswith("_") and name not in OF_THE_BROWSER]:
        session.pop(name)
    session["key"] = secrets.token_urlsafe(32)


def end_session(*_about: Any, **_more: Any) -> None:
    """A cookie copied before the sign-out opens nothing any more."""
    key = session.pop("key", None)
    if key is None:
        return
    db.session.commit()
    db.session.execute(delete(EndedSession).where(EndedSession.until < now()))
    db.session.add(EndedSession(key=key, until=now() + current_app.permanent_session_lifetime))
    db.session.commit()


def session_ended() -> Any:
    """The condition that the session of this request was signed out; asked along with the account."""
    return exists().where(EndedSession.key == session.get("key", ""))


def refusal() -> str:
    """The sentence under a sign-in that did not succeed."""
    if "sign_in_wait" in g:
        return _("Too many wrong tries: wait %(minutes)s minutes, or ask the administrator to lift the lock.",
                 minutes=g.sign_in_wait)
    return _("The user name or the password is wrong.")
