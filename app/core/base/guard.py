"""Refuses what was to be written outside the user's part of the grid tree, and statements the row rule did not see.

The guard looks at every row as it is flushed; the tripwire at every statement as it is sent, so that a
forgotten Core select fails closed.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from functools import cache
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import History as Changes

from app.core.base.records import Record, RuleError
from app.core.base.scope import CHECKED, OutOfScope, Scoped, current, restrict, scope_column
from app.db import db

_flushing: ContextVar[bool] = ContextVar("flushing", default=False)


def guard(session: Session, context: Any, instances: Any) -> None:
    """Refuses to write a row, its old place, or a row it points to, outside the node."""
    for row in list(session.new) + list(session.dirty) + list(session.deleted):
        if isinstance(row, Scoped):
            _guard_row(session, row)
    _flushing.set(True)


def _guard_row(session: Session, row: Scoped) -> None:
    place = scope_column(type(row))
    history: Changes = inspect(row).attrs[place].history
    code = getattr(row, place)
    if not all(current().covers(known) for known in (code, *(history.deleted or ()))):
        raise OutOfScope(_("This place is not in your part of the grid."), place)
    back = _comes_back(row)
    if place == "grid_code" and (history.added or back):
        _guard_place(session, code)
    for name, target in scoped_references(type(row)).items():
        if (inspect(row).attrs[name].history.added or back) and getattr(row, name) is not None:
            _guard_target(session, name, target, getattr(row, name))


def _comes_back(row: Record) -> bool:
    """Whether a row leaves the recycle bin: what it points to may have gone meanwhile."""
    return row.deleted_at is None and bool(inspect(row).attrs.deleted_at.history.deleted)


def _guard_place(session: Session, code: str | None) -> None:
    """A record lies in a grid that is in use."""
    grid = Scoped.metadata.tables["grid"]
    if any(getattr(row, "code", None) == code and row.__tablename__ == grid.name for row in session.new):
        return
    live = select(grid.c.id).where(grid.c.code == code, grid.c.deleted_at.is_(None))
    if session.connection().execute(live.execution_options(**CHECKED)).scalar() is None:
        raise RuleError(_("This grid is not in use any more: choose another."), "grid_code")


def _guard_target(session: Session, name: str, target: type[Any], key: Any) -> None:
    with session.no_autoflush:
        column = getattr(target, scope_column(target))
        places = select(column).where(target.id == key, target.deleted_at.is_(None)).with_for_update(read=True)
        code = session.connection().execute(places.execution_options(**CHECKED)).scalar()
    if not current().covers(code):
        raise OutOfScope(_("The chosen entry does not exist or is not yours."), name)


def scoped_references(record: type[Any]) -> dict[str, type[Any]]:
    """Foreign key columns of a record that point to scoped records by id."""
    found = {}
    for relation in record.__mapper__.relationships:
        local = [column for column in relation.local_columns if column.foreign_keys]
        scoped = relation.direction.name == "MANYTOONE" and issubclass(relation.mapper.class_, Scoped)
        if scoped and local[0].name not in ("grid_code", "parent_code"):
            found[local[0].name] = relation.mapper.class_
    return found


def _flushed(session: Session, *rest: Any) -> None:
    _flushing.set(False)


@cache
def _scoped_data() -> re.Pattern[str]:
    """Statements on rows that name a scoped table or its search index anywhere, however they are written."""
    names = "|".join(m.class_.__tablename__ for m in db.Model.registry.mappers if issubclass(m.class_, Scoped))
    verbs = "SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|TABLE|MERGE|COPY|EXPLAIN"
    return re.compile(rf"[\s(]*(?:{verbs})\b.*?\b((?:{names})(?:_fts)?)\b", re.IGNORECASE | re.DOTALL)


def tripwire(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any,
             many: bool) -> None:
    """Refuses any statement on a scoped table that the row rule did not see."""
    if _flushing.get() or (context and context.execution_options.get("scope_checked")):
        return
    found = _scoped_data().match(statement)
    if found:
        raise RuntimeError(f"Statement on {found[1]} without row scope: use the ORM session.")


def install(app: Any) -> None:
    """Hangs the rules on the session and the engine of an application."""
    for name, rule in (("do_orm_execute", restrict), ("before_flush", guard),
                       ("after_flush_postexec", _flushed), ("after_soft_rollback", _flushed)):
        if not event.contains(db.session.session_factory, name, rule):
            event.listen(db.session.session_factory, name, rule)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", tripwire)
