"""The steps of a type of case, declared once: buttons, forms, rights, news and figures come from them.

Nobody assigns a state: ``taking.take`` is the only way to another one, and the record refuses any other
(``Case.check``).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from app.core.base.language import in_context
from app.core.cases.matter import correction
from app.core.cases.steps import Duty, Step


@dataclass
class Workflow:
    """The steps of one type of case, in the order of their buttons and in the words of that type; 更正 is among them all."""

    case_type: str
    initial: str
    steps: tuple[Step, ...]
    final: tuple[str, ...]
    idle: tuple[str, ...] = ()  # states in which no clock runs, beside the final ones
    filed: tuple[str, ...] = ()  # counted as 立案 in the figures
    unfiled: tuple[str, ...] = ()  # states before 立案, in which the report itself is still written; the first one where none are named
    by_name: dict[str, Step] = field(init=False)

    def __post_init__(self) -> None:
        known = {self.initial, *(step.target for step in self.steps if step.target)}
        dead = {state for step in self.steps for state in step.sources} - known
        stuck = known - set(self.final) - {source for step in self.steps for source in step.sources}
        if dead or stuck:
            raise ValueError(f"{self.case_type}: no way into {sorted(dead)}, no way out of {sorted(stuck)}")
        self.unfiled = self.unfiled or (self.initial,)
        steps = (*self.steps, correction(tuple(sorted(known - set(self.final)))))
        self.steps = tuple(replace(step, label=in_context(step.label, self.case_type)) for step in steps)
        self.by_name = {step.name: step for step in self.steps}

    @property
    def open_states(self) -> list[str]:
        """The states from which a case goes on."""
        known = dict.fromkeys((self.initial, *(step.target for step in self.steps if step.target)))
        return [state for state in known if state not in self.final]

    def open_in(self, case: Any) -> Any:
        """The condition of a list for the cases that go on, in the words by which their own index is found (``Case``)."""
        return case.closed_at.is_(None) & case.state.in_(self.open_states)

    def awaiting(self, state: str) -> list[Step]:
        """The steps a state waits for: its main ones and those that take their turn by ``when``; any where it has no main one."""
        leading = [step for step in self.steps if state in step.sources and not step.aside]
        return [step for step in leading if step.main or step.when] if any(step.main for step in leading) else leading

    def awaited(self, state: str) -> tuple[Duty, ...]:
        """The duties whose bearers a state waits for."""
        return tuple(dict.fromkeys(step.duty for step in self.awaiting(state)))

    def awaited_by(self, case: Any) -> tuple[Duty, ...]:
        """The duties whose bearers this very case waits for."""
        return tuple(dict.fromkeys(step.duty for step in self.awaiting(case.state) if step.holds(case)))

    def onward(self, state: str) -> list[tuple[str, Step]]:
        """The way from a state to the end by its leading steps: each state it comes through, and the step that leads on."""
        found: dict[str, Step] = {}
        while state not in found and (step := self._leading(state, {*found, state})):
            found[state] = step
            state = step.target or state
        return list(found.items())

    def _leading(self, state: str, passed: set[str]) -> Step | None:
        """The step by which a state is left for one not passed yet; without one, what is left to do in it."""
        here = [step for step in self.steps if state in step.sources]
        on = [step for step in here if step.target and step.target not in passed]
        main = [step for step in here if step.main]
        forward = [] if state in self.final else on
        return next((step for step in (*(step for step in main if step in on), *forward, *main)), None)

    @property
    def counts(self) -> frozenset[str]:
        """The figures its steps count."""
        return frozenset(name for step in self.steps for name in step.counts)
