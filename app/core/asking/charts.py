"""Grouped counts of any coded column, grid or age band, in SQL; the browser only draws them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import product
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import case, func, select

from app.core.asking.filters import AGE_FROM, AGE_TO, EMPTY, EXACTLY, again
from app.core.asking.listing import ListState, narrowed
from app.core.base.fields import Field, fields_of
from app.core.base.moments import years_ago
from app.core.base.nodes import DIGITS, Node
from app.core.base.scope import WHOLE_RANGE, current
from app.core.telling.display import shown
from app.core.telling.places import place_name
from app.db import db

AGE_BANDS = ((0, 6), (7, 15), (16, 34), (35, 59), (60, 79), (80, 150))
GROUP_CAP = 200
# Twelve that keep apart for every kind of eyes, darker and lighter by turns; further series are told by their pattern.
COLOURS = ("#1d5f8a", "#d98a56", "#2f7d5b", "#c23b2b", "#7a6aa8", "#e0a030", "#4f97b8", "#5b3a29",
           "#d16ba5", "#6b8e23", "#30363d", "#8b99a7")
LINES, SYMBOLS = ("solid", "dashed", "dotted"), ("circle", "rect", "triangle", "diamond", "pin", "emptyCircle", "emptyRect")


@dataclass
class Chart:
    """Counts by one or two columns, with the list behind every count."""

    by: Field
    then: Field | None
    categories: list[tuple[str, str]]
    series: list[tuple[str, str]]
    counts: dict[tuple[str, str], int]
    totals: dict[str, int]
    total: int
    capped: bool

    @property
    def by_label(self) -> str:
        """What is counted: a birth date is counted by age."""
        return _("Age") if self.by.kind == "date" else str(self.by.label)

    def row_total(self, category: str) -> int:
        """The rows of a category; of several values in one row each is counted, the row only once."""
        return self.totals.get(category, 0)

    def option(self, kind: str) -> dict[str, Any]:
        """What the drawing script needs; no more than names and numbers."""
        names = [label for _code, label in self.categories]
        if kind == "pie":
            data = [{"name": label, "value": self.row_total(code)}
                    for code, label in self.categories]
            return {"color": COLOURS, "tooltip": {}, "series": [{"type": "pie", "radius": "65%", "data": data}]}
        return {"color": COLOURS, "tooltip": {"trigger": "axis"}, "legend": {"type": "scroll"} if self.then else None,
                "aria": {"enabled": len(self.series) > len(COLOURS), "decal": {"show": kind == "bar"}},
                "grid": {"containLabel": True, "left": 8, "right": 16, "bottom": 8},
                "xAxis": {"type": "category", "data": names}, "yAxis": {"type": "value"},
                "series": [self._series(kind, place) for place in range(len(self.series))]}

    def _series(self, kind: str, place: int) -> dict[str, Any]:
        """One series: bars of a second column stand on each other, lines never do, for their height is a count."""
        code, label = self.series[place]
        found = {"name": label, "type": kind, "data": [self.counts.get((c, code), 0) for c, _l in self.categories]}
        if kind == "line":
            return {**found, "symbol": SYMBOLS[place % len(SYMBOLS)], "symbolSize": 7,
                    "lineStyle": {"type": LINES[place // len(COLOURS) % len(LINES)]}}
        return {**found, "stack": "all"} if self.then else found

    def sentence(self) -> str:
        """The chart in one sentence, for a report."""
        if not self.categories:
            return ""
        code, label = max(self.categories, key=lambda pair: self.row_total(pair[0]))
        most = self.row_total(code)
        return _("%(name)s has the most: %(count)s of %(total)s, %(share)s %%.", name=label,
                 count=f"{most:,}", total=f"{self.total:,}", share=f"{100 * most / self.total:.1f}")


def count_by(state: ListState, view: Any, by: str, then: str = "") -> Chart:
    """Counts of a list's rows by one column or two; rows never come into Python."""
    words = fields_of(state.record)
    columns = [_group(state.record, words[name]) for name in (by, then) if name]
    query = narrowed(state, view).with_only_columns(*columns, func.count()).group_by(*columns)
    counts: Counter[tuple[str, str]] = Counter()
    totals: Counter[str] = Counter()
    total = 0
    for row in db.session.execute(query, execution_options=WHOLE_RANGE):
        first, second = _keys(words[by], row[0]), _keys(words[then], row[1]) if then else [""]
        counts.update(dict.fromkeys(product(first, second), row[-1]))
        totals.update(dict.fromkeys(first, row[-1]))
        total += row[-1]
    categories = sorted(totals, key=_rank)
    series = sorted({name for _c, name in counts}, key=_rank)
    return Chart(
        words[by], words[then] if then else None,
        _labelled(state.record, words[by], categories[:GROUP_CAP]),
        _labelled(state.record, words[then], series) if then else [("", _("Count"))],
        counts, totals, total, len(categories) > GROUP_CAP,
    )


def _group(record: Any, words: Field) -> Any:
    column = getattr(record, words.name)
    return _age_band(column) if words.kind == "date" else column


def _age_band(column: Any) -> Any:
    return case(*((column > years_ago(high + 1), str(low)) for low, high in AGE_BANDS),
                else_=str(AGE_BANDS[-1][0]))


def _keys(words: Field, value: Any) -> list[str]:
    """A group's name, or several where a row has several values.

    Base grids come whole from SQL, whose index they follow, and are added up here.
    """
    if words.multiple:
        return value or [""]
    if words.kind == "grid" and value:
        return [Node(str(value)).at(current().level_below)]
    if isinstance(value, bool):
        return ["1" if value else "0"]
    return ["" if value is None else str(value)]


def _rank(key: str) -> tuple[int, str]:
    """Age bands and codes of one length in their order, what is not given last."""
    return (len(key) if key else 99, key)


def _labelled(record: Any, words: Field, keys: list[str]) -> list[tuple[str, str]]:
    """Group names with what people call them; a row of another record by its own name, if it may be seen."""
    if not words.relation:
        return [(key, _label(words, key)) for key in keys]
    target = record.__mapper__.relationships[words.relation].mapper.class_
    rows = db.session.scalars(select(target).where(target.id.in_([int(key) for key in keys if key])))
    names = {str(row.id): str(row) for row in rows}
    return [(key, names.get(key, "?") if key else _("not given")) for key in keys]


def _label(words: Field, key: str) -> str:
    if key == "":
        return _("not given")
    if words.kind == "grid":
        return place_name(key)
    if words.kind == "date":
        low, high = _band(key)
        if high > 120:
            return _("%(low)s and older", low=low)
        return _("%(low)s–%(high)s years", low=low, high=high)
    if words.kind == "bool":
        return _("Yes") if key == "1" else _("No")
    return shown(words, [key] if words.multiple else key)


def _band(key: str) -> tuple[int, int]:
    return next(band for band in AGE_BANDS if band[0] == int(key))


def behind(state: ListState, *pieces: tuple[Field, str]) -> dict[str, list[str]]:
    """The filters of the list whose rows a piece of a chart counts: the chart's own, and its columns' values."""
    found = dict(state.conditions)
    for words, key in pieces:
        for asked, value in _asked(words, key):
            found[again(words.name + asked, found)] = [value]
    return found


def _asked(words: Field, key: str) -> list[tuple[str, str]]:
    """The operators and values that fit one group of a column and no other row."""
    if key == "":
        return [(EMPTY, "1")]
    if words.kind == "date":
        low, high = _band(key)
        return [(AGE_FROM, str(low))] * (low > 0) + [(AGE_TO, str(high))] * (high < 120)
    above = words.kind == "grid" and len(key) < DIGITS[current().level_below]
    return [(EXACTLY if above else "", key)]
