"""Which of the two languages somebody reads."""

from __future__ import annotations

from flask_babel import get_locale


def in_english() -> bool:
    """Whether the words of data (code lists, catalogues) are wanted in English."""
    locale = get_locale()
    return bool(locale) and locale.language == "en"
