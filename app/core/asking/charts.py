"""Grouped counts of any coded column, grid or age band, in SQL; the browser only draws them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import case, func

from app.core.asking.listing import EXACTLY, ListState, narrowed
from app.core.base.fields import Field, fields_of
from app.core.base.moments import years_ago
from app.core.base.nodes import DIGITS, Node
from app.core.base.scope import WHOLE_RANGE, current
from app.core.telling.display import shown
from app.core.telling.places import place_name
from app.db import db

AGE_BANDS = ((0, 6), (7, 15), (16, 34), (35, 59), (60, 79), (80, 150))
GROUP_CAP = 200


@dataclass
class Chart:
    """Counts by one or two columns, with the list behind every count."""

    by: Field
    then: Field | None
    categories: list[tuple[str, str]]
    series: list[tuple[str, str]]
    counts: dict[tuple[str, str], int]
    capped: bool

    @property
    def by_label(self) -> str:
        """What is counted: a birth date is counted by age."""
        return _("Age") if self.by.kind == "date" else str(self.by.label)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def row_total(self, category: str) -> int:
        return sum(n for (name, _series), n in self.counts.items() if name == category)

    def option(self, kind: str) -> dict[str, Any]:
        """What the drawing script needs; no more than names and numbers."""
        names = [label for _code, label in self.categories]
        if kind == "pie":
            data = [{"name": label, "value": self.row_total(code)}
                    for code, label in self.categories]
            return {"tooltip": {}, "series": [{"type": "pie", "radius": "65%", "data": data}]}
        series = [{"name": label, "type": kind, "stack": "all" if self.then else None,
                   "data": [self.counts.get((c, code), 0) for c, _l in self.categories]}
                  for code, label in self.series]
        return {"tooltip": {"trigger": "axis"}, "legend": {} if self.then else None,
                "grid": {"containLabel": True, "left": 8, "right": 16, "bottom": 8},
                "xAxis": {"type": "category", "data": names}, "yAxis": {"type": "value"},
                "series": series}

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
    for row in db.session.execute(query, execution_options=WHOLE_RANGE):
        counts[_key(words[by], row[0]), _key(words[then], row[1]) if then else ""] += row[-1]
    categories = sorted({name for name, _s in counts}, key=_rank)
    series = sorted({name for _c, name in counts}, key=_rank)
    return Chart(
        words[by], words[then] if then else None,
        [(c, _label(words[by], c)) for c in categories[:GROUP_CAP]],
        [(s, _label(words[then], s)) for s in series] if then else [("", _("Count"))],
        counts, len(categories) > GROUP_CAP,
    )


def _group(record: Any, words: Field) -> Any:
    column = getattr(record, words.name)
    return _age_band(column) if words.kind == "date" else column


def _age_band(column: Any) -> Any:
    return case(*((column > years_ago(high + 1), str(low)) for low, high in AGE_BANDS),
                else_=str(AGE_BANDS[-1][0]))


def _key(words: Field, value: Any) -> str:
    """A group's name; base grids come whole from SQL, whose index they follow, and are added up here."""
    if words.kind == "grid" and value:
        return Node(str(value)).at(current().level_below)
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


def _rank(key: str) -> tuple[int, str]:
    """Age bands and codes of one length in their order, what is not given last."""
    return (len(key) if key else 99, key)


def _label(words: Field, key: str) -> str:
    if key == "":
        return _("not given")
    if words.kind == "grid":
        return place_name(key)
    if words.kind == "date":
        low, high = next(band for band in AGE_BANDS if band[0] == int(key))
        return _("%(low)s and older", low=low) if high > 120 else f"{low}–{high}"
    if words.kind == "bool":
        return _("Yes") if key == "1" else _("No")
    return shown(words, key)


def slice_filters(chart: Chart, category: str) -> dict[str, str]:
    """The list filter that shows the rows behind one bar."""
    words = chart.by
    if words.kind == "date":
        low, high = next(band for band in AGE_BANDS if band[0] == int(category))
        first = date.fromordinal(years_ago(high + 1).toordinal() + 1)
        return {f"f.{words.name}.from": first.isoformat(),
                f"f.{words.name}.to": years_ago(low).isoformat()}
    if words.kind == "grid" and len(category) < DIGITS[current().level_below]:
        return {f"f.{words.name}{EXACTLY}": category}
    return {f"f.{words.name}": category or "-"}
