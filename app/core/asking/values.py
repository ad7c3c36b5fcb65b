"""One value from outside as its column keeps it, read alike from a form, from REST and from an address.

Reading asks whether a value is of the column's kind at all; choosing asks whether this user may put
it there, and what the record holds already may always stay.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _

from app.core.base.dates import parse_date, parse_moment
from app.core.base.fields import Field
from app.core.base.identity import parse_phone
from app.core.base.numbers import parse_decimal, parse_integer, record_id
from app.core.base.records import Record
from app.core.base.scope import current
from app.core.base.texts import InvalidValue, kept_text, normalize_text, parse_bool, parse_json, parse_text
from app.core.telling.dictionaries import dictionary
from app.core.telling.display import shown
from app.core.telling.places import places
from app.db import db

STARS = "**"
EMPTY: tuple[Any, ...] = (None, "", [])


def reader_of(words: Field) -> Callable[[Any], Any]:
    """Reads a column's values; InvalidValue says what is wrong, and nothing is None or an empty list."""
    read = _readers().get("phone" if words.mask == "phone" else words.kind) or _text_reader(words)

    def one(value: Any) -> Any:
        plain = (kept_text if words.free else normalize_text)(value) if isinstance(value, str) else value
        return None if plain in EMPTY else read(plain)

    return (lambda values: _several(values, one)) if words.multiple else one


def _readers() -> dict[str, Callable[[Any], Any]]:
    return {"int": parse_integer, "decimal": parse_decimal, "date": parse_date, "datetime": parse_moment,
            "bool": parse_bool, "relation": _row_number, "json": _object, "phone": parse_phone}


def _several(values: Any, one: Callable[[Any], Any]) -> list[Any]:
    if values in EMPTY:
        return []
    if not isinstance(values, list):
        raise _wrong_kind()
    return list(dict.fromkeys(one(value) for value in values if value not in EMPTY))


def _wrong_kind() -> InvalidValue:
    return InvalidValue("kind", _("This is not the kind of value that belongs here."))


def _text_reader(words: Field) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise _wrong_kind()
        return parse_text(value, words.length)

    return read


def _row_number(value: Any) -> int:
    number = record_id(value)
    if number is None:
        raise _not_yours()
    return number


def _object(value: Any) -> dict[str, Any]:
    """A JSON object sent as such, or typed or pasted into a form."""
    found = parse_json(value) if isinstance(value, str) else value
    if not isinstance(found, dict):
        raise InvalidValue("json", _("This is not valid GeoJSON."))
    return found


def unchanged(words: Field, given: Any, held: Any) -> bool:
    """Whether a masked value came back as it was shown; other stars are refused, never stored."""
    if not words.mask or not isinstance(given, str):
        return False
    if held not in EMPTY and normalize_text(given) == normalize_text(shown(words, held)):
        return True
    if STARS in given:
        raise InvalidValue("masked", _("This value is hidden by stars: leave it as it was, or enter it whole."))
    return False


def check_choice(words: Field, value: Any, held: Any, target: type[Record] | None = None) -> None:
    """InvalidValue when the user may not choose this; what the record holds already may stay."""
    if value in EMPTY or value == held:
        return
    if words.kind == "relation" and (target is None or db.session.get(target, value) is None):
        raise _not_yours()
    if words.kind == "grid" and not (value in places() and current().covers(value)):
        raise _not_yours()
    if words.dictionary:
        _check_codes(words, as_list(value), as_list(held))


def _check_codes(words: Field, codes: list[str], held: list[str]) -> None:
    known = dictionary(words.dictionary).by_code
    for code in codes:
        if code not in held and not (code in known and known[code].active):
            raise InvalidValue("choice", _("Choose one of the entries."))


def as_list(value: Any) -> list[Any]:
    """One code, several, or none, as a list."""
    if isinstance(value, list):
        return value
    return [] if value in EMPTY else [value]


def _not_yours() -> InvalidValue:
    return InvalidValue("relation", _("The chosen entry does not exist or is not yours."))
