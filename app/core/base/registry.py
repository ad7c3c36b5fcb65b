"""Which records and views there are: they enter themselves when they are declared; nothing is looked up here."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import current_app

from app.core.base.once import once
from app.core.base.records import Record
from app.core.base.systems import system_of
from app.db import db

_views: list[Any] = []


def enter(view: Any) -> None:
    """A view of a record was declared: it enters itself, and what is known of them all is looked up again."""
    _views.append(view)
    record_views.cache_clear()
    record_view_names.cache_clear()


@cache
def record_views() -> tuple[Any, ...]:
    """Every view of a record, in the order of the menu; looked up again when another one is declared."""
    found = [view for view in _views if getattr(view, "record", None)]
    return tuple(sorted(found, key=lambda view: (place_in_menu(view), view.__name__)))


def heading_of(view: Any) -> str:
    """The heading a view stands under: its own, else that of its part of the plan; empty for no place in the menu."""
    if view.menu is not None:
        return str(view.menu)
    system = system_of(view.__module__)
    return system.menu if system else "base"


def place_in_menu(view: Any) -> int:
    """Views stand in the order of these numbers; under a heading of its own a view says the whole number."""
    system = None if view.menu else system_of(view.__module__)
    return int(view.menu_order + (system.order if system else 0))


@cache
def record_view_names() -> frozenset[str]:
    """The names of the views of records, as the table of roles says them."""
    return frozenset(view.__name__ for view in record_views())


def records() -> list[type[Record]]:
    return [mapper.class_ for mapper in db.Model.registry.mappers
            if issubclass(mapper.class_, Record)]


def record_of_table(name: str) -> type[Record]:
    """The record whose rows a table holds."""
    return next(record for record in records() if record.__tablename__ == name)


def record_name(record: type) -> str:
    """The name scripts and addresses use: gridstaff for GridStaff."""
    return record.__name__.lower()


def record_by_name(name: str) -> type[Record] | None:
    """The record a script means by a word such as resident; None when there is none."""
    return next((record for record in records() if record_name(record) == name.lower()), None)


@once
def grid_record() -> Any:
    """The record that is the grid tree itself."""
    return next(record for record in records() if record.__tablename__ == "grid")


def view_of(record: type) -> Any:
    """The view of a record, for links; None for a record without a page."""
    return next((view for view in record_views() if view.record is record), None)


def view_of_table(name: str) -> Any:
    """The view of the record a log or a line of news names by its table; None for a record without a page."""
    return next((view for view in record_views() if view.record.__tablename__ == name), None)


def builder() -> Any:
    """What Flask-AppBuilder keeps of the running program: its views, its security."""
    return current_app.extensions["appbuilder"]


def security() -> Any:
    """Who signs in and who may do what, in the running program."""
    return builder().sm


def may(action: str, view: Any) -> bool:
    """Whether the user may do an action (list, show, add, a step …) on a view."""
    return bool(security().has_access(f"can_{action}", view.__name__))
