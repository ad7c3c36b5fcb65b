"""Opens the installation a command works on."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from config import Settings


def settings_of(arguments: argparse.Namespace) -> Settings:
    return Settings.load(arguments.data, arguments.database_url)


@contextmanager
def opened(arguments: argparse.Namespace, upgrade: bool = False) -> Iterator[Flask]:
    """The application of an installation in a scope that sees all; an empty database is made ready.

    An older schema is brought up for who asks for it (``serve``, ``demo``); for others it is a Refusal.
    """
    from app import create_app
    from app.core.base.scope import system
    from app.core.upkeep import installation

    settings = settings_of(arguments)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with installation.one_start(settings):
        installation.refuse_lost_keys(settings)
        app = create_app(settings)
        with app.app_context():
            installation.bring_up(upgrade)
            installation.check_keys()
            prepare()
    with app.app_context(), system(f"command {arguments.command}"):
        yield app


def forget_half_a_demo(arguments: argparse.Namespace) -> None:
    """A demo street whose loading was broken off is taken out again: nothing else is in its database."""
    from app.core.upkeep import installation
    from app.core.upkeep.copies import database_of
    from app.db import db

    settings = settings_of(arguments)
    if not settings.demo or database_of(settings.url).is_empty():
        return
    with opened(arguments, upgrade=True):
        half = installation.demo_state() == installation.LOADING
        db.session.remove()
        db.engine.dispose()
    if half:
        print("上次载入演示街道时中断，现在重新载入。 / Loading the demo street was broken off: it begins anew.", flush=True)
        database_of(settings.url).clear()


def prepare() -> None:
    """Loads what every installation needs: code lists, limits, this year's calendar, roles."""
    from app.accounts import manager as accounts
    from app.core.base import workdays
    from app.core.base.scope import system
    from app.core.keeping import shipped
    from app.db import db

    with system("first start"):
        shipped.load()
        workdays.fill_empty()
        accounts.ensure_roles(db.session)
