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
from app.core.base.nodes import Node
from app.core.cases.loop import MERGED
from app.core.cases.records import Case
from app.core.cases.reported import Located
from app.db import db

WITHIN = timedelta(days=7)
LOOKED_AT, SHOWN, MOST = 300, 3, 20
NEAR = 200.0  # metres
ENOUGH = 0.5
METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True)
class Alike:
    """Another open case that may be the same matter, with what the two share."""

    case: Case
    score: float
    shared: list[str]


def alike(case: Case) -> list[Alike]:
    """The open cases of the type in the same community within a week that look like this one, the likeliest first."""
    record = type(case)
    community = Node(case.grid_code).at("community")
    others = db.session.scalars(select(record).where(
        record.reported_at.between(case.reported_at - WITHIN, case.reported_at + WITHIN), record.id != case.id,
        record.grid_code >= community, record.grid_code < community + "~", record.state.not_in(record.workflow.final),
    ).order_by(record.reported_at.desc()).limit(LOOKED_AT))
    found = [_compared(case, other) for other in others]
    return sorted((one for one in found if one.score >= ENOUGH), key=lambda one: -one.score)[:SHOWN]


def merged_with(case: Case) -> tuple[Case | None, list[Case]]:
    """The case one was merged into, and those merged into it, as far as the user sees them."""
    record = type(case)
    into = db.session.scalar(select(record).where(record.number == case.merged_into)) if case.merged_into else None
    found = db.session.scalars(select(record).where(record.state == MERGED, record.merged_into == case.number).order_by(record.id).limit(MOST))
    return into, list(found)


def _compared(case: Case, other: Case) -> Alike:
    text, place = _overlap(case, other, "title", "text"), _overlap(case, other, "place")
    metres = _distance(case, other)
    near = metres is not None and metres <= NEAR
    same_class = any(getattr(case, name) and getattr(case, name) == getattr(other, name)
                     for name in meaning(type(case), "class"))
    words = {_("similar words"): text >= ENOUGH, _("same place"): place >= ENOUGH,
             _("%(metres)s m away", metres=round(metres or 0)): near, _("same class"): same_class}
    score = 0.45 * text + 0.3 * (1.0 if near else place) + 0.25 * same_class
    return Alike(other, score, [word for word, so in words.items() if so])


def _overlap(case: Case, other: Case, *means: str) -> float:
    """Of the pairs of letters of the shorter text in the columns that mean this, the share the longer one has: 0 to 1."""
    names = meaning(type(case), *means)
    first, second = (_pairs(" ".join(str(getattr(one, name) or "") for name in names)) for one in (case, other))
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def _pairs(text: str) -> Set[str]:
    letters = "".join(letter for letter in text if letter.isalnum())
    return {letters[start:start + 2] for start in range(len(letters) - 1)}


def _distance(case: Any, other: Any) -> float | None:
    """Metres between two points on the map; None where one has none."""
    points = [(one.longitude, one.latitude) for one in (case, other) if isinstance(one, Located)]
    if not points or any(value is None for point in points for value in point):
        return None
    (east, north), (other_east, other_north) = [(float(point[0]), float(point[1])) for point in points]
    return METRES_A_DEGREE * math.hypot((east - other_east) * math.cos(math.radians(north)), north - other_north)
