"""网格规模: whether a base grid is as large as the office wants it (plan 四(一): about 300 households, 1000-1500 people)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy import func, select

from app.core.base.options import option
from app.core.base.scope import WHOLE_RANGE
from app.core.telling.places import place_name
from app.db import db
from app.subsystems.grids.grids import Grid
from app.subsystems.people.households import Household
from app.subsystems.people.residents import Resident

SECTION = lazy_gettext("Size of a base grid")
HOUSEHOLDS = option("grid_households", SECTION, lazy_gettext("Households of a grid"), default=300, least=1, most=10_000)
MARGIN = option("grid_households_margin", SECTION, lazy_gettext("Households, more or fewer"), default=20, least=0,
                most=100, unit="%")
FEWEST_PEOPLE = option("grid_people_low", SECTION, lazy_gettext("People, at least"), default=1000, least=0, most=100_000)
MOST_PEOPLE = option("grid_people_high", SECTION, lazy_gettext("People, at most"), default=1500, least=1, most=100_000)
SHOWN = 1000


@dataclass(frozen=True)
class Size:
    """How many households and living residents a base grid has, and what the office's band says of them."""

    code: str
    page: str
    name: str
    households: int
    people: int

    @property
    def households_word(self) -> str:
        return _word(self.households, *households_band())

    @property
    def people_word(self) -> str:
        return _word(self.people, FEWEST_PEOPLE.value, MOST_PEOPLE.value)

    @property
    def fits(self) -> bool:
        return not self.households_word and not self.people_word


def households_band() -> tuple[int, int]:
    """The fewest and the most households of a base grid of the right size."""
    wanted, margin = HOUSEHOLDS.value, MARGIN.value
    return -(-wanted * (100 - margin) // 100), wanted * (100 + margin) // 100


def _word(number: int, low: int, high: int) -> str:
    """Too many or too few, in words; empty when it fits."""
    return gettext("too few") if number < low else gettext("too many") if number > high else ""


def sizes() -> list[Size]:
    """Every base grid the user sees, those outside the band first."""
    households = _counts(Household, None)
    people = _counts(Resident, Resident.life_state == "alive")
    grids = db.session.execute(select(Grid.id, Grid.code).where(Grid.level == "base").order_by(Grid.code).limit(SHOWN))
    found = [Size(code, f"/grid/show/{pk}", place_name(code), households.get(code, 0), people.get(code, 0))
             for pk, code in grids]
    return sorted(found, key=lambda size: size.fits)


def _counts(record: Any, among: Any) -> dict[str, int]:
    query = select(record.grid_code, func.count()).group_by(record.grid_code)
    query = query if among is None else query.where(among)
    return dict(db.session.execute(query, execution_options=WHOLE_RANGE).tuples().all())
