"""The words of a page, from a catalogue looked up once a request: a page has hundreds of words."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, has_request_context
from flask_babel import Domain, get_babel, get_domain, get_locale

from app.screens.catalogue import catalogue


class KeptDomain(Domain):
    """Flask-AppBuilder's words with ours over them, the request's own catalogue kept beside its language."""

    def __init__(self, folders: list[str]) -> None:
        super().__init__(folders)
        self.ready: dict[str, Any] = {}

    def get_translations(self) -> Any:
        if not has_request_context():
            return self.of_language()
        here = g._get_current_object()
        held = here.get("catalogue")
        if held is None or held[0] is not getattr(here.get("_flask_babel"), "babel_locale", None):
            held = here.catalogue = (get_locale(), self.of_language())
        return held[1]

    def of_language(self) -> Any:
        """The words of the language asked for; put together once a process."""
        language = str(get_locale())
        if language not in self.ready:
            words, own = super().get_translations(), catalogue(language)
            if own:
                words.merge(own)
                words.plural = own.plural
            self.ready[language] = words
        return self.ready[language]


def install(app: Flask) -> None:
    """Gives every request and every template the kept catalogue; Refusal when one cannot be read."""
    for language in app.config["LANGUAGES"]:
        catalogue(language)
    babel = get_babel(app)
    babel.instance.domain_instance = KeptDomain(babel.translation_directories)
    app.jinja_env.install_gettext_callables(
        gettext=lambda text: get_domain().get_translations().ugettext(text),
        ngettext=lambda one, many, count: get_domain().get_translations().ungettext(one, many, count),
        newstyle=True)
