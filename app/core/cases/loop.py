"""The loop most cases run: 受理, 核实, 立案, 分办, 处置, 核查, 结案, 评价, 回访 (GB/T 30428), and its byways.

Types of case take the steps they need by name and add their own.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.core.base.moments import now
from app.core.base.nodes import Node
from app.core.base.records import RuleError
from app.core.base.scope import current
from app.core.cases.ratings import is_time_to_ask
from app.core.cases.steps import FOLLOWS, IN_CHARGE, RATES, REOPENS, Duty, Step, Whom
from app.core.cases.workflow import Workflow
from app.db import db

REPORTED, ACCEPTED, FILED, DISPATCHED = "reported", "accepted", "filed", "dispatched"
HANDLED, CLOSED, REJECTED, MERGED = "handled", "closed", "rejected", "merged"
PARKED, OUTSIDE = "parked", "outside"
FILED_STATES = (FILED, DISPATCHED, HANDLED, CLOSED, PARKED, OUTSIDE)  # counted as 立案
MERGE, HAND_OVER = "merge", "hand_over"
REOPENED_AT_MOST = 1
LEAVES = (Whom.REPORTER, Whom.BEFORE)  # who hears that a case ends early, or is taken out of somebody's hands


def _returned(case: Any) -> None:
    case.returned_count += 1
    case.unit = case.handler = case.handler_id = None


def _done(case: Any) -> None:
    """Once late, always late: doing it again does not mend that."""
    case.in_time = case.in_time is not False and (case.due_at is None or now() <= case.due_at)


def _reworked(case: Any) -> None:
    case.rework_count += 1


def _refused(case: Any) -> None:
    case.extension_asked = case.extension_by = None


def _up(case: Any) -> None:
    case.level_code = Node(case.level_code).parent or case.level_code


def _down(case: Any) -> None:
    case.level_code = Node(case.level_code).towards(case.grid_code)


def _reopened(case: Any) -> None:
    case.reopened_count += 1
    case.satisfaction = case.solved = case.unit = case.handler = case.handler_id = case.in_time = None


def _main(case: Any) -> Any:
    """The case another one goes into: another one of its type, as far as the user sees it."""
    record = type(case)
    return db.session.scalar(select(record).where(record.number == case.merged_into, record.id != case.id))


def _merged(case: Any) -> None:
    """The case it goes into is open, and the user's to see."""
    main = _main(case)
    if main is None or not main.is_open:
        raise RuleError(gettext("There is no open case with this number that you may see."), "merged_into")


def _is_asked(case: Any) -> bool:
    """Whether somebody asked for more time and waits for the answer."""
    return bool(case.extension_asked)


def extension(*states: str, most: int = 100, kept_in: str = "extended") -> tuple[Step, Step, Step]:
    """More time for a state: asked for once with the reason, then granted or refused.

    No more may be asked than 办理时限 says, and never more than ``most``, counted as the limit of the state is;
    ``kept_in`` the column that holds what was granted: ``extended`` is empty again in the next state,
    one of the type's own makes it once a case.
    """
    def asked(case: Any) -> None:
        allowed = case.most_granted(most).amount
        if not allowed:
            raise RuleError(gettext("No more time is granted for this: the limits of the office say so."), "extension_asked")
        if not 1 <= (case.extension_asked or 0) <= allowed:
            words = gettext("An extension is a whole number from 1 to %(most)s, counted as the limit is.",
                            most=allowed)
            raise RuleError(words, "extension_asked")
        case.extension_by = current().actor

    def granted(case: Any) -> None:
        setattr(case, kept_in, case.extension_asked)
        case.extension_asked = case.extension_by = None

    return (Step("ask_extension", _("Ask for an extension"), states, duty=Duty.HANDLE, concerns=(Whom.LEVEL,),
                 asks=("extension_asked",), must=("extension_asked",), reason=True, effect=asked,
                 tells=lambda case: [(_("Extension at most"), str(case.most_granted(most)))],
                 possible=lambda case: not case.extension_asked and not getattr(case, kept_in)),
            Step("grant_extension", _("Grant the extension"), states, duty=Duty.CONTROL, concerns=(*IN_CHARGE, Whom.BEFORE),
                 effect=granted, possible=_is_asked, not_by="extension_by"),
            Step("refuse_extension", _("Refuse the extension"), states, duty=Duty.CONTROL, concerns=(*IN_CHARGE, Whom.BEFORE),
                 reason=True, effect=_refused, possible=_is_asked, not_by="extension_by"))


STEPS = {step.name: step for step in (
    Step("accept", _("Accept"), (REPORTED,), ACCEPTED, duty=Duty.RECEIVE, main=True),
    Step("verify", _("Verify on the spot"), (ACCEPTED,), duty=Duty.RECEIVE, reason=True),
    Step("file", _("File the case"), (ACCEPTED,), FILED, duty=Duty.DIRECT, main=True),
    Step("reject", _("Turn down"), (REPORTED, ACCEPTED), REJECTED, duty=Duty.DIRECT,
         concerns=LEAVES, counts=("turned_down",), reason=True, answers=True),
    Step(MERGE, _("Merge into another"), (REPORTED, ACCEPTED, FILED), MERGED, duty=Duty.DIRECT, rare=True,
         concerns=LEAVES, asks=("merged_into",), must=("merged_into",), effect=_merged, into=_main),
    Step("dispatch", _("Dispatch"), (FILED,), DISPATCHED, duty=Duty.DIRECT, concerns=IN_CHARGE,
         counts=("dispatched",), asks=("unit", "handler"), must=("unit",), main=True),
    Step("transfer", _("Hand to another unit"), (DISPATCHED,), duty=Duty.DIRECT, concerns=(*IN_CHARGE, Whom.BEFORE),
         asks=("unit", "handler"), must=("unit",), reason=True, restarts=True),
    Step(HAND_OVER, _("Hand over to a colleague"), (DISPATCHED,), duty=Duty.HANDLE, rare=True,
         concerns=(Whom.PERSON, Whom.BEFORE),
         asks=("handler",), must=("handler",), reason=True),
    Step("handle", _("Report it done"), (DISPATCHED, OUTSIDE), HANDLED, duty=Duty.HANDLE,
         concerns=(Whom.LEVEL,), counts=("handled", "owed", "handled_late"), asks=("result",), must=("result",),
         main=True, effect=_done),
    Step("send_back", _("Send back"), (DISPATCHED,), FILED, duty=Duty.HANDLE, concerns=(Whom.LEVEL, Whom.BEFORE),
         counts=("returned",), reason=True, effect=_returned, rare=True),
    *extension(DISPATCHED),
    Step("park", _("Put on the parked list"), (FILED, DISPATCHED), PARKED, duty=Duty.CONTROL, concerns=LEAVES, reason=True,
         rare=True),
    Step("resume", _("Take it up again"), (PARKED,), FILED, duty=Duty.CONTROL, main=True),
    Step("close", _("Checked: close"), (HANDLED,), CLOSED, duty=Duty.CHECK,
         concerns=(Whom.REPORTER, *IN_CHARGE), counts=("closed", "closed_late"), main=True, answers=True),
    Step("rework", _("Checked: do it again"), (HANDLED,), DISPATCHED, duty=Duty.CHECK, concerns=IN_CHARGE,
         counts=("reworked",), reason=True, effect=_reworked),
    Step("escalate", _("Report upwards"), (REPORTED, ACCEPTED, FILED, DISPATCHED), duty=Duty.HANDLE,
         concerns=(Whom.LEVEL, *LEAVES), reason=True, effect=_up, restarts=True,
         possible=lambda case: Node(case.level_code).parent is not None),
    Step("report_outside", _("Report to the district"), (ACCEPTED, FILED, DISPATCHED), OUTSIDE,
         duty=Duty.CONTROL, concerns=LEAVES, reason=True, rare=True, possible=lambda case: Node(case.level_code).level == "street"),
    Step("assign_down", _("Assign to the level below"), (REPORTED, ACCEPTED, FILED), duty=Duty.DIRECT,
         concerns=(Whom.LEVEL, *LEAVES), reason=True, effect=_down, restarts=True,
         possible=lambda case: len(case.level_code) < len(case.grid_code)),
    Step("evaluate", _("Note the evaluation"), (CLOSED,), duty=Duty.CONTROL, counts=("rated", "content"),
         at_door=RATES, asks=("satisfaction",), must=("satisfaction",), main=True,
         possible=lambda case: not case.satisfaction),
    Step("revisit", _("Note a revisit"), (CLOSED,), duty=Duty.VISIT, reason=True),
    Step("follow_up", _("Note whether it stayed solved"), (CLOSED,), duty=Duty.VISIT, counts=("followed_up", "unsolved"),
         at_door=FOLLOWS, asks=("solved",), must=("solved",), rare=True, possible=is_time_to_ask),
    Step("reopen", _("Open again"), (CLOSED, REJECTED), ACCEPTED, duty=Duty.DIRECT,
         concerns=(Whom.LEVEL, Whom.BEFORE), at_door=REOPENS, reason=True, effect=_reopened,
         possible=lambda case: case.reopened_count < REOPENED_AT_MOST),
)}


def loop(case_type: str, *more: Step, without: tuple[str, ...] = (),
         idle: tuple[str, ...] = (PARKED, OUTSIDE)) -> Workflow:
    """The whole loop for a type of case, without some steps and with others of its own in their place.

    ``idle`` are the states in which no clock runs.
    """
    own = {step.name: step for step in more}
    kept = [own.pop(name, step) for name, step in STEPS.items() if name not in without]
    return Workflow(case_type, REPORTED, (*kept, *own.values()), final=(CLOSED, REJECTED, MERGED), idle=idle,
                    filed=FILED_STATES, unfiled=(REPORTED, ACCEPTED))
