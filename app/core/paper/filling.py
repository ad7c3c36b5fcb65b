"""What a form is filled with: words said once, and rows of lists, each by the office's own labels.

A placeholder is a label in double braces. ``{{姓名}}`` is said once; a row of a table with
``{{居民.姓名}}`` is repeated for every resident of the list, or for every resident that belongs to
the record. Nothing in a form is ever run: there are only names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask_babel import force_locale, lazy_gettext
from flask_babel import gettext as _

from app.core.asking import listing
from app.core.asking.links import pointers
from app.core.asking.listing import ListState
from app.core.base.fields import Field, fields_of
from app.core.base.moments import local, now, today
from app.core.base.records import Record, RuleError
from app.core.base.registry import view_of
from app.core.base.scope import current
from app.core.telling.display import named, shower, teller
from app.core.telling.places import scope_name
from app.db import db

PLACEHOLDER = re.compile(r"\{\{\s*(?:(\w+)\s*[.．]\s*)?(\w+)\s*\}\}")
MAX_ROWS = 5_000
SERIAL = lazy_gettext("Serial number")
ALWAYS = (lazy_gettext("Today"), lazy_gettext("Now"), lazy_gettext("Filled by"), lazy_gettext("Scope"),
          lazy_gettext("Number of rows"))
Words = dict[str, str]


@dataclass
class Filling:
    """The words of a form, and the rows of each list it may repeat a row for."""

    once: Words = field(default_factory=dict)
    rows: int = 1
    lists: dict[str, list[Words]] = field(default_factory=dict)

    def text(self, text: str, row: Words | None = None) -> str:
        """A text with its placeholders filled; a name that means nothing stays, so that it is seen."""
        def word(found: re.Match[str]) -> str:
            known = self.once if found[1] is None else row if row is not None else {}
            return known.get(key_of(found[2]), found[0])
        return PLACEHOLDER.sub(word, text)

    def repeated(self, texts: list[str]) -> list[Words] | None:
        """The rows for which a row with these texts is repeated; None for a row that is said once."""
        for text in texts:
            for found in PLACEHOLDER.finditer(text):
                if found[1] is not None and key_of(found[1]) in self.lists:
                    return self.lists[key_of(found[1])]
        return None


def nothing(texts: list[str]) -> Words:
    """Empty words for the row of a list that is empty."""
    return {key_of(found[2]): "" for text in texts for found in PLACEHOLDER.finditer(text)}


def key_of(label: str) -> str:
    """A label as a placeholder writes it: 籍贯（省市县） as 籍贯省市县, in any case."""
    return re.sub(r"\W", "", str(label)).lower()


def keys_of(label: Any, *others: str) -> set[str]:
    """Every way to write a label in a placeholder: in both languages, whatever the user's is."""
    found = set(others)
    for language in ("zh", "en"):
        with force_locale(language):
            found.add(str(label))
    return {key_of(text) for text in found}


def teller_of(record: type[Record], whole: bool) -> Callable[[Record], Words]:
    """Tells a row by every label of its columns; sensitive values masked unless ``whole``."""
    columns = []
    for words in fields_of(record).values():
        tell = _namer(words, whole) if words.relation else teller(words) if whole else shower(words)
        columns.append((words.relation or words.name, tell, keys_of(words.label, words.name, *words.aliases)))

    def told(row: Record) -> Words:
        found: Words = {}
        for name, tell, labels in columns:
            value = getattr(row, name)
            text = "" if value is None else tell(value)
            for label in labels:
                found.setdefault(label, text)
        return found
    return told


def _namer(words: Field, whole: bool) -> Callable[[Any], str]:
    return str if whole else lambda other: named(words, other)


def of_row(row: Record, view: Any, whole: bool) -> Filling:
    """A form of one record, with the lists that belong to it as far as the user may open them."""
    record = type(row)
    filling = Filling({**_about(1), **teller_of(record, whole)(row)})
    for other, column, key in pointers(record):
        known = view_of(other)
        if known is not None and (whole or not _hides(other, column)) and view.appbuilder.sm.has_access("can_list", known.__name__):
            query = db.select(other).where(getattr(other, column) == getattr(row, key)).order_by(other.id)
            _add(filling, other, db.session.scalars(query.limit(MAX_ROWS)), whole)
    return filling


def _hides(record: type[Record], column: str) -> bool:
    """Whether a column names a row only to those who say what they need it for."""
    words = fields_of(record).get(column)
    return words is not None and bool(words.mask)


def of_list(state: ListState, view: Any, whole: bool) -> Filling:
    """A form of a list: its rows under the record's own title, in the list's order."""
    count, exact = listing.count(state, view)
    if not exact or count > MAX_ROWS:
        raise RuleError(_("A form takes at most %(count)s rows: narrow the list, or export it.", count=f"{MAX_ROWS:,}"))
    order = [c.desc() if state.descending else c for c in listing.ordering(state)]
    query = listing.narrowed(state, view).order_by(*order).limit(MAX_ROWS)
    filling = Filling(_about(count), count)
    _add(filling, state.record, db.session.scalars(query), whole)
    return filling


def _add(filling: Filling, record: type[Record], rows: Any, whole: bool) -> None:
    told = teller_of(record, whole)
    lines = [{**told(row), **_serial(number)} for number, row in enumerate(rows, 1)]
    for title in keys_of(record.__label__, record.__tablename__):
        filling.lists[title] = lines


def _serial(number: int) -> Words:
    return dict.fromkeys(keys_of(SERIAL), str(number))


def _about(count: int) -> Words:
    values = (today().isoformat(), f"{local(now()):%Y-%m-%d %H:%M}", current().actor, scope_name(), str(count))
    return {key: text for label, text in zip(ALWAYS, values, strict=True) for key in keys_of(label)}
