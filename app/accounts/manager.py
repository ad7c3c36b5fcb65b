"""Accounts: a user, and the grid node (street, community or base grid) he is held to."""

from __future__ import annotations

import hmac
from typing import Any

from flask import g, has_request_context
from flask_appbuilder.exceptions import PasswordComplexityValidationError
from flask_appbuilder.security.sqla.manager import SecurityManager as FabSecurityManager
from flask_appbuilder.security.sqla.models import User
from flask_appbuilder.security.utils import is_null_password
from flask_babel import lazy_gettext as _
from flask_login import login_user, user_logged_in, user_logged_out
from sqlalchemy import String, func, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column
from werkzeug.local import LocalProxy
from werkzeug.security import check_password_hash

from app import roles
from app.accounts import sign_in
from app.core.base import scope
from app.core.base.crypto import keyring
from app.core.base.nodes import Node
from app.core.base.registry import security
from app.core.base.scope import NOTHING, Scope
from app.core.base.texts import CONTROL
from app.core.cases import news
from app.core.jobs.running import Owner
from app.core.telling.masking import log_sign_in
from app.db import db


class Account(User):
    """A person who signs in."""

    __tablename__ = "ab_user"

    node: Mapped[str | None] = mapped_column(String(15))
    unit: Mapped[str | None] = mapped_column(String(20))  # the handling unit (dictionary) whose cases are his
    unread = 0  # lines of news; counted where the account is loaded for a page

    @property
    def seal(self) -> str:
        """Changes with the password; sessions and tokens carry it, so a new password ends them."""
        return keyring().digest("session", str(self.id), self.password or "")

    def get_id(self) -> str:
        return f"{self.id}.{self.seal}"

    @property
    def full_name(self) -> str:
        return f"{self.last_name or ''}{self.first_name or ''}"

    @property
    def role_names(self) -> list[str]:
        found = [*self.roles, *(role for group in self.groups for role in group.roles)]
        return [role.name for role in found]


def check_strength(password: str) -> None:
    """A password has at least 8 characters with letters, digits and something else (GB/T 22239)."""
    kinds = (str.isalpha, str.isdigit, lambda c: not c.isalnum())
    if len(password) < 8 or not all(any(map(kind, password)) for kind in kinds):
        raise PasswordComplexityValidationError(
            _("A password needs at least 8 characters, with letters, digits and signs among them."))


# What the password of a name nobody has is tried against: as costly as ours, and right for none.
UNKNOWN = f"scrypt:32768:8:1${'0' * 16}${'0' * 128}"


class SecurityManager(FabSecurityManager):
    """Flask-AppBuilder's security, with roles read from one table and users loaded in one query."""

    user_model = Account

    def register_views(self) -> None:
        super().register_views()
        for signal, rule in ((user_logged_in, sign_in.begin_session), (user_logged_out, sign_in.end_session)):
            signal.connect(rule)  # the same function twice is one connection

    def auth_user_db(self, username: str | None, password: str | None) -> Account | None:
        """The account of a name or address of mail and its password.

        Costs the same whether anybody has the name or not; no transaction is open while the
        password is tried, because that takes long.
        """
        name = CONTROL.sub("", username or "")
        known = db.session.execute(select(Account.id, Account.username, Account.password).where(
            Account.active, or_(func.lower(Account.username) == name.lower(), Account.email == name),
        ).order_by(Account.email == name)).first()
        locked = sign_in.is_locked(known.username if known else name)
        db.session.commit()
        if locked:
            return None
        right = check_password_hash(known.password if known and known.password else UNKNOWN, password or "")
        if not right or known is None or is_null_password(password):
            if known:  # what nobody is called may be a password typed into the wrong line
                log_sign_in(known.username, good=False)
                db.session.commit()
            sign_in.note_failure(known.username if known else name, known.username if known else None)
            return None
        sign_in.forget(known.username)
        log_sign_in(known.username, good=True)
        user = db.session.get_one(Account, known.id)
        self.update_user_auth_stat(user, True)
        return user

    def reset_password(self, userid: Any, password: str) -> None:
        """A new password ends every session but the one in which its owner chose it."""
        super().reset_password(userid, password)
        if has_request_context() and g.user.is_authenticated and str(g.user.id) == str(userid):
            login_user(db.session.get_one(Account, int(userid)))

    def load_user(self, pk: str) -> Account | None:
        """The account of a session; nobody once it is disabled or its password was changed."""
        number, _dot, seal = str(pk).partition(".")
        user = self._account(int(number), ~sign_in.session_ended()) if number.isdecimal() else None
        return user if user and user.active and hmac.compare_digest(seal, user.seal) else None

    def load_user_jwt(self, _header: Any, claims: dict[str, Any]) -> Account | None:
        """The account of a token, under the same rule as that of a session."""
        return super().load_user_jwt(_header, {**claims, "sub": f"{claims['sub']}.{claims.get('seal', '')}"})

    def create_jwt_manager(self, app: Any) -> Any:
        manager = super().create_jwt_manager(app)
        manager.additional_claims_loader(lambda identity: {
            "seal": account.seal if (account := self._account(int(identity))) else ""})
        manager.invalid_token_loader(lambda reason: ({"msg": reason}, 401))  # a token that is none is like no token
        return manager

    @staticmethod
    def _account(pk: int, *conditions: Any) -> Account | None:
        """Asked before there is a scope, so with nobody's: the rule would ask for the user again."""
        token = scope.bind(scope.NOBODY)
        try:
            found = db.session.execute(select(Account, news.unread_of(Account)).where(Account.id == pk, *conditions).options(
                joinedload(Account.roles), joinedload(Account.groups))).unique().one_or_none()
        finally:
            scope.unbind(token)
        if found is None:
            return None
        account, account.unread = found
        return account

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Asked dozens of times a page, so each answer is kept for the request and its user."""
        if not has_request_context():
            return bool(super().has_access(permission_name, view_name))
        user, kept = sender(), g.setdefault("rights", {})
        key = (user, permission_name, view_name)
        if key not in kept:
            known = isinstance(user, Account) and user.active
            kept[key] = (self._has_view_access(user, permission_name, view_name) if known
                         else super().has_access(permission_name, view_name))
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
    return bool(security().has_access(f"can_{action}", view))


def sender() -> Any:
    """Whoever sent this request, behind the proxy Flask-Login keeps him in; asked dozens of times a page."""
    user = g.get("user")
    if type(user) is not LocalProxy:
        return user
    return g.get("_login_user") or user._get_current_object()


def request_scope() -> Scope:
    """The scope of whoever sent this request; a user without a node sees no rows."""
    user = sender()
    if g.get("scope", (None,))[0] is not user:
        g.scope = (user, _scope_of(user))
    return g.scope[1] if user is not None else scope.NOBODY


def _scope_of(user: Any) -> Scope:
    if user is None or not user.is_authenticated or not user.is_active:
        return scope.NOBODY
    return Scope(user.username, user.node if Node(user.node or "").level else NOTHING)


def owner_of(username: str) -> Owner | None:
    """Whoever asked for a job, with his node and rights of now; None when he may not sign in any more."""
    account = db.session.scalar(select(Account).where(Account.username == username))
    held_to = _scope_of(account)
    if account is None or held_to is scope.NOBODY:
        return None
    manager = security()
    return Owner(held_to, lambda action, view: manager._has_view_access(account, f"can_{action}", view))


def ensure_roles(session: Any) -> None:
    """Makes the roles of the table known to the sign-in screens."""
    known = set(session.scalars(select(SecurityManager.role_model.name)))
    session.add_all(SecurityManager.role_model(name=name) for name in roles.ROLES if name not in known)
    session.commit()


def add_account(username: str, password: str, role: str, node: str | None, name: str = "") -> Account:
    """Adds a user with a role of the table; ValueError when the name is taken or the role unknown."""
    manager = security()
    if role not in roles.ROLES:
        raise ValueError(str(_("There is no such role: %(role)s", role=role)))
    if manager.find_user(username=username):
        raise ValueError(str(_("This user name is taken: %(name)s", name=username)))
    user = manager.add_user(username, name or username, "", f"{username}@localhost.invalid",
                            manager.find_role(role), password=password)
    user.node = node or None
    db.session.commit()
    return user


