"""Stays in households: one opens when a person joins a household, and closes when he leaves it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from app.core.base.moments import today
from app.db import db
from app.subsystems.people.households import HouseholdMember
from app.subsystems.people.residents import Resident


def stay(resident: Any, resident_id: int | None) -> dict[str, Any]:
    """The values of a stay that begins today in the household the resident has."""
    return {"grid_code": resident.grid_code, "household_id": resident.household_id, "resident_id": resident_id,
            "relation": resident.relation_to_head, "since_on": today()}


def open_stays(resident_ids: list[int]) -> list[HouseholdMember]:
    """The stays of these people that have not ended."""
    return list(db.session.scalars(select(HouseholdMember).where(
        HouseholdMember.resident_id.in_(resident_ids), HouseholdMember.until_on.is_(None))))


def track_membership(session: Session, context: Any = None, instances: Any = None) -> None:
    """Before a flush: whoever changed the household leaves the old one today and joins the new one."""
    for person in [row for row in [*session.new, *session.dirty] if isinstance(row, Resident)]:
        if _moved(person):
            _close(session, person)
            _open(session, person)


def _moved(person: Resident) -> bool:
    state = inspect(person)
    return any(history.added and history.added[0] is not None or history.deleted and history.deleted[0] is not None
               for history in (state.attrs.household_id.history, state.attrs.household.history))


def _close(session: Session, person: Resident) -> None:
    if person.id is not None:
        with session.no_autoflush:
            for member in open_stays([person.id]):
                member.until_on = today()


def _open(session: Session, person: Resident) -> None:
    member = HouseholdMember(grid_code=person.grid_code, relation=person.relation_to_head, since_on=today())
    if person.household is not None and inspect(person).attrs.household.history.added:
        member.household = person.household
    elif person.household_id is not None:
        member.household_id = person.household_id
    else:
        return
    if person.id is None:
        member.resident = person
    else:
        member.resident_id = person.id
    session.add(member)


event.listen(db.session.session_factory, "before_flush", track_membership)
