"""The parts of the import page: the columns of each sheet, the rows, and the inputs for bad cells."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.core.base.fields import Field, fields_of
from app.core.base.records import Record
from app.core.base.scope import current
from app.core.sheets.checking.drafts import gathering_of
from app.core.sheets.checking.placing import DOUBTS
from app.core.sheets.checking.plan import Plan, SheetPlan
from app.core.sheets.checking.preview import Fault, Found, Line, SheetSeen
from app.core.sheets.checking.remembered import forget, remember
from app.core.sheets.checking.values import SEVERAL
from app.core.sheets.checking.words import PLACE, key_of
from app.core.telling.dictionaries import dictionary, labels
from app.core.telling.dictionaries import entries as entries_of
from app.core.telling.places import place_name, places

SHOWN_SHEETS, SHOWN_COLUMNS, SHOWN_NOTES, DEEPEST_HEADING = 12, 80, 30, 100
LONGEST_CELL = 2_000
NOTHING = "-"  # a blank that is meant: an empty input leaves the cell as it is


def importable(record: type[Record]) -> dict[str, Field]:
    """The fields a column of a sheet may mean, those a record's rows bring along too."""
    own = {name: words for name, words in fields_of(record).items() if not words.derived or name in record.__natural_key__}
    return own | gathering_of(record).columns


def field_choices(record: type[Record]) -> list[tuple[str, list[tuple[str, str]]]]:
    """(section, [(field, label)]) for the select of a column."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, words in importable(record).items():
        found.setdefault(str(words.section), []).append((name, str(words.label)))
    if "grid_code" in fields_of(record):
        found.setdefault("", []).append((PLACE, _("Community of the grid")))
    return list(found.items())


def missing_fields(record: type[Record], sheet: SheetSeen) -> list[str]:
    """The labels of the required fields that no column of a sheet gives; a title may say the grid."""
    there = {sheet.group_field, *(seen.name for seen, _samples in sheet.columns)}
    return [str(words.label) for name, words in importable(record).items()
            if words.required and name not in there and name != "grid_code"]


def take_columns(record: type[Record], plan: Plan, sheets: list[SheetSeen], form: Mapping[str, str]) -> list[str]:
    """Takes the headings and columns a person decided into the plan, and remembers them; what is wrong, in sentences."""
    wrong = []
    for sheet in sheets[:SHOWN_SHEETS]:
        if f"h:{sheet.place}" not in form:
            continue
        chosen, typed = plan.of(sheet.name), form[f"h:{sheet.place}"].strip()
        if not sheet.prefix:
            chosen.left_out = f"out:{sheet.place}" in form
            _take_place(chosen, form.get(f"p:{sheet.place}"))
        if typed != heading_row(sheet):
            if not (_small(typed) and 1 <= int(typed) <= DEEPEST_HEADING):
                wrong.append(_("%(sheet)s: the heading is one of the rows 1 to %(last)s.", sheet=sheet.name,
                               last=DEEPEST_HEADING))
                continue
            chosen.heading, chosen.columns = int(typed) - 1, {}
            continue
        wrong += _take_sheet(record, plan, sheet, form)
    return wrong


def _take_place(chosen: SheetPlan, code: str | None) -> None:
    """Where the rows of a sheet lie that name no grid, as somebody answered."""
    if code is not None and (not code or code in places() and current().covers(code)):
        chosen.place = code


def heading_row(sheet: SheetSeen) -> str:
    return "" if sheet.heading is None else str(sheet.heading + 1)


def _take_sheet(record: type[Record], plan: Plan, sheet: SheetSeen, form: Mapping[str, str]) -> list[str]:
    offered = {"", PLACE, *importable(record)}
    wanted = {seen.index: form.get(f"f:{sheet.place}:{seen.index}", seen.name) for seen, _samples in sheet.columns}
    same: dict[tuple[str, str], list[str]] = {}
    for seen, _samples in sheet.columns:
        same.setdefault((wanted[seen.index], seen.group), []).append(seen.title)
    twice = [_("%(sheet)s: the columns “%(columns)s” all stand for %(label)s. Keep one of them.", sheet=sheet.name,
               columns="、".join(titles), label=label_of(record, name))
             for (name, _group), titles in same.items() if name in offered and name and len(titles) > 1]
    if twice:
        return twice
    for seen, _samples in sheet.columns:
        name = wanted[seen.index]
        if name != seen.name and name in offered:
            _decide(record, plan, sheet, seen, name)
    return []


def label_of(record: type[Record], name: str) -> str:
    """What a column stands for, in words."""
    return _("Community of the grid") if name == PLACE else str(importable(record)[name].label) if name else ""


def _decide(record: type[Record], plan: Plan, sheet: SheetSeen, seen: Any, name: str) -> None:
    """One column: what differs from its heading's own meaning is remembered, what agrees again is forgotten."""
    key, columns, at = key_of(seen.heading), plan.of(sheet.name).columns, f"{sheet.prefix}{seen.index}"
    if name == seen.own:
        columns.pop(at, None)
        plan.remembered.pop(key, None)
        forget(record, seen.heading)
        return
    columns[at] = name
    if key:
        plan.remembered[key] = name
        remember(record, seen.heading, name)


@dataclass
class Mend:
    """The input for one bad cell, with everything that is wrong with it.

    ``settled`` says that the same is asked above, once for all rows.
    """

    name: str
    place: str
    kind: str
    value: Any
    shown: str
    options: list[tuple[str, str]]
    texts: list[str]
    sensitive: bool = False
    settled: bool = False


def mends_of(record: type[Record], line: Line, sheet: int, plan: Plan, asked: Container[tuple[str, str, str]] = ()) -> list[Mend]:
    """One input for each bad cell of a row; a fault that is no cell's has words alone.

    ``asked`` are the values that are asked about above: field, sheet or nothing, value.
    """
    found: dict[str, Mend] = {}
    for fault in line.faults:
        if not fault.is_error:
            continue
        if fault.key not in found:
            found[fault.key] = _mend(record, fault, f"c:{sheet}:{line.row}:{fault.key}",
                                     plan.of(line.sheet).typed(line.row - 1, fault.key))
        found[fault.key].texts.append(fault.text)
        found[fault.key].settled = (fault.code in DOUBTS or (fault.field, "", fault.raw) in asked
                                    or (fault.field, fault.sheet, fault.raw) in asked)
    return list(found.values())


def once_each(mends: list[Mend]) -> None:
    """A cell that speaks of several people has one input, at the first of them."""
    known: set[str] = set()
    for mend in mends:
        if mend.name in known:
            mend.name = ""
        known.add(mend.name)


def _mend(record: type[Record], fault: Fault, name: str, typed: str | None) -> Mend:
    words = importable(record).get(fault.field)
    if words is None:
        return Mend("", fault.place, "", "", fault.value, [], [])
    kind, hidden = _kind(words), "**" in fault.raw
    text = typed if typed is not None else "" if hidden else fault.raw
    mend = Mend(name, fault.place or str(words.label), kind, text, fault.raw, [], [], bool(words.mask))
    if words.dictionary:
        known = dictionary(words.dictionary).by_word
        codes = [known.get(part.strip().lower(), "") for part in SEVERAL.split(text) if part.strip()]
        mend.options = [(entry.code, labels(words.dictionary)[entry.code]) for entry in entries_of(words.dictionary)]
        mend.value = [code for code in codes if code] if words.multiple else (codes[0] if codes else "")
    elif kind == "yes":
        mend.options, mend.value = [("是", _("Yes")), ("否", _("No"))], text if text in ("是", "否") else ""
    elif kind == "grid":
        mend.options = [(text, place_name(text))] if text in places() and current().covers(text) else []
        mend.value = text if mend.options else ""
    if typed == NOTHING:
        mend.value = [] if kind == "multi" else NOTHING
    return mend


def _kind(words: Field) -> str:
    if words.dictionary:
        return "multi" if words.multiple else "select"
    return {"bool": "yes", "date": "date", "grid": "grid"}.get(words.kind, "text")


def take_cells(record: type[Record], plan: Plan, found: Found, form: Any) -> int:
    """Takes corrected cells of refused rows into the plan; the number of those that are new."""
    sheets, taken = {sheet.place: sheet.name for sheet in found.sheets()}, 0
    wanted = [name.split(":", 3) for name in form if name.startswith("c:")]
    for _c, place, row, key in (parts for parts in wanted if len(parts) == 4):
        if not (_small(place) and _small(row) and int(place) in sheets):
            continue
        sheet = sheets[int(place)]
        fault = next((fault for fault in found.faults_at(sheet, int(row)) if fault.key == key), None)
        if fault is None:
            continue
        shown = _mend(record, fault, "", plan.of(sheet).typed(int(row) - 1, key)).value
        text = _sent(form.getlist(f"c:{place}:{row}:{key}"), shown)
        if text is not None:
            plan.of(sheet).type(int(row) - 1, key, text[:LONGEST_CELL])
            taken += 1
    return taken


def _sent(texts: list[str], shown: Any) -> str | None:
    """What was typed over a cell, or chosen of several; None where it came back as it was shown."""
    if isinstance(shown, list):
        chosen = [text for text in texts if text]
        return "、".join(chosen) if chosen != shown else None
    return next((text for text in texts if _plain(text) != _plain(str(shown))), None)


def _plain(text: str) -> str:
    """A text as an input of one line sends it."""
    return text.replace("\r", "").replace("\n", "")


def _small(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
