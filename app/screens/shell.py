"""What surrounds every page: menu, language, security headers, plain error pages, health."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask_babel import format_date, get_locale, lazy_gettext
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from jinja2 import pass_context
from markupsafe import Markup
from sqlalchemy import text
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from app.accounts.manager import may
from app.core.base import registry
from app.core.base.actors import actor_name
from app.core.base.language import in_english
from app.core.base.moments import local
from app.core.base.records import RuleError
from app.core.cases.counters import worker_seen
from app.core.keeping.saving import Conflict
from app.core.telling.dictionaries import entries
from app.core.telling.display import shown
from app.core.telling.places import place_name, places, scope_name
from app.db import db
from app.menu import GROUPS
from app.roles import ENGLISH
from app.screens import access_log as access_screens
from app.screens.accounts import ACTIONS, action_words, duties

TITLES = {
    400: lazy_gettext("This request cannot be understood"),
    401: lazy_gettext("Please sign in"),
    403: lazy_gettext("You have no right to this page"),
    404: lazy_gettext("Nothing here for you"),
    405: lazy_gettext("This cannot be done that way"),
    413: lazy_gettext("The file is too large"),
    429: lazy_gettext("Too many tries"),
    500: lazy_gettext("Something went wrong here"),
    503: lazy_gettext("Others are writing"),
}
SENTENCES = {
    403: lazy_gettext("Your role lacks the right to do this. The system administrator can give you another role."),
    404: lazy_gettext("The page does not exist, or it belongs to another part of the grid."),
    413: lazy_gettext("Split the file and send the parts one after the other."),
    429: lazy_gettext("Wait a minute and try again."),
    500: lazy_gettext("Nothing was changed. Try again; if it happens again, tell the administrator the number below."),
}


@dataclass
class Item:
    """One entry of the menu."""

    label: str
    url: str
    icon: str
    active: bool = False


@dataclass
class Group:
    """A heading of the menu with its entries."""

    label: str
    icon: str
    items: list[Item] = field(default_factory=list)


def menu() -> list[Group]:
    """The entries the user may open, under their headings; empty headings are left out."""
    found = [Group(str(label), icon, _items(name)) for name, label, icon in GROUPS]
    return [group for group in found if group.items]


def _items(group: str) -> list[Item]:
    items = [Item(str(view.record.__label__), f"{view.route_base}/list/", view.icon,
                  request.path.startswith(f"{view.route_base}/"))
             for view in registry.record_views()
             if view.menu == group and may("list", view.__name__)]
    if group == "mechanisms" and may("home", "HomeView"):
        items.insert(0, Item(_("My work"), "/todo/", "fa-inbox", request.path.startswith("/todo/")))
    if group == "grids" and may("checkup", "HomeView"):
        items.append(Item(_("Four links check-up"), "/checkup/", "fa-stethoscope",
                          request.path.startswith("/checkup/")))
    if group == "settings":
        items += [Item(str(label), url, icon, request.path.startswith(url.rsplit("/list", 1)[0]))
                  for view, label, url, icon in ADMIN_PAGES if may("list", view)]
    return items


ADMIN_PAGES = (
    ("OfficeSettingsView", lazy_gettext("Office settings"), "/settings/list/", "fa-gears"),
    ("UserDBModelView", lazy_gettext("Users"), "/users/list/", "fa-users"),
    ("RoleModelView", lazy_gettext("Roles"), "/roles/list/", "fa-user-shield"),
    ("AccessLogView", lazy_gettext("Access log"), "/accesslog/list/", "fa-shoe-prints"),
    ("LockoutView", lazy_gettext("Locked sign-ins"), "/lockouts/list/", "fa-lock"),
)


class Shell:
    """What the page frame asks for; each part is computed when a template names it."""

    @property
    def product(self) -> str:
        return _("Gewu")

    @property
    def street(self) -> str:
        return scope_name()

    @property
    def office(self) -> str:
        """The name of the street, for whoever is not signed in."""
        return next((place.name for place in places().values() if place.level == "street"), self.product)

    @property
    def demo(self) -> bool:
        return bool(current_app.extensions["settings"].demo)

    @property
    def demo_accounts(self) -> Any:
        from app.demo import ACCOUNTS

        return [(name, role, about) for name, role, _node, about in ACCOUNTS]

    @property
    def demo_password(self) -> str:
        from app.demo import PASSWORD

        return PASSWORD

    @property
    def locale(self) -> str:
        return str(get_locale() or "zh").split("_")[0]

    @property
    def languages(self) -> list[tuple[str, str]]:
        return [("zh", "中文"), ("en", "English")]

    @property
    def menu(self) -> list[Group]:
        return menu()

    @property
    def user_name(self) -> str:
        return g.user.full_name or g.user.username

    @property
    def initial(self) -> str:
        return self.user_name[:1]

    @property
    def profile_url(self) -> str:
        return "/users/userinfo/"

    @property
    def logout_url(self) -> str:
        return "/logout/"

    def kept(self, template: str) -> Markup:
        """A part of the frame that says the same to everyone, rendered once a language."""
        key = (template, self.locale)
        if key not in _kept:
            _kept[key] = Markup(render_template(template))
        return _kept[key]

    @property
    def quick_add(self) -> str | None:
        return "/resident/add" if may("add", "ResidentView") else None


_kept: dict[tuple[str, str], Markup] = {}


def install(app: Flask) -> None:
    """Hangs the frame on the application."""
    app.jinja_env.globals["csp_nonce"] = _nonce
    app.jinja_env.filters["moment"] = lambda moment: f"{local(moment):%Y-%m-%d %H:%M}"
    app.jinja_env.filters["duties"] = duties
    app.jinja_env.filters["role_name"] = lambda role: str(ENGLISH.get(role, role)) if in_english() else role
    app.jinja_env.globals["role_actions"] = lambda: [str(words) for words in ACTIONS.values()]
    app.jinja_env.filters["day"] = lambda day: format_date(day, "full")
    app.jinja_env.filters["allowed"] = _allowed
    app.jinja_env.globals["who_looked"] = access_screens.who_looked
    app.jinja_env.filters["told"] = lambda value, words: shown(words, value)
    app.jinja_env.filters["actor"] = actor_name
    app.jinja_env.filters["place"] = place_name
    app.jinja_env.filters["entries"] = entries
    app.context_processor(lambda: {"shell": Shell()})
    app.after_request(_headers)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(RuleError, _rule_error)
    app.register_error_handler(StaleDataError, lambda error: _rule_error(Conflict()))
    app.register_error_handler(Exception, _crash)
    app.add_url_rule("/health", "health", health)


@pass_context
def _allowed(_context: Any, action: str, view: str) -> bool:
    """Asked anew for every user: without a context Jinja works out a filter of constants once, for all."""
    return may(action, view)


def _nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return g.nonce


def _headers(response: Response) -> Response:
    """Nothing comes from elsewhere, nothing frames us, nothing sensitive stays in a cache."""
    policy = (f"default-src 'self'; script-src 'self' 'nonce-{_nonce()}'; "
              "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; "
              "base-uri 'self'; form-action 'self'; frame-ancestors 'none'")
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _wants_json() -> bool:
    return request.path.startswith("/api/") or request.path == "/health"


def _page(code: int, sentence: str = "") -> Any:
    title = str(TITLES.get(code, TITLES[400]))
    sentence = sentence or str(SENTENCES.get(code, "")) + (_missing_right() if code == 403 else "")
    if _wants_json():
        return jsonify(message=sentence or title), code
    return render_template("error.html", code=code, title=title, sentence=sentence,
                           number=g.get("crash_number")), code


def _missing_right() -> str:
    """The right a page asks for, in words, so that one knows what to ask the administrator for."""
    view, _dot, method = (request.endpoint or "").partition(".")
    known = next((found for found in registry.record_views() if found.__name__ == view), None)
    action = action_words(getattr(getattr(known, method, None), "_permission_name", "").removeprefix("can_"))
    if known is None or not action:
        return ""
    return " " + _("The missing right: %(action)s, %(record)s.", action=action, record=known.record.__label__)


def _http_error(error: HTTPException) -> Any:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    return _page(error.code or 500)


def _csrf_error(error: CSRFError) -> Any:
    return _page(400, _("The page was open too long. Go back, reload it and send again; "
                        "what you typed is still there."))


def _rule_error(error: RuleError) -> Any:
    db.session.rollback()
    return _page(error.status, str(error))


def _crash(error: Exception) -> Any:
    """A fault of ours: logged under a number the user can quote."""
    db.session.rollback()
    g.crash_number = secrets.token_hex(4)
    current_app.logger.exception("crash %s on %r", g.crash_number, request.path)
    return _page(500)


def health() -> Any:
    """Database and migration state, for whoever watches the server."""
    from app.core.upkeep.schema import migration_state

    try:
        db.session.execute(text("SELECT 1"))
        state = migration_state()
    except Exception:
        current_app.logger.exception("health")
        return jsonify(status="down", database="unreachable"), 503
    worker = "working" if worker_seen() else "none"  # imports, exports and the clock wait until one runs
    return jsonify(status="ok", database=db.engine.dialect.name, migrations=state, worker=worker)
