"""Wrong values of a column, put right once for all rows of a workbook and kept for the office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.core.base.fields import Field
from app.core.base.records import Record
from app.core.screens.import_parts import NOTHING, importable
from app.core.sheets.checking.plan import Plan, values_key
from app.core.sheets.checking.preview import Found, Wrong
from app.core.sheets.checking.remembered import remember_value, remembered_values
from app.core.sheets.checking.words import key_of
from app.core.telling.dictionaries import entries, labels
from app.core.telling.places import grid_number, place_name, places, visible_places

MOST, LONGEST = 40, 120
FOLDED = 5  # rows from which on a value is asked about above alone
CODES = ("choice_unknown", "grid_unknown", "bool")


@dataclass(frozen=True)
class Question:
    """One wrong value that is asked about once; ``name`` is its input, ``was`` the one that says which value is meant."""

    name: str
    was: str
    place: str
    wrong: Wrong
    options: list[tuple[str, str]]
    multiple: bool


def questions(record: type[Record], found: Found) -> list[Question]:
    """What is asked once for all rows: the values of choices and grids that are wrong in two rows or more."""
    fields = {name: words for name, words in importable(record).items() if words.dictionary or words.kind in ("grid", "bool")}
    return [Question(f"v:{number}", f"w:{number}", wrong.heading or str(fields[wrong.field].label), wrong,
                     _options(fields[wrong.field]), fields[wrong.field].multiple)
            for number, wrong in enumerate(found.wrong_values(list(fields), CODES, MOST))]


def _options(words: Field) -> list[tuple[str, str]]:
    if words.dictionary:
        return [(entry.code, labels(words.dictionary)[entry.code]) for entry in entries(words.dictionary)]
    if words.kind == "grid":
        return [(place.code, place_name(place.code)) for place in visible_places()]
    return [("是", _("Yes")), ("否", _("No"))]


def take_values(record: type[Record], plan: Plan, found: Found, form: Any) -> int:
    """Takes what was answered into the plan and keeps it for the office; the number of answers. The caller commits."""
    taken = 0
    for question in questions(record, found):
        wrong = question.wrong
        chosen = [text for text in form.getlist(question.name) if text]
        if not chosen or form.get(question.was) != identity(wrong):
            continue
        if any(text != NOTHING and text not in dict(question.options) for text in chosen):
            continue
        right = "" if NOTHING in chosen else "、".join(chosen)
        plan.replace(values_key(wrong.field, wrong.sheet) if wrong.sheet else wrong.field, key_of(wrong.raw), right)
        if not wrong.sheet or grid_number(wrong.raw) is None:
            remember_value(record, wrong.field, key_of(wrong.raw), right)
        taken += 1
    return taken


def identity(wrong: Wrong) -> str:
    """By what an answer says which value it is about, whatever the check has found since."""
    return f"{wrong.field}|{wrong.sheet}|{wrong.raw}"[:LONGEST * 2]


def kept_values(record: type[Record]) -> list[tuple[str, str, str, str]]:
    """The values the office has decided about: (field, wrong, the field's label, right in words)."""
    fields = importable(record)
    return [(name, wrong, str(fields[name].label), _told(fields[name], right))
            for name, values in remembered_values(record).items() if name in fields for wrong, right in values.items()]


def _told(words: Field, right: str) -> str:
    if words.kind == "grid":
        return place_name(right) if right in places() else right
    known = labels(words.dictionary) if words.dictionary else {}
    return "、".join(known.get(code, code) for code in right.split("、") if code)
