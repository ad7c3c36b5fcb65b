"""run.py user: add people who sign in, change their passwords, list and stop them."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from flask_appbuilder.exceptions import PasswordComplexityValidationError

from app.commands.installation import opened
from app.commands.words import add_installation
from config import Refusal

NAMES = ("user",)


def add(commands: Any) -> None:
    command = commands.add_parser("user", help="用户：新增、改密码、停用、解锁、列表 / people who sign in")
    command.add_argument("action", choices=("add", "password", "disable", "unlock", "list"))
    command.add_argument("name", nargs="?", help="用户名 / user name")
    command.add_argument("--role", help="角色 / role")
    command.add_argument("--node", help="网格编码 / grid code the user is held to")
    command.add_argument("--password", help="密码（不写则询问） / password (asked for when left out)")
    add_installation(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    with opened(arguments) as app:
        if arguments.action == "list":
            return show()
        if not arguments.name:
            print("请写用户名。 / Name the user.", file=sys.stderr)
            return 2
        return {"add": add_user, "password": set_password, "disable": disable,
                "unlock": unlock}[arguments.action](app, arguments)


def show() -> int:
    from app.accounts.manager import Account
    from app.db import db

    for user in db.session.scalars(db.select(Account).order_by(Account.username)).unique():
        print(f"{user.username:<16}{'、'.join(user.role_names)}  {user.node or '-'}  "
              f"{'启用/active' if user.active else '停用/disabled'}")
    return 0


def add_user(app: Any, arguments: argparse.Namespace) -> int:
    from app import roles
    from app.accounts import manager as accounts

    if arguments.role not in roles.ROLES:
        print("角色应为 / the role must be one of: " + "、".join(roles.ROLES), file=sys.stderr)
        return 2
    with app.test_request_context():
        try:
            accounts.add_account(arguments.name, _password(arguments), arguments.role, arguments.node)
        except ValueError as error:
            raise Refusal(str(error)) from error
    return 0


def _password(arguments: argparse.Namespace) -> str:
    """A password the screens would take as well."""
    from app.accounts.manager import check_strength

    password = arguments.password or getpass.getpass("密码 / password: ")
    try:
        check_strength(password)
    except PasswordComplexityValidationError as error:
        raise Refusal(f"{error} / A password needs at least 8 characters, with letters, digits and signs.") from error
    return str(password)


def _found(app: Any, name: str) -> Any:
    user = app.appbuilder.sm.find_user(username=name)
    if user is None:
        print(f"没有用户 {name}。 / There is no user {name}.", file=sys.stderr)
    return user


def set_password(app: Any, arguments: argparse.Namespace) -> int:
    user = _found(app, arguments.name)
    if user is None:
        return 2
    app.appbuilder.sm.reset_password(user.id, _password(arguments))
    return 0


def unlock(app: Any, arguments: argparse.Namespace) -> int:
    """Forgets the wrong passwords of a user, also when no administrator can sign in to do it."""
    from app.accounts import sign_in
    from app.db import db

    user = _found(app, arguments.name)
    if user is None:
        return 2
    sign_in.forget(user.username)
    db.session.commit()
    return 0


def disable(app: Any, arguments: argparse.Namespace) -> int:
    from app.db import db

    user = _found(app, arguments.name)
    if user is None:
        return 2
    user.active = False
    db.session.commit()
    return 0
