"""Which rows a user sees: the one place, on the database session; ``guard`` holds what is written to it.

Grid codes nest: everything under a node lies in the half-open range of codes that begin with
the node's code. No node, no rows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from typing import Any

from flask import has_request_context
from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, String, bindparam, inspect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, with_loader_criteria
from sqlalchemy.sql.functions import FunctionElement

from app.core.base import hidden
from app.core.base.fields import Field
from app.core.base.nodes import Node
from app.core.base.records import LIVE, Record, RuleError
from app.db import db

log = logging.getLogger(__name__)
CHECKED = {"scope_checked": True}
GridCode = String(15).with_variant(String(15, collation="C"), "postgresql")
NOTHING, EVERYTHING = "nothing", "everything"


class OutOfScope(RuleError):
    """A row outside the user's part of the grid tree was to be written."""

    status = 404


@dataclass(frozen=True)
class Scope:
    """Whoever acts now, and the grid node he is held to."""

    actor: str
    node: str = NOTHING

    @property
    def sees_all(self) -> bool:
        return self.node == EVERYTHING

    @property
    def high(self) -> str:
        """First code behind the node's range."""
        return Node(self.node).high

    @property
    def level_below(self) -> str:
        """What the user's rows are counted by: the street's by community, a community's by base grid."""
        return "base" if Node(self.node).level in ("community", "base") else "community"

    def covers(self, code: str | None) -> bool:
        """Whether a grid code lies at or under the node."""
        if self.sees_all:
            return True
        return self.node != NOTHING and Node(self.node).contains(code)


NOBODY = Scope("")
_current: ContextVar[Scope | None] = ContextVar("scope", default=None)


_of_request: list[Callable[[], Scope]] = []


def current() -> Scope:
    """Whoever acts now: as bound by a command or job, else the sender of the request."""
    bound = _current.get()
    if bound is None:
        return _of_request[0]() if _of_request and has_request_context() else NOBODY
    return bound


def bind(scope: Scope) -> Token[Scope | None]:
    return _current.set(scope)


def unbind(token: Token[Scope | None]) -> None:
    _current.reset(token)


def of_requests(find: Callable[[], Scope]) -> None:
    """Says how the scope of a web request is found."""
    _of_request[:] = [find]


@contextmanager
def acting(scope: Scope) -> Iterator[None]:
    """Runs as somebody; what lies outside his node is forgotten first, what was loaded meanwhile at the end.

    Rows loaded in a wider scope must not be answered from the identity map in a narrower one. Changes
    are flushed before they are forgotten, in the scope that made them. No ``yield`` belongs inside:
    a generator would leave its scope on in whoever reads it.
    """
    _forget([row for row in _loaded() if not scope.covers(_place_of(row))])
    known = set(db.session.identity_map.keys())
    token = _current.set(scope)
    try:
        yield
        _flush_changes(_strangers(known))
    finally:
        _current.reset(token)
        _expunge(_strangers(known))


def _loaded() -> list[Any]:
    return [row for row in db.session.identity_map.values() if isinstance(row, Scoped)]


def _strangers(known: set[Any]) -> list[Any]:
    return [row for key, row in db.session.identity_map.items() if key not in known and isinstance(row, Record)]


def _place_of(row: Any) -> str | None:
    """The grid code a row was loaded with; None when it has to be read again."""
    found: str | None = inspect(row).dict.get(scope_column(type(row)))
    return found


def _forget(rows: list[Any]) -> None:
    _flush_changes(rows)
    _expunge(rows)


def _flush_changes(rows: list[Any]) -> None:
    if any(row in db.session.dirty for row in rows):
        db.session.flush()


def _expunge(rows: list[Any]) -> None:
    for row in rows:
        if row in db.session:
            db.session.expunge(row)


def acting_as(actor: str, node: str) -> Any:
    return acting(Scope(actor, node or NOTHING))


def system(reason: str) -> Any:
    """Work that must see all rows, with its reason in the log."""
    log.debug("system scope: %s", reason)
    return acting(Scope(current().actor or "system", EVERYTHING))


class Scoped(Record):
    """A record that lies in a grid (or, not placed yet, in a community or the street)."""

    __abstract__ = True

    @declared_attr
    def grid_code(cls) -> Mapped[str]:
        return mapped_column(
            GridCode, ForeignKey("grid.code", ondelete="RESTRICT"), index=True,
            info={"field": Field(_("Grid"), kind="grid", section=_("Place"), listed=True,
                                 chart=True, sortable=True,
                                 aliases=("所属网格", "网格", "网格名称", "网格编码", "所在网格")),
                  "required": True},
        )


LOW = bindparam("scope_low", callable_=lambda: current().node, type_=GridCode)
HIGH = bindparam("scope_high", callable_=lambda: current().high, type_=GridCode)
IN_RANGE = with_loader_criteria(
    Scoped, lambda cls: (cls.grid_code >= LOW) & (cls.grid_code < HIGH), include_aliases=True
)


class no_index(FunctionElement[str]):
    """A column SQLite must not look up by index; PostgreSQL knows by its statistics when that is no use."""

    inherit_cache = True
    type = GridCode


@compiles(no_index)
def _plain(element: Any, compiler: Any, **words: Any) -> str:
    return str(compiler.process(element.clauses.clauses[0], **words))


@compiles(no_index, "sqlite")
def _unindexed(element: Any, compiler: Any, **words: Any) -> str:
    return f"+{compiler.process(element.clauses.clauses[0], **words)}"


# When a page's range is nearly the whole table, SQLite would choose the grid index all the same.
# Who reads the whole range anyway, such as a chart, says WHOLE_RANGE and has the index.
IN_WIDE_RANGE = with_loader_criteria(
    Scoped, lambda cls: (no_index(cls.grid_code) >= LOW) & (no_index(cls.grid_code) < HIGH),
    include_aliases=True,
)
WHOLE_RANGE = {"whole_range": True}


def _criteria(scope: Scope, options: dict[str, Any]) -> list[Any]:
    found = [] if options.get("with_deleted") else [LIVE]
    if not scope.sees_all:
        wide = Node(scope.node).level == "street" and not options.get("whole_range")
        found.append(IN_WIDE_RANGE if wide else IN_RANGE)
    return found


def restrict(state: Any) -> None:
    """Adds the row rule to every ORM statement: lists, counts, relations, bulk update, delete."""
    if not state.is_orm_statement:
        return
    if not state.is_select and any(issubclass(mapper.class_, Record) for mapper in state.all_mappers):
        raise RuntimeError("Records are written one by one, or by an import: bulk statements leave no history.")
    state.update_execution_options(**CHECKED)
    if state.is_column_load:
        return
    state.statement = state.statement.options(*_criteria(current(), state.execution_options), *_unseen(state))


def _unseen(state: Any) -> list[Any]:
    """Rows of an import that is not through; a statement on no record at all cannot meet them."""
    mappers = state.all_mappers
    elsewhere = mappers and not any(issubclass(mapper.class_, Record) for mapper in mappers)
    return [] if elsewhere or state.execution_options.get("with_hidden") else hidden.criteria()


def scope_column(record: type) -> str:
    return getattr(record, "__scope_column__", "grid_code")
