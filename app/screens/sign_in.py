"""The sign-in of people and of programs, and the page on which a lock is lifted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import current_app, flash, g, redirect, render_template
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.api import SecurityApi as FabSecurityApi
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.security.views import AuthDBView as FabAuthDBView
from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts import throttle
from app.accounts.sign_in import NAME, refusal
from app.accounts.throttle import Tries
from app.db import db


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
