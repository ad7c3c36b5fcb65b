"""What a list shows: search, filters, order and page, read from the address and turned into SQL.

The same state serves the list, its export and its chart, so all three agree. A page costs the
same at any depth: the next page begins behind the last row seen (keyset), never at an offset,
unless somebody asks for a page by its number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, false, func, not_, or_, select, true
from sqlalchemy.orm import joinedload, load_only
from werkzeug.datastructures import MultiDict

from app.core.asking import stretches
from app.core.asking.cursors import beyond, decoded, encoded, kinds_of, place_of
from app.core.asking.filters import condition, is_unmasking, known_filter, plain_name
from app.core.asking.search import leading_text, matching
from app.core.base.fields import Field, fields_of
from app.core.base.ordering import Stretch
from app.core.base.records import Record
from app.core.base.scope import WHOLE_RANGE
from app.core.base.texts import InvalidValue, parse_bool
from app.core.telling.dictionaries import dictionary
from app.db import db

PAGE_SIZES = (25, 50, 100)
COUNT_CAP, SEARCH_CAP = 10_000, 1_000


@dataclass
class ListState:
    """One list as somebody looks at it; ``args`` are the address's own words.

    ``unmask`` says whether he may see hidden columns whole, and so may ask by them.
    """

    record: type[Record]
    columns: list[str]
    search: str = ""
    filters: list[tuple[str, str]] = field(default_factory=list)
    sort: str = ""
    descending: bool = False
    size: int = PAGE_SIZES[0]
    page: int = 0
    after: str = ""
    before: str = ""
    deleted: bool = False
    unmask: bool = False

    @property
    def conditions(self) -> dict[str, list[str]]:
        """The values of each filter by its name: filters narrow one after the other, values of one stand side by side."""
        found: dict[str, list[str]] = {}
        for name, value in self.filters:
            found.setdefault(name, []).append(value)
        return found

    def hidden(self) -> list[str]:
        """The hidden columns the list is narrowed by."""
        words = fields_of(self.record)
        asked = dict.fromkeys(plain_name(name) for name, _value in self.filters)
        return [name for name in asked if name in words and is_unmasking(words[name])]

    def args(self) -> dict[str, Any]:
        """The address's words for this state, without the place in it."""
        found: dict[str, Any] = {f"f.{name}": values for name, values in self.conditions.items()}
        if self.search:
            found["q"] = self.search
        if self.sort:
            found["sort"] = ("-" if self.descending else "") + self.sort
        if self.size != PAGE_SIZES[0]:
            found["size"] = self.size
        return found


def read_state(view: Any, args: MultiDict[str, str], unmask: bool = False) -> ListState:
    """A list's state from an address; what makes no sense there is no error, and a filter that makes none fits no row."""
    words = fields_of(view.record)
    sort = args.get("sort", "")
    name = sort.lstrip("-")
    sortable = name in words and words[name].sortable
    chosen = [c for c in args.get("cols", "").split(",") if c in words]
    return ListState(
        record=view.record,
        columns=chosen or list(view.list_columns),
        search=args.get("q", "").strip()[:100],
        filters=[(key[2:], typed.replace("\0", "")) for key, typed in args.items(multi=True) if key.startswith("f.")],
        sort=name if sortable else "",
        descending=sortable and sort.startswith("-"),
        size=_size(args.get("size", "")),
        page=page_number(args.get("page", "")),
        after=args.get("after", ""), before=args.get("before", ""),
        deleted=args.get("deleted") == "1",
        unmask=unmask,
    )


def page_number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,7}", text) else 0


def _size(text: str) -> int:
    size = page_number(text)
    return size if size in PAGE_SIZES else PAGE_SIZES[0]


def narrowed(state: ListState, view: Any) -> Select[Any]:
    """The rows of the list without order or page."""
    query = select(state.record)
    for name, values in state.conditions.items():
        query = query.where(_filtered(state, view, name, values))
    if state.search:
        query = query.where(matching(state.record, state.search))
    if state.deleted:
        query = query.where(state.record.deleted_at.is_not(None)).execution_options(
            with_deleted=True)
    return query


def _filtered(state: ListState, view: Any, name: str, values: list[str]) -> Any:
    """The condition of one filter; what the user may not ask by, or nobody can, fits no row."""
    if not known_filter(view, name, state.unmask):
        return false()
    if name in view.named_filters:
        wanted = view.named_filters[name].condition(state.record)
        return or_(false(), *(_wanted(wanted, value) for value in values))
    return condition(state.record, name, *values)


def _wanted(wanted: Any, value: str) -> Any:
    """A named filter asked for, or its contrary; any other word fits no row."""
    try:
        return wanted if parse_bool(value) else not_(wanted.is_(true()))
    except InvalidValue:
        return false()


def ordering(state: ListState) -> list[Any]:
    """Columns of the order; the primary key is always the last, so no row repeats."""
    record = state.record
    if state.sort:
        return [getattr(record, fields_of(record)[state.sort].order or state.sort), record.id]
    start = leading_text(record, state.search) if state.search else None
    if start is not None:
        return [start, record.id]
    if walk := record.__in_order__():
        return stretches.flat(walk)
    return [record.id] if state.search or not hasattr(record, "grid_code") else [record.grid_code, record.id]


def _walk(state: ListState) -> Sequence[Stretch]:
    """The stretches of a list in its usual order, where its record has them."""
    plain = state.sort or state.search and leading_text(state.record, state.search) is not None
    return () if plain else state.record.__in_order__()


def _range(state: ListState) -> dict[str, bool]:
    """A register nobody narrowed follows the grid index, however wide the node's range is."""
    return {} if state.search or state.filters or state.deleted else WHOLE_RANGE


@dataclass
class Page:
    """One page of rows and the way to its neighbours."""

    rows: list[Any]
    first: int
    next_cursor: str = ""
    previous_cursor: str = ""


def fetch(state: ListState, view: Any) -> Page:
    """The rows of one page, relations on screen loaded with them."""
    walk = _walk(state)
    return _by_stretches(state, view, walk) if walk else _in_one_order(state, view)


def _by_stretches(state: ListState, view: Any, walk: Sequence[Stretch]) -> Page:
    backwards, query = bool(state.before), narrowed(state, view)
    start = stretches.place_in(state.before or state.after, walk)
    ids = (stretches.numbered(query, walk, state.page * state.size, state.size + 1) if state.page
           else stretches.behind(query, walk, start, backwards, state.size + 1))
    columns = [column for stretch in walk for column in stretch.order]
    found = stretches.fetch(query, walk, ids, backwards, loads(state, view, columns))[:state.size + 1]
    cursors = [stretches.cursor_of(row, number, walk) for row, number in found]
    return _page([row for row, _number in found], cursors, state)


def _in_one_order(state: ListState, view: Any) -> Page:
    order = ordering(state)
    backwards = bool(state.before)
    falling = state.descending != backwards
    directed = [column.desc() if falling else column for column in order]
    query = _placed(narrowed(state, view), order, state, falling).execution_options(**({} if state.sort else _range(state)))
    if state.page:
        query = _by_number(query, directed, state)
    rows = list(db.session.scalars(
        query.options(*loads(state, view, order)).order_by(*directed).limit(state.size + 1)).unique())
    return _page(rows, [encoded(place_of(row, order)) for row in rows], state)


def loads(state: ListState, view: Any, order: Sequence[Any]) -> list[Any]:
    """Only the columns on screen are read, and their relations with them."""
    words, lead = fields_of(state.record), getattr(view, "lead", None)
    names = dict.fromkeys((*state.columns, *(lead.needs if lead else ()), *getattr(view, "settled_by", ())))
    return [load_only(*(getattr(state.record, name) for name in names), *order),
            *(joinedload(getattr(state.record, words[name].relation))
              for name in names if name in words and words[name].relation)]


def _placed(query: Select[Any], order: list[Any], state: ListState, falling: bool) -> Select[Any]:
    """Begins behind the cursor; a cursor that cannot be read is the first page."""
    cursor = state.before or state.after
    values = decoded(cursor, kinds_of(order)) if cursor else None
    return query if values is None else query.where(beyond(values, order, falling))


def _by_number(query: Select[Any], directed: list[Any], state: ListState) -> Select[Any]:
    """A page by its number: the ids by index first, then only the rows of the page."""
    ids = (query.with_only_columns(state.record.id).order_by(*directed)
           .offset(state.page * state.size).limit(state.size + 1).subquery())
    return select(state.record).where(state.record.id.in_(select(ids.c.id))).execution_options(
        **query.get_execution_options())


def _page(rows: list[Any], cursors: list[str], state: ListState) -> Page:
    """The rows, one of them too many where there are more, as a page with the way on and back."""
    backwards = bool(state.before)
    more, rows, cursors = len(rows) > state.size, rows[:state.size], cursors[:state.size]
    if backwards:
        rows, cursors = rows[::-1], cursors[::-1]
    page = Page(rows, first=state.page * state.size)
    if rows and (more or backwards):
        page.next_cursor = cursors[-1]
    if rows and (more if backwards else bool(state.after or state.page)):
        page.previous_cursor = cursors[0]
    return page


def count(state: ListState, view: Any) -> tuple[int, bool]:
    """How many rows the list has, and whether that is exact; counting stops at a cap."""
    cap = SEARCH_CAP if state.search else COUNT_CAP
    query = narrowed(state, view)
    few = query.with_only_columns(state.record.id).limit(cap + 1).subquery()
    found = db.session.scalar(select(func.count()).select_from(few).execution_options(
        **query.get_execution_options(), **_range(state))) or 0
    return min(found, cap), found <= cap


def count_all(state: ListState, view: Any) -> int:
    """How many rows the list has, however many: for the log of what left the house."""
    query = narrowed(state, view)
    return db.session.scalar(query.with_only_columns(func.count(state.record.id))) or 0


def choices_of(words: Field) -> list[tuple[str, str]]:
    """The values a filter on a column offers: (code, words)."""
    if words.dictionary:
        return [(entry.code, str(entry)) for entry in dictionary(words.dictionary).entries]
    return []
