"""Names of grid nodes for every page: the tree is small, its names are public, so it is cached."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from flask_babel import gettext
from sqlalchemy import select

from app.core.base.numerals import NUMERAL, whole_number
from app.core.base.registry import grid_record
from app.core.base.revisions import Cached
from app.core.base.scope import current, system
from app.db import db

ABOVE = "省市区县镇乡道处"  # what a name above a community ends with
NUMBERED = re.compile(f"第?({NUMERAL})[号#]?(?:网格|格)?|网格第?({NUMERAL})号?")


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
    """The nodes a text may mean: a code, a full name, a name inside the node ``within``, or a grid's number there."""
    if text in places():
        return [places()[text]]
    wanted = re.sub(r"\s", "", text)
    near = [place for place in visible_places() if place.code.startswith(within)]
    return ([place for place in near if wanted in (place.name, place_name(place.code))]
            or [place for place in near if wanted in _loose(place)] or _by_parts(wanted, near, within))


def _loose(place: Place) -> tuple[str, ...]:
    """Shorter ways to write a name: 王湾 for 王湾社区, 第一网格 for 一网格."""
    full = place_name(place.code)
    return (full.replace("社区", ""), place.name.removesuffix("社区"), f"第{place.name}",
            full.replace("社区", "社区第"))


def _by_parts(text: str, near: list[Place], within: str) -> list[Place]:
    """A community and a grid in it in other words: 红卫街道王湾居委会, 王湾社区1号网格, 01."""
    community, rest = community_in(text)
    if community is not None and not community.code.startswith(within) and not within.startswith(community.code):
        return []
    if community is not None and rest in ("", "居委会", "居民委员会"):
        return [community] if community in near else []
    number, base = grid_number(rest), community.code if community else within
    named = [place for place in near if place.level == "base" and place.code.startswith(base)]
    return [place for place in named if place.name == rest
            or number is not None and grid_number(community_in(place.name)[1]) == number]


def community_in(text: str) -> tuple[Place | None, str]:
    """The community a name begins with, what stands above it left aside, and the rest: (王湾社区, 一网格)."""
    for place in sorted(places().values(), key=lambda place: -len(place.name)):
        if place.level != "community":
            continue
        for name in (place.name, place.name.removesuffix("社区")):
            above, found, rest = text.partition(name)
            if found and len(name) > 1 and (not above or above[-1] in ABOVE):
                return place, rest.strip("-—_/·、:：()（）")
    return None, text


def grid_number(name: str) -> int | None:
    """The number by which a grid goes: 1, 01, 第1, Ⅰ, 壹, 1号网格, 一网格, 网格一 are 1; None where it has none."""
    found = NUMBERED.fullmatch(unicodedata.normalize("NFKC", name))
    return whole_number(found[1] or found[2]) if found else None
