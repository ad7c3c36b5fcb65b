"""Finds the heading of a sheet and what each column means, in the office's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from flask_babel import force_locale

from app.core.dictionaries import code_of
from app.core.fields import fields_of
from app.core.records import Record
from app.core.validators import normalize_text

SEARCHED_ROWS = 15
COMMUNITY, SERIAL = "@community", "@serial"
COMMON = {"社区": COMMUNITY, "村社区": COMMUNITY, "所属社区": COMMUNITY, "序号": SERIAL, "编号": SERIAL}
TOTALS = ("合计", "总计", "小计")


@dataclass
class Heading:
    """Where a sheet's heading is, and which column holds what."""

    row: int
    depth: int
    columns: dict[int, str]
    names: dict[int, str]
    unknown: list[str] = field(default_factory=list)
    groups: dict[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def first_data_row(self) -> int:
        return self.row + self.depth


def plain(text: Any) -> str:
    """A heading without spaces, marks and remarks in brackets."""
    cleaned = re.sub(r"[（(].*?[)）]", "", normalize_text(text))
    return re.sub(r"[\s*：:、/]", "", cleaned).lower()


def known_words(record: type[Record], extras: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Every heading that means a column of the record: labels in both languages, aliases, names."""
    found = {plain(word): name for word, name in COMMON.items()}
    for name, words in fields_of(record).items():
        if not words.editable:
            continue
        for locale in ("zh", "en"):
            with force_locale(locale):
                found.setdefault(plain(str(words.label)), name)
        found.setdefault(plain(name), name)
        for alias in words.aliases:
            found[plain(alias)] = name
    for name, aliases in extras.items():
        found.update({plain(alias): name for alias in aliases})
    return found


def find_heading(rows: list[list[Any]], record: type[Record], known: dict[str, str]) -> Heading | None:
    """The row with the most known headings among the first; None when no row has two."""
    best, most = -1, 1
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        count = len({known[plain(cell)] for cell in row if plain(cell) in known})
        if count > most:
            best, most = index, count
    if best < 0:
        return None
    groups = _groups(rows, best, record, known)
    if groups:
        return groups
    columns, names, unknown = {}, {}, []
    for at, cell in enumerate(rows[best]):
        word = plain(cell)
        if word in known and known[word] not in columns.values():
            columns[at] = known[word]
            names[at] = str(cell).strip()
        elif word:
            unknown.append(str(cell).strip())
    return Heading(best, 1, columns, names, unknown)


def _groups(rows: list[list[Any]], at: int, record: type[Record], known: dict[str, str]) -> Heading | None:
    """A two-row heading whose upper row names codes of one column: 网格长, 网格员, … across the sheet."""
    for upper in (at, at - 1):
        if upper < 0 or upper + 1 >= len(rows):
            continue
        for name, words in fields_of(record).items():
            codes = _codes_across(rows[upper], words.dictionary) if words.dictionary else {}
            if len(set(codes.values())) > 1:
                return _grouped_heading(rows, upper, name, codes, known)
    return None


def _codes_across(row: list[Any], dictionary: str) -> dict[int, str]:
    """Columns under a code's label; a merged label reaches to the next one."""
    found, now = {}, ""
    for at, cell in enumerate(row):
        if normalize_text(cell):
            now = code_of(dictionary, normalize_text(cell)) or ""
        if now:
            found[at] = now
    return found


def _grouped_heading(rows: list[list[Any]], upper: int, column: str, codes: dict[int, str],
                     known: dict[str, str]) -> Heading:
    heading = Heading(upper, 2, {}, {})
    width = max(len(rows[upper]), len(rows[upper + 1]))
    for at in range(width):
        above = rows[upper][at] if at < len(rows[upper]) else ""
        below = rows[upper + 1][at] if at < len(rows[upper + 1]) else ""
        word = plain(below) or plain(above)
        if word not in known:
            if word:
                heading.unknown.append(str(below or above).strip())
            continue
        heading.names[at] = "".join(str(part).strip() for part in (above, below) if part)
        if at in codes and plain(below):
            heading.groups[at] = (codes[at], known[word])
        else:
            heading.columns[at] = known[word]
    heading.columns[-1] = column
    return heading


def is_total(row: list[Any]) -> bool:
    """A row of sums, which is no record."""
    return any(normalize_text(cell).replace(" ", "") in TOTALS for cell in row[:3])
