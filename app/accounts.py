"""Accounts: a user, and the grid node (street, community or base grid) he is held to."""

from __future__ import annotations

from typing import Any

from flask import g, has_request_context
from flask_appbuilder.security.sqla.manager import SecurityManager as FabSecurityManager
from flask_appbuilder.security.sqla.models import User
from flask_babel import lazy_gettext as _
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column

from app import roles
from app.account_screens import ResetMyPasswordView, ResetPasswordView, RoleModelView, UserDBModelView
from app.core import scope
from app.core.scope import NOTHING, Scope
from app.db import db


class Account(User):
    """A person who signs in."""

    __tablename__ = "ab_user"

    node: Mapped[str | None] = mapped_column(String(15))

    @property
    def full_name(self) -> str:
        return f"{self.last_name or ''}{self.first_name or ''}"

    @property
    def role_names(self) -> list[str]:
        found = [*self.roles, *(role for group in self.groups for role in group.roles)]
        return [role.name for role in found]


class SecurityManager(FabSecurityManager):
    """Flask-AppBuilder's security, with roles read from one table and users loaded in one query."""

    user_model = Account
    userdbmodelview = UserDBModelView
    rolemodelview = RoleModelView
    resetmypasswordview = ResetMyPasswordView
    resetpasswordview = ResetPasswordView

    def load_user(self, pk: int) -> Account | None:
        """Asked before there is a scope, so with nobody's: the rule would ask for the user again."""
        token = scope.bind(scope.NOBODY)
        try:
            return db.session.scalars(
                select(Account).where(Account.id == int(pk)).options(
                    joinedload(Account.roles), joinedload(Account.groups))
            ).unique().one_or_none()
        finally:
            scope.unbind(token)

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Asked dozens of times a page, so each answer is kept for the request and its user."""
        if not has_request_context():
            return bool(super().has_access(permission_name, view_name))
        kept = g.setdefault("rights", {})
        key = (request_scope().actor, permission_name, view_name)
        if key not in kept:
            kept[key] = super().has_access(permission_name, view_name)
        return bool(kept[key])

    def _has_view_access(self, user: Any, permission_name: str, view_name: str) -> bool:
        """Roles of the table answer without a query; roles an administrator made ask the database."""
        action = permission_name.removeprefix("can_")
        if any(roles.allows(name, action, view_name) for name in user.role_names):
            return True
        made = [role.id for role in self.get_user_roles(user) if role.name not in roles.ROLES]
        return bool(made) and self.exist_permission_on_roles(view_name, permission_name, made)

    def get_public_permissions(self) -> list[Any]:
        """Nothing is public but the pages that ask for no permission."""
        return []


def may(action: str, view: str) -> bool:
    """Whether the user of this request may do an action on a view."""
    from flask import current_app

    return bool(current_app.appbuilder.sm.has_access(f"can_{action}", view))


def request_scope() -> Scope:
    """The scope of whoever sent this request; a user without a node sees no rows."""
    user = g.get("user")
    user = getattr(user, "_get_current_object", lambda: user)()
    if g.get("scope", (None,))[0] is not user:
        g.scope = (user, _scope_of(user))
    return g.scope[1] if user is not None else scope.NOBODY


def _scope_of(user: Any) -> Scope:
    if user is None or not user.is_authenticated or not user.is_active:
        return scope.NOBODY
    return Scope(user.username, user.node or NOTHING)


def ensure_roles(session: Any) -> None:
    """Makes the roles of the table known to the sign-in screens."""
    known = set(session.scalars(select(SecurityManager.role_model.name)))
    session.add_all(SecurityManager.role_model(name=name) for name in roles.ROLES if name not in known)
    session.commit()


def add_account(username: str, password: str, role: str, node: str | None, name: str = "") -> Account:
    """Adds a user with a role of the table; ValueError when the name is taken or the role unknown."""
    from flask import current_app

    manager = current_app.appbuilder.sm
    if role not in roles.ROLES:
        raise ValueError(str(_("There is no such role: %(role)s", role=role)))
    if manager.find_user(username=username):
        raise ValueError(str(_("This user name is taken: %(name)s", name=username)))
    user = manager.add_user(username, name or username, "", f"{username}@localhost.invalid",
                            manager.find_role(role), password=password)
    user.node = node or None
    db.session.commit()
    return user


