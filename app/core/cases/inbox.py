"""待办箱: the open cases of every type that wait for somebody, on one page, what presses on top.

Who has to act is one rule (``owners``). A page is put together by the database: of each type and of each stretch not more
rows are asked for than it holds, by index, so it costs the same however many cases are open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from flask import g, has_request_context
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import case, literal_column, or_, select, union_all

from app.core.asking.cursors import beyond, encoded
from app.core.asking.search import matching
from app.core.asking.stretches import Place, place_in
from app.core.base import registry
from app.core.base.moments import OFFICE_HOURS_AHEAD, local, now
from app.core.base.ordering import Stretch
from app.core.base.scope import current
from app.core.cases.lights import AMBER, RED, light_is
from app.core.cases.owners import in_reach, names_of, owners_in_sight
from app.core.cases.prompts import INSTRUCT, URGE, Pressed, may_urge, pressed, said_by_me
from app.core.cases.records import Case
from app.core.telling.dictionaries import label_of
from app.core.telling.places import place_name
from app.db import db

SHOWN, FEW = 50, 500
MINE, UNIT, LEVEL, SOON, LATE, URGED, INSTRUCTED = "mine", "my_unit", "level", "soon", "late", "urged", "instructed"
OVERDUE, TODAY, LATER, UNTIMED = _("Overdue"), _("Due today"), _("Tomorrow and later"), _("No clock runs")
GROUPS = (OVERDUE, TODAY, TODAY, LATER, LATER, UNTIMED)  # the heading of each stretch
UNTIMED_AT = len(GROUPS) - 1


def _mine(view: Any) -> Any:
    return or_(*(view.named_filters[name].condition(view.record) for name in ("here", "mine", "my_unit")))


def _reached(*colours: str) -> Callable[[Any], Any]:
    return lambda view: or_(*(light_is(colour)(view.record) for colour in colours)) & in_reach(view.record)


# The tabs: their words, and the condition for the cases of a type.
TABS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    MINE: (_("Mine to do"), _mine),
    UNIT: (_("With my unit"), lambda view: view.named_filters["my_unit"].condition(view.record)),
    LEVEL: (_("At my level and below"), lambda view: in_reach(view.record)),
    SOON: (_("Nearly due"), _reached(AMBER)),
    LATE: (_("Overdue"), _reached(RED)),
    URGED: (_("Urged by me"), lambda view: said_by_me(view.record, URGE)),
    INSTRUCTED: (_("Instructed by me"), lambda view: said_by_me(view.record, INSTRUCT)),
}


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see of it: a tab, a type or all, words, and where the page begins."""

    tab: str
    kind: str = ""
    words: str = ""
    after: str = ""
    before: str = ""


@dataclass(frozen=True)
class Line:
    """One case: its screens, its heading, who has to act, how it was pressed, and what the user may do."""

    view: Any
    case: Case
    group: Any
    who: str
    names: str
    mine: bool
    pressed: Pressed
    may_urge: bool


@dataclass
class Box:
    """One page."""

    lines: list[Line] = field(default_factory=list)
    next_cursor: str = ""
    previous_cursor: str = ""

    @property
    def groups(self) -> list[tuple[str, list[Line]]]:
        """Its cases under their headings."""
        return [(heading, list(lines)) for heading, lines in groupby(self.lines, lambda line: str(line.group))]


def case_views() -> list[Any]:
    """The types of case, in the order of the menu."""
    return [view for view in registry.record_views() if issubclass(view.record, Case)]


def listed_views() -> list[Any]:
    """Those the user may list."""
    return [view for view in case_views() if registry.may("list", view)]


def page(asked: Asked, size: int = SHOWN, counts: dict[Any, dict[str, int]] | None = None) -> Box:
    """A page of the inbox; types without a case under the tab, where that is counted already, are not asked again."""
    views = [view for view in listed_views() if asked.kind in ("", view.record.__tablename__)
             and (counts is None or counts[view].get(asked.tab, 1))]
    if not views:
        return Box()
    backwards = bool(asked.before)
    found = _keys(views, asked, backwards, size + 1)
    more, found = len(found) > size, found[:size][::-1] if backwards else found[:size]
    box = Box(_lines(views, found))
    if found and (more or backwards):
        box.next_cursor = encoded(found[-1].place)
    if found and (more if backwards else bool(asked.after)):
        box.previous_cursor = encoded(found[0].place)
    return box


@dataclass(frozen=True)
class _Key:
    """Where a case lies, and by which values it stands where it stands."""

    table: str
    id: int
    place: tuple[int, datetime, str]


def _walk(case: Any) -> Sequence[Stretch]:
    """What is overdue, then what is due today and what later, each amber before green; then what no clock presses."""
    moment, due, by_due = now(), case.due_at, (case.due_at, case.number)
    tonight = datetime.combine(local(moment).date() + timedelta(days=1), datetime.min.time()) - OFFICE_HOURS_AHEAD
    amber, today = case.amber_at <= moment, (due >= moment) & (due < tonight)
    green, later = case.amber_at.is_(None) | (case.amber_at > moment), (due >= moment) & (due >= tonight)
    timed = (due < moment, today & amber, today & green, later & amber, later & green)
    return (*(Stretch(which, by_due) for which in timed), Stretch(due.is_(None), (case.reported_at, case.number), falling=True))


def _keys(views: Sequence[Any], asked: Asked, backwards: bool, limit: int) -> list[_Key]:
    """The cases of a page: few are read at once, and of many those of stretch after stretch until it is full."""
    walks = [(view, _condition(view, asked), _walk(view.record)) for view in views]
    start = place_in(asked.before or asked.after, walks[0][2])
    few = _few(walks)
    if few is not None:
        return _behind(few, start, backwards)[:limit]
    order = range(len(GROUPS))
    found: list[_Key] = []
    for number in reversed(order) if backwards else order:
        if start is not None and (number > start.stretch if backwards else number < start.stretch):
            continue
        if len(found) < limit:
            found += _stretch(walks, number, start, backwards, limit - len(found))
    return found


Walk = tuple[Any, Any, Sequence[Stretch]]


def _few(walks: Sequence[Walk]) -> list[_Key] | None:
    """All the cases in their order by one statement, where they are not more than FEW; else None."""
    parts = []
    for view, wanted, walk in walks:
        record = view.record
        moments = case(*((stretch.which, stretch.order[0]) for stretch in walk))
        ranks = case(*((stretch.which, number) for number, stretch in enumerate(walk)))
        parts.append(select(literal_column(f"'{record.__tablename__}'").label("source"), record.id, ranks.label("rank"),
                            moments.label("moment"), record.number.label("number")).where(wanted).limit(FEW + 1).subquery())
    ids = union_all(*(select(part) for part in parts)).subquery()
    rows = db.session.execute(select(ids).limit(FEW + 1)).all()
    if len(rows) > FEW:
        return None
    found = [_Key(row.source, row.id, (row.rank, row.moment, row.number)) for row in rows]
    timed = sorted((key for key in found if key.place[0] < UNTIMED_AT), key=_place)
    return timed + sorted((key for key in found if key.place[0] == UNTIMED_AT), key=_place, reverse=True)


def _place(key: _Key) -> tuple[int, datetime, str]:
    return key.place


def _behind(keys: list[_Key], start: Place | None, backwards: bool) -> list[_Key]:
    """Those behind a place, or before it, the nearest first."""
    keys = keys[::-1] if backwards else keys
    if start is None:
        return keys
    here = (start.stretch, *start.values)
    falling = backwards is not (start.stretch == UNTIMED_AT)

    def beyond_here(key: _Key) -> bool:
        if key.place[0] != start.stretch:
            return (key.place[0] > start.stretch) is not backwards
        return key.place < here if falling else key.place > here

    return [key for key in keys if beyond_here(key)]


def _condition(view: Any, asked: Asked) -> Any:
    wanted = under(view, asked.tab)
    return wanted & matching(view.record, asked.words) if asked.words else wanted


def under(view: Any, tab: str) -> Any:
    """The condition for the open cases of a type under a tab; made once a request."""
    known: dict[Any, Any] = g.setdefault("inbox_conditions", {}) if has_request_context() else {}
    key = (current().actor, view, tab)
    if key not in known:
        known[key] = TABS[tab][1](view) & view.record.workflow.open_in(view.record)
    return known[key]


def _stretch(walks: Sequence[Walk], number: int, start: Place | None, backwards: bool, limit: int) -> list[_Key]:
    """The first cases of one stretch, of all types together."""
    parts = []
    for view, wanted, walk in walks:
        record, stretch = view.record, walk[number]
        falling = stretch.falling != backwards
        part = select(literal_column(f"'{record.__tablename__}'").label("source"), record.id, stretch.order[0].label("moment"),
                      record.number.label("number")).where(wanted, stretch.which)
        if start is not None and start.stretch == number:
            part = part.where(beyond(start.values, stretch.order, falling))
        parts.append(part.order_by(*_directed(stretch.order, falling)).limit(limit).subquery())
    ids = union_all(*(select(part) for part in parts)).subquery()
    rows = db.session.execute(select(ids).order_by(*_directed((ids.c.moment, ids.c.number), falling)).limit(limit))
    return [_Key(row.source, row.id, (number, row.moment, row.number)) for row in rows]


def _directed(columns: Sequence[Any], falling: bool) -> list[Any]:
    return [column.desc() if falling else column for column in columns]


def _lines(views: Sequence[Any], keys: Sequence[_Key]) -> list[Line]:
    """The cases of these keys in their order, with who has to act on each."""
    found: dict[tuple[str, int], tuple[Any, Case]] = {}
    for view in views:
        numbers = [key.id for key in keys if key.table == view.record.__tablename__]
        rows = db.session.scalars(select(view.record).where(view.record.id.in_(numbers))) if numbers else ()
        found.update({(view.record.__tablename__, row.id): (view, row) for row in rows})
    there = [(key, *found[key.table, key.id]) for key in keys if (key.table, key.id) in found]
    told = pressed([case for _key, _view, case in there])
    return [_line(view, case, GROUPS[key.place[0]], told[case.number]) for key, view, case in there]


def _line(view: Any, case: Case, group: Any, told: Pressed) -> Line:
    whose = owners_in_sight(case)
    mine = current().actor in {person.username for person in whose}
    return Line(view, case, group, who(whose, mine), names_of(whose), mine, told, may_urge(case, whose))


def who(whose: Sequence[Any], mine: bool) -> str:
    """Who has to act, as the office says it: 城管中队 · 陈刚, or the others beside the user; nobody is said too."""
    if not whose:
        return gettext("Nobody with an account")
    first = whose[0]
    where = label_of("handling_unit", first.unit) if first.unit else place_name(first.node)
    named = "" if mine else f"{where} · {names_of([first])}"
    return named if len(whose) == 1 else gettext("%(name)s and others, %(n)s in all", name=named, n=len(whose)).strip()
