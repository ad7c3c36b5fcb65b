"""The open cases of a type side by side: by state, by unit, by light. Every number is that of a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import func, nulls_last, select

from app.core.asking.listing import ListState, narrowed
from app.core.base.scope import WHOLE_RANGE
from app.core.cases.lights import AMBER, GREEN, RED
from app.core.cases.records import Case
from app.core.telling.dictionaries import labels
from app.db import db

CARDS = 8
UNLIT = "unlit"  # the filter for cases without a running clock


@dataclass(frozen=True)
class Column:
    """One column: its heading, how many cases it has, the query of their list, and those due first."""

    label: str
    count: int
    query: str
    cards: list[Case]


@dataclass(frozen=True)
class Board:
    """A way to lay the open cases out: (heading, filters of the list) of each column, read from the view."""

    label: Any
    columns: Callable[[Any], list[tuple[str, dict[str, str]]]]


def _states(view: Any) -> list[tuple[str, dict[str, str]]]:
    workflow = view.record.workflow
    met = dict.fromkeys([workflow.initial, *(step.target for step in workflow.steps if step.target)])
    return [(labels("case_state").get(state, state), {"state": state}) for state in met if state not in workflow.final]


def _units(view: Any) -> list[tuple[str, dict[str, str]]]:
    units = [(gettext("Not with a unit yet"), "-"), *((label, code) for code, label in labels("handling_unit").items())]
    return [(label, {"unit": code, "open": "1"}) for label, code in units]


def _lights(view: Any) -> list[tuple[str, dict[str, str]]]:
    return [(str(view.named_filters[name].label), {name: "1", "open": "1"}) for name in (RED, AMBER, GREEN, UNLIT)]


BOARDS = {"state": Board(_("By state"), _states), "unit": Board(_("By unit"), _units), "light": Board(_("By light"), _lights)}


def columns(view: Any, board: Board) -> list[Column]:
    """The columns that have a case, each with those due first; one statement counts them all."""
    record, found = view.record, []
    laid_out = [(label, filters, narrowed(ListState(record, [], filters=list(filters.items())), view))
                for label, filters in board.columns(view)]
    sums = [func.sum(db.case((query.whereclause, 1), else_=0)) for _label, _filters, query in laid_out]
    is_open = record.workflow.open_in(record)
    counts = db.session.execute(select(*sums).select_from(record).where(is_open), execution_options=WHOLE_RANGE).one()
    for (label, filters, query), count in zip(laid_out, counts, strict=True):
        if count:
            cards = db.session.scalars(query.order_by(nulls_last(record.due_at), record.id).limit(CARDS)).all()
            found.append(Column(label, int(count), urlencode({f"f.{name}": value for name, value in filters.items()}), list(cards)))
    return found
