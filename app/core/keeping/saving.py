"""Writing to the database: what it refuses becomes a sentence that tells the user what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import takewhile
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.core.asking.links import Link, blocking
from app.core.base import history
from app.core.base.history import History
from app.core.base.moments import now
from app.core.base.numbers import record_id
from app.core.base.records import Record, RuleError
from app.core.base.scope import current
from app.core.keeping.duplicates import known_elsewhere
from app.db import db

LATELY = timedelta(hours=8)  # whoever saves without saying what he saw can have seen what is older


class Conflict(RuleError):
    """Somebody else was faster with the same record."""

    status = 409

    def __init__(self, changes: Sequence[History] = (), words: str = "") -> None:
        super().__init__(words or _("Somebody changed this record just now: look and save again."))
        self.changes = changes  # who changed what, the newest first


def refuse_outrun(row: Record, seen: Any, looked: int) -> None:
    """Conflict when somebody changed a record after its sender saw it.

    ``seen`` is the version he says he saw. Who says none (None) is held to what he can have seen: nobody else changed
    the record LATELY and after him, and nobody at all between the first look at it in this request (``looked``) and
    its lock.
    """
    if seen is not None:
        number = record_id(seen)
        if number != row.version:
            raise Conflict(history.of(row, since_version=number or 1))
        return
    lately = now() - LATELY
    changes = list(takewhile(lambda entry: entry.version > looked or entry.at >= lately and entry.by != current().actor,
                             history.of(row, since_version=1)))
    if changes:
        raise Conflict(changes)


def save(row: Record, written: Callable[[], None] | None = None) -> None:
    """Commits everything; RuleError says why the database refused it, and then nothing is written.

    ``written`` is called when the row has its number, and writes in the same transaction.
    """
    with in_words(row):
        if written is not None:
            db.session.flush()
            written()
        db.session.commit()


@contextmanager
def in_words(row: Record) -> Iterator[None]:
    """What the database refuses of a record becomes a RuleError, and nothing is written."""
    key, own = {name: getattr(row, name) for name in row.__natural_key__}, row.id
    try:
        yield
    except RuleError:
        db.session.rollback()
        raise
    except StaleDataError as error:
        db.session.rollback()
        raise Conflict() from error
    except IntegrityError as error:
        db.session.rollback()
        raise known_elsewhere(type(row), key, but=own) or RuleError(
            _("Another record already has these values, or something required is missing.")) from error
    except DataError as error:
        db.session.rollback()
        raise RuleError(_("A number or a text is larger than its column: shorten it.")) from error


def discard(row: Record) -> list[Link]:
    """Moves a record to the recycle bin; what still hangs on it is answered, and then it stays.

    The row is locked first, so that nobody moves something in between the look and the move.
    """
    if db.session.get(type(row), row.id, with_for_update=True) is None:
        raise Conflict()
    held = blocking(row)
    if not held:
        row.deleted_at, row.deleted_by = now(), current().actor
        save(row)
    return held
