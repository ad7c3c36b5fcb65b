"""A form is sent once: its key, a digest of what stood in it, and where it led, kept while it may come again."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import String, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base.crypto import keyring
from app.core.base.moments import now
from app.db import db

LASTS = timedelta(days=7)  # a draft in a browser lasts as long
WRITTEN, LONGEST = "%Y%m%d%H%M%S", 400  # a longer address is kept without what it says to its page


class Sending(db.Model):
    """One form that was sent and saved; of its key, its sender and what stood in it only keyed digests are kept."""

    __tablename__ = "sending"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    content: Mapped[str] = mapped_column(String(32))
    led_to: Mapped[str] = mapped_column(String(LONGEST))
    at: Mapped[datetime] = mapped_column(index=True)


class SentAlready(Exception):
    """While this form was on its way the same one arrived and was saved; nothing of this one was."""

    def __init__(self, content: str, led_to: str) -> None:
        super().__init__(led_to)
        self.content = content
        self.led_to = led_to


def new_key() -> str:
    """A key for one form: the moment, a random part, and our seal, so that nobody makes keys up."""
    return _sealed(f"{now():{WRITTEN}}", secrets.token_urlsafe(16))


def known_key(key: str) -> str:
    """The key when we gave it out and it still holds, else nothing."""
    if not key.isascii():
        return ""
    moment, _dot, rest = key[:100].partition(".")
    random = rest.partition(".")[0]
    try:
        fresh = now() - datetime.strptime(moment, WRITTEN) < LASTS
    except ValueError:
        return ""
    return key if fresh and secrets.compare_digest(key.encode(), _sealed(moment, random).encode()) else ""


def _sealed(moment: str, random: str) -> str:
    return f"{moment}.{random}.{keyring().digest('form key', moment, random)}"


def find(key: str, by: str) -> Sending | None:
    """The earlier sending of a form by the same person; None when there was none."""
    return db.session.get(Sending, _digest(key, by)) if key else None


def claim(key: str, by: str, content: str) -> Callable[[str], None]:
    """Takes the key for the save that follows, in its transaction; what it answers notes where that led.

    A second request with the same key waits here for the first: SentAlready when that was saved, and the way is
    free when it was refused. Without a key nothing is kept. Call it before anything else is written.
    """
    if not key:
        return lambda led_to: None
    make = {"sqlite": sqlite, "postgresql": postgresql}[db.engine.dialect.name].insert
    taken, mine = _digest(key, by), Sending.__table__.c
    mark = make(Sending.__table__).values(key=taken, content=content, led_to="", at=now())  # type: ignore[arg-type]
    if db.session.scalar(mark.on_conflict_do_nothing().returning(mine.key)) is None:
        raise SentAlready(*db.session.execute(select(mine.content, mine.led_to).where(mine.key == taken)).one())

    def lead(led_to: str) -> None:
        kept = led_to if len(led_to) <= LONGEST else led_to.partition("?")[0]
        db.session.execute(update(Sending.__table__).where(mine.key == taken).values(led_to=kept))  # type: ignore[arg-type]

    return lead


def _digest(key: str, by: str) -> str:
    return keyring().digest("form sent", by, key)


def sweep() -> None:
    """Forgets the keys that hold no more; the caller commits."""
    db.session.execute(delete(Sending).where(Sending.at < now() - LASTS))
