"""The screens of 督办单, 责任追究 and the limits by which the clock raises them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.core.cases.limits import CaseLimit
from app.core.cases.supervision import RED_CARD, YELLOW_CARD, Accountability, Supervision
from app.core.views import NamedFilter, RecordView


class SupervisionView(RecordView):
    record = Supervision
    list_columns = ["case_number", "title", "card", "step", "unit", "person", "grid_code", "due_at", "answered_at"]
    menu = "mechanisms"
    menu_order = 380
    icon = "fa-triangle-exclamation"
    charts = ["card", "case_type", "step", "unit", "grid_code"]
    named_filters = {
        "unanswered": NamedFilter(_("Not answered"), lambda sheet: sheet.answered_at.is_(None)),
        "yellow": NamedFilter(_("Yellow cards"), lambda sheet: sheet.card == YELLOW_CARD),
        "red": NamedFilter(_("Red cards"), lambda sheet: sheet.card == RED_CARD),
    }


class AccountabilityView(RecordView):
    record = Accountability
    list_columns = ["case_number", "title", "step", "unit", "person", "grid_code", "due_at", "done_at", "late_hours", "measure"]
    menu = "mechanisms"
    menu_order = 385
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
