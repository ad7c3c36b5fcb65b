"""Which of the two languages somebody reads, and what a word is called where it stands."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask_babel import get_domain, get_locale, gettext
from flask_babel.speaklater import LazyString


def in_english() -> bool:
    """Whether the words of data (code lists, catalogues) are wanted in English."""
    locale = get_locale()
    return bool(locale) and locale.language == "en"


def in_context(text: Any, *places: str) -> Any:
    """A lazy word as it is said in the first of these places that has a word of its own for it, else as everywhere.

    A place is a ``msgctxt`` of the catalogue: ``Dispute`` for the title of a dispute, ``Dispute, section`` for a heading
    on its page, ``dispute`` for a step of its workflow. What already says its context, or is no lazy word, stays.
    """
    if not isinstance(text, LazyString) or text._func is not gettext:
        return text
    return LazyString(_said, places, *text._args, **text._kwargs)


def _said(places: tuple[str, ...], text: str, **values: Any) -> str:
    said = _word(get_domain().get_translations(), places, text)
    return said % values if values else said


@lru_cache(maxsize=20_000)
def _word(catalogue: Any, places: tuple[str, ...], text: str) -> str:
    """Looked up once a process and a language: a page has hundreds of words."""
    said = (catalogue.upgettext(place, text) for place in places)
    return next((word for word in said if word != text), None) or str(catalogue.ugettext(text))
