"""What a filter of a list asks: a column, an operator and values, turned into one condition of SQL.

``f.sex=1&f.sex=2`` is one filter with two values; every further filter narrows, and a second one on the same column
takes a number: ``f.sex=1&f.sex~2=2`` finds nobody.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, false, not_, or_, true

from app.core.asking.values import as_list, reader_of
from app.core.base.fields import Field, fields_of
from app.core.base.moments import years_ago
from app.core.base.records import Record
from app.core.base.scope import scope_column
from app.core.base.texts import InvalidValue
from app.db import db

EQUAL, NOT, EMPTY, EXACTLY = "", ".not", ".empty", ".exactly"
FROM, TO, ABOVE, BELOW = ".from", ".to", ".above", ".below"
AGE_FROM, AGE_TO, NONE_OF_NONE = ".age_from", ".age_to", ".never"
OPERATORS = (NOT, EMPTY, EXACTLY, FROM, TO, ABOVE, BELOW, AGE_FROM, AGE_TO, NONE_OF_NONE)
RANGES = (FROM, TO, ABOVE, BELOW, AGE_FROM, AGE_TO)  # several values of these hold all together, not one of them
COMPARE = {FROM: operator.ge, TO: operator.le, ABOVE: operator.gt, BELOW: operator.lt}
NOTHING, UNSEARCHED = ("-", ""), ("longtext", "json")
ORDERED = ("int", "decimal", "date", "datetime")
ASKED = re.compile(r"(\w+?)(\.\w+)?(~\d{1,3})?")
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
ZONE, CLOCK = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$", re.IGNORECASE), re.compile(r"\d\s*[:时点]")
WITH_SECONDS = re.compile(r"[:时点]\s*\d{1,2}\s*[:分]\s*\d")
OLDEST = 150


def parts(name: str) -> tuple[str, str]:
    """The column and the operator of a filter's name; an operator nobody knows stays part of the column."""
    found = ASKED.fullmatch(name)
    if found is None or (found[2] or "") not in (EQUAL, *OPERATORS):
        return name, EQUAL
    return found[1], found[2] or EQUAL


def plain_name(name: str) -> str:
    """The column a filter is about."""
    return parts(name)[0]


def again(name: str, taken: Iterable[str]) -> str:
    """A filter's name that is not taken yet, for one that narrows further what others on the column left."""
    names = set(taken)
    return next(free for free in (name, *(f"{name}~{n}" for n in range(2, 1000))) if free not in names)


def is_unmasking(words: Field) -> bool:
    """Whether asking by a column tells what is hidden from those who have not said what they need it for."""
    return bool(words.mask and (words.relation or words.mask == "categories" and words.dictionary))


def known_filter(view: Any, name: str, unmask: bool = False) -> bool:
    """Whether a list can be narrowed by this: a named filter, or a column with an operator that fits it.

    Of hidden columns only the coded ones and those that name a row, and only with ``unmask``: for those who may see them whole.
    """
    if name in view.named_filters:
        return True
    plain, asked = parts(name)
    words = fields_of(view.record).get(plain)
    if words is None or words.mask and not (unmask and is_unmasking(words)):
        return False
    return asked == EMPTY and words.kind != "json" or _fits(view.record, words, asked)


def _fits(record: type[Record], words: Field, asked: str) -> bool:
    """Whether an operator says something of a column: nothing lies before a code, and only people have an age."""
    if words.kind in UNSEARCHED:
        return False
    if asked in (AGE_FROM, AGE_TO):
        return has_age(words)
    if asked in COMPARE:
        return words.kind in ORDERED
    return asked != EXACTLY or is_place(record, words)


def has_age(words: Field) -> bool:
    """Whether a column is the birth of somebody."""
    return words.means == "birth_date"


def is_place(record: type[Record], words: Field) -> bool:
    """Whether a column holds codes of the grid tree, where a code means everything under it."""
    return words.kind == "grid" or words.name == scope_column(record)


def condition(record: type[Record], name: str, *values: str) -> Any:
    """The condition of one filter: one of several values, none of them (not), or all ends of a range.

    A value that cannot be read fits no row, whatever the operator; no value at all fits none either.
    """
    plain, asked = parts(name)
    words = fields_of(record)[plain]
    if asked == NOT:
        found = [_one(record, words, EQUAL, value) for value in values]
        return not_(or_(*found).is_(true())) if found and all(one is not None for one in found) else false()
    found = [_one(record, words, asked, value) for value in values]
    known = [false() if one is None else one for one in found]
    return and_(true(), *known) if known and asked in RANGES else or_(false(), *known)


def _one(record: type[Record], words: Field, asked: str, value: str) -> Any:
    """The condition of one value; None when the value cannot be read."""
    column = getattr(record, words.name)
    if asked == EMPTY:
        return {"1": _is_empty(words, column), "0": not_(_is_empty(words, column))}.get(value)
    if asked in (EQUAL, EXACTLY) and value in NOTHING:
        return _is_empty(words, column)
    if asked in (AGE_FROM, AGE_TO):
        return _aged(column, asked, value)
    typed = _typed(words, value)
    if typed is None or asked == NONE_OF_NONE:
        return None
    if words.kind == "datetime":
        return _during(column, asked, *span(typed, value))
    if asked in COMPARE:
        return COMPARE[asked](column, typed)
    if words.multiple:
        return column.cast(db.String).contains(f"|{typed}|", autoescape=True)
    if asked == EQUAL and is_place(record, words):
        return and_(column >= typed, column < typed + "~")
    return column == typed


def _is_empty(words: Field, column: Any) -> Any:
    is_text = words.kind in ("text", "longtext", "choice") and not words.multiple
    return or_(column.is_(None), column == "") if is_text else column.is_(None)


def _typed(words: Field, value: str) -> Any:
    """A filter's text as the column's type; None when it is no such value."""
    try:
        return next(iter(as_list(reader_of(words)([value] if words.multiple else value))), None)
    except InvalidValue:
        return None


def span(moment: datetime, text: str) -> tuple[datetime, datetime]:
    """From when to before when a moment lasts that somebody wrote: a day alone is the whole day in China."""
    bare = ZONE.sub("", text.strip())
    length = timedelta(days=1) if not CLOCK.search(bare) else SECOND if WITH_SECONDS.search(bare) else MINUTE
    try:
        return moment, moment + length
    except OverflowError:
        return moment, datetime.max


def _during(column: Any, asked: str, begins: datetime, ends: datetime) -> Any:
    return {FROM: column >= begins, TO: column < ends, ABOVE: column >= ends, BELOW: column < begins}.get(
        asked, and_(column >= begins, column < ends))


def _aged(column: Any, asked: str, value: str) -> Any:
    """Born so that the age in full years reaches at least, or at most, a number."""
    if not re.fullmatch(r"[0-9]{1,3}", value) or int(value) > OLDEST:
        return None
    return column <= years_ago(int(value)) if asked == AGE_FROM else column > years_ago(int(value) + 1)

