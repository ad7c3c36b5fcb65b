"""Steps of invented cases that write lines of their own: surveys, risk points, tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.core.cases.records import Case
from app.core.records import at, today
from app.db import db
from app.demo.cases import cards, when


@dataclass(frozen=True)
class Turn:
    """One step to play: its name, the share of the limit it waited, the opinion, what it asks, and the lines it writes."""

    name: str
    share: float
    note: str = ""
    values: Callable[[date], dict[str, Any]] = lambda day: {}
    write: Callable[[Any, date], None] = lambda case, day: None


def play(case: Case, turns: Iterable[Turn], end: datetime) -> None:
    """Plays the steps of a case as far as time goes, with the sheets the clock would have raised."""
    for turn in turns:
        moment = when(case, turn.share)
        cards(case, min(moment, end))
        if moment >= end:
            return
        with at(moment):
            with db.session.no_autoflush:
                turn.write(case, today())
            case.workflow.take(case, case.workflow.by_name[turn.name], turn.values(today()), turn.note)
            db.session.flush()
    cards(case, end)
