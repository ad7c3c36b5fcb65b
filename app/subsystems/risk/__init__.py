"""社会稳定风险评估: what may stir up the people is surveyed, graded and decided before it begins (plan 机制1)."""

from app.subsystems.risk.records import RiskAssessment, RiskFollowUp, RiskPoint, RiskSurvey
from app.subsystems.risk.views import RiskAssessmentView, RiskFollowUpView, RiskPointView, RiskSurveyView

__all__ = ["RiskAssessment", "RiskAssessmentView", "RiskFollowUp", "RiskFollowUpView", "RiskPoint", "RiskPointView",
           "RiskSurvey", "RiskSurveyView"]
