"""Before a resident sends: what others reported at this place and is being handled, without a word of theirs he did not write himself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.accounts.throttle import Limit
from app.core.base.fields import fields_of, meaning
from app.core.base.registry import record_by_name
from app.core.base.scope import acting
from app.core.cases.alike import HINT, SHOWN, Alike, nearby
from app.core.cases.nearby_page import beginning
from app.core.cases.public import RESIDENT, words_of
from app.core.cases.reported import Located
from app.core.telling.dictionaries import label_of
from app.public import reporting
from app.public.sealing import key_of
from app.public.tracking import note, wait_if_needed

LOOKS = Limit("near", 60, timedelta(hours=1), timedelta(hours=1))
FEWEST = 2  # letters of a word two reports share
STEPS, MESH = 50, 0.001  # metres; degrees, about a hundred metres: a distance is no address, however often somebody asks


@dataclass(frozen=True)
class Neighbour:
    """An open case near by as a stranger may know it: what it is about, about how far, since when, how it stands."""

    key: str
    about: str
    metres: int | None
    since: datetime
    stage: str


def found(kind: str, typed: Mapping[str, str]) -> list[Neighbour]:
    """The open cases residents reported at this place that may be the same matter; TooMany for whoever asks all the time."""
    record: Any = record_by_name(kind)
    if not issubclass(record, Located):  # a complaint is nobody else's business
        return []
    wait_if_needed(LOOKS)
    note(LOOKS)
    draft = reporting.read(kind, typed)
    if not draft.grid_code:
        return []
    with acting(RESIDENT):
        begun = beginning(record, draft.grid_code, {**record.public.given, **draft.values})
        return [told for one in nearby(begun, record.by_public.is_(True), mesh=MESH) if (told := _told(begun, one))][:SHOWN]


def _told(begun: Any, one: Alike) -> Neighbour | None:
    """None where the two share no word and nothing may be said of what the other is about."""
    about = _class_of(one.case) if one.near else ""
    if one.text >= HINT:
        about = "、".join(f"“{word}”" for word in _shared(begun, one.case)) or about
    if not about:
        return None
    metres = max(STEPS, round(one.metres / STEPS) * STEPS) if one.metres is not None and one.near else None
    return Neighbour(key_of(one.case.number), about, metres, one.case.reported_at, words_of(one.case.state))


def _class_of(case: Any) -> str:
    """Its class in words, once somebody gave it another one than the door does."""
    for name in meaning(type(case), "class"):
        if getattr(case, name) != type(case).public.given.get(name):
            return label_of(fields_of(type(case))[name].dictionary, getattr(case, name))
    return ""


def _shared(begun: Any, case: Any) -> list[str]:
    """The words of the other's title that stand in this title too."""
    mine, others = ("".join(str(getattr(row, name) or "") for name in meaning(type(case), "title")) for row in (begun, case))
    words, start = [], 0
    while start < len(others):
        end = start
        while end < len(others) and others[end].isalnum() and others[start:end + 1] in mine:
            end += 1
        if end - start >= FEWEST:
            words.append(others[start:end])
        start = max(end, start + 1)
    return words
