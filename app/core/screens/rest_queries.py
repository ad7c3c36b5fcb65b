"""What a client asks of a REST list, in Flask-AppBuilder's words, read into the state every list has."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from flask_appbuilder.api.schemas import get_list_schema
from flask_appbuilder.const import API_FILTERS_RIS_KEY, API_ORDER_COLUMN_RIS_KEY
from flask_babel import gettext as _
from jsonschema import Draft202012Validator
from werkzeug.datastructures import MultiDict

from app.core.asking import listing
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
    TO,
    again,
    known_filter,
)

MOST_ROWS, DEEPEST = 100, 20
OPERATORS = {"eq": EQUAL, "rel_o_m": EQUAL, "in": EQUAL, "neq": NOT, "nrel_o_m": NOT, "not_in": NOT, "empty": EMPTY,
             "exactly": EXACTLY, "gt": ABOVE, "lt": BELOW, "gte": FROM, "lte": TO, "age_gte": AGE_FROM, "age_lte": AGE_TO}
SEVERAL = ("eq", "neq", "in", "not_in")
SEARCH, SEARCH_OPERATORS = "q", ("ct", "sw", "eq")
# Made once: Flask-AppBuilder checks the schema itself again with every request.
LIST_ARGUMENTS = Draft202012Validator(get_list_schema)


def refuse_depth() -> Any:
    """A query nested deeper than anything that is meant is a bad request, before anybody reads it."""
    depth = deepest = 0
    for sign in request.args.get("q", ""):
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    return (jsonify(message=_("This query cannot be read.")), 400) if deepest > DEEPEST else None


def state_of(view: Any, asked: dict[str, Any], unmask: bool) -> listing.ListState:
    """The list's state from the rison arguments; ValueError and its like where they make no sense."""
    args: MultiDict[str, str] = MultiDict()
    for given in asked.get(API_FILTERS_RIS_KEY, []):
        _read_filter(view, args, given, unmask)
    column = str(asked.get(API_ORDER_COLUMN_RIS_KEY, ""))
    if column:
        args["sort"] = ("-" if asked.get("order_direction") == "desc" else "") + column
    args["cols"] = ",".join(asked.get("columns", []))
    args["after"] = str(asked.get("after", ""))
    state = listing.read_state(view, args, unmask)
    size, page = int(asked.get("page_size", 25)), int(asked.get("page", 0))
    if size < 1 or page < 0 or state.sort != column:
        raise ValueError("A page has rows, pages count from nothing, and not every column has an order.")
    state.size, state.page = min(size, MOST_ROWS), listing.page_number(str(page))
    return state



def _read_filter(view: Any, args: MultiDict[str, str], given: dict[str, Any], unmask: bool) -> None:
    """One condition; every further one narrows, also on the same column, and no value at all fits nothing."""
    name, operator, value = str(given["col"]), str(given["opr"]), given["value"]
    if name == SEARCH and operator in SEARCH_OPERATORS and SEARCH not in args:
        args[SEARCH] = str(value)
        return
    values = value if isinstance(value, list) else [value]
    asked = name + OPERATORS[operator]
    if not known_filter(view, asked, unmask) or isinstance(value, list) and operator not in SEVERAL:
        raise ValueError(name)
    if not values and OPERATORS[operator] == NOT:
        raise ValueError("None of nothing would be everything.")
    if not values:
        asked, values = name + NONE_OF_NONE, [""]
    key = again(f"f.{asked}", args)
    for one in values:
        args.add(key, str(int(one)) if isinstance(one, bool) else str(one))
