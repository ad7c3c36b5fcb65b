"""Who failed to sign in how often: counted in the database, so that every worker knows; lifted by an administrator.

A name is locked after a few wrong passwords whether anybody has it or not, so a lockout tells nothing
about who exists; an address is held up after many, so names cannot be tried one after the other.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, session
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.api import SecurityApi as FabSecurityApi
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.security.views import AuthDBView as FabAuthDBView
from flask_babel import gettext as _
from sqlalchemy import DateTime, String, delete, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import keyring
from app.core.records import now
from app.db import db


@dataclass(frozen=True)
class Limit:
    """So many failures within a time lock the key for another."""

    failures: int
    within: timedelta
    locked: timedelta


NAME, ADDRESS = "name", "address"
LIMITS = {
    NAME: Limit(5, timedelta(minutes=15), timedelta(minutes=15)),
    ADDRESS: Limit(30, timedelta(minutes=1), timedelta(minutes=1)),
}
KEPT = timedelta(hours=1)


class SignInFailures(db.Model):
    """The failures of one name or one address since a moment, and until when it is locked."""

    __tablename__ = "sign_in_failures"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(7))
    about: Mapped[str | None] = mapped_column(String(64))
    count: Mapped[int]
    since: Mapped[datetime] = mapped_column(index=True)
    locked_until: Mapped[datetime | None]


def key_of(kind: str, value: str) -> str:
    """What a name or an address is counted under: what was typed is never kept, only its keyed digest."""
    return keyring().digest("sign in", kind, value.strip().lower())


def keys(name: str) -> dict[str, str]:
    """The two keys a try is counted under."""
    return {NAME: key_of(NAME, name), ADDRESS: key_of(ADDRESS, request.remote_addr or "")}


def is_locked(name: str) -> bool:
    """Whether this name, or the address of this request, must wait."""
    if not current_app.config["SIGN_IN_LIMITED"]:
        return False
    until = db.session.scalar(select(func.max(SignInFailures.locked_until)).where(
        SignInFailures.key.in_(keys(name).values()), SignInFailures.locked_until > now()))
    if until is not None:
        g.sign_in_wait = ceil((until - now()).total_seconds() / 60)
    return until is not None


def note_failure(name: str, known_as: str | None) -> None:
    """Counts a failure for the name (``known_as`` when an account has it) and for the address."""
    if not current_app.config["SIGN_IN_LIMITED"]:
        return
    about = {NAME: known_as, ADDRESS: request.remote_addr}
    for kind, key in keys(name).items():
        _count(kind, key, about[kind])
    db.session.execute(delete(SignInFailures).where(
        SignInFailures.since < now() - KEPT,
        or_(SignInFailures.locked_until.is_(None), SignInFailures.locked_until < now())))
    db.session.commit()


def _count(kind: str, key: str, about: str | None) -> None:
    """One more, in a row that is held until the commit: tries at the same moment all count."""
    make = {"sqlite": sqlite, "postgresql": postgresql}[db.engine.dialect.name].insert
    db.session.execute(make(SignInFailures).values(key=key, kind=kind, count=0, since=now())
                       .on_conflict_do_nothing())
    row = db.session.scalars(select(SignInFailures).where(SignInFailures.key == key).with_for_update()
                             .execution_options(populate_existing=True)).one()
    limit, moment = LIMITS[kind], now()
    if row.since < moment - limit.within:
        row.count, row.since = 0, moment
    row.about = about
    row.count += 1
    if row.count >= limit.failures:
        row.count, row.since, row.locked_until = 0, moment, moment + limit.locked


def forget(name: str) -> None:
    """A right password clears the name; the address keeps its count."""
    db.session.execute(delete(SignInFailures).where(SignInFailures.key == key_of(NAME, name)))


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
        rows = db.session.scalars(select(SignInFailures).order_by(
            SignInFailures.locked_until.desc(), SignInFailures.since.desc()).limit(500))
        return render_template("lockouts.html", rows=list(_shown(rows)))

    @expose("/lift/<key>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def lift(self, key: str) -> Any:
        """Forgets the failures of a name or an address."""
        db.session.execute(delete(SignInFailures).where(SignInFailures.key == key))
        db.session.commit()
        current_app.logger.warning("%s lifted the sign-in lock %s", g.user.username, key[:32])
        flash(_("The lock is lifted."), "success")
        return redirect("/lockouts/list/")


def _shown(rows: Any) -> Iterator[tuple[SignInFailures, str, bool]]:
    """Each row with its words and whether it is locked now."""
    for row in rows:
        unknown = _("a name nobody has") if row.kind == NAME else ""
        yield row, row.about or unknown, bool(row.locked_until and row.locked_until > now())
