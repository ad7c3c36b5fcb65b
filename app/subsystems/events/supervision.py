"""The screens of 督办单, 责任追究 and the limits by which the clock raises them."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.core.base.moments import local
from app.core.cases.limits import CaseLimit
from app.core.cases.supervision import RED_CARD, YELLOW_CARD, Accountability, Supervision, unanswered
from app.core.cases.turning import page_of
from app.core.screens import NamedFilter, RecordView
from app.core.telling.masking import EXPORT, log_access


class SupervisionView(RecordView):
    record = Supervision
    list_columns = ["case_number", "title", "card", "due_at", "step", "person", "unit", "grid_code", "answered_at"]
    menu_order = 80
    icon = "fa-triangle-exclamation"
    charts = ["card", "case_type", "step", "unit", "grid_code"]
    show_page = "supervision"
    row_pages = (("sheet/", _("Supervision sheet"), "fa-print"),)
    named_filters = {
        "unanswered": NamedFilter(_("Not answered"), unanswered),
        "yellow": NamedFilter(_("Yellow cards"), lambda sheet: sheet.card == YELLOW_CARD),
        "red": NamedFilter(_("Red cards"), lambda sheet: sheet.card == RED_CARD),
    }


    def extras(self, row: Supervision) -> dict[str, Any]:
        return {"case_url": page_of(row.case_number)}

    @expose("/sheet/<int:pk>")
    @has_access
    @permission_name("show")
    def sheet(self, pk: int) -> Any:
        """督办单 on paper, with places to seal and to sign."""
        row: Any = self.row_or_404(pk)
        log_access(EXPORT, Supervision, gettext("Printed: %(paper)s", paper=gettext("Supervision sheet")), row=row, columns="sheet")
        number = gettext("Supervision %(year)s No. %(number)s", year=local(row.created_at).year, number=f"{row.id:04d}")
        return render_template("printed/supervision.html", view=self, row=row, late=row.late, number=number)


class AccountabilityView(RecordView):
    record = Accountability
    list_columns = ["case_number", "title", "due_at", "late_hours", "step", "person", "unit", "grid_code", "done_at", "measure"]
    menu_order = 85
    icon = "fa-gavel"
    charts = ["case_type", "step", "unit", "measure", "grid_code"]
    named_filters = {
        "running": NamedFilter(_("Still not done"), lambda entry: entry.done_at.is_(None)),
        "undecided": NamedFilter(_("No measure yet"), lambda entry: entry.measure.is_(None)),
    }


class CaseLimitView(RecordView):
    record = CaseLimit
    menu = "settings"
    menu_order = 920
    icon = "fa-hourglass-half"
