"""Plays cases of any type through the engine: the steps of a story in their order, with the photos they demand."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy import select

from app.core.cases.records import Case
from app.core.display import local
from app.core.files.reading import Sent, looked_at
from app.core.records import at, now
from app.core.scope import EVERYTHING, Scope, acting
from app.db import db
from app.demo.cases import Move, Year, cards
from app.subsystems.grids import Grid

SIZE, WALL, FLOOR, BOXES, CLEAN = (320, 240), (203, 196, 184), (150, 150, 146), (142, 96, 58), (88, 130, 92)
GAP, LATELY, LONG_AGO = timedelta(minutes=15), timedelta(hours=3), timedelta(days=3)


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


class Stories(Year):
    """A stretch of time in which cases of one type are reported; subclasses say which, and what becomes of them."""

    def play(self, count: int, since: datetime) -> int:
        """Plays ``count`` cases reported since a moment, then one that stands in every state; returns how many."""
        with acting(Scope("street", EVERYTHING)):
            self.grids = list(db.session.scalars(select(Grid.code).where(Grid.level == "base").order_by(Grid.code)))
            self.prepare()
            end = now()
            for moment in self._moments(count, since, end):
                self.tell(self.reported(self.chance.choice(self.grids), moment), self.story(), end)
            standing = self.standing()
            for number, steps in enumerate(standing):
                begun = end - (LATELY if number % 2 else LONG_AGO) - number * GAP / 2
                self.tell(self.reported(self.grids[number % len(self.grids)], begun), steps, end, GAP)
            db.session.commit()
        return count + len(standing)

    def prepare(self) -> None:
        """What must be there before the first case."""

    def made(self) -> Case:
        """The next case as it is reported, without its place."""
        raise NotImplementedError

    def story(self) -> Iterable[Move]:
        """The steps of a case, as far as time allows."""
        raise NotImplementedError

    def standing(self) -> list[list[Move]]:
        """The steps that lead into each state, for the cases that stay there."""
        raise NotImplementedError

    def reported(self, grid: str, moment: datetime) -> Case:
        with at(moment):
            case = self.made()
            case.grid_code = case.grid_code or grid
            db.session.add(case)
            db.session.flush()
        return case

    def tell(self, case: Case, moves: Iterable[Move], end: datetime, gap: timedelta | None = None) -> None:
        """Takes the steps one after the other until the present; ``gap`` is the time between them where limits do not matter."""
        last = case.reported_at
        for move in moves:
            taken_at = last + gap if gap else max(self._when(case, move.share), last)
            cards(case, min(taken_at, end))
            if taken_at >= end:
                return
            step = case.workflow.by_name[move.name]
            with at(taken_at):
                values = {**step.suggests(case), **{name: _day(value) for name, value in move.values.items()}}
                sent = [picture(after=move.name != "verify")] if step.photo else []
                case.workflow.take(case, step, values, move.note, sent)
                db.session.flush()
            last = taken_at
        cards(case, end)


def _day(value: Any) -> Any:
    """A span among the values of a step is the day that far ahead."""
    return local(now()).date() + value if isinstance(value, timedelta) else value
