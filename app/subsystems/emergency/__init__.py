"""应急: emergency plans, and the incidents in which they are activated (plan 机制3)."""

from app.subsystems.emergency.incidents import Incident, IncidentTask
from app.subsystems.emergency.plans import EmergencyPlan, PlanGroup, PlanStep
from app.subsystems.emergency.views import (
    EmergencyPlanView,
    IncidentTaskView,
    IncidentView,
    PlanGroupView,
    PlanStepView,
)

__all__ = ["EmergencyPlan", "EmergencyPlanView", "Incident", "IncidentTask", "IncidentTaskView", "IncidentView",
           "PlanGroup", "PlanGroupView", "PlanStep", "PlanStepView"]
