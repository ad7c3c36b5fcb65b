"""What residents may report themselves: the declaration beside a type of case, and how its states read outside.

Nothing here names a person: outside, a case is its stage, its dates and an answer written for the public.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.core.base.fields import fields_of
from app.core.base.records import RuleError
from app.core.base.scope import EVERYTHING, Scope
from app.core.cases.loop import CLOSED, MERGED, PARKED, REJECTED

RESIDENT = Scope("public", EVERYTHING)  # acts only through the public door, which knows no more than a code
RECEIVED, TAKEN_UP, IN_HAND, ENDED = 1, 2, 3, 4
STAGES = {RECEIVED: _("Received"), TAKEN_UP: _("Accepted"), IN_HAND: _("Being handled"), ENDED: _("Finished")}
STAGE_OF = {"reported": RECEIVED, "accepted": TAKEN_UP, "filed": TAKEN_UP, CLOSED: ENDED, REJECTED: ENDED}
TELLING = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dXx]|\d{15})(?!\d)")
FEWEST_LETTERS = 4


@dataclass(frozen=True)
class PublicForm:
    """What a resident is asked for a type of case.

    ``words`` and ``about`` say what it is for; ``asks`` are columns in the order of the form, ``must`` those that
    cannot be left out; ``given`` is what the program fills in; ``answer`` is the column the public reads at the end,
    ``posted`` where it is hung up for everybody, whichever way the case came; ``again`` says what follows when the
    resident is not content.
    """

    words: Any
    about: Any
    icon: str
    asks: tuple[str, ...]
    must: tuple[str, ...]
    given: dict[str, Any] = field(default_factory=dict)
    answer: str = "public_answer"
    posted: bool = False
    again: Any = _("Once, within 30 days: it is opened again and handled anew.")


def stage_of(state: str) -> int:
    """Where a case stands as residents see it; a step of a type's own is part of the handling."""
    return STAGE_OF.get(state, IN_HAND)


def words_of(state: str) -> str:
    """The state in words for residents."""
    special = {REJECTED: _("Not taken up"), PARKED: _("Waiting: it cannot be solved right now"),
               MERGED: _("Handled together with the same matter reported earlier")}
    return str(special.get(state) or STAGES[stage_of(state)])


def check_answer(case: Any) -> None:
    """An answer is written for whoever reported, and names nobody; raised on the step that ends the case."""
    form = type(case).public
    if form is None or not (case.by_public or form.posted):
        return
    answer = (getattr(case, form.answer) or "").strip()
    if len(answer) < FEWEST_LETTERS:
        raise RuleError(gettext("A resident waits for this: write the answer he reads."), form.answer)
    named = [value for name in form.asks if (value := getattr(case, name)) and fields_of(type(case))[name].mask and value in answer]
    if named or TELLING.search(answer):
        raise RuleError(gettext("The answer is read by the public: leave out names, phone and ID numbers."), form.answer)
