"""四进体检: where the chain person, household, house, grid, map is broken (plan 四(二)), in counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core.asking.filters import EXACTLY
from app.core.base.moments import today, years_ago
from app.core.base.nodes import DIGITS
from app.core.base.scope import current
from app.core.telling.places import place_name
from app.db import db
from app.subsystems.grids.grids import Grid
from app.subsystems.grids.staff import held_grids
from app.subsystems.people.households import Household
from app.subsystems.people.houses import House, RentalHouse
from app.subsystems.people.organizations import Organization
from app.subsystems.people.residents import Resident

HEAD, WORKER = "head", "worker"


@dataclass
class Broken:
    """One link of the chain: how many hold, how many are broken, and the list to fix them from."""

    name: str
    total: int
    broken: int
    url: str

    @property
    def percent(self) -> float:
        return 100.0 if not self.total else 100 * (self.total - self.broken) / self.total


CHAIN: tuple[tuple[str, Any, str, Any, Any], ...] = (
    ("resident", Resident, "homeless", Resident.household_id.is_(None), Resident.life_state == "alive"),
    ("household", Household, "houseless", Household.house_id.is_(None), None),
    ("house", House, "gridless", func.length(House.grid_code) < 15, None),
    ("grid", Grid, "mapless", Grid.boundary.is_(None), Grid.level == "base"),
)


def _names() -> dict[str, str]:
    return {"resident": _("People in households"), "household": _("Households in houses"),
            "house": _("Houses in grids"), "grid": _("Grids on the map")}


def _counts(record: Any, broken: Any, among: Any) -> dict[str, tuple[int, int]]:
    """(all, broken) per community, or per base grid inside a community."""
    code = Grid.code if record is Grid else record.grid_code
    place = func.substr(code, 1, DIGITS[current().level_below])
    query = select(place, func.count(), func.sum(db.case((broken, 1), else_=0))).group_by(place)
    if among is not None:
        query = query.where(among)
    return {row[0]: (row[1], int(row[2] or 0)) for row in db.session.execute(query)}


Survey = dict[str, dict[str, tuple[int, int]]]


def survey() -> Survey:
    """The four links of everything the user sees, counted once: link -> place -> (all, broken)."""
    return {name: _counts(record, broken, among) for name, record, _word, broken, among in CHAIN}


def links(found: Survey) -> list[Broken]:
    """The four links over everything the user sees."""
    return [Broken(_names()[name], sum(n for n, _b in found[name].values()), sum(b for _n, b in found[name].values()),
                   f"/{name}/list/?f.{word}=1") for name, _record, word, _broken, _among in CHAIN]


def _above(code: str) -> bool:
    """Whether a row is of what lies in a node itself, in no community or base grid below it yet."""
    return len(code) < DIGITS[current().level_below]


def _named(code: str) -> str:
    return _("%(place)s (in no grid below)", place=place_name(code)) if _above(code) else place_name(code)


def _inside(code: str, column: str = "grid_code") -> str:
    """The filter of a row's lists: all under the place, or what lies in the place itself."""
    return f"f.{column}{EXACTLY if _above(code) else ''}={code}"


def by_place(found: Survey) -> list[tuple[str, str, list[Broken]]]:
    """The four links per community (or base grid): (code, name, links)."""
    codes = sorted({code for counts in found.values() for code in counts})
    rows = []
    for code in codes:
        cells = [Broken(_names()[name], *found[name].get(code, (0, 0)),
                        f"/{name}/list/?f.{word}=1&{_inside(code, 'code' if record is Grid else 'grid_code')}")
                 for name, record, word, _b, _a in CHAIN]
        rows.append((code, _named(code), cells))
    return rows


@dataclass
class Cell:
    """One number of a community or base grid, and the list behind it."""

    label: str
    number: int
    url: str
    gap: bool


def places_with_gaps(found: Survey) -> list[tuple[str, str, list[Cell]]]:
    """Every community (or base grid) the user sees, how many it has and what is missing: (name, page, cells).

    What lies in a node above them has a row of its own, so that the rows add up to the whole.
    """
    level = current().level_below
    vacant = {role: _vacancies(role) for role in (HEAD, WORKER)}
    above = {code for counts in found.values() for code in counts if _above(code)}
    grids = db.session.execute(select(Grid.id, Grid.code).where(
        (Grid.level == level) | Grid.code.in_(above)).order_by(Grid.code).limit(400))
    return [(_named(code), f"/grid/show/{pk}", _cells(code, found, vacant)) for pk, code in grids]


def _cells(code: str, found: Survey, vacant: dict[str, dict[str, int]]) -> list[Cell]:
    here = {name: found[name].get(code, (0, 0)) for name in found}
    place = _inside(code)
    cells = [
        Cell(_("Residents"), here["resident"][0], f"/resident/list/?f.life_state=alive&{place}", gap=False),
        Cell(_("Households"), here["household"][0], f"/household/list/?{place}", gap=False),
        Cell(_("Houses"), here["house"][0], f"/house/list/?{place}", gap=False),
        Cell(_("People without a household"), here["resident"][1], f"/resident/list/?f.homeless=1&{place}", gap=True),
        Cell(_("Households without a house"), here["household"][1], f"/household/list/?f.houseless=1&{place}", gap=True),
    ]
    if current().level_below == "community":  # a house without a base grid lies in its community
        cells.append(Cell(_("Houses without a base grid"), here["house"][1], f"/house/list/?f.gridless=1&{place}",
                          gap=True))
    for role, label in ((HEAD, _("Without a head")), (WORKER, _("Without a worker"))):
        cells.append(Cell(label, vacant[role].get(code, 0), f"/grid/list/?f.no_{role}=1&f.code={code}", gap=True))
    return cells


def _vacancies(role: str) -> dict[str, int]:
    place = func.substr(Grid.code, 1, DIGITS[current().level_below])
    return dict(db.session.execute(select(place, func.count()).where(
        Grid.level == "base", Grid.code.not_in(held_grids(role))).group_by(place)).tuples().all())


def numbers() -> list[tuple[str, str, str]]:
    """Eight numbers of the street, each a list: (words, number, list)."""
    alive = Resident.life_state == "alive"
    found = (
        (_("Residents"), Resident, alive, "/resident/list/?f.life_state=alive"),
        (_("Floating residents"), Resident, alive & (Resident.kind == "floating"),
         "/resident/list/?f.life_state=alive&f.kind=floating"),
        (_("60 and older"), Resident, alive & (Resident.birth_on <= years_ago(60)), "/resident/list/?f.elderly=1"),
        (_("Households"), Household, None, "/household/list/"),
        (_("Houses"), House, None, "/house/list/"),
        (_("Rented houses"), RentalHouse, None, "/rentalhouse/list/"),
        (_("Organizations"), Organization, None, "/organization/list/"),
        (_("Base grids"), Grid, Grid.level == "base", "/grid/list/?f.level=base"),
    )
    return [(words, f"{_count(record, which):,}", url) for words, record, which, url in found]


def _count(record: Any, which: Any) -> int:
    query = select(func.count()).select_from(record)
    return db.session.scalar(query if which is None else query.where(which)) or 0


def four_fixings() -> list[tuple[str, str, list[bool]]]:
    """四定 per base grid: placed (code and map), people, letter, rules (plan 二)."""
    heads, workers = (set(db.session.scalars(held_grids(role))) for role in (HEAD, WORKER))
    grids = db.session.execute(select(
        Grid.id, Grid.code, Grid.boundary.is_not(None), Grid.has_letter, Grid.has_rules,
    ).where(Grid.level == "base").order_by(Grid.code).limit(1000))
    return [(f"/grid/show/{row[0]}", place_name(row[1]),
             [bool(row[2]), row[1] in heads and row[1] in workers, bool(row[3]), bool(row[4])])
            for row in grids]


def todos(chain: list[Broken]) -> list[tuple[str, str, str]]:
    """What waits to be put right: (words, number, list)."""
    names = (_("People without a household"), _("Households without a house"),
             _("Houses without a base grid"), _("Base grids without a boundary"))
    found = [(words, f"{link.broken:,}", link.url)
             for words, link in zip(names, chain, strict=True) if link.broken]
    for role, words in ((HEAD, _("Grids without a head")), (WORKER, _("Grids without a worker"))):
        vacant = _count(Grid, (Grid.level == "base") & Grid.code.not_in(held_grids(role)))
        if vacant:
            found.append((words, f"{vacant:,}", f"/grid/list/?f.no_{role}=1"))
    expiring = _count(Resident, Resident.permit_until < today())
    if expiring:
        found.append((_("Residence permits expired"), f"{expiring:,}", "/resident/list/?f.permit_expired=1"))
    return found


def map_features(found: Survey) -> dict[str, Any]:
    """The user's grids as GeoJSON, coloured by residents without a household."""
    broken = found["resident"]
    level = current().level_below
    grids = db.session.execute(select(Grid.id, Grid.code, Grid.boundary).where(
        Grid.level == level, Grid.boundary.is_not(None)).limit(400))
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": row.boundary, "properties": {
            "name": place_name(row.code), "url": f"/grid/show/{row.id}",
            "value": broken.get(row.code, (0, 0))[1]}} for row in grids]}
