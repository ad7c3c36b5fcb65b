"""Stretches of time in which cases of one type are reported, some of which stand in every state there is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from app.core.base.moments import at, now
from app.core.base.scope import EVERYTHING, Scope, acting
from app.core.cases.records import Case
from app.db import db
from app.demo.cases import Year
from app.demo.playing import Move
from app.subsystems.grids.grids import Grid

GAP, LATELY, LONG_AGO = timedelta(minutes=15), timedelta(hours=3), timedelta(days=3)


class Stories(Year):
    """A stretch of time in which cases of one type are reported; subclasses say which, and what becomes of them."""

    def play(self, count: int, since: datetime) -> int:
        """Plays ``count`` cases reported since a moment, then one that stands in every state; returns how many."""
        with acting(Scope("street", EVERYTHING)):
            self.grids = list(db.session.scalars(select(Grid.code).where(Grid.level == "base").order_by(Grid.code)))
            self.prepare()
            end = now()
            for moment in self._moments(count, since, end):
                self.run(self.reported(self.chance.choice(self.grids), moment), self.story())
            standing = self.standing()
            for number, steps in enumerate(standing):
                begun = end - (LATELY if number % 2 else LONG_AGO) - number * GAP / 2
                self.run(self.reported(self.grids[number % len(self.grids)], begun), steps, GAP)
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
