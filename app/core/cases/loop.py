"""The loop most cases run: 受理, 核实, 立案, 分办, 处置, 核查, 结案, 评价, 回访 (GB/T 30428), and its byways.

Types of case take the steps they need by name and add their own.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.core.cases.news import LEVEL, PERSON, REPORTER, UNIT
from app.core.cases.workflow import Step, Workflow
from app.core.records import RuleError, now
from app.db import db

REPORTED, ACCEPTED, FILED, DISPATCHED = "reported", "accepted", "filed", "dispatched"
HANDLED, CLOSED, REJECTED, PARKED, OUTSIDE, MERGED = "handled", "closed", "rejected", "parked", "outside", "merged"
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


def _granted(case: Any) -> None:
    case.extended, case.extension_asked = case.extension_asked, None


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


def _days_asked(case: Any) -> None:
    if not 1 <= (case.extension_asked or 0) <= 100:
        raise RuleError(gettext("An extension is a whole number from 1 to 100, counted as the limit is."), "extension_asked")


STEPS = {step.name: step for step in (
    Step("accept", _("Accept"), (REPORTED,), ACCEPTED, main=True),
    Step("verify", _("Verify on the spot"), (ACCEPTED,), reason=True),
    Step("file", _("File the case"), (ACCEPTED,), FILED, main=True),
    Step("reject", _("Turn down"), (REPORTED, ACCEPTED), REJECTED, reason=True, answers=True, tells=(REPORTER,)),
    Step(MERGE, _("Merge into another"), (REPORTED, ACCEPTED, FILED), MERGED, asks=("merged_into",),
         must=("merged_into",), effect=_merged),
    Step("dispatch", _("Dispatch"), (FILED,), DISPATCHED, asks=("unit", "handler"), must=("unit",), main=True, tells=(PERSON, UNIT)),
    Step("transfer", _("Hand to another unit"), (DISPATCHED,), asks=("unit", "handler"), must=("unit",), reason=True,
         restarts=True, tells=(PERSON, UNIT)),
    Step("hand_over", _("Hand over to a colleague"), (DISPATCHED,), asks=("handler",), must=("handler",), reason=True,
         tells=(PERSON,)),
    Step("handle", _("Report it done"), (DISPATCHED, OUTSIDE), HANDLED, asks=("result",), must=("result",), main=True,
         effect=_done, tells=(LEVEL,)),
    Step("send_back", _("Send back"), (DISPATCHED,), FILED, reason=True, effect=_returned, tells=(LEVEL,)),
    Step("ask_extension", _("Ask for an extension"), (DISPATCHED,), asks=("extension_asked",), must=("extension_asked",),
         reason=True, possible=lambda case: not case.extension_asked and not case.extended, effect=_days_asked, tells=(LEVEL,)),
    Step("grant_extension", _("Grant the extension"), (DISPATCHED,), possible=lambda case: bool(case.extension_asked),
         effect=_granted, tells=(PERSON, UNIT)),
    Step("refuse_extension", _("Refuse the extension"), (DISPATCHED,), reason=True,
         possible=lambda case: bool(case.extension_asked), effect=_refused, tells=(PERSON, UNIT)),
    Step("park", _("Put on the parked list"), (FILED, DISPATCHED), PARKED, reason=True),
    Step("resume", _("Take it up again"), (PARKED,), FILED, main=True),
    Step("close", _("Checked: close"), (HANDLED,), CLOSED, main=True, answers=True, tells=(REPORTER, PERSON)),
    Step("rework", _("Checked: do it again"), (HANDLED,), DISPATCHED, reason=True, effect=_reworked, tells=(PERSON, UNIT)),
    Step("escalate", _("Report upwards"), (REPORTED, ACCEPTED, FILED, DISPATCHED), reason=True, effect=_up, restarts=True,
         possible=lambda case: len(case.level_code) > STREET_DIGITS, tells=(LEVEL,)),
    Step("report_outside", _("Report to the district"), (ACCEPTED, FILED, DISPATCHED), OUTSIDE, reason=True,
         possible=lambda case: len(case.level_code) == STREET_DIGITS),
    Step("assign_down", _("Assign to the level below"), (REPORTED, ACCEPTED, FILED), reason=True, effect=_down, restarts=True,
         possible=lambda case: len(case.level_code) < len(case.grid_code), tells=(LEVEL,)),
    Step("evaluate", _("Note the evaluation"), (CLOSED,), asks=("satisfaction",), must=("satisfaction",),
         possible=lambda case: not case.satisfaction, main=True),
    Step("revisit", _("Note a revisit"), (CLOSED,), reason=True),
    Step("reopen", _("Open again"), (CLOSED, REJECTED), ACCEPTED, reason=True, effect=_reopened,
         possible=lambda case: case.reopened_count < REOPENED_AT_MOST, tells=(LEVEL,)),
)}


def loop(case_type: str, *more: Step, without: tuple[str, ...] = ()) -> Workflow:
    """The whole loop for a type of case, without some steps and with others of its own in their place."""
    own = {step.name: step for step in more}
    kept = [own.pop(name, step) for name, step in STEPS.items() if name not in without]
    return Workflow(case_type, REPORTED, (*kept, *own.values()), final=(CLOSED, REJECTED, MERGED), idle=(PARKED, OUTSIDE))
