"""Handing over what one has in charge, all at once: for a leave, or a new post."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select

from app.core.base.nodes import Node
from app.core.base.records import RuleError
from app.core.base.registry import security
from app.core.base.scope import current
from app.core.cases.loop import HAND_OVER
from app.core.cases.takers import may_take
from app.core.cases.taking import take
from app.core.keeping.saving import save
from app.db import db


@dataclass
class Handed:
    """What became of it: how many cases went over, and which not, with the reason."""

    done: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)


def takers() -> list[Any]:
    """The accounts a case may go to: those of the user's own place, of the places above and of those under it."""
    account, scope = security().user_model, current()
    near = [account.node.in_(Node(scope.node).path)]
    if not scope.sees_all:
        near.append((account.node >= scope.node) & (account.node < scope.high))
    return list(db.session.scalars(select(account).where(
        account.active, account.username != scope.actor, or_(*near)).order_by(account.node, account.id)))


def in_my_charge(views: list[Any]) -> list[Any]:
    """The open cases that name the user as the person in charge and can be handed over."""
    found = []
    for view in views:
        record, step = view.record, view.record.workflow.by_name.get(HAND_OVER)
        if step is not None:
            found += db.session.scalars(select(record).where(
                view.named_filters["mine"].condition(record), record.state.in_(step.sources)).order_by(record.id)).all()
    return found


def hand_over(views: list[Any], username: str, note: str) -> Handed:
    """Gives every open case in the user's charge to somebody, each by its step; RuleError for an unknown taker."""
    taker = next((person for person in takers() if person.username == username), None)
    if taker is None:
        raise RuleError(_("Choose who takes them over."))
    if not note.strip():
        raise RuleError(_("Write your opinion or the reason: it stands in the timeline."))
    handed = Handed()
    for view in views:
        for case in in_my_charge([view]):
            number, step = case.number, case.workflow.by_name[HAND_OVER]
            try:
                if not may_take(case, step):
                    raise RuleError(_("Handling it is not your duty: ask the level it is at."))
                take(case, step, {"handler": username}, note, asked=[username])
                save(case)
                handed.done += 1
            except RuleError as error:
                db.session.rollback()
                handed.left.append((number, str(error)))
    return handed
