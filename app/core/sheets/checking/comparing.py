"""A row against what is stored under its key: new, changed, the same, or refused."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.core.asking.values import EMPTY
from app.core.base.fields import fields_of
from app.core.base.records import Record, RuleError
from app.core.base.scope import current, scope_column
from app.core.base.texts import InvalidValue
from app.core.sheets.checking.drafts import CHANGED, NEW, SAME, Draft, Pending
from app.core.sheets.checking.how import ONLY_KNOWN, ONLY_NEW
from app.core.sheets.checking.matching import key_columns, key_of
from app.core.sheets.checking.outcome import SHOWN_CHANGES, Change
from app.core.sheets.checking.rows import Checker
from app.core.sheets.checking.rules import (
    columns_of,
    completed,
    digested,
    emptied_by,
    required_missing,
    stored_as,
    worked_out,
)
from app.core.telling.display import shown
from app.core.telling.places import place_name


class Comparing:
    """Decides what becomes of each row of one file; ``mode`` says what may."""

    def __init__(self, record: type[Record], checker: Checker, mode: str) -> None:
        self.record, self.checker, self.mode = record, checker, mode
        self.outcome, self.gathering = checker.outcome, checker.gathering
        self.place = scope_column(record)

    def complete(self, draft: Draft, values: dict[str, Any], stored: dict[str, Any] | None = None) -> None:
        """The record a row makes of these values, and its natural key; a broken rule refuses the row."""
        try:
            draft.record = completed(self.record, values, stored)
            draft.key = key_of(self.record, draft.record)
        except RuleError as error:
            self.refuse(draft, error)

    def refuse(self, draft: Draft, error: RuleError, code: str = "rule") -> None:
        self.checker.problem(draft, error.field or "", code, str(error))

    def shown(self, name: str, value: Any) -> str:
        return shown(fields_of(self.record)[name], value)

    def compare(self, draft: Draft, stored: dict[str, Any] | None) -> None:
        """New, changed, same or refused, by what is stored under the row's key."""
        if stored is None:
            self._check_new(draft)
        elif not current().covers(stored.get(self.place)) and self.place in stored:
            name = self.record.__natural_key__[0]
            self.checker.problem(draft, name, "already_elsewhere", _(
                "Already registered in another community: ask the street office to move the record."),
                self.shown(name, draft.values.get(name)))
        else:
            draft.id, draft.stored = stored["id"], stored
            if draft.placed_by_sheet and (stored.get(self.place) or "").startswith(draft.values[self.place]):
                del draft.values[self.place]  # a row that names no grid moves nobody out of his
            self.gathering.known(draft, stored)
            if not draft.refused:
                self._check_known(draft, stored)

    def _check_new(self, draft: Draft) -> None:
        named = any(fields_of(self.record)[name].derived and draft.values.get(name) for name in self.record.__natural_key__)
        if named:
            self.checker.problem(draft, self.record.__natural_key__[0], "not_registered",
                                 _("Nothing has this number: the console gives them, leave it empty for something new."))
            return
        if self.mode == ONLY_KNOWN:
            self.checker.problem(draft, self.record.__natural_key__[0], "not_registered",
                                 _("Not registered yet, and only known records were to be changed."))
            return
        if self._ruled(draft):
            draft.state = NEW
            brought = self.gathering.brings(draft)
            if brought:
                self._note(draft, [], brought)

    def _ruled(self, draft: Draft) -> bool:
        """Checks the whole record; False when a rule refuses the row."""
        missing = required_missing(self.record, draft.record)
        for name in missing:
            self.checker.problem(draft, name, "required_missing", _("Fill this in."))
        try:
            if not missing:
                draft.record.check()
        except RuleError as error:
            self.refuse(draft, error)
        except InvalidValue as error:
            self.checker.problem(draft, "", error.code, str(error.message))
        return not draft.refused

    def _check_known(self, draft: Draft, stored: dict[str, Any]) -> None:
        if self.mode == ONLY_NEW:
            draft.state = SAME
            return
        emptied = {name: value for name, value in emptied_by(self.record, draft.cleared).items()
                   if not _equal(stored.get(stored_as(self.record, name)), value)}
        if emptied or self._key_is_new(draft, stored) or any(
                name in stored and not _equal(stored[name], getattr(draft.record, name)) for name in draft.values):
            self.complete(draft, {**stored, **emptied, **draft.values}, stored)
            if draft.refused or not self._ruled(draft):
                return
            self._find_changes(draft, stored, emptied)
        brought = self.gathering.brings(draft)
        draft.state = CHANGED if brought or set(draft.columns) - worked_out(self.record) else SAME
        self._note(draft, [*draft.values, *emptied], brought)

    def _key_is_new(self, draft: Draft, stored: dict[str, Any]) -> bool:
        """Whether a record that was found otherwise gets its natural key by this row."""
        return draft.key is not None and draft.key != tuple(stored[name] for name in key_columns(self.record))

    def _find_changes(self, draft: Draft, stored: dict[str, Any], emptied: dict[str, Any]) -> None:
        """The columns to be written; what the row or a rule of the record has emptied is written empty."""
        kept = {"id", "version", "created_at", "created_by", "changed_at", "changed_by"}
        columns = columns_of(self.record, draft.record, stored)
        kept |= {name for name in digested(self.record)
                 if columns.get(f"{name}_digest") == stored[f"{name}_digest"]}
        draft.columns = {name: value for name, value in columns.items()
                         if name not in kept and not (name in stored and _equal(stored[name], value))}
        held = {name for name in fields_of(self.record) if stored.get(name) not in EMPTY}
        for name in held | emptied.keys():
            if getattr(draft.record, name) in EMPTY:
                draft.columns |= {name: None, stored_as(self.record, name): None}

    def _note(self, draft: Draft, names: list[str], brought: list[tuple[str, str, str]]) -> None:
        """What a row changes, in words, for the page that asks before anything is written."""
        own = [(draft.heading(name) or str(self.checker.fields[name].label), self._words(name, draft.stored.get(name)),
                self._words(name, draft.columns[name])) for name in names if name in draft.columns]
        draft.changes = [Change(draft.sheet, draft.row, *words) for words in [*own, *brought]]
        room = SHOWN_CHANGES - len(self.outcome.changes)
        self.outcome.changes.extend(draft.changes[:max(room, 0)])

    def _words(self, name: str, value: Any) -> str:
        words = fields_of(self.record).get(name)
        if words is None or words.relation:
            return str(value.key[-1] if isinstance(value, Pending) else value or "")
        return place_name(value) if words.kind == "grid" else shown(words, value)


def _equal(stored: Any, given: Any) -> bool:
    if isinstance(stored, list) and isinstance(given, list):
        return sorted(map(str, stored)) == sorted(map(str, given))
    return bool(stored == given) or (stored in (None, "", []) and given in (None, "", []))
