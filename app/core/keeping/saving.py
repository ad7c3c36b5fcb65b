"""Writing to the database: what it refuses becomes a sentence that tells the user what to do."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.core.asking.links import Link, blocking
from app.core.base.moments import now
from app.core.base.records import Record, RuleError
from app.core.base.scope import current
from app.core.keeping.duplicates import known_elsewhere
from app.db import db


class Conflict(RuleError):
    """Somebody else was faster with the same record."""

    status = 409

    def __init__(self) -> None:
        super().__init__(_("Somebody changed this record just now: look and save again."))


def save(row: Record, written: Callable[[], None] | None = None) -> None:
    """Commits everything; RuleError says why the database refused it, and then nothing is written.

    ``written`` is called when the row has its number, and writes in the same transaction.
    """
    key, own = {name: getattr(row, name) for name in row.__natural_key__}, row.id
    try:
        if written is not None:
            db.session.flush()
            written()
        db.session.commit()
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
