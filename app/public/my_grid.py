"""My grid: whose it is, found by an address; never the address book itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.core.asking.search import matching
from app.core.base.moments import today
from app.core.base.nodes import Node
from app.core.base.scope import acting
from app.core.base.texts import normalize_text
from app.core.cases.public import RESIDENT
from app.core.telling.dictionaries import entries, label_of
from app.core.telling.places import place_name, places
from app.db import db
from app.subsystems.grids.staff import GridStaff, in_post
from app.subsystems.people.addresses import one_form
from app.subsystems.people.houses import Building, House

FEWEST_LETTERS, MOST_GRIDS, LOOKED_AT = 3, 5, 200
ON_THE_BOARD = ("head", "worker")  # what the board at the door names anyway (plan 四(五))


@dataclass(frozen=True)
class GridCard:
    """A base grid as its board shows it: its name, and who is responsible with a phone number of the office's."""

    code: str
    name: str
    staff: list[tuple[str, str, str]]


def card(code: str) -> GridCard | None:
    """The card of a grid or a community; None where there is none."""
    if code not in places():
        return None
    with acting(RESIDENT):
        order = [entry.code for entry in entries("staff_role")]
        rows = db.session.scalars(select(GridStaff).where(
            GridStaff.grid_code == code, in_post(GridStaff, today()), GridStaff.role.in_(ON_THE_BOARD)).limit(20)).all()
        staff = [(post.name, label_of("staff_role", post.role), post.phone or "")
                 for post in sorted(rows, key=lambda post: (order.index(post.role), post.name))]
    return GridCard(code, place_name(code), staff)


def find(address: str) -> list[GridCard]:
    """The grids an address may lie in, a handful at most; none for a few letters that fit half the street."""
    text = normalize_text(address)
    if len(text) < FEWEST_LETTERS:
        return []
    wanted = one_form(text)
    with acting(RESIDENT):
        codes = next((found for words in dict.fromkeys((wanted, text)) for record in (House, Building)
                      if (found := _grids(record, words))), [])
    return [grid for code in codes[:MOST_GRIDS] if (grid := card(code))] if len(codes) <= MOST_GRIDS else []


def _grids(record: Any, words: str) -> list[str]:
    rows = db.session.scalars(select(record.grid_code).where(matching(record, words)).limit(LOOKED_AT))
    known = sorted({code for code in rows if code in places()})
    return [code for code in known if Node(code).level == "base"] or known
