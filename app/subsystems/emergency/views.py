"""The screens of plans and incidents."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

from app.core.base.moments import now, today
from app.core.cases.loop import REJECTED
from app.core.cases.views import CaseView
from app.core.screens import NamedFilter, RecordView
from app.core.telling.dictionaries import label_of
from app.subsystems.emergency.incidents import Incident, IncidentTask
from app.subsystems.emergency.plans import SOON, VALID, EmergencyPlan, PlanGroup, PlanStep, in_force
from app.subsystems.emergency.workflow import RESPONDING


def late_report(case: Any) -> Any:
    """迟报: reported upwards after the legal hours, or not at all and they are over."""
    late = (case.notified_at > case.notify_due_at) | case.notified_at.is_(None) & (case.notify_due_at < now())
    return late & (case.state != REJECTED)


class IncidentView(CaseView):
    record = Incident
    menu_order = 0
    icon = "fa-truck-medical"
    list_columns = ["number", "title", "kind", "grade", "state", "happened_at", "grid_code", "due_at"]
    charts = ["kind", "grade", "state", "grid_code"]
    named_filters = {
        "responding": NamedFilter(_("Response under way"), lambda case: case.state == RESPONDING),
        "late_report": NamedFilter(_("Reported late"), late_report),
    }

    def offered(self, name: str) -> tuple[Any, ...]:
        return (in_force(EmergencyPlan),) if name == "plan_id" else super().offered(name)

    def tags(self, row: Incident) -> list[str]:
        grade = [label_of("incident_grade", row.grade)] if row.grade else []
        return [*super().tags(row), *grade, *([str(_("Reported late"))] if row.is_late_report else [])]


class IncidentTaskView(RecordView):
    record = IncidentTask
    menu = ""  # reached from its incident
    menu_order = 1
    icon = "fa-list-check"
    named_filters = {
        "open": NamedFilter(lazy_pgettext("IncidentTask", "Still open"), lambda task: task.done_at.is_(None)),
        "overdue": NamedFilter(_("Overdue"), lambda task: task.done_at.is_(None) & (task.due_at < now())),
    }


class EmergencyPlanView(RecordView):
    record = EmergencyPlan
    menu_order = 5
    icon = "fa-book-medical"
    charts = ["kind", "tier", "state", "grid_code"]
    named_filters = {
        "in_force": NamedFilter(_("In force"), in_force),
        "expired": NamedFilter(_("Expired"), lambda plan: (plan.state == VALID) & (plan.valid_until < today())),
        "expiring": NamedFilter(_("Expires within 60 days"), lambda plan: (plan.state == VALID) & plan.valid_until.between(
            today(), today() + SOON)),
    }

    def tags(self, row: EmergencyPlan) -> list[str]:
        expired = row.state == VALID and not row.is_in_force
        return [*super().tags(row), *([str(_("Expired"))] if expired else [])]


class PlanStepView(RecordView):
    record = PlanStep
    menu = ""  # reached from its plan
    menu_order = 6
    icon = "fa-list-ol"


class PlanGroupView(RecordView):
    record = PlanGroup
    menu = ""  # reached from its plan
    menu_order = 7
    icon = "fa-people-group"
