"""Plays the steps of invented cases through the engine itself, at moments of the past, with the photos they demand."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from PIL import Image, ImageDraw

from app.core.base.moments import at, now, today
from app.core.base.workdays import calendar
from app.core.cases import clock
from app.core.cases.records import Case
from app.core.cases.taking import take
from app.core.files.reading import Sent, looked_at
from app.db import db

LEAST = timedelta(minutes=12)  # between the last steps of a case that must have got somewhere by now
SIZE, WALL, FLOOR, BOXES, CLEAN = (320, 240), (203, 196, 184), (150, 150, 146), (142, 96, 58), (88, 130, 92)


@dataclass(frozen=True)
class Move:
    """One step to play: its name, the opinion, what the form asks, and the share of the limit it waited.

    ``values`` may be worked out from the day of the step; among them a function is asked then, and a span is the day
    that far ahead. ``write`` adds the lines the step's page takes.
    """

    name: str
    note: str = ""
    values: dict[str, Any] | Callable[[date], dict[str, Any]] = field(default_factory=dict)
    share: float = 0.5
    write: Callable[[Any, date], None] = lambda case, day: None

    def told(self, step: Any, case: Case) -> dict[str, Any]:
        """What the form of the step says at the moment it is taken."""
        given = self.values(today()) if callable(self.values) else self.values
        return {**step.suggests(case), **{name: _then(value) for name, value in given.items()}}


def _then(value: Any) -> Any:
    if isinstance(value, timedelta):
        return today() + value
    return value() if callable(value) else value


def run(case: Case, moves: Iterable[Move], gap: timedelta | None = None,
        moment_of: Callable[[Case, float], datetime] | None = None) -> None:
    """Plays the steps of a case until the present, with the sheets the clock would have raised.

    ``gap`` is the time between the steps where limits do not matter.
    """
    end, last = now(), case.reported_at
    for move in moves:
        moment = last + gap if gap else max((moment_of or when)(case, move.share), last)
        cards(case, min(moment, end))
        if moment >= end:
            return
        step = case.workflow.by_name[move.name]
        with at(moment):
            with db.session.no_autoflush:
                move.write(case, today())
            sent = [picture(after=move.name != "verify")] if step.photo else []
            take(case, step, move.told(step, case), move.note, sent)
            db.session.flush()
        last = moment
    cards(case, end)


def reached(moves: Iterable[Move]) -> tuple[list[Move], Callable[[Case, float], datetime]]:
    """The steps and their moments, so that all of them lie in the past: a case that stands at a stage has got there,
    on whatever day and through whatever holidays it is played."""
    known, end = list(moves), now()
    left = iter(range(len(known), 0, -1))
    return known, lambda case, share: min(when(case, share), end - LEAST * next(left))


def when(case: Case, share: float) -> datetime:
    """The moment at which a step is taken that waited a share of its limit."""
    if case.due_at is None:
        return case.since + timedelta(days=2 * share)
    worked = calendar().worked(case.since, case.due_at)
    limit = case.step_limit
    return calendar().part(case.since, case.due_at, limit, share) if limit and worked else case.since + (
        case.due_at - case.since) * share


def cards(case: Case, until: datetime) -> None:
    """What the clock would have raised on a case up to a moment."""
    for moment in (case.amber_at, case.due_at and case.due_at + timedelta(minutes=1)):
        if moment is not None and moment <= until:
            with at(moment):
                clock.look_at(case)
                db.session.flush()


@cache
def picture(after: bool) -> Sent:
    """A drawn corner, with boxes in it or cleared: no demo photo shows a real place."""
    image = Image.new("RGB", SIZE, WALL)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 160, *SIZE), fill=FLOOR)
    for left, top in ((40, 110), (120, 130), (90, 70)) if not after else ():
        draw.rectangle((left, top, left + 70, top + 60), fill=BOXES, outline=(70, 46, 26), width=3)
    if after:
        draw.rectangle((250, 60, 300, 190), outline=CLEAN, width=6)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=70)
    return looked_at("现场照片.jpg", content.getvalue())
