"""The loop most cases run: 受理, 核实, 立案, 分办, 处置, 核查, 结案, 评价, 回访 (GB/T 30428), and its byways.

Types of case take the steps they need by name and add their own.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.core.base.moments import now
from app.core.base.records import RuleError
from app.core.cases.limits import EXTENSION
from app.core.cases.workflow import Step, Workflow
from app.db import db

REPORTED, ACCEPTED, FILED, DISPATCHED = "reported", "accepted", "filed", "dispatched"
HANDLED, CLOSED, REJECTED, PARKED, OUTSIDE, MERGED = "handled", "closed", "rejected", "parked", "outside", "merged"
FILED_STATES = (FILED, DISPATCHED, HANDLED, CLOSED, PARKED, OUTSIDE)  # counted as 立案
STREET_DIGITS, LEVEL_DIGITS = 9, 3
MERGE = "merge"
REOPENED_AT_MOST = 1


def _returned(case: Any) -> None:
    case.returned_count += 1
    case.unit = case.handler = None


def _done(case: Any) -> None:
    """Once late, always late: doing it again does not mend that."""
    case.in_time = case.in_time is not False and (case.due_at is None or now() <= case.due_at)


def _reworked(case: Any) -> None:
    case.rework_count += 1


def _refused(case: Any) -> None:
    case.extension_asked = None


def _up(case: Any) -> None:
    case.level_code = case.level_code[:-LEVEL_DIGITS]


def _down(case: Any) -> None:
    case.level_code = case.grid_code[:len(case.level_code) + LEVEL_DIGITS]


def _reopened(case: Any) -> None:
    case.reopened_count += 1
    case.satisfaction = case.unit = case.handler = case.in_time = None


def _merged(case: Any) -> None:
    """The case it goes into is another one of its type, open, and the user's to see."""
    record = type(case)
    main = db.session.scalar(select(record).where(record.number == case.merged_into, record.id != case.id))
    if main is None or not main.is_open:
        raise RuleError(gettext("There is no open case with this number that you may see."), "merged_into")


def extension(*states: str, most: int = 100, kept_in: str = "extended") -> tuple[Step, Step, Step]:
    """More time for a state: asked for once with the reason, then granted or refused.

    ``most`` is how much may be asked where the limits have no row for it, counted as the limit is; ``kept_in`` the column
    that holds what was granted: ``extended`` is empty again in the next state, one of the type's own makes it once a case.
    """
    def asked(case: Any) -> None:
        known = case.limit_in(EXTENSION)
        allowed = known.amount if known else most
        if not 1 <= (case.extension_asked or 0) <= allowed:
            raise RuleError(gettext("An extension is a whole number from 1 to %(most)s, counted as the limit is.", most=allowed),
                            "extension_asked")

    def granted(case: Any) -> None:
        setattr(case, kept_in, case.extension_asked)
        case.extension_asked = None

    return (Step("ask_extension", _("Ask for an extension"), states, asks=("extension_asked",), must=("extension_asked",),
                 reason=True, possible=lambda case: not case.extension_asked and not getattr(case, kept_in), effect=asked),
            Step("grant_extension", _("Grant the extension"), states, possible=lambda case: bool(case.extension_asked),
                 effect=granted),
            Step("refuse_extension", _("Refuse the extension"), states, reason=True,
                 possible=lambda case: bool(case.extension_asked), effect=_refused))


STEPS = {step.name: step for step in (
    Step("accept", _("Accept"), (REPORTED,), ACCEPTED, main=True),
    Step("verify", _("Verify on the spot"), (ACCEPTED,), reason=True),
    Step("file", _("File the case"), (ACCEPTED,), FILED, main=True),
    Step("reject", _("Turn down"), (REPORTED, ACCEPTED), REJECTED, reason=True, answers=True),
    Step(MERGE, _("Merge into another"), (REPORTED, ACCEPTED, FILED), MERGED, asks=("merged_into",),
         must=("merged_into",), effect=_merged),
    Step("dispatch", _("Dispatch"), (FILED,), DISPATCHED, asks=("unit", "handler"), must=("unit",), main=True),
    Step("transfer", _("Hand to another unit"), (DISPATCHED,), asks=("unit", "handler"), must=("unit",), reason=True,
         restarts=True),
    Step("hand_over", _("Hand over to a colleague"), (DISPATCHED,), asks=("handler",), must=("handler",), reason=True),
    Step("handle", _("Report it done"), (DISPATCHED, OUTSIDE), HANDLED, asks=("result",), must=("result",), main=True,
         effect=_done),
    Step("send_back", _("Send back"), (DISPATCHED,), FILED, reason=True, effect=_returned),
    *extension(DISPATCHED),
    Step("park", _("Put on the parked list"), (FILED, DISPATCHED), PARKED, reason=True),
    Step("resume", _("Take it up again"), (PARKED,), FILED, main=True),
    Step("close", _("Checked: close"), (HANDLED,), CLOSED, main=True, answers=True),
    Step("rework", _("Checked: do it again"), (HANDLED,), DISPATCHED, reason=True, effect=_reworked),
    Step("escalate", _("Report upwards"), (REPORTED, ACCEPTED, FILED, DISPATCHED), reason=True, effect=_up, restarts=True,
         possible=lambda case: len(case.level_code) > STREET_DIGITS),
    Step("report_outside", _("Report to the district"), (ACCEPTED, FILED, DISPATCHED), OUTSIDE, reason=True,
         possible=lambda case: len(case.level_code) == STREET_DIGITS),
    Step("assign_down", _("Assign to the level below"), (REPORTED, ACCEPTED, FILED), reason=True, effect=_down, restarts=True,
         possible=lambda case: len(case.level_code) < len(case.grid_code)),
    Step("evaluate", _("Note the evaluation"), (CLOSED,), asks=("satisfaction",), must=("satisfaction",),
         possible=lambda case: not case.satisfaction, main=True),
    Step("revisit", _("Note a revisit"), (CLOSED,), reason=True),
    Step("reopen", _("Open again"), (CLOSED, REJECTED), ACCEPTED, reason=True, effect=_reopened, reopens=True,
         possible=lambda case: case.reopened_count < REOPENED_AT_MOST),
)}


def loop(case_type: str, *more: Step, without: tuple[str, ...] = (), idle: tuple[str, ...] = (PARKED, OUTSIDE)) -> Workflow:
    """The whole loop for a type of case, without some steps and with others of its own in their place.

    ``idle`` are the states in which no clock runs.
    """
    own = {step.name: step for step in more}
    kept = [own.pop(name, step) for name, step in STEPS.items() if name not in without]
    return Workflow(case_type, REPORTED, (*kept, *own.values()), final=(CLOSED, REJECTED, MERGED), idle=idle, filed=FILED_STATES)
