"""Where the rows of a sheet lie: by their own column, the sheet's name or title, or as asked."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.fields import Field
from app.core.places import Place, find_place, place_name, visible_places
from app.core.records import Record
from app.core.scope import current
from app.core.sheets.cells import ERROR, NOTE
from app.db import db

Problem = tuple[str, str] | None


class Places:
    """Finds the grid of each row, telling once a sheet where it got it from."""

    def __init__(self, file_name: str, grid: str | None) -> None:
        self.asked = grid
        self.file_community = self._community_in(file_name)
        self.community = ""
        self.sheets: dict[str, tuple[str, Place | None]] = {}
        self.told: set[str] = set()
        self.held: dict[Any, Any] = {}

    def enter_sheet(self, name: str, title: str) -> None:
        """Reads the community and the grid a sheet stands for from its title, name and file."""
        found = self._community_in(title) or self._community_in(name) or self.file_community
        self.community = found or (self.asked or "")[:12] or self._own_community()
        self.sheets[name] = (self.community, self._grid_in(title) or self._grid_in(name))

    @staticmethod
    def _own_community() -> str:
        scope = current()
        return "" if scope.sees_all or len(scope.node) < 12 else scope.node[:12]

    @staticmethod
    def _community_in(text: str) -> str:
        for place in visible_places():
            if place.level == "community" and (place.name in text or place.name.removesuffix("社区") in text
                                               and len(place.name) > 3):
                return place.code
        return ""

    def _grid_in(self, text: str) -> Place | None:
        match = re.search(r"第?([一二三四五六七八九十百零]+|\d+)网格", text)
        if match is None or not self.community:
            return None
        found = find_place(match[0].lstrip("第"), self.community)
        return found[0] if len(found) == 1 else None

    def place(self, sheet: str, text: str, community: str) -> tuple[str | None, Problem, str]:
        """(code, problem, level of the problem) for a row."""
        self.community, sheet_place = self.sheets[sheet]
        if text:
            return self._named(text, community)
        if sheet_place is not None:
            return self._told(sheet, sheet_place.code)
        if self.asked:
            return self.asked, None, NOTE
        if self.community:
            return self._told(sheet, self.community)
        return None, ("grid_missing", _("No grid is named: fill the grid column, or choose a grid for the file.")), ERROR

    def _named(self, text: str, community: str) -> tuple[str | None, Problem, str]:
        key = (text, community, self.community)
        if key not in self.held:
            self.held[key] = self._look_up(text, community)
        return self.held[key]

    def _look_up(self, text: str, community: str) -> tuple[str | None, Problem, str]:
        within = self.community
        if community:
            found = find_place(community)
            if len(found) != 1:
                return None, ("grid_unknown", _("No grid “%(text)s” is known here.", text=community)), ERROR
            within = found[0].code
        found = find_place(text, within) or find_place(text)
        if not found:
            return None, ("grid_unknown", _("No grid “%(text)s” is known here.", text=text[:40])), ERROR
        if len(found) > 1:
            return None, ("grid_ambiguous", _("Several communities have a grid “%(text)s”: write the community too.",
                                              text=text[:40])), ERROR
        if not current().covers(found[0].code):
            return None, ("grid_outside", _("This place is not in your part of the grid.")), ERROR
        return found[0].code, None, NOTE

    def _told(self, sheet: str, code: str) -> tuple[str, Problem, str]:
        if sheet in self.told:
            return code, None, NOTE
        self.told.add(sheet)
        return code, ("grid_from_sheet", _("Rows that name no grid are placed in %(place)s, after the sheet or file.",
                                           place=place_name(code))), NOTE

    def related(self, record: type[Record], words: Field, text: str) -> int | None:
        """The id of a related record by its natural key or its words."""
        key = (words.name, text)
        if key not in self.held:
            self.held[key] = self._related(record, words, text)
        return self.held[key]

    @staticmethod
    def _related(record: type[Record], words: Field, text: str) -> int | None:
        target = record.__mapper__.relationships[words.relation].mapper.class_
        column = getattr(target, target.__natural_key__[-1])
        wanted = target.normal_key(text) if hasattr(target, "normal_key") else text
        found = db.session.scalars(select(target.id).where(column == wanted).limit(2)).all()
        return found[0] if len(found) == 1 else None
