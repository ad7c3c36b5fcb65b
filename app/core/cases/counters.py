"""Numbers that run on without gaps or doubles, however many people register at once; when the clock last ran."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import DateTime, String, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base.moments import lately, local, now
from app.db import db


class Counter(db.Model):
    """The last number given under a key."""

    __tablename__ = "counter"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)


class Pulse(db.Model):
    """When the clock last ran, and the calendar by which deadlines were last worked out."""

    __tablename__ = "pulse"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    ran_at: Mapped[datetime] = mapped_column(DateTime)
    calendar: Mapped[str] = mapped_column(String(60), default="")


def clock_ran_at() -> datetime | None:
    """When the clock of deadlines last ran; None before the first time."""
    return db.session.scalar(select(Pulse.ran_at).where(Pulse.name == "cases"))


def worker_seen() -> bool:
    """Whether a worker process lived in the last minutes: each asks for the clock every minute."""
    ran_at = clock_ran_at()
    return ran_at is not None and lately(ran_at, timedelta(minutes=3))


def next_number(key: str) -> int:
    """The next number under a key; it is taken for good when the caller's transaction is."""
    make = {"sqlite": sqlite, "postgresql": postgresql}[db.engine.dialect.name].insert
    db.session.execute(make(Counter).values(key=key, number=0).on_conflict_do_nothing())
    db.session.execute(update(Counter).where(Counter.key == key).values(number=Counter.number + 1)
                       .execution_options(synchronize_session=False))
    return db.session.scalar(select(Counter.number).where(Counter.key == key)) or 0


def number_of_today(prefix: str) -> str:
    """The next number of a type of matter: its letters, the day in China, and a count that begins anew each day."""
    day = f"{prefix}{local(now()):%Y%m%d}"
    return f"{day}-{next_number(day):04d}"
