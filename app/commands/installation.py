"""Opens the installation a command works on, its schema current."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from config import Settings


def settings_of(arguments: argparse.Namespace) -> Settings:
    return Settings.load(arguments.data, arguments.database_url)


@contextmanager
def opened(arguments: argparse.Namespace) -> Iterator[Flask]:
    """The application of an installation, migrated, in a scope that sees all."""
    from app import create_app
    from app.core import schema
    from app.core.scope import system

    settings = settings_of(arguments)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    app = create_app(settings)
    with app.app_context():
        schema.upgrade()
        prepare()
        with system(f"command {arguments.command}"):
            yield app


def prepare() -> None:
    """Loads what every installation needs: code lists and roles."""
    from app import accounts
    from app.core import dictionaries, workdays
    from app.core.cases import limits
    from app.core.records import today
    from app.core.scope import system
    from app.db import db

    with system("first start"):
        dictionaries.load_shipped()
        limits.load_shipped()
        if not workdays.known_years():
            for year in (today().year - 1, today().year, today().year + 1):
                if workdays.moved_days_known(year):
                    workdays.load_year(year)
        accounts.ensure_roles(db.session)
