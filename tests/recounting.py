"""The slow way to the figures: case by case, from the lines of its timeline and from its history."""

from __future__ import annotations

from typing import Any

from app.core.base.history import History
from app.core.base.moments import now
from app.core.cases.timeline import CaseStep
from app.db import db

RATED = {"satisfied", "fair", "dissatisfied"}
PUBLIC = {"voice", "hotline", "complaint", "public"}
HANDLING = {"handle", "rectify", "fail", "refer"}  # the steps by which somebody says that his work is done


def steps_of(case: Any) -> list[CaseStep]:
    """The steps a case took, the first one first."""
    return list(db.session.scalars(db.select(CaseStep).where(
        CaseStep.record == case.__tablename__, CaseStep.record_id == case.id).order_by(CaseStep.id)))


def answers(case: Any, question: str = "satisfaction") -> set[str]:
    """Everything a case was ever rated, opened again or not, as its history tells."""
    changes = db.session.scalars(db.select(History.changes).where(
        History.record == case.__tablename__, History.record_id == case.id))
    return {line[question][1] for line in changes if line.get(question, [None, None])[1]}


def rated(case: Any) -> dict[str, int]:
    """Whether a case counts as rated, and as content: never once dissatisfied."""
    found = answers(case) & RATED
    return {"rated": int(bool(found)), "content": int(bool(found) and "dissatisfied" not in found)}


def followed(case: Any) -> dict[str, int]:
    """Whether somebody said weeks later that it stayed solved, or not."""
    found = answers(case, "solved") & {"yes", "no"}
    return {"followed_up": int(bool(found)), "unsolved": int("no" in found)}


def waits_too_long(case: Any, state: str) -> bool:
    """Whether it should be handled by now, in the state it is in, and is not."""
    ended = {*type(case).workflow.final, "handled", "rectified", "answered"}
    return state not in ended and case.due_at is not None and case.due_at < now()


def recount(case: Any) -> dict[str, int]:
    """What the figures of the usual loop count, of one case, from its lines alone."""
    flow, steps = type(case).workflow, steps_of(case)
    taken = [step.step for step in steps]
    state = steps[-1].target if steps else flow.initial
    round_began = max((number for number, name in enumerate(taken) if name == "reopen"), default=-1) + 1
    handling = [step for step in steps[round_began:] if step.step in HANDLING]
    ends = [step for step in steps if step.target == "closed" != step.source]
    waits = waits_too_long(case, state=state)
    closed = state == "closed"
    return {
        "filed": int(state in flow.filed), "dispatched": int(bool(steps and steps[-1].unit) or "send_back" in taken),
        "returned": int("send_back" in taken), "handled": int(bool(handling)), "owed": int(bool(handling) or waits),
        "handled_late": int(waits or any(step.due_at and step.at > step.due_at for step in handling)),
        "reworked": int("rework" in taken), "closed": int(closed), "closed_late": int(closed and late_end(case, ends[-1])),
        "turned_down": int(state in ("rejected", "merged")), "missed": int(getattr(case, "source", "") in PUBLIC), **rated(case),
        **followed(case)}


def late_end(case: Any, line: CaseStep) -> bool:
    return case.case_due_at is not None and line.at > case.case_due_at
