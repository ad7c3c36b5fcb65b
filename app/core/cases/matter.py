"""What is reported, and by which limits: from 立案 on it changes by the step 更正 alone, with a reason, for all to see."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.core.base.fields import fields_of, meaning
from app.core.base.history import plain
from app.core.base.once import once
from app.core.base.records import RuleError, changes
from app.core.cases.steps import IN_CHARGE, Duty, Step, Whom
from app.db import db

CORRECT = "correct"
MEANT = ("class", "title", "text", "place")  # what a column means that belongs to every matter


@once
def columns(record: type[Any]) -> tuple[str, ...]:
    """The columns of its form that say what is reported and move its limits; what names a person is not among them."""
    names = {"grid_code", "urgency", record.limit_by, *record.stands, *meaning(record, *MEANT)}
    return tuple(name for name, words in fields_of(record).items() if name in names and words.editable and not words.mask)


def told(case: Any) -> dict[str, Any]:
    """The matter as it is now, as history keeps it; what it points to by its name."""
    words = fields_of(type(case))
    return {name: _named(case, words[name].relation, getattr(case, name)) if words[name].relation
            else plain(words[name], getattr(case, name)) for name in columns(type(case))}


def _named(case: Any, relation: str, number: int | None) -> str | None:
    with db.session.no_autoflush:
        row = db.session.get(type(case).__mapper__.relationships[relation].mapper.class_, number) if number else None
    return None if row is None else str(row)


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """What a step made of the matter: (old, new) of every column that changed."""
    return {name: [old, after[name]] for name, old in before.items() if old != after[name]}


def _corrected(case: Any) -> None:
    """Something is another, and what follows from it follows at once: its limits, its level, its standard."""
    if not changes(case, *columns(type(case))):
        raise RuleError(gettext("Nothing is different: change what is wrong, or go back to the case."))
    case.complete()


def correction(open_states: tuple[str, ...]) -> Step:
    """The step by which whoever directs a case puts right what was reported; it waits for nobody."""
    return Step(CORRECT, _("Correct what was reported"), open_states, duty=Duty.DIRECT, reason=True, aside=True, rare=True,
                concerns=(Whom.LEVEL, *IN_CHARGE, Whom.REPORTER), effect=_corrected, possible=lambda case: case.is_filed,
                more=lambda case: columns(type(case)), suggests=lambda case: {name: getattr(case, name) for name in columns(type(case))})
