"""Stays in households: one opens when a person joins a household, and closes when he leaves it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from sqlalchemy import event, inspect, select
from sqlalchemy.orm import InstanceState, Session

from app.core.base.moments import today
from app.core.base.records import RuleError, changes
from app.db import db
from app.subsystems.people.households import Household, HouseholdMember
from app.subsystems.people.residents import Resident

HEAD = "02"  # GB/T 4761: 户主
LEADS_BY = ("relation_to_head", "household_id", "life_state")  # what makes a person the head of a household


def stay(resident: Any, resident_id: int | None) -> dict[str, Any]:
    """The values of a stay that begins today in the household the resident has."""
    return {"grid_code": resident.grid_code, "household_id": resident.household_id, "resident_id": resident_id,
            "relation": resident.relation_to_head, "since_on": today()}


def open_stays(resident_ids: list[int]) -> list[HouseholdMember]:
    """The stays of these people that have not ended."""
    return list(db.session.scalars(select(HouseholdMember).where(
        HouseholdMember.resident_id.in_(resident_ids), HouseholdMember.until_on.is_(None))))


def hold(household: int) -> None:
    """Holds a household against everybody else who joins, leads or moves it, until the end of the transaction."""
    with db.session.no_autoflush:
        db.session.execute(select(Household.id).where(Household.id == household).with_for_update())


def track_membership(session: Session, context: Any = None, instances: Any = None) -> None:
    """Before a flush: whoever changed the household leaves the old one today and joins the new one."""
    for person in [row for row in [*session.new, *session.dirty] if isinstance(row, Resident)]:
        if _moved(person):
            _close(session, person)
            _open(session, person)


def one_head(session: Session, context: Any = None, instances: Any = None) -> None:
    """Before a flush: a household has one head among the living."""
    for person in [row for row in [*session.new, *session.dirty] if isinstance(row, Resident)]:
        if person.relation_to_head == HEAD and changes(person, *LEADS_BY):
            _check_head(session, person)


def head_taken(name: str) -> str:
    """The sentence that tells who leads a household already."""
    return gettext("%(name)s is the head of this household already: change that first, or choose another relation.", name=name)


def _check_head(session: Session, person: Resident) -> None:
    household = person.household_id or (person.household.id if person.household else None)
    if household is None or person.life_state not in (None, "alive") or person.deleted_at is not None:
        return
    hold(household)
    with session.no_autoflush:
        heads = session.scalars(select(Resident).where(
            Resident.household_id == household, Resident.relation_to_head == HEAD,
            Resident.life_state == "alive")).all()
    other = next((head for head in heads if head is not person and head.relation_to_head == HEAD
                  and head.household_id == household), None)
    if other is not None:
        raise RuleError(head_taken(other.name), "relation_to_head")


def _moved(person: Resident) -> bool:
    state: InstanceState[Resident] = inspect(person)
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


event.listen(db.session.session_factory, "before_flush", one_head)
event.listen(db.session.session_factory, "before_flush", track_membership)
