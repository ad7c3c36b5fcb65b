"""A whole import taken back: new rows into the recycle bin, changed ones to what they were.

Rows are left as they are when somebody changed them since, when others use them by now, or when what they were before
is no longer possible; each is named with its reason, and may be taken back later, when the reason is gone. Imports
that came later and were taken back themselves do not stand in the way.

A large one goes in slices: what will go is hidden first, in one short transaction, then each slice is a transaction of
its own. Where that ends in the middle, the next run goes on: rows taken back already are told by their history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import null, select
from sqlalchemy.exc import IntegrityError

from app.core.asking.links import pointers
from app.core.base.hidden import Hidden
from app.core.base.history import UNDONE, History
from app.core.base.moments import lately, now
from app.core.base.records import Record, RuleError
from app.core.base.registry import record_by_name, record_name, records
from app.core.base.scope import current, scope_column, system
from app.core.base.storage import reading, take_place
from app.core.jobs.kinds import Cancelled, Lost, Stopped
from app.core.sheets.writing.batches import ImportBatch, ImportPart, Line
from app.core.sheets.writing.rows import Moved, Writer
from app.core.sheets.writing.slices import DEAD, Going, give_up, show
from app.core.telling.masking import IMPORT, log_access
from app.db import db

CHANGED_SINCE, IN_USE, GONE, ELSEWHERE, TAKEN = "changed", "in_use", "gone", "elsewhere", "taken"
REASONS = {
    CHANGED_SINCE: lazy_gettext("changed since the import"),
    IN_USE: lazy_gettext("in use: other records point to it"),
    GONE: lazy_gettext("in the recycle bin, or not in your part of the grid"),
    ELSEWHERE: lazy_gettext("lay outside your part of the grid before"),
    TAKEN: lazy_gettext("what it was before is taken, or points to what is no longer there"),
}
TOLD = 500
SLICED = 2_000  # more rows than that go in slices
UNSEEN_TOO = {"with_hidden": True}  # this undo has hidden them itself
Row = tuple[int, dict[str, Any], dict[str, Any]]


def _record(name: str) -> type[Record]:
    found = record_by_name(name)
    if found is None:
        raise RuleError(_("This version of the program does not know the records of this import any more."))
    return found


class Undo:
    """Takes one import back: a small one in the caller's transaction, a large one in slices."""

    def __init__(self, batch: ImportBatch, watch: Callable[[int, int], None] = lambda done, total: None) -> None:
        self.batch, self.record, self.watch = batch, _record(batch.record), watch
        self.writer = Writer(UNDONE)
        self.left: dict[tuple[str, int], str] = {}
        self.removed: set[tuple[str, int]] = set()
        self.restored: set[tuple[str, int]] = set()
        self.going: Going | None = None
        self.resumed = False

    @property
    def words(self) -> str:
        """What was done, in a sentence."""
        return _("%(removed)s new records to the recycle bin, %(restored)s as they were before, %(left)s left as they are.",
                 removed=f"{len(self.removed):,}", restored=f"{len(self.restored):,}", left=f"{len(self.left):,}")

    def run(self, settle: Callable[[Undo], None] = lambda undo: None) -> None:
        """Everything that can be taken back, the last row first; commits with a line in the access log."""
        try:
            self._run(settle)
        except Lost:  # another worker is at it
            raise
        except (Stopped, KeyboardInterrupt):
            if self.going:
                self.going.hand_over()
            raise
        except Exception as error:
            if self.going:
                give_up(self.going.number)
            if self.going and isinstance(error, Cancelled):
                raise Cancelled(_("Stopped in the middle: %(count)s records had been taken back by then. Take the import "
                                  "back once more to do the rest.", count=f"{self.done:,}")) from error
            raise

    @property
    def done(self) -> int:
        return len(self.removed | self.restored)

    def _run(self, settle: Callable[[Undo], None]) -> None:
        parts = list(db.session.scalars(select(ImportPart.id).where(ImportPart.batch_id == self.batch.id)
                                        .order_by(ImportPart.id.desc())))
        if self.batch.is_being_undone or self.batch.new + self.batch.changed > SLICED:
            self._begin_slices(parts)
        for done, number in enumerate(parts):
            self.watch(done, len(parts))
            self._part(*self._lines(number))
            if self.going:
                self.going.next()
        self.restored -= self.removed | self.left.keys()
        self.batch.undone_at, self.batch.undone_by = now(), current().actor or "system"
        self.batch.left = [[name, number, why] for (name, number), why in self.left.items()][:TOLD]
        if self.going:
            self.going.show()
        settle(self)
        log_access(IMPORT, self.record, _("Undo of the import of %(file)s", file=self.batch.file), rows=self.done)

    def _begin_slices(self, parts: list[int]) -> None:
        """Hides what will go, as far as that is seen while everybody else may write; refused while another is at it."""
        with reading():
            going = self._expected(parts)
        take_place()
        batch = db.session.get_one(ImportBatch, self.batch.id, with_for_update=True, populate_existing=True)
        touched = db.session.scalar(select(Hidden.at).where(Hidden.batch_id == batch.id).order_by(Hidden.at.desc()).limit(1))
        if touched is not None and lately(touched, DEAD) or not batch.can_be_undone:
            raise RuleError(_("Somebody is taking this import back already: look again in a minute."))
        self.resumed = batch.is_being_undone
        batch.undone_at, batch.undone_by = None, current().actor or "system"
        show(batch.id)
        self.going = Going(batch.id)
        self.going.hide(going)
        self.going.next()

    def _expected(self, parts: list[int]) -> dict[type[Record], set[int]]:
        """The new rows that will go, if nobody changes one of them meanwhile."""
        going: defaultdict[type[Record], set[int]] = defaultdict(set)
        mine: defaultdict[type[Record], set[int]] = defaultdict(set)
        for number in parts:
            record, lines = self._lines(number)
            versions = dict(db.session.execute(select(record.id, record.version).where(  # type: ignore[arg-type]
                record.id.in_([line[0] for line in lines])).execution_options(**UNSEEN_TOO)).tuples().all())
            still = [line for line in lines if versions.get(line[0]) == line[1]]
            mine[record] |= {line[0] for line in still}
            new = {line[0] for line in still if line[2] is None}
            with system("rows that point to records of an import"):
                going[record] |= new - self._pointed_at(record, new, mine)
        return going

    @staticmethod
    def _lines(number: int) -> tuple[type[Record], list[Line]]:
        part = db.session.get_one(ImportPart, number)
        db.session.expunge(part)
        return _record(part.record), part.lines()

    def _part(self, record: type[Record], lines: list[Line]) -> None:
        stored = self._stored(record, [number for number, *_rest in lines])
        lines = self._unchanged(record, lines, stored)
        new = {number for number, _version, old in lines if old is None}
        used = self._used(record, new)
        self._leave(record, used, IN_USE)
        gone = {"deleted_at": self.writer.at, "deleted_by": self.writer.actor}
        self._write(record, [(n, stored[n], gone) for n in sorted(new - used)], self.removed)
        olds = {number: old for number, _version, old in lines if old is not None}
        possible = self._possible(record, olds)
        self._write(record, [(n, stored[n], old) for n, old in possible.items()], self.restored)

    def _leave(self, record: type[Record], numbers: Iterable[int], why: str) -> None:
        self.left |= {(record_name(record), number): why for number in numbers}

    @staticmethod
    def _stored(record: type[Record], numbers: list[int]) -> dict[int, dict[str, Any]]:
        """The rows as they are, as far as whoever acts may see them, held until the end: id -> values."""
        names = [attribute.key for attribute in record.__mapper__.column_attrs]
        rows = db.session.execute(select(*(getattr(record, name) for name in names)).where(
            record.id.in_(numbers)).with_for_update().execution_options(**UNSEEN_TOO))
        return {row.id: dict(zip(names, row, strict=True)) for row in rows}

    def _unchanged(self, record: type[Record], lines: list[Line], stored: dict[int, dict[str, Any]]) -> list[Line]:
        """The lines of rows that are as the import left them; what was taken back earlier is passed over."""
        moved = {number: version for number, version, _old in lines
                 if number not in stored or stored[number]["version"] != version}
        back, as_it_was = self._since(record, moved)
        missing = {number for number in moved if number not in stored} - back
        changed = moved.keys() - missing - back - as_it_was
        self._leave(record, missing, GONE)
        self._leave(record, changed, CHANGED_SINCE)
        if self.resumed:
            name = record_name(record)
            self.removed |= {(name, number) for number, _version, old in lines if number in back and old is None}
            self.restored |= {(name, number) for number, _version, old in lines if number in back and old is not None}
        return [line for line in lines if line[0] not in missing | changed | back]

    @staticmethod
    def _since(record: type[Record], moved: dict[int, int]) -> tuple[set[int], set[int]]:
        """Of rows with later versions (id -> version of the import): those whose import was taken back already,
        and those where every later change was taken back again."""
        open_changes: dict[int, int] = defaultdict(int)
        back = set()
        for number, version, action in db.session.execute(select(
                History.record_id, History.version, History.action).where(
                History.record == record.__tablename__, History.record_id.in_(moved)).order_by(History.id)):
            if version > moved[number]:
                open_changes[number] += -1 if action == UNDONE else 1
                if open_changes[number] < 0:
                    back.add(number)
        return back, {number for number, still in open_changes.items() if not still} - back

    def _used(self, record: type[Record], numbers: set[int]) -> set[int]:
        """Of rows that are to go those that rows which stay point to."""
        used: set[int] = set()
        with system("rows that point to records of an import"):
            while more := self._pointed_at(record, numbers - used):
                used |= more
        return used

    @staticmethod
    def _pointed_at(record: type[Record], going: set[int],
                    but: Mapping[type[Record], set[int]] | None = None) -> set[int]:
        """Of rows those that other rows point to; rows of ``but`` do not count."""
        found: set[int] = set()
        for other, column, key in pointers(record):
            known = {value: number for number, value in db.session.execute(
                select(record.id, getattr(record, key)).where(record.id.in_(going)).execution_options(**UNSEEN_TOO))}
            points, passed = getattr(other, column), but.get(other, set()) if but else set()
            query = select(points, other.id) if passed else select(points, null()).distinct()
            query = query.where(points.in_(known)).execution_options(**UNSEEN_TOO)
            if other is record:
                query = query.where(record.id.not_in(going))
            found |= {known[value] for value, number in db.session.execute(query) if number not in passed}
        return found

    def _possible(self, record: type[Record], olds: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
        """Of old values (by id) those that lie in the user's part and point to rows that are still there."""
        place = scope_column(record)
        away = {number for number, old in olds.items() if place in old and not current().covers(old[place])}
        self._leave(record, away, ELSEWHERE)
        olds = {number: old for number, old in olds.items() if number not in away}
        tables = {known.__tablename__: known for known in records()}
        missing: set[int] = set()
        for column in record.__table__.columns:
            for key in column.foreign_keys:
                target = tables.get(key.column.table.name)
                wanted = {old[column.name] for old in olds.values() if old.get(column.name) is not None}
                if target is None or not wanted:
                    continue
                pointed = getattr(target, key.column.name)
                with system("what rows of an import pointed to"):
                    live = set(db.session.scalars(select(pointed).where(pointed.in_(wanted))))
                missing |= {number for number, old in olds.items() if old.get(column.name) in wanted - live}
        self._leave(record, missing, TAKEN)
        return {number: old for number, old in olds.items() if number not in missing}

    def _write(self, record: type[Record], rows: list[Row], done: set[tuple[str, int]]) -> None:
        """Writes rows together; where that does not go, each alone, so that one holds up no other."""
        went = rows if self._goes(record, rows) else [row for row in rows if self._goes(record, [row])]
        done |= {(record_name(record), number) for number, *_rest in went}
        self._leave(record, {number for number, *_rest in rows} - {number for number, *_rest in went}, TAKEN)

    def _goes(self, record: type[Record], rows: list[Row]) -> bool:
        try:
            with db.session.begin_nested():
                self.writer.update(record, rows)
        except (IntegrityError, Moved):
            return False
        return True
