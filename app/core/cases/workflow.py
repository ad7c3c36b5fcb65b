"""The steps of a type of case: who may take each, from where to where, what it asks, and what it changes.

Declared once; buttons, step forms, permissions, deadlines and the timeline come from it. Nobody assigns a state:
``taking.take`` is the only way, and the record refuses any other (``Case.check``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from app.core.base.language import in_context
from app.core.base.scope import current

HERE = ""  # a step that leaves the case in its state


@dataclass(frozen=True)
class Step:
    """One step.

    ``sources`` are the states it starts from, ``target`` the one it leads to (HERE: it stays); ``asks`` are columns of
    the record its form shows, ``must`` those it cannot do without; ``reason`` makes the written opinion a must.
    ``effect`` changes further columns, ``possible`` says whether the step makes sense for this very case;
    ``suggests`` are values its form offers for what is still empty.
    ``rows`` are relations whose lines its page shows and takes; ``tells`` is what it says before one decides: (label, text).
    A step that ``adds`` a row to a relation of the case, such as one more mediation, asks for columns of that row.
    """

    name: str
    label: Any
    sources: tuple[str, ...]
    target: str = HERE
    asks: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    reason: bool = False
    effect: Callable[[Any], None] = lambda case: None
    possible: Callable[[Any], bool] = lambda case: True
    rows: tuple[str, ...] = ()
    tells: Callable[[Any], list[tuple[Any, str]]] = lambda case: []
    main: bool = False
    restarts: bool = False  # the limit of the state counts anew although the state stays
    photo: bool = False  # cannot be taken without one
    adds: str = ""
    suggests: Callable[[Any], dict[str, Any]] = lambda case: {}
    concerns: tuple[str, ...] = ()  # whom it concerns, where app.core.cases.news does not say it for its name
    answers: bool = False  # whoever reported it at the public door reads an answer with it, everybody where answers are posted
    reopens: bool = False  # whoever reported it at the public door may take it, when he is not content

    def at(self, *sources: str, **changes: Any) -> Step:
        """The same step from other states, perhaps with other words, questions or effects."""
        return replace(self, sources=sources, **changes)

    def asked(self, case: Any) -> tuple[str, ...]:
        """The columns its form shows for a case."""
        form = type(case).public
        read = self.answers and form and (case.by_public or form.posted) and form.answer not in self.asks
        return (*self.asks, form.answer) if read else self.asks

    def record_of(self, case: Any) -> Any:
        """The record whose columns its form shows: the case's own, or that of the rows it adds."""
        return type(case).__mapper__.relationships[self.adds].mapper.class_ if self.adds else type(case)

    def written(self, case: Any) -> Any:
        """The row that takes what was asked: the case, or a new row of it."""
        if not self.adds:
            return case
        row = self.record_of(case)()
        getattr(case, self.adds).append(row)
        return row


@dataclass
class Workflow:
    """The steps of one type of case, in the order of their buttons and in the words of that type."""

    case_type: str
    initial: str
    steps: tuple[Step, ...]
    final: tuple[str, ...]
    idle: tuple[str, ...] = ()  # states in which no clock runs, beside the final ones
    filed: tuple[str, ...] = ()  # counted as 立案 in the figures
    by_name: dict[str, Step] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = tuple(replace(step, label=in_context(step.label, self.case_type)) for step in self.steps)
        self.by_name = {step.name: step for step in self.steps}
        known = {self.initial, *(step.target for step in self.steps if step.target)}
        dead = {state for step in self.steps for state in step.sources} - known
        stuck = known - set(self.final) - {source for step in self.steps for source in step.sources}
        if dead or stuck:
            raise ValueError(f"{self.case_type}: no way into {sorted(dead)}, no way out of {sorted(stuck)}")

    def offered(self, case: Any, may: Callable[[str], bool]) -> list[Step]:
        """The steps the user may take now: the state allows it, his role does, and the case is at his level."""
        if not current().covers(case.level_code):
            return []
        return [step for step in self.steps if case.state in step.sources and may(step.name) and step.possible(case)]
