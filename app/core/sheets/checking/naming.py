"""Which communities and grids a title, a section row or a sheet's name speaks of."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from app.core.base.numerals import NUMERAL, whole_number
from app.core.telling.places import Place, grid_number, places

GRID = re.compile(f"第?({NUMERAL})[号#]?网格(?![化员长])|网格[:：]?第?([0-9]{{1,3}}|[一二三四五六七八九十]{{1,3}})号?"
                  "(?![0-9年月日人户个季览体])")
SEVERAL = re.compile(f"({NUMERAL})(?:号?网格)?[、,，/和及与至到~—-]第?(?:{NUMERAL})[号#]?网格")
COMMUNITY = re.compile("(?<![\u4e00-\u9fff])([\u4e00-\u9fff]{2,20}?)社区")
SENTENCE, LONGEST_TITLE = re.compile("[,。;!?]"), 40
ABOVE = re.compile(".*[省市区县镇乡道处年月日季度的在]")
ORDINARY = ("所属", "所在", "各", "本", "全", "该", "某", "示范", "城市", "智慧", "平安", "老旧", "农村", "城乡", "居住",
            "开放", "新型", "和谐", "文明", "绿色", "管理", "服务", "综合", "名称", "辖", "街道", "无物业", "数字", "美好")


@dataclass
class Named:
    """The places one text names: known communities, names of unknown ones, and grids by number or name."""

    text: str
    communities: list[Place] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    numbers: list[tuple[int, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    @property
    def says_grid(self) -> bool:
        return bool(self.numbers or self.names)

    def __bool__(self) -> bool:
        return bool(self.communities or self.unknown or self.says_grid)

    def grids_in(self, community: str) -> list[Place]:
        """The grids of a community that the text names."""
        numbers = {number for number, _word in self.numbers}
        return [place for place in places().values() if place.level == "base" and place.code.startswith(community)
                and (grid_number(place.name) in numbers if grid_number(place.name) is not None else place.name in self.names)]


def named_in(text: str) -> Named:
    """What a text names; a longer name of a community hides a shorter one inside it."""
    found, rest = Named(text), unicodedata.normalize("NFKC", re.sub(r"\s", "", text))
    for place in sorted(places().values(), key=lambda place: -len(place.name)):
        if place.level == "community" and (place.name in rest or place.name.removesuffix("社区") == rest):
            found.communities.append(place)
            rest = rest.replace(place.name, "|")
    if len(rest) <= LONGEST_TITLE and not SENTENCE.search(rest):
        found.unknown = [name for match in COMMUNITY.finditer(rest) if (name := _name_of(match[1]))]
    found.numbers = [(number, match[0]) for match in GRID.finditer(rest)
                     if (number := whole_number(match[1] or match[2])) is not None]
    found.numbers += [(number, match[0]) for match in SEVERAL.finditer(rest)
                      if (number := whole_number(match[1])) is not None]
    found.names = [place.name for place in places().values()
                   if place.level == "base" and grid_number(place.name) is None and place.name in rest]
    return found


def _name_of(run: str) -> str:
    """The name of a community at the end of a run of characters; empty where they are ordinary words."""
    name = ABOVE.sub("", run)
    return f"{name}社区" if 2 <= len(name) <= 6 and not any(word in name for word in ORDINARY) else ""
