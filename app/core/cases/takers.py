"""Who may take a step: one question, asked by page, REST, offers, news, handing over and the public door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from app.core.base import registry
from app.core.base.actors import Me, me
from app.core.base.moments import now
from app.core.base.registry import security
from app.core.base.scope import NOTHING, Scope, current
from app.core.cases.steps import FOLLOWS, RATES, REOPENS, Duty, Step

REOPENED_WITHIN = timedelta(days=30)  # of the end, at the public door


class Taker(Protocol):
    """Somebody who may take steps."""

    def may_take(self, case: Any, step: Step) -> bool:
        """Whether a step is his on a case, whatever state that is in."""


@dataclass(frozen=True)
class Official:
    """Whoever has an account: where he is held to, whether his roles charge him with a duty on a type, and who he is."""

    scope: Scope
    charged: Callable[[Duty, Any], bool]
    person: Callable[[], Me] = Me

    def may_take(self, case: Any, step: Step) -> bool:
        """The case is with him or below him, or he handles it wherever it lies; and the step is his duty."""
        reached = self.scope.covers(case.level_code) or step.duty is Duty.HANDLE and self.in_charge(case)
        own = bool(step.not_by) and getattr(case, step.not_by) == self.scope.actor
        return reached and not own and self.charged(step.duty, registry.view_of(type(case)))

    def in_charge(self, case: Any) -> bool:
        """Whether a case he sees names him, or his unit."""
        who = self.person()
        named = case.handler_id is not None and case.handler_id == who.id or bool(case.unit) and case.unit == who.unit
        return named and self.scope.covers(case.grid_code)


@dataclass(frozen=True)
class Resident:
    """Whoever reported a case at the public door, known by its code alone."""

    def may_take(self, case: Any, step: Step) -> bool:
        """He rates what was done, says later whether it stayed solved, and for some time has it opened again."""
        recent = case.closed_at is not None and case.closed_at > now() - REOPENED_WITHIN
        return step.at_door in (RATES, FOLLOWS) or step.at_door == REOPENS and recent


def myself() -> Taker:
    """Whoever sent this request."""
    return Official(current(), registry.may, me)


def holder(account: Any) -> Official:
    """Whoever an account belongs to."""
    has_right = security()._has_view_access
    return Official(Scope(account.username, account.node or NOTHING),
                    lambda duty, view: bool(view) and has_right(account, f"can_{duty}", view.__name__),
                    lambda: Me(account.full_name, account.unit or "", account.id))


def may_take(case: Any, step: Step, by: Taker | None = None) -> bool:
    """Whether a step is somebody's on a case in whatever state; without ``by``, the sender's."""
    return (by or myself()).may_take(case, step)


def offered(case: Any, by: Taker | None = None) -> list[Step]:
    """The steps somebody may take on a case as it stands now, in the order of their buttons."""
    taker = by or myself()
    return [step for step in case.workflow.steps if step.is_ready(case) and taker.may_take(case, step)]
