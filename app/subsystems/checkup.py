"""四进体检: where the chain person, household, house, grid, map is broken (plan 四(二)), in counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core.places import place_name
from app.core.records import today
from app.core.scope import current
from app.db import db
from app.subsystems.grids import Grid
from app.subsystems.households import Household
from app.subsystems.houses import House
from app.subsystems.residents import Resident
from app.subsystems.staff import held_grids

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


def _digits() -> int:
    return 12 if len(current().node) <= 9 or current().sees_all else 15


def _counts(record: Any, broken: Any, among: Any) -> dict[str, tuple[int, int]]:
    """(all, broken) per community, or per base grid inside a community."""
    code = Grid.code if record is Grid else record.grid_code
    place = func.substr(code, 1, _digits())
    query = select(place, func.count(), func.sum(db.case((broken, 1), else_=0))).group_by(place)
    if among is not None:
        query = query.where(among)
    return {row[0]: (row[1], int(row[2] or 0)) for row in db.session.execute(query)}


def links() -> list[Broken]:
    """The four links over everything the user sees."""
    found = []
    for name, record, word, broken, among in CHAIN:
        counts = _counts(record, broken, among).values()
        found.append(Broken(_names()[name], sum(c[0] for c in counts), sum(c[1] for c in counts),
                            f"/{name}/list/?f.{word}=1"))
    return found


def by_place() -> list[tuple[str, str, list[Broken]]]:
    """The four links per community (or base grid): (code, name, links)."""
    counts = [_counts(record, broken, among) for _n, record, _w, broken, among in CHAIN]
    codes = sorted({code for found in counts for code in found})
    rows = []
    for code in codes:
        cells = [Broken(_names()[name], *found.get(code, (0, 0)),
                        f"/{name}/list/?f.{word}=1&f.{'code' if record is Grid else 'grid_code'}={code}")
                 for (name, record, word, _b, _a), found in zip(CHAIN, counts, strict=True)]
        rows.append((code, place_name(code), cells))
    return rows


def numbers() -> list[tuple[str, str, str]]:
    """What stands on top of the home page: (words, number, list behind it)."""
    alive = Resident.life_state == "alive"
    found = (
        (_("Residents"), Resident, alive, "/resident/list/?f.life_state=alive"),
        (_("Floating residents"), Resident, alive & (Resident.kind == "floating"),
         "/resident/list/?f.kind=floating"),
        (_("Households"), Household, None, "/household/list/"),
        (_("Houses"), House, None, "/house/list/"),
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


def grids_at_a_glance() -> list[tuple[str, str, int]]:
    """Residents per community or base grid: (name, list, count)."""
    place = func.substr(Resident.grid_code, 1, _digits())
    rows = db.session.execute(select(place, func.count()).group_by(place).order_by(place).limit(60))
    return [(place_name(code), f"/resident/list/?f.grid_code={code}", count) for code, count in rows]


def map_features() -> dict[str, Any]:
    """The user's grids as GeoJSON, coloured by residents without a household."""
    broken = {code: n for code, (_t, n) in _counts(*_resident_link()).items()}
    level = "community" if _digits() == 12 else "base"
    grids = db.session.execute(select(Grid.id, Grid.code, Grid.boundary).where(
        Grid.level == level, Grid.boundary.is_not(None)).limit(400))
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": row.boundary, "properties": {
            "name": place_name(row.code), "url": f"/grid/show/{row.id}",
            "value": broken.get(row.code, 0)}} for row in grids]}


def _resident_link() -> tuple[Any, Any, Any]:
    _name, record, _word, broken, among = CHAIN[0]
    return record, broken, among


