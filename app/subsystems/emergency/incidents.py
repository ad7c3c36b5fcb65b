"""Incidents: what happened, when it was known and reported, the plan it called for, and the tasks of the response."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import DateTime, Index, String, Text
from sqlalchemy.orm import Mapped, relationship

from app.core.base import workdays
from app.core.base.actors import actor_name
from app.core.base.fields import field, reference
from app.core.base.moments import now
from app.core.base.owned import Owned
from app.core.base.records import RuleError, not_ahead
from app.core.base.scope import current
from app.core.cases.records import Case
from app.core.cases.reported import Located, Placed, Reported
from app.db import db
from app.subsystems.emergency.plans import EmergencyPlan
from app.subsystems.emergency.workflow import ANY_KIND, COUNTED, RESPONDING, UPWARD, WORKFLOW

WHAT, CASUALTIES = _("What happened"), _("Casualties and loss")
RESPONSE, UPWARDS, AFTER = _("Response"), _("Report to the level above"), _("After the response")


class Incident(Located, Reported, Placed, Case):
    """突发事件: reported, graded, answered by an activated plan, brought to its end and reviewed (突发事件应对法)."""

    __tablename__ = "incident"
    __label__ = _("Incident")
    __natural_key__ = ("number",)
    __table_args__ = (Index("ix_incident_state", "state", "grid_code", "id"), Index("ix_incident_kind", "kind", "id"))
    workflow = WORKFLOW
    prefix = "TF"
    stands = ("kind", "happened_at", "received_at")
    limit_by = "grade"  # as those of events go by their class
    worded = {"title": {"label": _("Name of the incident"), "aliases": ("事件名称", "标题")},
              "place": {"label": _("Place of the incident"), "aliases": ("地点", "发生地点"), "listed": False,
                        "after": "received_at"},
              "reporter": {"aliases": ("报告人", "反映人"), "after": "brief"},
              "reporter_phone": {"aliases": ("报告人电话", "联系电话", "反映人电话")}}

    kind: Mapped[str] = field(_("Kind of emergency"), String(12), dictionary="emergency_kind", listed=True, aliases=("类别", "事件类别"))
    grade: Mapped[str | None] = field(_("Grade"), String(2), dictionary="incident_grade", derived=True, listed=True)
    happened_at: Mapped[datetime] = field(_("Happened at"), DateTime, section=WHAT, listed=True, aliases=("发生时间",))
    received_at: Mapped[datetime] = field(_("Known to the office at"), DateTime, section=WHAT, aliases=("接报时间",))
    brief: Mapped[str] = field(_("Brief account"), Text, means="text", section=WHAT, aliases=("简要情况", "事件概况"))
    dead_count: Mapped[int] = field(_("Dead"), default=0, section=CASUALTIES, aliases=("死亡人数", "死亡"))
    missing_count: Mapped[int] = field(_("Missing"), default=0, section=CASUALTIES, aliases=("失踪人数", "失踪"))
    injured_count: Mapped[int] = field(_("Injured"), default=0, section=CASUALTIES, aliases=("受伤人数", "受伤"))
    trapped_count: Mapped[int] = field(_("Trapped"), default=0, section=CASUALTIES, aliases=("被困人数", "被困"))
    moved_count: Mapped[int] = field(_("Moved to safety"), default=0, section=CASUALTIES, aliases=("转移人数", "转移安置人数"))
    loss: Mapped[str | None] = field(_("Damage"), String(300), section=CASUALTIES, aliases=("财产损失", "损失情况"))
    notified_at: Mapped[datetime | None] = field(_("Reported upwards at"), DateTime, derived=True, section=UPWARDS)
    notified_to: Mapped[str | None] = field(_("Reported to"), String(80), derived=True, section=UPWARDS)
    notify_due_at: Mapped[datetime | None] = field(_("To be reported upwards by"), DateTime, derived=True, section=UPWARDS, index=True)
    plan_id: Mapped[int | None] = reference("emergency_plan.id", _("Activated plan"), derived=True, section=RESPONSE)
    plan_name: Mapped[str | None] = field(_("Plan in force"), String(110), derived=True, section=RESPONSE)
    activated_at: Mapped[datetime | None] = field(_("Response since"), DateTime, derived=True, section=RESPONSE)
    end_condition: Mapped[str | None] = field(_("Condition of termination"), Text, derived=True, section=RESPONSE)
    ended_at: Mapped[datetime | None] = field(_("Response ended at"), DateTime, derived=True, section=RESPONSE)
    open_task_reason: Mapped[str | None] = field(_("Why tasks were left open"), Text, derived=True, section=RESPONSE)
    cause: Mapped[str | None] = field(_("Cause"), Text, derived=True, section=AFTER)
    review: Mapped[str | None] = field(_("Review"), Text, derived=True, section=AFTER)
    lessons: Mapped[str | None] = field(_("What is to be mended"), Text, derived=True, section=AFTER)

    plan: Mapped[EmergencyPlan | None] = relationship()
    tasks: Mapped[list[IncidentTask]] = relationship(back_populates="incident", order_by="(IncidentTask.order, IncidentTask.id)")

    def complete(self) -> None:
        for name in COUNTED:
            setattr(self, name, getattr(self, name) or 0)
        super().complete()

    def check(self) -> None:
        super().check()
        if self.kind == ANY_KIND:
            raise RuleError(gettext("Choose what it is: only a plan is for every kind of emergency."), "kind")
        for name in ("happened_at", "received_at", "notified_at"):
            not_ahead(self, name, _("This lies in the future."))
        if self.happened_at and self.received_at and self.received_at < self.happened_at:
            raise RuleError(gettext("It cannot be known before it happened."), "received_at")
        if self.notified_at and self.received_at and self.notified_at < self.received_at:
            raise RuleError(gettext("It cannot be reported upwards before it was known."), "notified_at")
        for name in COUNTED:
            if (getattr(self, name) or 0) < 0:
                raise RuleError(gettext("This number cannot be below nought."), name)

    def set_deadlines(self, restart: bool) -> None:
        """Beside the limits of the steps: by when it had to be reported upwards, by its grade if it has one."""
        super().set_deadlines(restart)
        limit = self.limit_in(UPWARD)
        self.notify_due_at = workdays.calendar().due(self.received_at, limit) if limit and self.received_at else None

    @property
    def is_late_report(self) -> bool:
        """迟报: reported upwards after the legal hours, or they are over and nobody did."""
        if self.notify_due_at is None or self.state == "rejected":
            return False
        return (self.notified_at or now()) > self.notify_due_at

    def begin_tasks(self, steps: Iterable[Any]) -> None:
        """The steps of the activated plan become tasks, each due so many minutes from now."""
        self.tasks.extend(IncidentTask.of(step, now()) for step in steps)

    def open_tasks(self) -> list[IncidentTask]:
        with db.session.no_autoflush:
            return [task for task in self.tasks if task.deleted_at is None and task.done_at is None]


class IncidentTask(Owned):
    """One thing to do in a response: taken over from the plan or added on the spot; due so long after the activation."""

    __tablename__ = "incident_task"
    __label__ = _("Task of an incident")
    owned_by = "incident"
    __table_args__ = (Index("ix_incident_task_open", "done_at", "due_at"),)

    incident_id: Mapped[int] = reference("incident.id", _("Incident"), listed=True, aliases=("突发事件",))
    order: Mapped[int] = field(_("Order"), default=0, aliases=("序号", "排序"))
    action: Mapped[str] = field(_("Action"), String(200), listed=True, search="text", aliases=("任务", "动作", "处置动作"))
    post: Mapped[str] = field(_("Post answerable"), String(60), listed=True, aliases=("责任岗位",))
    due_at: Mapped[datetime | None] = field(_("Task due"), DateTime, listed=True, aliases=("完成时限",))
    done_at: Mapped[datetime | None] = field(_("Done at"), DateTime, listed=True, aliases=("完成时间",))
    done_by: Mapped[str | None] = field(_("Done by"), String(60), listed=True, aliases=("完成人",))
    remark: Mapped[str | None] = field(_("Remark"), String(200), aliases=("备注",))

    incident: Mapped[Incident] = relationship(back_populates="tasks")

    def __str__(self) -> str:
        return self.action or ""

    @property
    def is_late(self) -> bool:
        return self.due_at is not None and (self.done_at or now()) > self.due_at

    @classmethod
    def of(cls, step: Any, activated_at: datetime) -> IncidentTask:
        """The task a step of a plan becomes when the plan is activated."""
        return cls(order=step.order, action=step.action, post=step.post, due_at=activated_at + timedelta(minutes=step.minutes))

    def complete(self) -> None:
        """A name alone means done now, a moment alone means done by whoever wrote it."""
        super().complete()
        self.order = self.order or 0
        if self.done_by and not self.done_at:
            self.done_at = now()
        elif self.done_at and not self.done_by:
            self.done_by = actor_name(current().actor)[:60]

    def check(self) -> None:
        owner = self.owner
        if owner is not None and owner.state != RESPONDING:
            raise RuleError(gettext("The response is over: its tasks are not changed any more."))
        not_ahead(self, "done_at", _("This lies in the future."))
        if self.done_at and owner is not None and owner.activated_at and self.done_at < owner.activated_at - timedelta(minutes=1):
            raise RuleError(gettext("This lies before the response began."), "done_at")
