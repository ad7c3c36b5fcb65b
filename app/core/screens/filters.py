"""Filters of a list in the words of the office: the lines of the dialog, and the chips of what is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request
from flask_babel import get_locale, lazy_gettext
from flask_babel import gettext as _
from markupsafe import Markup

from app.core.asking import filters
from app.core.asking.filters import (
    ABOVE,
    AGE_FROM,
    AGE_TO,
    BELOW,
    EMPTY,
    EQUAL,
    EXACTLY,
    FROM,
    NONE_OF_NONE,
    NOT,
    NOTHING,
    TO,
)
from app.core.asking.listing import ListState, choices_of
from app.core.base.fields import Field
from app.core.base.numbers import record_id
from app.core.base.revisions import revision
from app.core.base.scope import current
from app.core.base.texts import InvalidValue, parse_bool
from app.core.screens.screen import Screen
from app.core.telling.display import shown
from app.core.telling.places import place_name, visible_places
from app.db import db

KEPT_INPUTS, MOST_PLACES = 500, 400
_kept_inputs: dict[tuple[object, ...], Markup] = {}
IS, IS_NOT = lazy_gettext("is"), lazy_gettext("is not")
# What the dialog offers, in its order: (operator, its word before the value); the kinds of columns it is offered for.
WORDS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    (EQUAL, IS, ("choice", "text", "bool", "relation", "date", "datetime")),
    (EQUAL, lazy_gettext("lies in"), ("grid",)),
    (EQUAL, lazy_gettext("equals"), ("int", "decimal")),
    (NOT, IS_NOT, ("choice", "text", "relation", "date", "datetime", "int", "decimal")),
    (NOT, lazy_gettext("does not lie in"), ("grid",)),
    (EXACTLY, lazy_gettext("is this very place"), ("grid",)),
    (AGE_FROM, lazy_gettext("age, at least"), ("birth",)),
    (AGE_TO, lazy_gettext("age, at most"), ("birth",)),
    (FROM, lazy_gettext("from (this day too)"), ("date", "datetime")),
    (TO, lazy_gettext("until (this day too)"), ("date", "datetime")),
    (ABOVE, lazy_gettext("after"), ("date", "datetime")),
    (BELOW, lazy_gettext("before"), ("date", "datetime")),
    (FROM, lazy_gettext("at least"), ("int", "decimal")),
    (TO, lazy_gettext("at most"), ("int", "decimal")),
    (ABOVE, lazy_gettext("more than"), ("int", "decimal")),
    (BELOW, lazy_gettext("less than"), ("int", "decimal")),
)
DAYS = {FROM: lazy_gettext("from %(value)s"), TO: lazy_gettext("until %(value)s"),
        ABOVE: lazy_gettext("after %(value)s"), BELOW: lazy_gettext("before %(value)s")}
NUMBERS = {FROM: lazy_gettext("at least %(value)s"), TO: lazy_gettext("at most %(value)s"),
           ABOVE: lazy_gettext("more than %(value)s"), BELOW: lazy_gettext("less than %(value)s")}
TOLD = {NOT: lazy_gettext("not %(value)s"), EXACTLY: lazy_gettext("%(value)s itself, nothing below it"),
        AGE_FROM: lazy_gettext("%(value)s years and older"), AGE_TO: lazy_gettext("at most %(value)s years old")}


@dataclass(frozen=True)
class Chip:
    """One filter in words, with the address that takes it away."""

    label: str
    text: str
    remove_url: str


@dataclass(frozen=True)
class Line:
    """One column of the dialog: its operators as (ending, word), and the values it offers."""

    words: Field
    operators: list[tuple[str, str]]
    values: list[tuple[str, str]]


class FilterWords(Screen):
    """How a list says and asks what it is narrowed by."""

    def chips(self, state: ListState) -> list[Chip]:
        found = []
        for name, values in state.conditions.items():
            rest = [pair for pair in state.filters if pair[0] != name]
            found.append(Chip(self.filter_label(name), self.filter_text(state, name, values),
                              self.list_url(replace(state, filters=rest))))
        return found

    def list_url(self, state: ListState, **change: Any) -> str:
        """The list's address with some words changed: changing one part keeps the others."""
        words: dict[str, Any] = {**state.args(), **change}
        if request.args.get("cols") and "cols" not in change:
            words["cols"] = ",".join(state.columns)
        if state.deleted and "deleted" not in change:
            words["deleted"] = "1"
        return f"?{urlencode({k: v for k, v in words.items() if v not in ('', None)}, doseq=True)}"

    def filter_words(self, state: ListState) -> str:
        """All a list is narrowed by, in one line: for the title of what is carried out, and its file name."""
        searched = [f"{_('search')}：{state.search}"] if state.search else []
        return "，".join([*(f"{chip.label}：{chip.text}" for chip in self.chips(state)), *searched])

    def filter_label(self, name: str) -> str:
        if name in self.named_filters:
            return _("Only")
        plain = filters.plain_name(name)
        return str(self.words[plain].label) if plain in self.words else _("Unknown condition")

    def filter_text(self, state: ListState, name: str, values: list[str]) -> str:
        """What a filter asks, in words; of what cannot be asked, that it cannot."""
        if not filters.known_filter(self, name, state.unmask):
            plain = filters.plain_name(name)
            hidden = plain in self.words and self.words[plain].mask
            return _("hidden, so nobody may ask by it here") if hidden else name
        if name in self.named_filters:
            label = str(self.named_filters[name].label)
            return label if _is_yes(values) else _("not %(value)s", value=label)
        plain, asked = filters.parts(name)
        words = self.words[plain]
        if asked == NONE_OF_NONE:
            return _("none of these values")
        if asked == EMPTY:
            return _(" or ").join(_("empty") if value == "1" else _("filled in") for value in values)
        ends = {**TOLD, **(DAYS if words.kind in ("date", "datetime") else NUMBERS)}
        pattern = str(ends[asked]) if asked in ends else "%(value)s"
        return pattern % {"value": _(" or ").join(self._value_text(words, value) for value in values)}

    def _value_text(self, words: Field, value: str) -> str:
        if value in NOTHING:
            return _("empty")
        if words.kind == "relation":
            row = db.session.get(self.targets[words.name], record_id(value)) if record_id(value) else None
            return str(row) if row else "?"
        if words.kind == "bool":
            return _("Yes") if _is_yes([value]) else _("No")
        if words.kind == "grid" or words.dictionary:
            return shown(_open(words), [value] if words.multiple else value)
        return value

    def filter_lines(self, unmask: bool) -> list[Line]:
        """The columns a list can be narrowed by, with their operators and the values they offer."""
        return [Line(words, self._operators(words), _values(words)) for name, words in self.words.items()
                if filters.known_filter(self, name, unmask) or filters.known_filter(self, name + EMPTY, unmask)]

    def _operators(self, words: Field) -> list[tuple[str, str]]:
        kinds = {words.kind, "birth" if filters.has_age(words) else ""}
        found = [(asked, str(word)) for asked, word, fit in WORDS if kinds & set(fit)
                 and filters.known_filter(self, words.name + asked, True)]
        nullable = self.record.__mapper__.columns[words.name].nullable
        return found + ([(f"{EMPTY}=1", _("is empty")), (f"{EMPTY}=0", _("is filled in"))] if nullable else [])

    def filter_inputs(self, unmask: bool) -> Markup:
        """The lines of the filter dialog; they hold every code list, so they are kept per language and node."""
        key = (str(get_locale()), current().node, revision("dictionary"), revision("places"), type(self), unmask)
        held = _kept_inputs.get(key)
        if held is None:
            if len(_kept_inputs) > KEPT_INPUTS:
                _kept_inputs.clear()
            lines = [line for line in self.filter_lines(unmask) if line.operators]
            held = _kept_inputs[key] = Markup(render_template("record/filters.html", view=self, lines=lines))
        return held


def _is_yes(values: list[str]) -> bool:
    try:
        return all(parse_bool(value) for value in values)
    except InvalidValue:
        return False


def _open(words: Field) -> Field:
    """A column whose values a filter names anyway: who may ask by it may read what he asks."""
    return replace(words, mask="")


def _values(words: Field) -> list[tuple[str, str]]:
    offered: dict[str, Callable[[], list[tuple[str, str]]]] = {
        "grid": lambda: [(place.code, place_name(place.code)) for place in visible_places()][:MOST_PLACES],
        "bool": lambda: [("1", _("Yes")), ("0", _("No"))]}
    return offered.get(words.kind, lambda: choices_of(words))()
