"""What stands between the records of a sheet and is none: sections, sums, remarks, headings again, empty numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from flask_babel import gettext as _

from app.core.sheets.checking.values import text_of_cell

TOTAL, REMARK, SECTION, AGAIN, EMPTY, ABOVE = (
    "total_row", "remark_row", "section_row", "heading_again", "empty_rows", "rows_above")
FEW = 4  # cells of a line of signatures
NAMED = 12  # rows that a note names one by one
SUM = re.compile(r"(?:本页|本社区|全社区|本网格|各项)?(?:(?:合|总|小|共|累)计(?:人数|户数|数|人|户)?|总人数|总户数):?[\d.,]*[人户名个间]?(?:\(.*)?")
COUNT = re.compile(r"共?[\d.,%]+(?:人|户|名|个|栋|间|元)?(?:,?其中.*)?")
REMARKS = ("说明", "备注", "注:", "注", "填表", "制表", "审核", "以上", "以下", "单位(")
SIGNED = re.compile(r"(?:填表|制表|审核|填报|经办|负责|联系|统计|校对|报送|登记|核实|采集|调查|录入)人?"
                    r"(?:签字|签名|姓名|单位|日期|时间)?(?:\(.*?\))?:"
                    r"|(?:签字|签名|签章|盖章|公章)|^日期:|以下空白|以下无正文|第\d+页")
OUTLINE = re.compile(r"[(]?[一二三四五六七八九十]{1,3}[)、.]|[(]?\d{1,2}[)、.](?!\d)|[^:]{2,20}:$")
GROUPED = re.compile(r"(?:人口|人员|居民|住户|名单|名册|花名册|台账|登记表|一览表|社区|网格|小区|栋|幢|单元|号楼|户籍|部分|情况)(?:[(].*[)])?$")


class Asides:
    """Says once a kind which rows of a sheet were left out."""

    def __init__(self, note: Callable[..., None]) -> None:
        self.note = note
        self.left: dict[str, list[tuple[int, str]]] = {}

    def leave(self, kind: str, number: int, text: str) -> None:
        self.left.setdefault(kind, []).append((number + 1, text))

    def tell(self, sheet: str) -> None:
        """One note for each kind of row that was left out."""
        for kind, rows in self.left.items():
            named = "、".join(str(number) for number, _text in rows[:NAMED]) + (" …" if len(rows) > NAMED else "")
            self.note(sheet, rows[0][0], kind, str(_words(kind)) % {"count": len(rows), "rows": named},
                      value=rows[0][1][:80])


def _words(kind: str) -> str:
    return {
        TOTAL: _("%(count)s rows of sums were left out: rows %(rows)s."),
        REMARK: _("%(count)s remarks and signatures were left out: rows %(rows)s."),
        SECTION: _("%(count)s titles of sections were left out: rows %(rows)s."),
        AGAIN: _("The heading stands again %(count)s times and was passed over: rows %(rows)s."),
        EMPTY: _("%(count)s rows have a number but no record and were left out: rows %(rows)s."),
        ABOVE: _("%(count)s rows above the heading were not read: rows %(rows)s."),
    }[kind]


class Kinds(NamedTuple):
    """The columns of a table that tell a record: those by which it is known, those of them that name a person, and
    ``heavy`` ones that say something of it: no choices, places or running numbers."""

    core: frozenset[int]
    people: frozenset[int]
    heavy: frozenset[int]


def kind_of_aside(row: list[Any], columns: Kinds, wide: bool = False) -> str:
    """What a row is that may be no record; empty when it is one.

    ``wide`` says that a merged cell reaches over the row.
    """
    core, people, heavy = columns
    filled = {index: re.sub(r"\s", "", text_of_cell(cell)) for index, cell in enumerate(row) if cell not in ("", None)}
    filled = {index: text for index, text in filled.items() if text}
    if not filled:
        return EMPTY
    first, named = next(iter(filled.values())), [text for index, text in filled.items() if index in core]
    if SUM.fullmatch(first) and all(SUM.fullmatch(text) or COUNT.fullmatch(text) for text in named):
        return TOTAL
    if len(filled) <= FEW and any(map(SIGNED.search, filled.values())) and all(map(SIGNED.search, named)):
        return REMARK
    own = next(iter(filled)) in core - people  # what names no person may be called like a section
    if len(filled) == 1:
        return "" if own and not wide else _alone(first, bool(named), wide)
    if not own and _heads_section(first) and all(map(COUNT.fullmatch, list(filled.values())[1:])):
        return SECTION
    told = sum(index in heavy for index in filled)
    if named or told > 2:
        return ""
    if first.startswith(REMARKS) or told:
        return REMARK
    return EMPTY


def _alone(text: str, in_core: bool, wide: bool) -> str:
    """The only cell of a row: a number, a remark, or the title of a section."""
    if text.isdecimal() and not in_core:
        return EMPTY
    if text.startswith(REMARKS):
        return REMARK
    return SECTION if wide or not in_core or _heads_section(text) else ""


def _heads_section(text: str) -> bool:
    return bool(OUTLINE.match(text) or GROUPED.search(text))
