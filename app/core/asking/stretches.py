"""A page of a list whose usual order has stretches: overdue, nearly due, in time, at its end.

No index knows what is overdue now; each stretch has one of its own, so that a page costs the same however many rows
there are: of every stretch not more rows are asked for than the page holds, all in one statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, literal_column, select, union_all

from app.core.asking.cursors import beyond, decoded, encoded, kinds_of, place_of
from app.core.base.ordering import Stretch
from app.db import db


@dataclass(frozen=True)
class Place:
    """Where a page begins: in which stretch, and behind which values of its order."""

    stretch: int
    values: list[Any]


def place_in(cursor: str, walk: Sequence[Stretch]) -> Place | None:
    """The place a cursor names; None for one that cannot be read."""
    for number, stretch in enumerate(walk):
        values = decoded(cursor, [int, *kinds_of(stretch.order)])
        if values is not None and values[0] == number:
            return Place(number, values[1:])
    return None


def cursor_of(row: Any, number: int, walk: Sequence[Stretch]) -> str:
    return encoded([number, *place_of(row, walk[number].order)])


def behind(query: Select[Any], walk: Sequence[Stretch], start: Place | None, backwards: bool, limit: int) -> Any:
    """Of each stretch from a place on as many rows as a page holds: their id, and the number of the stretch."""
    asked = []
    for number, stretch in enumerate(walk):
        if start is not None and (number > start.stretch if backwards else number < start.stretch):
            continue
        falling = stretch.falling != backwards
        part = query.with_only_columns(_entity(query).id, literal_column(str(number)).label("stretch")).where(stretch.which)
        if start is not None and number == start.stretch:
            part = part.where(beyond(start.values, stretch.order, falling))
        asked.append(part.order_by(*(column.desc() if falling else column for column in stretch.order)).limit(limit))
    return union_all(*(select(part.subquery()) for part in asked)).subquery()


def numbered(query: Select[Any], walk: Sequence[Stretch], first: int, limit: int) -> Any:
    """The rows of a page by its number, as ``behind`` gives them."""
    return query.with_only_columns(_entity(query).id, _rank(walk).label("stretch")).order_by(
        *flat(walk)).offset(first).limit(limit).subquery()


def fetch(query: Select[Any], walk: Sequence[Stretch], ids: Any, backwards: bool, options: Sequence[Any]) -> list[tuple[Any, int]]:
    """The rows of these ids with the number of their stretch, in the order they stand in, or the other way round."""
    record = _entity(query)
    rows = db.session.execute(select(record, ids.c.stretch).join(ids, ids.c.id == record.id).options(*options).execution_options(
        **query.get_execution_options())).unique().all()
    found: list[tuple[Any, int]] = []
    for number in sorted({stretch for _row, stretch in rows}, reverse=backwards):
        stretch = walk[number]
        there = [(place_of(row, stretch.order), row) for row, known in rows if known == number]
        there.sort(key=_first_of, reverse=stretch.falling != backwards)
        found += [(row, number) for _place, row in there]
    return found


def _first_of(entry: tuple[list[Any], Any]) -> list[Any]:
    return entry[0]


def flat(walk: Sequence[Stretch]) -> list[Any]:
    """The same order as columns of one statement, for what reads a whole list at once."""
    columns = [(case((stretch.which, column)), stretch.falling) for stretch in walk for column in stretch.order]
    return [_rank(walk), *(column.desc() if falling else column for column, falling in columns)]


def _rank(walk: Sequence[Stretch]) -> Any:
    return case(*((stretch.which, number) for number, stretch in enumerate(walk)))


def _entity(query: Select[Any]) -> Any:
    return query.column_descriptions[0]["entity"]
