"""Where a case stands on the way of its type, what comes next and who does it: the page says it from the declarations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Any

from flask_babel import gettext as _

from app.core.base.fields import fields_of
from app.core.base.scope import current
from app.core.cases.steps import Step
from app.core.cases.timeline import CaseStep
from app.core.telling.dictionaries import label_of
from app.core.telling.places import place_name

DONE, NOW, AHEAD, SKIPPED = "done", "now", "to", "skipped"
BESIDE, NAMED = 2, 3


@dataclass(frozen=True)
class Station:
    """One step of the way: done at a moment, passed over, the one it stands at, or still ahead."""

    label: str
    place: str
    at: datetime | None = None


def stations(case: Any, taken: Sequence[CaseStep]) -> list[Station]:
    """The way of a case from its report to its end, as its type declares it and its timeline went."""
    way = case.workflow.onward(case.workflow.initial)
    here = _passed_count(case, way, taken)
    moments = {**{entry.target: entry.at for entry in taken if entry.target != entry.source}, **{entry.step: entry.at for entry in taken}}
    behind = [(step, moments.get(step.name) or moments.get(step.target)) for _state, step in way[:here]]
    passed = [Station(str(step.label), DONE if at else SKIPPED, at) for step, at in behind]
    return [Station(_("Reported"), DONE, case.reported_at), *passed, *_ahead(case, way[here:], taken)]


def _passed_count(case: Any, way: list[tuple[str, Step]], taken: Sequence[CaseStep]) -> int:
    """How many stations lie behind a case: those before its state, or before the one it left for a byway."""
    states = [state for state, _step in way]
    if case.state in states:
        return states.index(case.state)
    if way[-1][1].target == case.state:
        return len(way)
    moves = [entry.source for entry in taken if entry.target != entry.source and entry.source in states]
    return states.index(moves[-1]) if moves else 0


def _ahead(case: Any, planned: list[tuple[str, Step]], taken: Sequence[CaseStep]) -> list[Station]:
    """The station a case stands at, what it passes over on a byway, and what is ahead."""
    rest = planned if planned and planned[0][0] == case.state else case.workflow.onward(case.state)
    if not case.is_open:
        noted = {entry.step: entry.at for entry in taken}
        after = [Station(str(step.label), DONE if step.name in noted else AHEAD, noted.get(step.name)) for _state, step in rest]
        return after or [Station(label_of("case_state", case.state), NOW, case.closed_at)]
    joined = [state for state, _step in rest]
    back = any(state in joined for state, _step in planned)
    over = list(takewhile(lambda one: one[0] not in joined, planned)) if back else []
    return [*(Station(str(step.label), SKIPPED) for _state, step in over if step.name != rest[0][1].name),
            *(Station(str(step.label), AHEAD if place else NOW) for place, (_state, step) in enumerate(rest))]


@dataclass(frozen=True)
class Next:
    """What a case waits for: the step, what its form cannot do without, and who may take it."""

    what: str
    needs: list[str]
    who: str
    mine: bool


def awaited(case: Any, people: Sequence[Any]) -> Next | None:
    """What an open case waits for now, in words, and which of these people takes it; nothing for one at its end."""
    if not case.is_open:
        return None
    steps = leading(case)
    granting = bool(case.extension_asked) and bool(steps) and bool(steps[0].not_by)
    step = next((one for one in steps if not one.not_by), None)
    what = [str(one.label) for one in ((steps[0], step) if granting else (step,)) if one is not None]
    return Next("、".join(what), needs_of(case, step) if step else [], _names(people), current().actor in {person.username for person in people})


def needs_of(case: Any, step: Step) -> list[str]:
    """What a step cannot be taken without, in the words of its form."""
    words = fields_of(step.record_of(case))
    return [*(str(words[name].label) for name in step.must), *([_("the reason")] if step.reason else []),
            *([_("a photo")] if step.photo else [])]


def _names(people: Sequence[Any]) -> str:
    named = "、".join(_("%(name)s (%(place)s)", name=person.full_name or person.username, place=place_name(person.node))
                     for person in people[:NAMED])
    return _("%(names)s and %(n)s more", names=named, n=len(people) - NAMED) if len(people) > NAMED else named


def leading(case: Any) -> list[Step]:
    """The steps possible now that lead on, the first one first: what somebody asked for, what moves it, what is noted."""
    fitting = [step for step in case.workflow.steps if step.is_ready(case)]
    asked = [step for step in fitting if step.not_by and not step.reason]
    main = [step for step in fitting if step.main]
    ahead = [step for step in fitting if step.target and not step.rare] if case.is_open else []
    return [*asked, *(step for step in main if step.target), *(step for step in main if not step.target)] or ahead


@dataclass
class Acts:
    """The buttons of a case: one main one, few beside it, the others in a menu, and apart what ends it early."""

    main: Step | None = None
    beside: list[Step] = field(default_factory=list)
    more: list[Step] = field(default_factory=list)
    apart: list[Step] = field(default_factory=list)


def acts(case: Any, steps: Sequence[Step]) -> Acts:
    """Where the steps somebody may take stand on the page."""
    main = next((step for step in leading(case) if step in steps), None)
    others = [step for step in steps if step is not main]
    apart = [step for step in others if step.target in case.workflow.final and not step.main and case.is_open]
    inside = sorted((step for step in others if step not in apart), key=lambda step: step.rare or step.aside)
    beside = [step for step in inside if not (step.rare or step.aside)][:BESIDE]
    return Acts(main, beside, inside[len(beside):], apart)
