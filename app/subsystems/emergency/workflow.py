"""The steps of an incident: 报告, 定级, 启动预案, 处置记录, 终止, 总结, 结案 (plan 机制3, 突发事件应对法)."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.core.base.moments import local, now
from app.core.base.records import RuleError
from app.core.cases.loop import CLOSED, REJECTED, STEPS
from app.core.cases.steps import Duty, Step
from app.core.cases.workflow import Workflow
from app.core.telling.dictionaries import label_of
from app.db import db
from app.subsystems.emergency.plans import EmergencyPlan

INCOMING, GRADED, RESPONDING, ENDED, REVIEWED = "incoming", "graded", "responding", "ended", "reviewed"
UPWARD = "upward"  # the limit by which an incident is reported to the district, counted from when the office knew
ANY_KIND = "general"  # 总体预案: fits every kind of incident
COUNTED = ("dead_count", "missing_count", "injured_count", "trapped_count", "moved_count")
CASUALTIES = (*COUNTED, "loss")


def _activated(case: Any) -> None:
    """The steps of the plan become tasks, each due so many minutes from now."""
    with db.session.no_autoflush:
        plan = db.session.get(EmergencyPlan, case.plan_id)
        _check_fits(case, plan)
        case.activated_at = case.activated_at or now()
        case.plan_name, case.end_condition = str(plan)[:110], plan.end_condition
        case.begin_tasks(plan.steps)


def _check_fits(case: Any, plan: Any) -> None:
    if plan is None or not plan.is_in_force:
        raise RuleError(gettext("This plan is not in force: choose one that is valid today."), "plan_id")
    if plan.kind not in (case.kind, ANY_KIND):
        raise RuleError(gettext("This plan is for another kind of emergency: %(kind)s.", kind=label_of("emergency_kind", plan.kind)), "plan_id")
    if plan.grades and case.grade not in plan.grades:
        raise RuleError(gettext("This plan does not cover the grade “%(grade)s”.", grade=label_of("incident_grade", case.grade)), "plan_id")


def _answered_without_plan(case: Any) -> None:
    case.activated_at = now()


def _terminated(case: Any) -> None:
    """No response ends with open tasks unless somebody says why."""
    left = case.open_tasks()
    if left and not (case.open_task_reason or "").strip():
        raise RuleError(gettext("%(count)s tasks are still open, first “%(task)s”: finish them, or say why they are left.",
                                count=len(left), task=left[0]), "open_task_reason")
    if not left:
        case.open_task_reason = None
    case.ended_at = now()


def _resumed(case: Any) -> None:
    case.ended_at = None


def _notified(case: Any) -> None:
    case.notified_at = case.notified_at or now()


def _told_at_start(case: Any) -> list[tuple[Any, str]]:
    return [(_("Kind of emergency"), label_of("emergency_kind", case.kind)), (_("Grade"), label_of("incident_grade", case.grade or "")),
            (_("Brief account"), case.brief)]


def _told_at_end(case: Any) -> list[tuple[Any, str]]:
    """The condition of the plan, and what is not done yet."""
    left = "；".join(f"{task.action}（{task.post}{f'，{local(task.due_at):%m-%d %H:%M}' if task.due_at else ''}）"
                    for task in case.open_tasks())
    return [(_("Plan in force"), case.plan_name or ""), (_("Condition of termination"), case.end_condition or ""),
            (_("Tasks still open"), left or gettext("None"))]


WORKFLOW = Workflow("incident", INCOMING, (
    Step("grade", _("Set the grade"), (INCOMING,), GRADED, duty=Duty.DIRECT, asks=("grade",), must=("grade",),
         tells=_told_at_start, main=True),
    Step("notify", _("Report to the level above"), (INCOMING, GRADED, RESPONDING, ENDED), duty=Duty.DIRECT,
         asks=("notified_to", "notified_at"), must=("notified_to",), effect=_notified,
         possible=lambda case: case.notified_at is None),
    Step("activate", _("Activate a plan"), (GRADED, RESPONDING), RESPONDING, duty=Duty.HANDLE, asks=("plan_id", "handler"),
         must=("plan_id", "handler"), tells=_told_at_start, effect=_activated,
         possible=lambda case: case.plan_id is None, main=True),
    Step("answer", _("Respond without a plan"), (GRADED,), RESPONDING, duty=Duty.HANDLE, asks=("handler",),
         must=("handler",), reason=True, effect=_answered_without_plan),
    Step("log", _("Note what goes on"), (RESPONDING,), duty=Duty.HANDLE, asks=CASUALTIES, reason=True, main=True),
    Step("tasks", _("Tasks done"), (RESPONDING,), duty=Duty.HANDLE, rows=("tasks",), main=True),
    Step("regrade", _("Change the grade"), (GRADED, RESPONDING), duty=Duty.HANDLE, asks=("grade",), must=("grade",),
         reason=True),
    Step("terminate", _("End the response"), (RESPONDING,), ENDED, duty=Duty.CONTROL, asks=("open_task_reason",),
         tells=_told_at_end, effect=_terminated),
    Step("respond_again", _("Respond again"), (ENDED,), RESPONDING, duty=Duty.CONTROL, reason=True, effect=_resumed),
    Step("sum_up", _("Review the response"), (ENDED,), REVIEWED, duty=Duty.HANDLE,
         asks=("cause", "review", "lessons", *CASUALTIES), must=("review", "lessons"), main=True),
    STEPS["close"].at(REVIEWED, label=_("File away")),
    Step("review_again", _("Review once more"), (REVIEWED,), ENDED, duty=Duty.CONTROL, reason=True),
    STEPS["reject"].at(INCOMING, label=_("No incident")),
    STEPS["escalate"].at(INCOMING, GRADED, RESPONDING),
    STEPS["assign_down"].at(INCOMING, GRADED),
), final=(CLOSED, REJECTED))
