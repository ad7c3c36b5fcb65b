"""What surrounds every page: menu, street, user, language; and the words templates say values in."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, render_template
from flask_babel import format_date, get_locale
from flask_babel import gettext as _
from jinja2 import pass_context
from markupsafe import Markup

from app.accounts.manager import may
from app.core.base.actors import actor_name
from app.core.base.moments import local
from app.core.cases import lights
from app.core.files.reading import largest_files
from app.core.screens import sending
from app.core.telling.dictionaries import entries
from app.core.telling.display import shown
from app.core.telling.places import place_name, places, scope_name
from app.core.telling.spans import left
from app.screens.access_log import who_looked
from app.screens.accounts import ACTIONS, duties, role_word
from app.screens.menu import Group, menu


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
        return [(name, role, about) for name, role, _node, about in current_app.extensions["demo"].ACCOUNTS]

    @property
    def demo_password(self) -> str:
        return str(current_app.extensions["demo"].PASSWORD)

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
    app.jinja_env.globals["form_key"] = sending.form_key
    app.jinja_env.globals["saved_forms"] = sending.saved_keys
    app.jinja_env.globals["largest_files"] = largest_files
    app.jinja_env.filters["moment"] = lambda moment: f"{local(moment):%Y-%m-%d %H:%M}"
    app.jinja_env.filters["left"] = left
    app.jinja_env.filters["light"] = lights.mark
    app.jinja_env.filters["duties"] = duties
    app.jinja_env.filters["role_name"] = role_word
    app.jinja_env.globals["role_actions"] = lambda: [str(words) for words in ACTIONS.values()]
    app.jinja_env.filters["day"] = lambda day: format_date(day, "full")
    app.jinja_env.filters["allowed"] = _allowed
    app.jinja_env.globals["who_looked"] = who_looked
    app.jinja_env.filters["told"] = lambda value, words: shown(words, value)
    app.jinja_env.filters["actor"] = actor_name
    app.jinja_env.filters["place"] = place_name
    app.jinja_env.filters["entries"] = entries
    app.context_processor(lambda: {"shell": Shell()})


@pass_context
def _allowed(_context: Any, action: str, view: str) -> bool:
    """Asked anew for every user: without a context Jinja works out a filter of constants once, for all."""
    return may(action, view)
