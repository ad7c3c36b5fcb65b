"""Finds the subsystems and registers their views: a new subsystem is one file, nothing else."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, Any

from flask import current_app
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from werkzeug.routing import IntegerConverter

from app.core.records import Record
from app.core.validators import LARGEST
from app.db import db

if TYPE_CHECKING:
    from app.core.views import RecordView


def discover() -> None:
    """Imports every module of app.subsystems, so that its records and views exist, and looks them over."""
    import app.subsystems as package
    from app.core.declarations import DeclarationError, check_declarations

    for module in pkgutil.iter_modules(package.__path__):
        name = f"{package.__name__}.{module.name}"
        try:
            importlib.import_module(name)
        except (InvalidRequestError, ArgumentError) as error:
            raise DeclarationError(f"{name}: {error}") from error
    check_declarations(records(), record_views())


@cache
def record_views() -> tuple[type[RecordView], ...]:
    """Every view of a record, in the order of the menu; looked up again when another one is declared."""
    from app.core.views import RecordView

    found = [view for view in _subclasses(RecordView) if getattr(view, "record", None)]
    return tuple(sorted(found, key=lambda view: (view.menu_order, view.__name__)))


@cache
def record_view_names() -> frozenset[str]:
    """The names of the views of records, as the table of roles says them."""
    return frozenset(view.__name__ for view in record_views())


def forget_views() -> None:
    """A view was declared: what is known of them all is looked up again."""
    record_views.cache_clear()
    record_view_names.cache_clear()


def _subclasses(base: type) -> list[Any]:
    return [leaf for child in base.__subclasses__() for leaf in [child, *_subclasses(child)]]


def records() -> list[type[Record]]:
    return [mapper.class_ for mapper in db.Model.registry.mappers
            if issubclass(mapper.class_, Record)]


def record_name(record: type) -> str:
    """The name scripts and addresses use: gridstaff for GridStaff."""
    return record.__name__.lower()


def record_by_name(name: str) -> type[Record] | None:
    """The record a script means by a word such as resident; None when there is none."""
    return next((record for record in records() if record_name(record) == name.lower()), None)


@cache
def grid_record() -> Any:
    """The record that is the grid tree itself."""
    return next(record for record in records() if record.__tablename__ == "grid")


def view_of(record: type) -> type[RecordView] | None:
    """The view of a record, for links; None for a record without a page."""
    return next((view for view in record_views() if view.record is record), None)


def view_of_table(name: str) -> Any:
    """The view of the record a log or a line of news names by its table; None for a record without a page."""
    return next((view for view in record_views() if view.record.__tablename__ == name), None)


def may(action: str, view: type[RecordView]) -> bool:
    """Whether the user may do an action (list, show, add, a step …) on a view."""
    return bool(current_app.appbuilder.sm.has_access(f"can_{action}", view.__name__))


class RecordNumber(IntegerConverter):
    """The id of a record in an address: what no integer column holds is no address of ours."""

    regex = "[0-9]{1,10}"

    def __init__(self, url_map: Any) -> None:
        super().__init__(url_map, max=LARGEST)


def register(appbuilder: Any) -> None:
    """Registers the views and their REST twins."""
    from app.core.api import api_for
    from app.core.views.jobs import JobView

    current_app.url_map.converters["int"] = RecordNumber
    appbuilder.add_view_no_menu(JobView)
    for view in record_views():
        appbuilder.add_view_no_menu(view)
        appbuilder.add_view_no_menu(api_for(view))
