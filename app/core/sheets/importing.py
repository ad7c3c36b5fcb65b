"""A workbook into the register: everything is checked first, then all good rows go in at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from app.core.display import shown
from app.core.fields import fields_of
from app.core.masking import IMPORT, log_access
from app.core.places import place_name
from app.core.records import Record, RuleError
from app.core.scope import current, scope_column
from app.core.sheets.checking import Checker
from app.core.sheets.drafts import CHANGED, NEW, SAME, Draft, Pending
from app.core.sheets.guards import SheetError
from app.core.sheets.matching import find_stored, key_of, resolve_relations
from app.core.sheets.outcome import SHOWN_CHANGES, Change, Outcome
from app.core.sheets.reading import sheets_of
from app.core.sheets.rules import columns_of, completed, digested, required_missing, with_defaults
from app.core.sheets.writing import Writer, chunks
from app.core.validators import InvalidValue
from app.db import db

Watch = Callable[[int, int], None]
Settle = Callable[[Outcome], None]
BOTH, ONLY_NEW, ONLY_KNOWN = "both", "new", "known"


def import_file(record: type[Record], path: Path | str, *, grid: str | None = None, dry_run: bool = False,
                mode: str = BOTH, name: str = "", watch: Watch = lambda done, total: None,
                settle: Settle = lambda outcome: None) -> Outcome:
    """Reads a workbook for whoever acts now; writes nothing in a dry run.

    ``grid`` places rows that name no grid; ``mode`` is both, new (known records stay as they are)
    or known (nobody new); ``name`` is the file's own name when it is kept under another. ``watch``
    is told how many rows are checked (of an unknown number, 0), then how many are written of how
    many; what it raises stops the import, and nothing is written. ``settle`` is called with the
    outcome inside the transaction, behind the last row.
    """
    path = Path(path)
    name = name or path.name
    outcome = Outcome(name)
    try:
        Import(record, outcome, Path(name).stem, grid, mode, watch, settle).run(path, dry_run)
    except FileNotFoundError:
        outcome.error = _("There is no such file.")
    except SheetError as error:
        outcome = Outcome(name, error=str(error))
    return outcome


class Import:
    """One file on its way into the register."""

    def __init__(self, record: type[Record], outcome: Outcome, title: str, grid: str | None, mode: str,
                 watch: Watch, settle: Settle) -> None:
        self.record, self.outcome, self.mode, self.watch, self.settle = record, outcome, mode, watch, settle
        self.checker = Checker(record, outcome, title, grid)
        self.gathering = self.checker.gathering
        self.place = scope_column(record)

    def run(self, path: Path, dry_run: bool) -> None:
        drafts = [draft for sheet in sheets_of(path) for draft in self.checker.drafts(sheet)]
        if not drafts and not any(message.code != "no_heading" for message in self.outcome.messages):
            raise SheetError("no_heading", _("No sheet has a heading this record knows: begin with the template."))
        self.watch(len(drafts), 0)
        with db.session.no_autoflush:
            self.check(drafts)
        self.watch(len(drafts), 0)
        self.count(drafts)
        if not dry_run:
            self.apply([draft for draft in drafts if draft.state in (NEW, CHANGED)])

    def check(self, drafts: list[Draft]) -> None:
        """Everything that can be said about the rows without writing."""
        resolve_relations(self.record, drafts)
        self.checker.tell(drafts)
        for draft in self._good(drafts):
            self._complete(draft, with_defaults(self.record, draft.values))
        self._find_repeated(self._good(drafts))
        self.gathering.settle(self._good(drafts))
        stored = find_stored(self.record, self._good(drafts))
        for draft in self._good(drafts):
            key = ("id", draft.id) if draft.id is not None else draft.key
            self._compare(draft, stored.get(key) if key else None)

    @staticmethod
    def _good(drafts: list[Draft]) -> list[Draft]:
        return [draft for draft in drafts if not draft.refused]

    def _refuse(self, draft: Draft, error: RuleError, code: str = "rule") -> None:
        self.checker.problem(draft, error.field or "", code, str(error))

    def _complete(self, draft: Draft, values: dict[str, Any]) -> None:
        try:
            draft.record = completed(self.record, values)
            draft.key = key_of(self.record, draft.record)
        except RuleError as error:
            self._refuse(draft, error)

    def _find_repeated(self, drafts: list[Draft]) -> None:
        """The same natural key twice in one file: the first row counts."""
        seen: dict[Any, Draft] = {}
        for draft in drafts:
            first = seen.setdefault(draft.key, draft) if draft.key else draft
            if first is draft:
                continue
            name = self.record.__natural_key__[0]
            same = first.values == draft.values
            text = (_("Repeats sheet %(sheet)s row %(row)s: delete this row.", sheet=first.sheet, row=first.row) if same
                    else _("The same as sheet %(sheet)s row %(row)s, but with other values: keep the right one.",
                           sheet=first.sheet, row=first.row))
            self.checker.problem(draft, name, "duplicate_in_file", text, self._shown(name, draft.values.get(name)))

    def _shown(self, name: str, value: Any) -> str:
        return shown(fields_of(self.record)[name], value)

    def _compare(self, draft: Draft, stored: dict[str, Any] | None) -> None:
        """New, changed, same or refused, by what is stored under the row's key."""
        if stored is None:
            self._check_new(draft)
        elif not current().covers(stored.get(self.place)) and self.place in stored:
            name = self.record.__natural_key__[0]
            self.checker.problem(draft, name, "already_elsewhere", _(
                "Already registered in another community: ask the street office to move the record."),
                self._shown(name, draft.values.get(name)))
        else:
            draft.id, draft.stored = stored["id"], stored
            self.gathering.known(draft, stored)
            if not draft.refused:
                self._check_known(draft, stored)

    def _check_new(self, draft: Draft) -> None:
        if self.mode == ONLY_KNOWN:
            self.checker.problem(draft, self.record.__natural_key__[0], "not_registered",
                                 _("Not registered yet, and only known records were to be changed."))
            return
        if self._ruled(draft):
            draft.state = NEW

    def _ruled(self, draft: Draft) -> bool:
        """Checks the whole record; False when a rule refuses the row."""
        missing = required_missing(self.record, draft.record)
        for name in missing:
            self.checker.problem(draft, name, "required_missing", _("Fill this in."))
        try:
            if not missing:
                draft.record.check()
        except RuleError as error:
            self._refuse(draft, error)
        except InvalidValue as error:
            self.checker.problem(draft, "", error.code, str(error.message))
        return not draft.refused

    def _check_known(self, draft: Draft, stored: dict[str, Any]) -> None:
        differing = any(name in stored and not _equal(stored[name], getattr(draft.record, name))
                        for name in draft.values)
        if not differing or self.mode == ONLY_NEW:
            draft.state, draft.stored = SAME, {}
            return
        self._complete(draft, {**stored, **draft.values})
        if not draft.refused and self._ruled(draft):
            self._note_changes(draft, stored)

    def _note_changes(self, draft: Draft, stored: dict[str, Any]) -> None:
        kept = {"id", "version", "created_at", "created_by", "changed_at", "changed_by"}
        columns = columns_of(self.record, draft.record)
        kept |= {name for name in digested(self.record)
                 if columns.get(f"{name}_digest") == stored[f"{name}_digest"]}
        draft.changes = {name: value for name, value in columns.items()
                         if name not in kept and not (name in stored and _equal(stored[name], value))}
        draft.state = CHANGED if set(draft.changes) - {"search_text"} else SAME
        for name in [name for name in draft.values if name in draft.changes]:
            if len(self.outcome.changes) < SHOWN_CHANGES:
                self.outcome.changes.append(Change(
                    draft.sheet, draft.row, draft.heading(name) or name,
                    self._words(name, stored.get(name)), self._words(name, draft.changes[name])))

    def _words(self, name: str, value: Any) -> str:
        words = fields_of(self.record).get(name)
        if words is None or words.relation:
            return str(value.key[-1] if isinstance(value, Pending) else value or "")
        return place_name(value) if words.kind == "grid" else shown(words, value)

    def count(self, drafts: list[Draft]) -> None:
        outcome = self.outcome
        outcome.rows = len(drafts)
        outcome.refused = sum(draft.refused for draft in drafts)
        sheets = list(dict.fromkeys(message.sheet for message in outcome.messages))
        outcome.messages.sort(key=lambda message: (sheets.index(message.sheet), message.row))
        for state in (NEW, CHANGED, SAME):
            setattr(outcome, state, sum(draft.state == state and not draft.refused for draft in drafts))

    def apply(self, drafts: list[Draft]) -> None:
        """Writes the good rows in one transaction and commits it with its line in the access log."""
        try:
            self._write(drafts)
            self.settle(self.outcome)
            log_access(IMPORT, self.record, _("Import of %(file)s", file=self.outcome.file), rows=len(drafts))
        except BaseException:
            db.session.rollback()
            raise

    def _write(self, drafts: list[Draft]) -> None:
        writer = Writer()
        self.gathering.write(writer, drafts)
        new = [draft for draft in drafts if draft.state == NEW]
        changed = [draft for draft in drafts if draft.state == CHANGED]
        for part in chunks(new):
            rows = [columns_of(self.record, draft.record) for draft in part]
            for draft, number in zip(part, writer.insert(self.record, rows), strict=True):
                draft.id = number
            self.watch(sum(draft.id is not None for draft in new), len(drafts))
        writer.update(self.record, [(d.stored["id"], d.stored, d.changes) for d in changed])
        self.gathering.after(writer, drafts)


def _equal(stored: Any, given: Any) -> bool:
    if isinstance(stored, list) and isinstance(given, list):
        return sorted(map(str, stored)) == sorted(map(str, given))
    return bool(stored == given) or (stored in (None, "", []) and given in (None, "", []))
