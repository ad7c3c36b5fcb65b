"""Which grid a row lies in: by its own cell, else by the title or name of its sheet, else as told."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.base.scope import current, system
from app.core.base.texts import InvalidValue
from app.core.telling.places import Place, find_place, place_name, places

COMMUNITY_DIGITS = 12


@dataclass
class Placing:
    """The place a sheet speaks of, and the places its cells name inside it."""

    within: str
    default: str
    said: bool

    def __post_init__(self) -> None:
        self.known: dict[tuple[str, str], str | InvalidValue] = {}

    def read(self, text: str, community: str = "") -> str:
        """The code of the grid a cell names; InvalidValue with what to do."""
        key = (text, community)
        if key not in self.known:
            try:
                self.known[key] = self._find(text, community)
            except InvalidValue as error:
                self.known[key] = error
        found = self.known[key]
        if isinstance(found, InvalidValue):
            raise found.with_traceback(None)
        return found

    def _find(self, text: str, community: str) -> str:
        within = self.read(community) if community and community != text else self.within
        with system("names of grids in a workbook"):
            found = find_place(text, within) or find_place(text)
        if not found:
            raise InvalidValue("grid_unknown", _(
                "No grid is called “%(text)s” here: write its full name or its code.", text=text[:40]))
        mine = [place for place in found if current().covers(place.code)]
        if not mine:
            raise InvalidValue("grid_outside", _("This grid is not in your part: ask the street office."))
        if len(mine) > 1:
            raise InvalidValue("grid_unknown", _("Several grids are called “%(text)s”: write the code.", text=text[:40]))
        return mine[0].code

    def fallback(self) -> str:
        """The grid of a row that names none; InvalidValue when nothing says it."""
        if not self.default:
            raise InvalidValue("grid_missing", _("The row names no grid: fill in its grid, or choose one for the file."))
        if self.default not in places() or not current().covers(self.default):
            raise InvalidValue("grid_outside", _("This grid is not in your part: ask the street office."))
        return self.default


def placing_of(texts: list[str], grid: str | None) -> Placing:
    """The place a sheet speaks of by its title rows, its name and the file's name, in this order.

    ``grid`` is what the user chose; names are looked for inside it first.
    """
    community = (grid or "")[:COMMUNITY_DIGITS] if len(grid or "") >= COMMUNITY_DIGITS else ""
    named = next((place for text in texts if (place := _named(text, "community", ""))), None)
    if not community and named:
        community = named.code
    if not community and len(current().node) >= COMMUNITY_DIGITS and not current().sees_all:
        community = current().node[:COMMUNITY_DIGITS]
    base = next((place for text in texts if community and (place := _named(text, "base", community))), None)
    inside = base and base.code.startswith(grid or "")
    if base and inside:
        return Placing(community, base.code, True)
    if not grid and named:
        return Placing(community, named.code, True)
    return Placing(community, grid or "", False)


def _named(text: str, level: str, within: str) -> Place | None:
    """The node whose name stands in a text; the longest name, so 十一网格 is not 一网格."""
    text = re.sub(r"\s+", "", text)
    found = [place for place in places().values()
             if place.level == level and place.code.startswith(within) and _name_in(place, text)]
    return max(found, key=lambda place: len(place.name), default=None)


def _name_in(place: Place, text: str) -> bool:
    return place.name in text or (place.level == "community" and place_name(place.code) in text)
