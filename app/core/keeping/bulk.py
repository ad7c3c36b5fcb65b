"""One act on many records: change columns, move to the recycle bin, bring back.

Tried out first: every row goes through the rules a form obeys, in transactions that are rolled back, and what would
happen is counted. Done only as it was shown: when a row changed meanwhile, the preview is shown again. Many rows go in
slices, each a transaction of its own, so that others write in between; a row that changes then is refused by name.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.core.asking import listing
from app.core.asking.links import blocking
from app.core.asking.listing import ListState
from app.core.base.chunks import chunks
from app.core.base.fields import Field, fields_of
from app.core.base.moments import now
from app.core.base.records import Record, RuleError
from app.core.base.scope import current
from app.core.base.storage import give_way, take_place
from app.core.keeping.saving import Conflict
from app.core.telling.display import shown
from app.db import db

MOST, TOLD = 2_000, 100
SLICE = 100  # rows of one transaction
CHANGE, DISCARD, RESTORE = "change", "discard", "restore"
FIT = ("choice", "date", "bool", "relation", "grid", "int", "decimal", "text")
DONE, SAME = True, False


@dataclass
class Selection:
    """The rows an act is about: those ticked, or all a list shows with its filters and search."""

    state: ListState
    ids: list[int] | None = None

    def find(self, view: Any) -> list[int]:
        """The ids of the rows the user may see, at most MOST and one more."""
        query = listing.narrowed(self.state, view) if self.ids is None else self._ticked()
        return list(db.session.scalars(query.with_only_columns(self.state.record.id).order_by(self.state.record.id)
                                       .limit(MOST + 1)))

    def _ticked(self) -> Any:
        record = self.state.record
        query = select(record).where(record.id.in_((self.ids or [])[:MOST + 1]))
        if self.state.deleted:
            return query.where(record.deleted_at.is_not(None)).execution_options(with_deleted=True)
        return query


@dataclass
class Preview:
    """What an act does, or did: how many rows, which not and why, from what to what."""

    found: int = 0
    done: int = 0
    same: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    changes: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    mark: str = ""

    @property
    def told(self) -> list[tuple[int, str, str]]:
        return self.refused[:TOLD]


def fit_fields(view: Any) -> list[str]:
    """The columns of a form that make sense for many rows: not what names a row, is unique, or is hidden."""
    record, words = view.record, fields_of(view.record)
    single = {name for name, column in ((n, record.__table__.c[n]) for n in view.form_columns if n in record.__table__.c)
              if column.unique}
    return [name for name in view.form_columns if _fits(words[name]) and name not in single
            and name not in record.__natural_key__]


def _fits(words: Field) -> bool:
    return words.kind in FIT and words.editable and not words.mask and not words.search


def too_many(most: int) -> RuleError:
    """What is told to whoever chose more records than go at once."""
    return RuleError(_("At most %(most)s records at once: narrow the list and do it part by part.", most=f"{most:,}"))


class Act:
    """An act on rows as they were looked at: (id, version) each; ``again`` when a run of it broke off before."""

    def __init__(self, record: type[Record], act: str, values: dict[str, Any], rows: list[tuple[int, int]],
                 again: bool = False) -> None:
        self.record, self.act, self.values, self.rows, self.again = record, act, values, rows, again
        self.preview = Preview()
        words = repr((act, sorted(values.items(), key=str), rows))
        self.preview.mark = hashlib.sha256(words.encode()).hexdigest()[:32]

    @classmethod
    def on(cls, view: Any, selection: Selection, act: str, values: dict[str, Any]) -> Act:
        numbers = selection.find(view)
        if len(numbers) > MOST:
            raise too_many(MOST)
        record = view.record
        found = db.session.execute(select(record.id, record.version).where(record.id.in_(numbers)).order_by(
            record.id).execution_options(with_deleted=act == RESTORE))
        return cls(record, act, values, [(number, version) for number, version in found])

    @property
    def at_once(self) -> bool:
        """Few enough for one short transaction."""
        return len(self.rows) <= SLICE

    def tried(self) -> Preview:
        """What would happen; nothing is written."""
        return self._run(keep=False)

    def done(self, watch: Callable[[int, int], None] = lambda done, total: None) -> Preview:
        """What happened. What ``watch`` raises ends it between two slices."""
        return self._run(keep=True, watch=watch)

    def _run(self, keep: bool, watch: Callable[[int, int], None] = lambda done, total: None) -> Preview:
        since = time.monotonic()
        db.session.rollback()
        take_place()
        for number, part in enumerate(chunks(self.rows, SLICE)):
            if number:
                since = give_way(since, keep)
                watch(number * SLICE, len(self.rows))
            self._slice(part)
        (db.session.commit if keep else db.session.rollback)()
        return self.preview

    def _slice(self, rows: list[tuple[int, int]]) -> None:
        for number, version in rows:
            row = db.session.scalars(select(self.record).where(self.record.id == number).execution_options(
                with_deleted=self.again or self.act == RESTORE, populate_existing=True)).one_or_none()
            if row is None:
                continue
            self.preview.found += 1
            if self.again and (row.version, row.changed_by) == (version + 1, current().actor):
                self.preview.done += 1
            else:
                _one(self.preview, row, self._rule(version))
        _tell_caches(self.record)

    def _rule(self, version: int) -> Callable[[Record], bool]:
        rule = {CHANGE: lambda row: _change(row, self.values, self.preview), DISCARD: _discard, RESTORE: _restore}[self.act]

        def as_seen(row: Record) -> bool:
            if row.version != version:
                raise Conflict
            return rule(row)

        return as_seen


def _one(preview: Preview, row: Record, rule: Callable[[Record], bool]) -> None:
    """One row in a savepoint of its own: what is refused leaves no trace and takes nothing else with it."""
    number, name = row.id, str(row)
    try:
        with db.session.begin_nested():
            changed = rule(row)
            db.session.flush()
        if changed:
            preview.done += 1
        else:
            preview.same += 1
    except RuleError as error:
        preview.refused.append((number, name, str(error)))
    except StaleDataError:
        preview.refused.append((number, name, str(Conflict())))
    except (IntegrityError, DataError):
        preview.refused.append((number, name, _("Another record already has these values, or something required is missing.")))


def _change(row: Record, values: dict[str, Any], preview: Preview) -> bool:
    words, changed = fields_of(type(row)), False
    noted = []
    for name, value in values.items():
        old = getattr(row, name)
        if old == value or (old in (None, "", []) and value in (None, "", [])):
            continue
        if value in (None, "", []) and words[name].required:
            raise RuleError(_("%(what)s is required and cannot be cleared.", what=words[name].label), name)
        setattr(row, name, value)
        noted.append((name, _word(words[name], old), _word(words[name], value)))
        changed = DONE
    db.session.flush()
    for name, old, new in noted:
        preview.changes.setdefault(str(words[name].label), Counter())[old, new] += 1
    return changed


def _word(words: Field, value: Any) -> str:
    if words.relation:
        return _("no. %(id)s", id=value) if value else ""
    return shown(words, value)


def _discard(row: Record) -> bool:
    held = blocking(row)
    if held:
        raise RuleError(_("Still in use: %(what)s", what="、".join(f"{link.label} {link.count}" for link in held)))
    row.deleted_at, row.deleted_by = now(), current().actor
    return DONE


def _restore(row: Record) -> bool:
    if row.deleted_at is None:
        return SAME
    row.deleted_at = row.deleted_by = None
    return DONE


def _tell_caches(record: type[Record]) -> None:
    """A row refused on the way made the session forget which caches the others made stale."""
    name = getattr(record, "__revision__", None)
    if name:
        db.session.info.setdefault("stale", set()).add(name)
