"""Puts the house together: finds the subsystems, looks their declarations over, and registers their views.

The only file of the core that looks up; everything else enters itself where it is declared.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask
from flask_appbuilder.api.manager import OpenApi
from jinja2 import FileSystemLoader
from sqlalchemy.exc import ArgumentError, InvalidRequestError

import app.subsystems as subsystems
from app.core.base import guard, history, revisions, scope, storage
from app.core.base.registry import record_views, records
from app.core.base.scope import Scope
from app.core.declarations import DeclarationError, check_declarations
from app.core.jobs import running
from app.core.jobs.running import Owner
from app.core.screens.addresses import Address, RecordNumber
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


def template_folders(app: Flask) -> list[str]:
    """A template lies with what fills it: in the rooms of the program, and in the folders of the subsystems."""
    places = [app.root_path, *subsystems.__path__]
    return sorted({str(folder) for place in places for folder in Path(place).rglob("templates") if folder.is_dir()})


def install(app: Flask, scope_of_request: Callable[[], Scope], owner_of: Callable[[str], Owner | None]) -> None:
    """Finds the subsystems and hangs the core's rules on the database, before there are any views.

    ``scope_of_request`` says which rows the sender of a request sees, ``owner_of`` whose rights a job has.
    """
    app.jinja_loader = FileSystemLoader(template_folders(app))
    app.url_rule_class = Address
    app.url_map.converters["int"] = RecordNumber
    discover()
    storage.install(app)
    history.install()
    revisions.install()
    guard.install(app)
    scope.of_requests(scope_of_request)
    running.of_owners(owner_of)


def register(appbuilder: Any) -> None:
    """Registers the views and their REST twins."""
    appbuilder.add_view_no_menu(JobView)
    appbuilder.add_api(OpenApi)
    for view in record_views():
        appbuilder.add_view_no_menu(view)
        appbuilder.add_view_no_menu(api_for(view))
