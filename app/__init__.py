"""格物: the console in which a sub-district office runs its social grid management."""

from __future__ import annotations

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app.db import db
from config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Settings -> database -> records -> Flask-AppBuilder -> views."""
    from app import demo
    from app.accounts import manager as accounts
    from app.core import assembly
    from app.core.base import crypto
    from app.public import door
    from app.screens import edges, language, logs, product, wire
    from app.screens.accounts import SecurityManager

    settings = settings or Settings.load()
    app = Flask(__name__, static_folder=None)
    app.config.update(settings.flask(), FAB_PASSWORD_COMPLEXITY_VALIDATOR=accounts.check_strength)
    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
        app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)
    app.extensions.update(settings=settings, demo=demo)
    crypto.use(crypto.Keyring.load(settings.keys_dir / "data.json"))
    db.init_app(app)
    assembly.install(app, accounts.request_scope, accounts.owner_of)
    logs.install(app)
    edges.install(app)
    wire.install(app)
    CSRFProtect(app)
    with app.app_context():
        appbuilder = AppBuilder(app, db.session, security_manager_class=SecurityManager)
        assembly.register(appbuilder)
        door.register(appbuilder)
        product.register(appbuilder)
    language.install(app)
    return app


def served() -> Flask:
    """The application of a server's process, which writes the log of its installation."""
    from app.screens import logs

    settings = Settings.load()
    logs.configure(settings.data_dir)
    return create_app(settings)
