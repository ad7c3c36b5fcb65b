"""A household that moves takes its people along: what lies in its grid, and who lived in its house."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import History as Changes

from app.core.base.nodes import Node
from app.core.base.records import RuleError, changes
from app.core.telling.places import place_name
from app.db import db
from app.subsystems.people.households import Household
from app.subsystems.people.houses import House
from app.subsystems.people.memberships import hold, open_stays
from app.subsystems.people.residents import Resident


@dataclass(frozen=True)
class Move:
    """From where to where: the grids, and the houses as far as there are any."""

    household: Household
    old_grid: str
    new_grid: str
    old_house: House | None
    new_house: House | None

    @property
    def another_house(self) -> bool:
        return self.new_house is not None and self.new_house is not self.old_house

    def people(self) -> list[Resident]:
        """Who belongs to the household."""
        with db.session.no_autoflush:
            return list(db.session.scalars(select(Resident).where(Resident.household_id == self.household.id)
                                           .order_by(Resident.id)))

    def goes(self, person: Resident) -> bool:
        """Whoever lived elsewhere than the household already stays there."""
        return person.grid_code == self.old_grid != self.new_grid

    def dwelt(self, person: Resident) -> bool:
        """Whether the person's address is the house that is left."""
        return self.another_house and self.old_house is not None and person.address == self.old_house.address


def move_of(household: Household, grid: str, house_id: int | None, old_grid: str, old_house_id: int | None) -> Move:
    """The move another grid or another house means; RuleError when the two do not agree.

    A household with another house lies where that house lies, unless the house is not placed in a base grid yet.
    """
    with db.session.no_autoflush:
        house = db.session.get(House, house_id) if house_id else None
        left = db.session.get(House, old_house_id) if old_house_id else None
    if house is not None and house is not left and Node(house.grid_code).level == "base" and grid != house.grid_code:
        if grid != old_grid:
            raise RuleError(_("The house lies in %(grid)s: choose that grid, or another house.",
                              grid=place_name(house.grid_code)), "grid_code")
        grid = house.grid_code
    return Move(household, old_grid, grid, left, house)


def told(move: Move) -> list[str]:
    """What the move brings about besides, in sentences; none when nothing moves."""
    people = move.people()
    going, dwelt = [one for one in people if move.goes(one)], [one for one in people if move.dwelt(one)]
    found = []
    if move.new_grid != move.old_grid:
        found.append(_("The household moves from %(old)s to %(new)s.", old=place_name(move.old_grid), new=place_name(move.new_grid)))
        if going:
            found.append(_("%(count)s people move to that grid with it: %(names)s.", count=len(going), names=_names(going)))
        staying = [one for one in people if not move.goes(one)]
        if staying:
            found.append(_("These live elsewhere already and stay where they are: %(names)s.", names=_names(staying)))
        if not move.another_house and move.new_house is not None:
            found.append(_("The house stays as it is: %(house)s. Choose another one if they moved.", house=move.new_house))
    if dwelt:
        found.append(_("Their address becomes %(house)s: %(names)s.", house=move.new_house, names=_names(dwelt)))
    return found


def _names(people: Iterable[Resident]) -> str:
    return "、".join(person.name for person in people)


def take_along(session: Session, context: Any = None, instances: Any = None) -> None:
    """Before a flush: the people of a household that moves go with it, however the move was written."""
    for row in [row for row in session.dirty if isinstance(row, Household)]:
        if changes(row, "grid_code", "house_id"):
            hold(row.id)
            _go(move_of(row, row.grid_code, row.house_id, _before(row, "grid_code"), _before(row, "house_id")))


def _before(row: Household, name: str) -> Any:
    history: Changes = inspect(row).attrs[name].history
    return history.deleted[0] if history.deleted else getattr(row, name)


def _go(move: Move) -> None:
    going = []
    for person in move.people():
        if move.dwelt(person) and move.new_house is not None:
            person.address = move.new_house.address
        if move.goes(person):
            person.grid_code = move.new_grid
            going.append(person.id)
    for stay in open_stays(going):
        stay.grid_code = move.new_grid
    if move.household.grid_code != move.new_grid:
        move.household.grid_code = move.new_grid


event.listen(db.session.session_factory, "before_flush", take_along)
