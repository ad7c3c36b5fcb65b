"""What the rules of plans and incidents want beyond their declaration."""

from datetime import timedelta

from app.core.base.moments import now, today
from app.subsystems.emergency.incidents import Incident
from app.subsystems.emergency.plans import EmergencyPlan
from tests.street import FIRST
from tests.valid import played, row


def responding(number: int) -> int:
    """An incident to which a plan is answering."""
    plan = row(EmergencyPlan, state="valid", grades=["3", "4"], kind="safety")
    case = Incident(grid_code=FIRST, title="厨房起火", kind="safety", happened_at=now() - timedelta(minutes=20),
                    received_at=now() - timedelta(minutes=10), place="3栋", brief="浓烟", reporter="张三丰",
                    reporter_phone="19000008888")
    return played(case, ("grade", {"grade": "4"}), ("activate", {"plan_id": plan.id, "handler": "主任"}))


EXAMPLES = {
    "EmergencyPlan": {"valid_until": lambda number: today() + timedelta(days=300)},
    "IncidentTask": {"incident_id": responding, "done_at": None},  # written while the response lasts
}
