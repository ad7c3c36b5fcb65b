"""Addresses as people write them, and the one form the office keeps: 王湾小区10栋3单元401室."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import lazy_gettext as _

from app.core.base.texts import InvalidValue, normalize_text

PREFIX = re.compile(r"^(?:湖北省)?(?:十堰市)?(?:张湾区)?(?:红卫街(?:道办事处|道办|道|办))?")
DASHES = re.compile(r"[‐‑‒–—―−~]+")
SHORT = re.compile(r"(?P<place>.*?\D)(?P<building>\d+)(?:栋|幢|#楼|号楼|#|座)(?P<unit>\d+)-(?P<room>\d+[A-Za-z]?)$")
LONG = re.compile(
    r"(?P<place>.*?\D|.*?\d+号(?=\d))(?P<building>[\dA-Za-z]+)(?:栋|幢|#楼|号楼|#|座)"
    r"(?:(?P<unit>[\dA-Za-z]+)单元)?(?:(?:\d+)层)?(?:(?P<room>\d+[A-Za-z]?)室?)?$")
DOOR = re.compile(r"(?P<place>.*?\D\d+号(?:之\d+)?)(?:(?P<room>\d+[A-Za-z]?)室)?$")
TEAM = re.compile(r"(?P<place>.+?村(?:.*?\d+[组队])(?:\d+号)?)$")


LONGEST = 160  # of the column; the forms below cost the square of the length


@dataclass(frozen=True)
class Address:
    """One place: estate or road with its number, building, unit, room."""

    place: str
    building: str | None = None
    unit: str | None = None
    room: str | None = None

    @property
    def building_text(self) -> str:
        """The address of the building; the whole place where there is none."""
        return f"{self.place}{self.building}栋" if self.building else self.place

    @property
    def text(self) -> str:
        unit = f"{self.unit}单元" if self.unit else ""
        room = f"{self.room}室" if self.room else ""
        return f"{self.building_text}{unit}{room}"


def parse_address(text: str) -> Address:
    """Reads an address; InvalidValue when it names no estate, road or village with a number.

    Its text, read again, is the same address: however somebody wrote it, there is one form.
    """
    if len(text) > LONGEST:
        raise InvalidValue("address_form", _("This is longer than any address: shorten it."))
    plain = PREFIX.sub("", DASHES.sub("-", re.sub(r"\s+", "", normalize_text(text))))
    for form in (SHORT, LONG, DOOR, TEAM):
        match = form.fullmatch(plain)
        if match:
            parts = {name: value or None for name, value in match.groupdict().items() if name != "place"}
            found = Address(match["place"], **parts)
            return found if found.text == plain else parse_address(found.text)
    raise InvalidValue("address_form", _(
        "Write the address as on the door plate, for example 王湾小区10栋3单元401室."))


@lru_cache(maxsize=4_096)
def one_form(text: str) -> str:
    """An address in the form the office keeps; as written where it leads to no door."""
    try:
        return parse_address(text).text
    except InvalidValue:
        return text
