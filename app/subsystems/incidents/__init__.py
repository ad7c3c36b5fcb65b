"""应急: emergency plans, and the incidents in which they are activated (plan 机制3)."""

from app.subsystems.incidents.incidents import Incident, IncidentTask
from app.subsystems.incidents.plans import EmergencyPlan, PlanGroup, PlanStep
from app.subsystems.incidents.views import (
           EmergencyPlanView,
           IncidentTaskView,
           IncidentView,
           PlanGroupView,
           PlanStepView,
)

__all__ = ["EmergencyPlan", "EmergencyPlanView", "Incident", "IncidentTask", "IncidentTaskView", "IncidentView",
           "PlanGroup", "PlanGroupView", "PlanStep", "PlanStepView"]
