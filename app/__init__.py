"""格物: the console in which a sub-district office runs its social grid management."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from app.addresses import Address
from app.core.base.numbers import LARGEST
from app.db import db
from config import Settings


class RowNumber(IntegerConverter):
    """A row's number in an address; beyond the column's range there is no row, so no such page."""

    def __init__(self, map: Any, *args: Any, **options: Any) -> None:
        super().__init__(map, *args, **{"max": LARGEST, **options})


def create_app(settings: Settings | None = None) -> Flask:
    """Settings -> database -> records -> Flask-AppBuilder -> views."""
    from app.accounts import manager as accounts
    from app.core import assembly
    from app.core.base import crypto, history, revisions, scope, storage
    from app.core.jobs import running
    from app.public import api, pages, poster
    from app.screens import access_log as access_screens
    from app.screens import edges, language, shell

    settings = settings or Settings.load()
    app = Flask(__name__)
    app.url_rule_class = Address
    app.url_map.converters["int"] = RowNumber
    app.config.update(settings.flask(), FAB_PASSWORD_COMPLEXITY_VALIDATOR=accounts.check_strength)
    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
        app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)
    app.extensions["settings"] = settings
    crypto.use(crypto.Keyring.load(settings.keys_dir / "data.json"))
    db.init_app(app)
    assembly.discover()
    storage.install(app)
    history.install()
    revisions.install()
    scope.install(app)
    scope.of_requests(accounts.request_scope)
    running.of_owners(accounts.owner_of)
    edges.install(app)
    CSRFProtect(app)
    with app.app_context():
        appbuilder = AppBuilder(app, db.session, security_manager_class=accounts.SecurityManager)
        assembly.register(appbuilder)
        appbuilder.add_view_no_menu(access_screens.AccessLogView)
        appbuilder.add_view_no_menu(pages.PublicView)
        appbuilder.add_view_no_menu(poster.PosterView)
        appbuilder.add_api(api.PublicApi)
        shell.install(app)
    language.install(app)
    return app
