"""One act on many records: change columns, move to the recycle bin, bring back.

Tried out first: every row goes through the rules a form obeys, in a transaction that is rolled back, and what would
happen is counted. Done only as it was shown: when a row changed meanwhile, the preview is shown again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.core.asking import listing
from app.core.asking.links import blocking
from app.core.asking.listing import ListState
from app.core.base.fields import Field, fields_of
from app.core.base.moments import now
from app.core.base.records import Record, RuleError
from app.core.base.scope import current
from app.core.telling.display import shown
from app.db import db

MOST, TOLD = 2_000, 100
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


def run(view: Any, selection: Selection, act: str, values: dict[str, Any], commit: str = "") -> Preview:
    """Tries an act, and does it when ``commit`` is the mark of the preview it is to be; else nothing is written."""
    preview, mark = Preview(), hashlib.sha256(repr((act, sorted(values.items(), key=str))).encode())
    numbers = selection.find(view)
    if len(numbers) > MOST:
        raise RuleError(_("At most %(most)s records at once: narrow the list and do it part by part.", most=f"{MOST:,}"))
    for row in _rows(view.record, numbers, act == RESTORE):
        preview.found += 1
        mark.update(f"{row.id}:{row.version},".encode())
        _one(preview, row, _rule(act, values, preview))
    preview.mark = mark.hexdigest()[:32]
    if commit and commit == preview.mark:
        _tell_caches(view.record)
        db.session.commit()
    else:
        db.session.rollback()
    return preview


def _rows(record: type[Record], numbers: list[int], deleted: bool) -> Iterator[Record]:
    for number in numbers:
        row = db.session.scalars(select(record).where(record.id == number).execution_options(
            with_deleted=deleted, populate_existing=True)).one_or_none()
        if row is not None:
            yield row


def _rule(act: str, values: dict[str, Any], preview: Preview) -> Callable[[Record], bool]:
    return {CHANGE: lambda row: _change(row, values, preview), DISCARD: _discard, RESTORE: _restore}[act]


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
        preview.refused.append((number, name, _("Somebody changed this record just now: look and save again.")))
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
