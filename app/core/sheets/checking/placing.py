"""Which grid a row lies in: by its own cell, else by the title or name of its sheet, else as told.

What a sheet says about its place and what was chosen for the file must agree; where they do not, somebody is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext as _

from app.core.base.nodes import DIGITS
from app.core.base.scope import current, system
from app.core.base.texts import InvalidValue
from app.core.sheets.checking.naming import Named, named_in
from app.core.telling.places import Place, community_in, find_place, grid_number, place_name, places

COMMUNITY_DIGITS, GRID_DIGITS = DIGITS["community"], DIGITS["base"]
DOUBTS = ("place_differs", "place_unknown")  # the codes of what is asked about a sheet


@dataclass
class Placing:
    """The place a sheet speaks of, and the places its cells name inside it; ``doubt`` is what is to be asked first."""

    within: str
    default: str
    said: bool = False
    doubt: InvalidValue | None = None
    known: dict[tuple[str, str], str | InvalidValue] = field(default_factory=dict)

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
        explicit = text in places() or community_in(text)[0] is not None
        if self.doubt is not None and not explicit and not community:
            raise self.doubt
        within = self.read(community) if community and community != text else self.within
        with system("names of grids in a workbook"):
            found = find_place(text, within) or ([] if within and grid_number(text) is not None else find_place(text))
        if not found:
            raise self._unknown(text)
        mine = [place for place in found if current().covers(place.code)]
        if not mine:
            raise _outside()
        if len(mine) > 1:
            raise InvalidValue("grid_unknown", _("Several grids are called “%(text)s”: write the code.", text=text[:40]))
        return mine[0].code

    def _unknown(self, text: str) -> InvalidValue:
        strange = named_in(text).unknown
        if strange:
            return InvalidValue("grid_unknown", _("%(name)s is no community of this street: write the right grid.", name=strange[0]))
        community = places().get(self.within[:COMMUNITY_DIGITS])
        if community is not None and community.level == "community" and grid_number(text) is not None:
            return InvalidValue("grid_unknown", _("%(community)s has no grid “%(text)s”: write the right one.",
                                                  community=community.name, text=text[:40]))
        return InvalidValue("grid_unknown", _("No grid is called “%(text)s” here: write its full name or its code.",
                                              text=text[:40]))

    def fallback(self) -> str:
        """The grid of a row that names none; InvalidValue when nothing says it."""
        if self.doubt is not None:
            raise self.doubt
        if not self.default:
            raise InvalidValue("grid_missing", _("The row names no grid: fill in its grid, or choose one for the file."))
        if self.default not in places() or not current().covers(self.default):
            raise _outside()
        return self.default


def placing_of(texts: list[str], grid: str | None, file: str = "") -> Placing:
    """The place a sheet speaks of by its title rows and its name, else by the file's name, in this order.

    ``grid`` is what the user chose; names are looked for inside it first.
    """
    chosen = grid or ""
    spoken = [named for text in texts if (named := named_in(text))]
    last = named_in(file)
    if last and (not spoken or last.says_grid and not any(named.says_grid for named in spoken)
                 and not (last.communities or last.unknown)):
        spoken.append(last)
    try:
        return _placing(spoken, chosen)
    except InvalidValue as doubt:
        return Placing(chosen[:COMMUNITY_DIGITS], chosen, False, doubt)


def _placing(spoken: list[Named], chosen: str) -> Placing:
    community = _community(spoken, chosen)
    base = _grid(spoken, community, chosen)
    if base is not None:
        return Placing(community, base.code, True)
    if community and not chosen.startswith(community) and any(named.communities for named in spoken):
        return Placing(community, community, True)
    return Placing(community, chosen)


def _community(spoken: list[Named], chosen: str) -> str:
    """The code of the community that is spoken of, else the chosen one, else the user's own."""
    strange = next((name for named in spoken if not named.communities for name in named.unknown), "")
    if strange:
        raise _no_such_community(strange)
    stated = list({place.code: place for named in spoken for place in named.communities
                   if len(named.communities) == 1}.values())
    if len(stated) > 1:
        raise InvalidValue("place_differs", _(
            "The title and the sheet's name speak of %(names)s: say below where the rows of this sheet belong.",
            names=_("%(one)s and %(other)s", one=stated[0].name, other=stated[1].name)))
    if stated and len(chosen) >= COMMUNITY_DIGITS and not stated[0].code.startswith(chosen[:COMMUNITY_DIGITS]):
        raise _differs(stated[0].name, chosen)
    if stated:
        return stated[0].code
    if len(chosen) >= COMMUNITY_DIGITS:
        return chosen[:COMMUNITY_DIGITS]
    own = current().node
    return own[:COMMUNITY_DIGITS] if len(own) >= COMMUNITY_DIGITS and not current().sees_all else ""


def _grid(spoken: list[Named], community: str, chosen: str) -> Place | None:
    """The one grid of the community that is spoken of; None where none or several are."""
    said = [named for named in spoken if named.says_grid]
    if not said or not community:
        return None
    found = list({place.code: place for named in said for place in named.grids_in(community)}.values())
    if not found and said[0].numbers:
        raise InvalidValue("place_unknown", _(
            "%(community)s has no grid “%(text)s”, which the title or the name of the sheet says: "
            "say below where the rows of this sheet belong.",
            community=place_name(community), text=said[0].numbers[0][1]))
    if len(chosen) == GRID_DIGITS:
        if found and chosen not in {place.code for place in found}:
            raise _differs(place_name(found[0].code), chosen)
        return None
    return found[0] if len(found) == 1 else None


def _outside() -> InvalidValue:
    return InvalidValue("grid_outside", _("This grid is not in your part: ask the street office."))


def _differs(spoken: str, chosen: str) -> InvalidValue:
    return InvalidValue("place_differs", _(
        "The title or the name of the sheet speaks of %(spoken)s, but %(chosen)s was chosen: "
        "say below where the rows of this sheet belong.", spoken=spoken, chosen=place_name(chosen)))


def _no_such_community(name: str) -> InvalidValue:
    return InvalidValue("place_unknown", _(
        "%(name)s is no community of this street: say below where the rows of this sheet belong, or leave it out.",
        name=name))
