"""Puts the house together: finds the subsystems, looks their declarations over, and registers their views.

The only file of the core that looks up; everything else enters itself where it is declared.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from flask import current_app
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from werkzeug.routing import IntegerConverter

import app.subsystems as subsystems
from app.core.base.numbers import LARGEST
from app.core.base.registry import record_views, records
from app.core.declarations import DeclarationError, check_declarations
from app.core.screens.jobs import JobView
from app.core.screens.rest import api_for


def discover() -> None:
    """Imports every module of every subsystem, so that its records and views exist, and looks them over."""
    for name in modules():
        try:
            importlib.import_module(name)
        except (InvalidRequestError, ArgumentError) as error:
            raise DeclarationError(f"{name}: {error}") from error
    check_declarations(records(), record_views())


def modules() -> Iterator[str]:
    """The names of the subsystems' modules: a subsystem is a file, or a folder of files."""
    for found in pkgutil.walk_packages(subsystems.__path__, f"{subsystems.__name__}."):
        yield found.name


class RecordNumber(IntegerConverter):
    """The id of a record in an address: what no integer column holds is no address of ours."""

    regex = "[0-9]{1,10}"

    def __init__(self, url_map: Any) -> None:
        super().__init__(url_map, max=LARGEST)


def register(appbuilder: Any) -> None:
    """Registers the views and their REST twins."""
    current_app.url_map.converters["int"] = RecordNumber
    appbuilder.add_view_no_menu(JobView)
    for view in record_views():
        appbuilder.add_view_no_menu(view)
        appbuilder.add_view_no_menu(api_for(view))
