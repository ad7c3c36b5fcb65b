"""Who is in charge of a case: an account that sees it and may handle it, or the name of somebody without one."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.base.nodes import Node
from app.core.base.records import RuleError
from app.core.base.registry import security, view_of
from app.core.cases.steps import Duty
from app.core.cases.takers import holder
from app.core.telling.places import place_name
from app.db import db

OFFERED = 30


def colleagues(case: Any) -> list[Any]:
    """The accounts that see a case: held to its grid or a place above it, with the right to its page."""
    manager = security()
    account, view = manager.user_model, view_of(type(case))
    with db.session.no_autoflush:
        found = db.session.scalars(
            select(account).where(account.active, account.node.in_(Node(case.grid_code).path)).options(
                joinedload(account.roles), joinedload(account.groups)).order_by(account.id)).unique().all()
    return [person for person in found if view and manager._has_view_access(person, "can_show", view.__name__)]


def handlers(case: Any) -> list[Any]:
    """The accounts that may be put in charge of a case: they see it, and handling is their duty."""
    view = view_of(type(case))
    return [person for person in colleagues(case) if holder(person).charged(Duty.HANDLE, view)]


def offered_people(case: Any, typed: str) -> list[dict[str, str]]:
    """The accounts whose name or user name holds what somebody types, as a select offers them."""
    return [{"id": person.username, "text": person.full_name, "note": f"{person.username} · {place_name(person.node)}"}
            for person in handlers(case) if typed.lower() in f"{person.full_name} {person.username}".lower()][:OFFERED]


def with_account(case: Any, values: dict[str, Any]) -> dict[str, Any]:
    """What a step's form says, the person in charge known by his account where a user name is given.

    Any other words are the name of somebody without an account. RuleError for a user name whose owner cannot
    see the case, or whose duty it is not.
    """
    given = values.get("handler")
    if not given:
        return {**values, "handler_id": None} if "handler" in values else values
    account = security().user_model
    with db.session.no_autoflush:
        taken = db.session.scalar(select(account.id).where(account.username == given)) is not None
    if not taken:
        return {**values, "handler_id": None}
    person = next((one for one in handlers(case) if one.username == given), None)
    if person is None:
        raise RuleError(_("%(name)s cannot handle this case: choose somebody who sees it and whose duty it is.",
                          name=given), "handler")
    return {**values, "handler": person.full_name, "handler_id": person.id}


def in_charge(case: Any) -> tuple[str, str] | None:
    """The person in charge as a form holds him: (user name, or the name without an account; name)."""
    if not case.handler:
        return None
    account = security().user_model
    with db.session.no_autoflush:
        username = db.session.scalar(select(account.username).where(account.id == case.handler_id))
    return username or case.handler, case.handler


def known_as(given: str | None) -> tuple[str, str] | None:
    """What a form names somebody by, and his name: a user name has its owner's, other words are the name."""
    if not given:
        return None
    account = security().user_model
    with db.session.no_autoflush:
        person = db.session.scalar(select(account).where(account.username == given))
    return given, person.full_name if person else given
