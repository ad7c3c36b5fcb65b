"""How values look to people: dates, yes and no, codes in words, sensitive values masked."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import get_locale, gettext

from app.core.fields import Field
from app.core.validators import mask_address, mask_id_number, mask_phone

OFFICE_HOURS_AHEAD = timedelta(hours=8)
MASKS = {
    "id_number": mask_id_number,
    "phone": mask_phone,
    "address": mask_address,
    "categories": lambda text: "***",
}


def local(moment: datetime) -> datetime:
    """UTC as the database keeps it, in China Standard Time."""
    return moment + OFFICE_HOURS_AHEAD


def in_english() -> bool:
    locale = get_locale()
    return bool(locale) and locale.language == "en"


def masked(words: Field, text: str) -> str:
    """A sensitive text as those see it who have not asked for the whole."""
    return MASKS[words.mask](text) if words.mask and text else text


def text_of(words: Field, value: Any) -> str:
    """A stored value in the user's words, unmasked; empty for nothing."""
    from app.core.dictionaries import label_of
    from app.core.places import place_name

    if value is None or value == "" or value == []:
        return ""
    if words.kind == "grid":
        return place_name(value)
    if words.dictionary:
        codes = value if words.multiple else [value]
        return "、".join(label_of(words.dictionary, code) for code in codes)
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, datetime):
        return local(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def shown(words: Field, value: Any) -> str:
    """A stored value as a page shows it: in words, and masked."""
    return masked(words, text_of(words, value))
