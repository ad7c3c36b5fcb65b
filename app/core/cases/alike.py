"""Reports of the same matter: suggested by place, time and text before anybody is sent out twice (GB/T 30428 受理)."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.base.fields import meaning
from app.core.base.nodes import DIGITS, Node
from app.core.cases.loop import MERGED
from app.core.cases.records import Case
from app.core.cases.reported import Located
from app.db import db

WITHIN, LATELY = timedelta(days=7), timedelta(days=28)
LOOKED_AT, SHOWN, MOST = 300, 3, 20
NEAR = 200.0  # metres
ENOUGH, HINT = 0.5, 0.3  # of the words; a hint is enough where the place is the same and somebody looks
METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True)
class Alike:
    """Another open case that may be the same matter, and what the two share: of words and place how much, from 0 to 1."""

    case: Case
    text: float
    place: float
    metres: float | None
    same_class: bool

    @property
    def near(self) -> bool:
        return self.metres is not None and self.metres <= NEAR

    @property
    def score(self) -> float:
        return 0.45 * self.text + 0.3 * (1.0 if self.near else self.place) + 0.25 * self.same_class

    @property
    def shared(self) -> list[str]:
        words = {_("similar words"): self.text >= ENOUGH, _("same place"): self.place >= ENOUGH,
                 _("%(metres)s m away", metres=round(self.metres or 0)): self.near, _("same class"): self.same_class}
        return [word for word, so in words.items() if so]


def alike(case: Case) -> list[Alike]:
    """The open cases of the type in the same community within a week that look like this one, the likeliest first."""
    found = compared(case, WITHIN, type(case).id != case.id)
    return sorted((one for one in found if one.score >= ENOUGH), key=lambda one: -one.score)[:SHOWN]


def nearby(case: Case, *only: Any, mesh: float = 0.0) -> list[Alike]:
    """Before a case is sent: the open ones of the last weeks at its place, the nearest in words and metres first.

    At its place is within some steps, at a place called alike, or, where one of them has no pin, in the same grid.
    Points are compared as they are, or where they lie in a mesh of so many degrees: nobody finds out more by asking often.
    """
    found = [one for one in compared(case, LATELY, *only, mesh=mesh)
             if one.near or one.place >= ENOUGH or one.metres is None and _same_grid(case.grid_code, one.case.grid_code)]
    return sorted(found, key=lambda one: (-one.text, one.metres or 0.0))


def same_matter(found: list[Alike]) -> list[Alike]:
    """Those of them that may be the same matter: by their words, or by their class right at this place."""
    return [one for one in found if one.text >= HINT or one.same_class and (one.near or one.place >= ENOUGH)][:SHOWN]


def compared(case: Case, within: timedelta, *only: Any, mesh: float = 0.0) -> list[Alike]:
    """The other open cases of the type in the same community in this time, beside a case; also one that is not written yet."""
    record = type(case)
    community = Node(case.grid_code).at("community")
    others = db.session.scalars(select(record).where(
        record.reported_at.between(case.reported_at - within, case.reported_at + within), *only,
        record.grid_code >= community, record.grid_code < community + "~", record.workflow.open_in(record),
    ).order_by(record.reported_at.desc()).limit(LOOKED_AT))
    return [_compared(case, other, mesh) for other in others]


def _same_grid(one: str, other: str) -> bool:
    """Whether one lies in the other, below the street."""
    return min(len(one), len(other)) > DIGITS["street"] and (Node(one).contains(other) or Node(other).contains(one))


def merged_with(case: Case) -> tuple[Case | None, list[Case]]:
    """The case one was merged into, and those merged into it, as far as the user sees them."""
    record = type(case)
    into = db.session.scalar(select(record).where(record.number == case.merged_into)) if case.merged_into else None
    found = db.session.scalars(select(record).where(record.state == MERGED, record.merged_into == case.number).order_by(record.id).limit(MOST))
    return into, list(found)


def _compared(case: Case, other: Case, mesh: float) -> Alike:
    same_class = any(getattr(case, name) and getattr(case, name) == getattr(other, name)
                     for name in meaning(type(case), "class"))
    return Alike(other, _overlap(case, other, "title", "text"), _overlap(case, other, "place"), _distance(case, other, mesh), same_class)


def _overlap(case: Case, other: Case, *means: str) -> float:
    """Of the pairs of letters of the shorter text in the columns that mean this, the share the longer one has: 0 to 1."""
    names = meaning(type(case), *means)
    first, second = (_pairs(" ".join(str(getattr(one, name) or "") for name in names)) for one in (case, other))
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def _pairs(text: str) -> Set[str]:
    letters = "".join(letter for letter in text if letter.isalnum())
    return {letters[start:start + 2] for start in range(len(letters) - 1)}


def _distance(case: Any, other: Any, mesh: float) -> float | None:
    """Metres between two points on the map, or between the crossings of the mesh they lie at; None where one has none."""
    points = [(one.longitude, one.latitude) for one in (case, other) if isinstance(one, Located)]
    if not points or any(value is None for point in points for value in point):
        return None
    (east, north), (other_east, other_north) = [[round(float(value) / mesh) * mesh if mesh else float(value) for value in point]
                                                for point in points]
    return METRES_A_DEGREE * math.hypot((east - other_east) * math.cos(math.radians(north)), north - other_north)
