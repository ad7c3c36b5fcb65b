"""The words of a page, from a catalogue looked up once a request: a page has hundreds of words."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, has_request_context
from flask_babel import Domain, get_babel, get_domain, get_locale

from app.screens.catalogue import catalogue


class KeptDomain(Domain):
    """Flask-AppBuilder's words with ours over them, the request's own catalogue kept beside its language."""

    def get_translations(self) -> Any:
        if not has_request_context():
            return self.of(get_locale())
        here = g._get_current_object()
        held = here.get("catalogue")
        if held is None or held[0] is not getattr(here.get("_flask_babel"), "babel_locale", None):
            held = here.catalogue = (get_locale(), self.of(get_locale()))
        return held[1]

    def of(self, locale: Any) -> Any:
        """The catalogue of a language."""
        return catalogue(str(locale), tuple(self.translation_directories))


def install(app: Flask) -> None:
    """Gives every request and every template the kept catalogue; Refusal when one cannot be read."""
    babel = get_babel(app)
    domain = babel.instance.domain_instance = KeptDomain(babel.translation_directories)
    for language in app.config["LANGUAGES"]:
        domain.of(language)
    environment: Any = app.jinja_env  # the extension of Flask-Babel gives it the method
    environment.install_gettext_callables(
        gettext=lambda text: get_domain().get_translations().ugettext(text),
        ngettext=lambda one, many, count: get_domain().get_translations().ungettext(one, many, count),
        pgettext=lambda place, text: get_domain().get_translations().upgettext(place, text),
        npgettext=lambda place, one, many, count: get_domain().get_translations().unpgettext(place, one, many, count),
        newstyle=True)
