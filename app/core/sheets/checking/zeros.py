"""Keys that lost their zeros: a spreadsheet makes 1 of 000001, and it is still the same household."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.core.base.fields import fields_of
from app.core.base.records import Record
from app.core.base.scope import system
from app.core.sheets.checking.drafts import Draft
from app.db import db


def lengths_with_zeros(column: Any) -> list[int]:
    """How long the stored texts of a column are that begin with a zero."""
    with system("keys that begin with a zero"):
        return sorted(db.session.scalars(select(func.length(column)).where(column.like("0%")).distinct()))


def with_zeros(text: str, lengths: list[int]) -> list[str]:
    """What a number may have been before its zeros were lost; nothing for other texts."""
    if not (text.isascii() and text.isdigit()):
        return []
    return [text.zfill(length) for length in lengths if length > len(text)]


class Zeros:
    """The keys of one record's rows as they are registered."""

    def __init__(self, record: type[Record]) -> None:
        fields = fields_of(record)
        self.record = record
        self.parts = [(at, name) for at, name in enumerate(record.__natural_key__)
                      if fields[name].kind == "text" and fields[name].search != "digest"]
        self.lengths: dict[str, list[int]] = {}

    def options(self, draft: Draft) -> list[tuple[str, str, tuple[Any, ...]]]:
        """(field, text, key) of each registered key a row may mean beside the one it gives."""
        key, found = draft.key, []
        if key is None:
            return []
        for at, name in self.parts:
            if name not in self.lengths:
                self.lengths[name] = lengths_with_zeros(getattr(self.record, name))
            found += [(name, text, (*key[:at], text, *key[at + 1:])) for text in with_zeros(key[at], self.lengths[name])]
        return found

    def restore(self, drafts: list[Draft], stored: Any) -> list[tuple[Draft, str]]:
        """Gives rows the keys they lost; those that may mean several, with the field, are for a person to decide.

        ``stored`` tells which of many keys are registered.
        """
        options = {id(draft): found for draft in drafts if (found := self.options(draft))}
        asked = [draft for draft in drafts if id(draft) in options]
        known = stored(list({key for draft in asked for key in (draft.key, *(key for *_rest, key in options[id(draft)]))}))
        unsure = []
        for draft in asked:
            fits = [option for option in options[id(draft)] if option[2] in known]
            if draft.key in known or not fits:
                continue
            name, text, draft.key = fits[0]
            draft.put(name, text)
            if len(fits) > 1:
                unsure.append((draft, name))
        return unsure
