"""The words of a page, from a catalogue looked up once a request: a page has hundreds of words."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, has_request_context
from flask_babel import Domain, get_domain, get_locale


class KeptDomain(Domain):
    """Flask-Babel's catalogues, the request's own kept beside its language."""

    def get_translations(self) -> Any:
        if not has_request_context():
            return super().get_translations()
        here = g._get_current_object()
        held = here.get("catalogue")
        if held is None or held[0] is not getattr(here.get("_flask_babel"), "babel_locale", None):
            held = here.catalogue = (get_locale(), super().get_translations())
        return held[1]


def install(app: Flask) -> None:
    """Gives every request and every template the kept catalogue."""
    domain = KeptDomain()
    app.before_request(domain.as_default)
    app.jinja_env.install_gettext_callables(
        gettext=lambda text: get_domain().get_translations().ugettext(text),
        ngettext=lambda one, many, count: get_domain().get_translations().ungettext(one, many, count),
        newstyle=True)
