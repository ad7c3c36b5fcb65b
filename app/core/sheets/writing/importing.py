"""A workbook into the register: everything is checked first, then all good rows go in at once."""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.core.base.records import Record, RuleError
from app.core.base.storage import after_many, reading, refresh_statistics, take_place
from app.core.sheets.checking.comparing import Comparing
from app.core.sheets.checking.drafts import CHANGED, NEW, SAME, Draft
from app.core.sheets.checking.how import BOTH, How
from app.core.sheets.checking.matching import Relations, any_stored, find_by_id, find_stored
from app.core.sheets.checking.outcome import Outcome
from app.core.sheets.checking.rows import Checker
from app.core.sheets.checking.rules import columns_of, numbered, with_defaults
from app.core.sheets.checking.sheet_rows import drafts_of
from app.core.sheets.checking.spool import Ready, Spool
from app.core.sheets.checking.zeros import Zeros
from app.core.sheets.reading.guards import SheetError
from app.core.sheets.reading.workbook import sheets_of
from app.core.sheets.writing.batches import Journal
from app.core.sheets.writing.rows import Moved, Writer
from app.core.sheets.writing.slices import Slices, TakenAway, take_away, take_away_dead
from app.core.telling.masking import IMPORT, log_access
from app.core.telling.places import places
from app.db import db

log = logging.getLogger(__name__)
BATCH, ATTEMPTS = 1_000, 3
SLICED = 2_000  # more rows than that are written in slices on SQLite
MANY = 1_000  # new rows after which the planner learns how large the table has become
Watch = Callable[[int, int], None]
Settle = Callable[[Outcome], None]


def import_file(record: type[Record], path: Path | str, *, grid: str | None = None, dry_run: bool = False,
                how: How | None = None, mode: str = BOTH, name: str = "", watch: Watch = lambda done, total: None,
                settle: Settle = lambda outcome: None) -> Outcome:
    """Reads a workbook for whoever acts now; writes nothing in a dry run.

    ``grid`` places rows that name no grid; ``mode`` is both, new (known records stay as they are)
    or known (nobody new), and ``how`` says that and more of a workbook on a page; ``name`` is the
    file's own name when it is kept under another. ``watch`` is told how many rows are checked
    (of an unknown number, 0), then how many are written of how many; what it raises stops the
    import, and nothing is written. ``settle`` is called with the outcome inside the transaction,
    behind the last row.
    """
    path = Path(path)
    name = name or path.name
    try:
        with _program_left_alone(), _nothing_half_written():
            outcome = _taken_in(lambda: Import(record, Outcome(name), grid, how or How(mode), watch, settle), path, dry_run)
        if not dry_run and outcome.new >= MANY:
            refresh_statistics(record.__tablename__)
            after_many()
        return outcome
    except FileNotFoundError:
        return Outcome(name, error=_("There is no such file."))
    except SheetError as error:
        return Outcome(name, error=str(error))


def _taken_in(begin: Callable[[], Import], path: Path, dry_run: bool) -> Outcome:
    """Checks while everybody else may write, then writes: a large file in slices, all or nothing to whoever reads.

    What the check had found is looked at again where it is written. Where somebody changed it meanwhile nothing is
    left, and the file is checked once more; the last time inside the one transaction that writes: on SQLite nobody
    comes between then, on PostgreSQL hardly anybody.
    """
    if dry_run:
        return _checked(begin, path, keep=False)[0].outcome
    take_away_dead()
    for left in reversed(range(ATTEMPTS)):
        work, ready = _checked(begin, path, keep=True, alone=not left)
        try:
            work.write(ready, sliced=bool(left))
            return work.outcome
        except (Moved, TakenAway, IntegrityError):
            log.info("import of %s is checked again", work.outcome.file, exc_info=True)
            db.session.rollback()
    raise RuleError(_("Somebody changed these records meanwhile: import the file again."))


def _checked(begin: Callable[[], Import], path: Path, keep: bool, alone: bool = False) -> tuple[Import, Spool]:
    """The file as it would go in now; ``alone`` while nobody else writes."""
    work = begin()
    with nullcontext() if alone else reading():
        return work, work.checked(path, keep=keep)


@contextmanager
def _program_left_alone() -> Iterator[None]:
    """Millions of short-lived values pass: the collector must not walk the whole program for each thousand."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _nothing_half_written() -> Iterator[None]:
    try:
        yield
    except BaseException:
        db.session.rollback()
        raise


class Import:
    """One file on its way into the register."""

    def __init__(self, record: type[Record], outcome: Outcome, grid: str | None, how: How,
                 watch: Watch, settle: Settle) -> None:
        self.record, self.outcome, self.how, self.watch, self.settle = record, outcome, how, watch, settle
        self.relations, self.zeros = Relations(record), Zeros(record)
        self.seen: dict[tuple[Any, ...], tuple[str, int, int]] = {}
        self.title = Path(outcome.file).stem
        self.checker = Checker(record, outcome, self.title, grid, how)
        self.gathering = self.checker.gathering
        self.comparing = Comparing(record, self.checker, how.mode)
        self.places = places()
        self.slices: Slices | None = None

    def checked(self, path: Path, keep: bool) -> Spool:
        """Checks and counts every row; ``keep`` packs the good ones."""
        ready, preview = Spool(), self.how.preview
        if preview is not None:
            preview.begin(self.gathering.facts)
        with db.session.no_autoflush:
            for drafts in batches(draft for sheet in sheets_of(path, self.title)
                                  for draft in drafts_of(self.checker, sheet)):
                self.check(drafts)
                self._count(drafts)
                if preview is not None:
                    preview.lines(drafts)
                if keep:
                    ready.add([self._ready(draft) for draft in drafts if draft.is_written])
                self.watch(self.outcome.rows, 0)
        if preview is not None:
            preview.close()
        if not self.outcome.rows and not any(message.code != "no_heading" for message in self.outcome.messages):
            raise SheetError("no_heading", _("No sheet has a heading this record knows: begin with the template."))
        self.outcome.order()
        return ready

    def _ready(self, draft: Draft) -> Ready:
        if draft.state == NEW:
            return Ready(None, columns_of(self.record, draft.record), {})
        return Ready(draft.id, draft.columns, draft.stored)

    def check(self, drafts: list[Draft]) -> None:
        """Everything that can be said about the rows without writing."""
        self.relations.resolve(drafts)
        self.checker.tell(drafts)
        for draft in self._good(drafts):
            self.comparing.complete(draft, with_defaults(self.record, draft.values))
        for draft, name in self.zeros.restore(self._good(drafts), partial(find_stored, self.record)):
            self.checker.problem(draft, name, "key_unsure", _("Several registered numbers end like this: write all their digits."))
        self._find_repeated(self._good(drafts))
        self.gathering.settle(self._good(drafts))
        for draft, stored in self._stored(self._good(drafts)):
            self.comparing.compare(draft, stored)
        self.gathering.agree([draft for draft in drafts if draft.is_written])
        self.gathering.keep([draft for draft in drafts if draft.is_written])

    def _stored(self, drafts: list[Draft]) -> list[tuple[Draft, dict[str, Any] | None]]:
        """The drafts with what is stored under their natural keys, or under an id found otherwise."""
        stored = find_stored(self.record, [draft.key for draft in drafts if draft.key])
        for draft in drafts:
            if draft.key not in stored:
                self.gathering.seek(draft)
        others = find_by_id(self.record, [draft.id for draft in drafts if draft.id is not None])
        return [(draft, stored.get(draft.key or ()) if draft.id is None else others.get(draft.id))
                for draft in self._good(drafts)]

    @staticmethod
    def _good(drafts: list[Draft]) -> list[Draft]:
        return [draft for draft in drafts if not draft.refused]

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
                self.checker.repeated(draft, name, first, first[2] == here[2], self.comparing.shown(name, values.get(name)))

    def _count(self, drafts: list[Draft]) -> None:
        counts = Counter("refused" if draft.refused else draft.state for draft in drafts)
        for name in (NEW, CHANGED, SAME, "refused"):
            setattr(self.outcome, name, getattr(self.outcome, name) + counts[name])
        self.outcome.rows += len(drafts)

    def write(self, ready: Spool, sliced: bool) -> None:
        """Writes the good rows, all or nothing to whoever reads; the last transaction has its line in the access log.

        Raises Moved when somebody changed meanwhile what the check had found.
        """
        try:
            self._write(ready, sliced)
            self.settle(self.outcome)
            log_access(IMPORT, self.record, _("Import of %(file)s", file=self.outcome.file), rows=ready.count)
        except BaseException:
            db.session.rollback()
            if self.slices is not None:
                take_away(self.slices.number)
            raise

    def _write(self, ready: Spool, sliced: bool) -> None:
        """New rows first, on SQLite in slices; changes to what is stored all in the last transaction."""
        take_place()
        self._still_so()
        if not ready.count:
            return
        writer, known = self._writer(ready, sliced), Spool()
        self.gathering.write(writer)
        done = self._write_new(writer, ready, known)
        if self.slices:
            self._still_so()
        self.gathering.fill(writer)
        for rows in known.batches():
            pairs = [(row.id, row) for row in rows if row.id is not None]
            writer.update(self.record, [(number, row.stored, row.columns) for number, row in pairs if row.columns])
            self.gathering.after(writer, pairs)
            done += len(rows)
            self.watch(done, ready.count)
        writer.show()

    def _writer(self, ready: Spool, sliced: bool) -> Writer:
        journal = Journal(self.record, self.outcome.file, self.outcome.new, self.outcome.changed)
        self.outcome.batch = journal.number
        if sliced and ready.count > SLICED and db.engine.dialect.name == "sqlite":
            self.slices = Slices(journal.number)
        return Writer(journal=journal, slices=self.slices)

    def _write_new(self, writer: Writer, ready: Spool, known: Spool) -> int:
        """How many new rows were written; ``known`` takes those that change stored ones."""
        done = 0
        for rows in ready.batches():
            self.gathering.tie(rows)
            new = [row for row in rows if row.id is None]
            known.add([row for row in rows if row.id is not None])
            if any_stored(self.record, [row.columns for row in new]):
                raise Moved
            ids = writer.insert(self.record, [numbered(self.record, row.columns) for row in new])
            self.gathering.after(writer, list(zip(ids, new, strict=True)))
            if self.slices and new:
                self.slices.next()
            done += len(new)
            self.watch(done, ready.count)
        return done

    def _still_so(self) -> None:
        """Moved when what the check had found is no longer so."""
        if self.relations.moved() or self.gathering.moved() or places() != self.places:
            raise Moved


def batches(drafts: Iterable[Draft]) -> Iterator[list[Draft]]:
    drafts = iter(drafts)
    while part := list(islice(drafts, BATCH)):
        yield part
