"""Who failed to sign in how often: counted in the database, so that every worker knows; lifted by an administrator.

A name is locked after a few wrong passwords whether anybody has it or not, so a lockout tells nothing
about who exists; an address is held up after many, so names cannot be tried one after the other.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, session
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.api import SecurityApi as FabSecurityApi
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.security.views import AuthDBView as FabAuthDBView
from flask_babel import gettext as _
from sqlalchemy import DateTime, String, delete, exists, select
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts import throttle
from app.accounts.throttle import Limit, Tries
from app.core.base.moments import now
from app.db import db

NAME = Limit("name", 5, timedelta(minutes=15), timedelta(minutes=15))
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
    """Names a new session, so that signing out can end it on the server too."""
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


class AuthDBView(FabAuthDBView):
    """The sign-in page, which says when a name is locked."""

    @property
    def invalid_login_message(self) -> str:
        return refusal()


class SecurityApi(FabSecurityApi):
    """Sign-in for programs, with the same lock and the same sentence."""

    def response_401(self) -> Any:
        return self.response(429 if "sign_in_wait" in g else 401, message=refusal())


class LockoutView(BaseView):
    """The names and addresses with failures, for the system administrator, who can lift a lock."""

    route_base = "/lockouts"
    default_view = "list"

    @expose("/list/")
    @has_access
    def list(self) -> str:
        rows = db.session.scalars(select(Tries).order_by(Tries.locked_until.desc(), Tries.since.desc()).limit(500))
        return render_template("lockouts.html", rows=list(_shown(rows)))

    @expose("/lift/<key>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def lift(self, key: str) -> Any:
        """Forgets the failures of a name or an address."""
        throttle.forget(key)
        db.session.commit()
        current_app.logger.warning("%s lifted the sign-in lock %s", g.user.username, key[:32])
        flash(_("The lock is lifted."), "success")
        return redirect("/lockouts/list/")


def _shown(rows: Any) -> Iterator[tuple[Tries, str, bool]]:
    """Each row with its words and whether it is locked now."""
    for row in rows:
        unknown = _("a name nobody has") if row.kind == NAME.kind else ""
        yield row, row.about or unknown, row.is_locked
