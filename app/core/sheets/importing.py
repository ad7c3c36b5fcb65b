"""A workbook into the register: everything is checked first, then all good rows go in at once."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
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
from app.core.sheets.how import BOTH, ONLY_KNOWN, ONLY_NEW, How
from app.core.sheets.matching import Relations, find_by_id, find_stored, key_of
from app.core.sheets.outcome import SHOWN_CHANGES, Change, Outcome
from app.core.sheets.reading import sheets_of
from app.core.sheets.rules import (
    columns_of,
    completed,
    digested,
    emptied_by,
    required_missing,
    stored_as,
    with_defaults,
)
from app.core.sheets.spool import Ready, Spool
from app.core.sheets.writing import Writer
from app.core.validators import InvalidValue
from app.core.values import EMPTY
from app.db import db

BATCH = 1_000
Watch = Callable[[int, int], None]
Settle = Callable[[Outcome], None]


def import_file(record: type[Record], path: Path | str, *, grid: str | None = None, dry_run: bool = False,
                how: How | None = None, mode: str = BOTH, name: str = "", watch: Watch = lambda done, total: None,
                settle: Settle = lambda outcome: None) -> Outcome:
    """Reads a workbook for whoever acts now; writes nothing in a dry run.

    ``grid`` places rows that name no grid; ``mode`` is both, new (known records stay as they are)
    or known (nobody new), and ``how`` says that and more of a workbook on a page; ``name`` is the
    file's own name when it is kept under another. ``watch``
    is told how many rows are checked (of an unknown number, 0), then how many are written of how
    many; what it raises stops the import, and nothing is written. ``settle`` is called with the
    outcome inside the transaction, behind the last row.
    """
    path = Path(path)
    name = name or path.name
    outcome = Outcome(name)
    try:
        with _program_left_alone():
            Import(record, outcome, Path(name).stem, grid, how or How(mode), watch, settle).run(path, dry_run)
    except FileNotFoundError:
        outcome.error = _("There is no such file.")
    except SheetError as error:
        outcome = Outcome(name, error=str(error))
    return outcome


@contextmanager
def _program_left_alone() -> Iterator[None]:
    """Millions of short-lived values pass: the collector must not walk the whole program for each thousand."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class Import:
    """One file on its way into the register."""

    def __init__(self, record: type[Record], outcome: Outcome, title: str, grid: str | None, how: How,
                 watch: Watch, settle: Settle) -> None:
        self.record, self.outcome, self.how, self.watch, self.settle = record, outcome, how, watch, settle
        self.title = title
        self.relations = Relations(record)
        self.seen: dict[tuple[Any, ...], tuple[str, int, int]] = {}
        self.checker = Checker(record, outcome, title, grid, how)
        self.gathering = self.checker.gathering
        self.place = scope_column(record)

    def run(self, path: Path, dry_run: bool) -> None:
        ready, preview = Spool(), self.how.preview
        with db.session.no_autoflush:
            for drafts in batches(draft for sheet in sheets_of(path, self.title) for draft in self.checker.drafts(sheet)):
                self.check(drafts)
                self._count(drafts)
                if preview is not None:
                    preview.lines(drafts)
                if not dry_run:
                    ready.add([self._ready(draft) for draft in drafts if draft.state in (NEW, CHANGED)])
                self.watch(self.outcome.rows, 0)
        if preview is not None:
            preview.close()
        if not self.outcome.rows and not any(message.code != "no_heading" for message in self.outcome.messages):
            raise SheetError("no_heading", _("No sheet has a heading this record knows: begin with the template."))
        self.outcome.order()
        if not dry_run:
            self.apply(ready)

    def _ready(self, draft: Draft) -> Ready:
        if draft.state == NEW:
            return Ready(None, columns_of(self.record, draft.record), {})
        return Ready(draft.id, draft.columns, draft.stored)

    def check(self, drafts: list[Draft]) -> None:
        """Everything that can be said about the rows without writing."""
        self.relations.resolve(drafts)
        self.checker.tell(drafts)
        for draft in self._good(drafts):
            self._complete(draft, with_defaults(self.record, draft.values))
        self._find_repeated(self._good(drafts))
        self.gathering.settle(self._good(drafts))
        for draft, stored in self._stored(self._good(drafts)):
            self._compare(draft, stored)
        self.gathering.keep([draft for draft in drafts if draft.state in (NEW, CHANGED)])

    def _stored(self, drafts: list[Draft]) -> list[tuple[Draft, dict[str, Any] | None]]:
        """The drafts with what is stored under their natural keys, or under an id found otherwise."""
        stored = find_stored(self.record, [draft.key for draft in drafts if draft.key])
        for draft in drafts:
            if draft.key not in stored:
                self.gathering.seek(draft)
        others = find_by_id(self.record, [draft.id for draft in drafts if draft.id is not None])
        return [(draft, stored.get(draft.key) if draft.id is None else others.get(draft.id))
                for draft in self._good(drafts)]

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
        for draft in drafts:
            if draft.key is None:
                continue
            values = draft.values
            here = (draft.sheet, draft.row, hash(frozenset(zip(values, map(str, values.values()), strict=True))))
            first = self.seen.setdefault(draft.key, here)
            if first is not here:
                name = self.record.__natural_key__[0]
                self.checker.repeated(draft, name, first, first[2] == here[2], self._shown(name, values.get(name)))

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
            if draft.placed_by_sheet and (stored.get(self.place) or "").startswith(draft.values[self.place]):
                del draft.values[self.place]  # a row that names no grid moves nobody out of his
            self.gathering.known(draft, stored)
            if not draft.refused:
                self._check_known(draft, stored)

    def _check_new(self, draft: Draft) -> None:
        if self.how.mode == ONLY_KNOWN:
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
        emptied = {name: value for name, value in emptied_by(self.record, draft.cleared).items()
                   if not _equal(stored.get(stored_as(self.record, name)), value)}
        differing = bool(emptied) or any(name in stored and not _equal(stored[name], getattr(draft.record, name))
                                         for name in draft.values)
        if not differing or self.how.mode == ONLY_NEW:
            draft.state, draft.stored = SAME, {}
            return
        self._complete(draft, {**stored, **emptied, **draft.values})
        if not draft.refused and self._ruled(draft):
            self._note_changes(draft, stored, emptied)

    def _note_changes(self, draft: Draft, stored: dict[str, Any], emptied: dict[str, Any]) -> None:
        kept = {"id", "version", "created_at", "created_by", "changed_at", "changed_by"}
        columns = columns_of(self.record, draft.record)
        kept |= {name for name in digested(self.record)
                 if columns.get(f"{name}_digest") == stored[f"{name}_digest"]}
        draft.columns = {name: value for name, value in columns.items()
                         if name not in kept and not (name in stored and _equal(stored[name], value))}
        for name in emptied:
            if getattr(draft.record, name) in EMPTY:
                draft.columns |= {name: None, stored_as(self.record, name): None}
        draft.state = CHANGED if set(draft.columns) - {"search_text"} else SAME
        draft.changes = [Change(draft.sheet, draft.row, draft.heading(name) or str(self.checker.fields[name].label),
                                self._words(name, stored.get(name)), self._words(name, draft.columns[name]))
                         for name in (*draft.values, *emptied) if name in draft.columns]
        room = SHOWN_CHANGES - len(self.outcome.changes)
        self.outcome.changes.extend(draft.changes[:max(room, 0)])

    def _words(self, name: str, value: Any) -> str:
        words = fields_of(self.record).get(name)
        if words is None or words.relation:
            return str(value.key[-1] if isinstance(value, Pending) else value or "")
        return place_name(value) if words.kind == "grid" else shown(words, value)

    def _count(self, drafts: list[Draft]) -> None:
        counts = Counter("refused" if draft.refused else draft.state for draft in drafts)
        for name in (NEW, CHANGED, SAME, "refused"):
            setattr(self.outcome, name, getattr(self.outcome, name) + counts[name])
        self.outcome.rows += len(drafts)

    def apply(self, ready: Spool) -> None:
        """Writes the good rows in one transaction and commits it with its line in the access log."""
        try:
            self._write(ready)
            self.settle(self.outcome)
            log_access(IMPORT, self.record, _("Import of %(file)s", file=self.outcome.file), rows=ready.count)
        except BaseException:
            db.session.rollback()
            raise

    def _write(self, ready: Spool) -> None:
        writer, done = Writer(), 0
        self.gathering.write(writer)
        for rows in ready.batches():
            self.gathering.tie(rows)
            new = [row for row in rows if row.id is None]
            known = [(row.id, row) for row in rows if row.id is not None]
            ids = writer.insert(self.record, [row.columns for row in new])
            writer.update(self.record, [(number, row.stored, row.columns) for number, row in known])
            self.gathering.after(writer, [*zip(ids, new, strict=True), *known])
            done += len(rows)
            self.watch(done, ready.count)


def batches(drafts: Iterable[Draft]) -> Iterator[list[Draft]]:
    drafts = iter(drafts)
    while part := list(islice(drafts, BATCH)):
        yield part


def _equal(stored: Any, given: Any) -> bool:
    if isinstance(stored, list) and isinstance(given, list):
        return sorted(map(str, stored)) == sorted(map(str, given))
    return bool(stored == given) or (stored in (None, "", []) and given in (None, "", []))
