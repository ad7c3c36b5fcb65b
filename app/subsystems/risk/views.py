"""The screens of assessments: what was never assessed, and the 报备表 and 评估报告 on A4."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import lazy_gettext as _

from app.core.base.fields import fields_of
from app.core.base.moments import now, today
from app.core.cases.views import CaseView
from app.core.screens import NamedFilter, RecordView
from app.core.telling.dictionaries import label_of
from app.subsystems.risk import rules
from app.subsystems.risk.records import RiskAssessment, RiskFollowUp, RiskPoint, RiskSurvey
from app.subsystems.risk.workflow import WITHDRAWN

# The fields in which the plan (机制1) demands an assessment before anything begins.
DEMANDED = ("demolition", "project", "education", "sanitation", "safety", "food_drug")


def unassessed(case: Any) -> Any:
    """应评未评: of a field of the plan, its planned start has come, and nobody decided yet."""
    return (case.matter_field.in_(DEMANDED) & (case.start_on <= today()) & case.decision.is_(None) & (case.state != WITHDRAWN))


class RiskAssessmentView(CaseView):
    record = RiskAssessment
    menu_order = 0
    icon = "fa-scale-balanced"
    list_columns = ["number", "title", "matter_field", "level", "decision", "state", "start_on", "grid_code", "due_at"]
    charts = ["matter_field", "level", "decision", "state", "grid_code"]
    row_pages = (("sheet/", _("Report and filing form"), "fa-file-signature"),)
    named_filters = {
        "unassessed": NamedFilter(_("Due for assessment, not assessed"), unassessed),
        "high": NamedFilter(_("High risk"), lambda case: case.level == rules.HIGH),
    }

    def tags(self, row: RiskAssessment) -> list[str]:
        late = row.matter_field in DEMANDED and row.start_on <= today() and not row.decision and row.state != WITHDRAWN
        level = [label_of("risk_level", row.level)] if row.level else []
        return [*super().tags(row), *level, *([str(_("Due for assessment, not assessed"))] if late else [])]

    @expose("/sheet/<int:pk>")
    @has_access
    @permission_name("show")
    def sheet(self, pk: int) -> str:
        """The 报备表 and the 评估报告 of one matter, with the matrix of its risk points, for print."""
        row: Any = self.row_or_404(pk)
        return render_template(
            "printed/risk_assessment.html", view=self, row=row, words=self.words, survey_words=fields_of(RiskSurvey), tally=row.tally,
            surveys=row.kept("surveys"), points=row.kept("points"), follow_ups=row.kept("follow_ups"),
            matrix=matrix(row.kept("points")), printed=now())


def matrix(points: list[RiskPoint]) -> list[tuple[int, list[tuple[str, list[int]]]]]:
    """Five rows from the highest likelihood down, each of five cells: the colour and the numbers of its points."""
    scale = range(1, rules.MOST + 1)
    numbered = list(enumerate(points, 1))
    return [(likelihood, [(rules.colour(likelihood * impact),
                           [number for number, point in numbered if (point.likelihood, point.impact) == (likelihood, impact)])
                          for impact in scale]) for likelihood in reversed(scale)]


class RiskSurveyView(RecordView):
    record = RiskSurvey
    menu = ""  # reached from its assessment
    menu_order = 1
    icon = "fa-comments"


class RiskPointView(RecordView):
    record = RiskPoint
    menu = ""  # reached from its assessment
    menu_order = 2
    icon = "fa-triangle-exclamation"
    named_filters = {"high": NamedFilter(_("High value"), lambda point: point.value >= rules.VALUE_HIGH.value)}


class RiskFollowUpView(RecordView):
    record = RiskFollowUp
    menu = ""  # reached from its assessment
    menu_order = 3
    icon = "fa-shoe-prints"
    named_filters = {"trouble": NamedFilter(_("Signs of trouble"), lambda entry: entry.is_trouble.is_(True))}
