"""What the rules of stability risk assessments want beyond their declaration."""

from datetime import timedelta
from typing import Any

from app.core.base.moments import today
from app.subsystems.risk.records import RiskAssessment, RiskPoint, RiskSurvey
from tests.street import FIRST
from tests.valid import played

PLAN = ("plan", {"methods": ["poll"], "plan": "发放测评表"})
SCORES = {"legality": 5, "reasonableness": 4, "feasibility": 4, "controllability": 3, "level": "low"}


def declared() -> Any:
    return RiskAssessment(grid_code=FIRST, title="加装电梯", matter_field="project", subject_unit="城管办",
                          assessing_unit="综治办", summary="三栋加装电梯", start_on=today() + timedelta(days=30),
                          contact="张三丰", contact_phone="19000009999")


def planned(number: int) -> int:
    """An assessment in which people are being asked."""
    return played(declared(), PLAN)


def tracked(number: int) -> int:
    """An assessment whose matter is being carried out."""
    poll = RiskSurvey(method="poll", held_on=today(), people_count=9, ballots_sent=9, ballots_returned=9, support_count=9)
    point = RiskPoint(description="采光受影响", likelihood=2, impact=2, measure="逐户协商", person="社区书记")
    return played(
        declared(), PLAN, ("survey", {}), ("identify", {"mass_event_likely": False}), ("grade", SCORES),
        ("report", {"report": "总体平稳", "emergency_plan": "十分钟到场"}),
        ("review", {"decision": "go", "decided_on": today()}),
        ("register", {"local_filed_on": today(), "upper_filed_on": None, "filing_number": f"{number}号"}),
        rows={"survey": [("surveys", poll)], "identify": [("points", point)]})


EXAMPLES = {
    "RiskSurvey": {"assessment_id": planned, "support_count": 1, "against_count": None, "unclear_count": None},
    "RiskPoint": {"assessment_id": planned},
    "RiskFollowUp": {"assessment_id": tracked},
}
