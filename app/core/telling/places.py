"""Names of grid nodes for every page: the tree is small, its names are public, so it is cached."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext
from sqlalchemy import select

from app.core.base.registry import grid_record
from app.core.base.revisions import Cached
from app.core.base.scope import current, system
from app.db import db


@dataclass(frozen=True)
class Place:
    """One node of the grid tree: street (9 digits), community (12) or base grid (15)."""

    code: str
    name: str
    level: str
    parent: str | None
    children: list[str] = field(default_factory=list)


def _load() -> dict[str, Place]:
    grid = grid_record()
    with system("names of the grid tree"):
        rows = db.session.execute(
            select(grid.code, grid.name, grid.level, grid.parent_code).order_by(grid.code)).all()
    found = {row.code: Place(*row) for row in rows}
    for place in found.values():
        if place.parent in found:
            found[place.parent].children.append(place.code)
    return found


_places = Cached("places", _load)


def places() -> dict[str, Place]:
    return _places.get()


def place_name(code: str | None) -> str:
    """A node's name under its community: 王湾社区一网格."""
    place = places().get(code or "")
    if place is None:
        return code or ""
    parent = places().get(place.parent or "")
    return f"{parent.name}{place.name}" if place.level == "base" and parent else place.name


def visible_places() -> list[Place]:
    """The nodes of the tree at and under the user's own."""
    return [place for place in places().values() if current().covers(place.code)]


def scope_name() -> str:
    """What the user is held to, in words."""
    scope = current()
    if scope.sees_all:
        return gettext("All grids")
    return place_name(scope.node) if scope.node in places() else gettext("No grid yet")


def find_place(text: str, within: str = "") -> list[Place]:
    """The nodes a text may mean: a code, a full name, or a name inside the node ``within``."""
    if text in places():
        return [places()[text]]
    wanted = text.replace(" ", "")
    found = [place for place in visible_places() if place.code.startswith(within)
             and wanted in (place.name, place_name(place.code))]
    return found or [place for place in visible_places()
                     if place.code.startswith(within) and wanted in _loose(place)]


def _loose(place: Place) -> tuple[str, ...]:
    """Shorter ways to write a name: 王湾 for 王湾社区, 第一网格 for 一网格."""
    full = place_name(place.code)
    return (full.replace("社区", ""), place.name.removesuffix("社区"), f"第{place.name}",
            full.replace("社区", "社区第"))
