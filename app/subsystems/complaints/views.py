"""The screens of complaints and of what was answered in writing, and the answers on paper."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.core.cases.loop import REPORTED
from app.core.cases.papers import ANSWER, ASSIGNMENT, Answer
from app.core.cases.views import CaseView
from app.core.screens import NamedFilter, RecordView
from app.db import db
from app.subsystems.complaints.complaints import (
    HANDLE,
    RECHECK,
    RECHECKING,
    REVIEW,
    REVIEWING,
    Complaint,
    ComplaintReply,
)


def _answers(complaint: Any, _taken: Any) -> list[Answer]:
    """Every answer that was served, and the one that waits for it; after the second review nothing follows."""
    served = db.session.scalars(select(ComplaintReply).where(ComplaintReply.complaint_id == complaint.id).order_by(ComplaintReply.id))
    found = [(reply.number, reply.stage, reply.answer, reply.answered_at) for reply in served]
    if complaint.answer_number and complaint.served_on is None:
        found.append((complaint.answer_number, complaint.stage, complaint.public_answer, complaint.answered_at))
    again = {HANDLE: _("Within 30 days of receiving this you may ask the level above for a review."),
             REVIEW: _("Within 30 days of receiving this you may ask the level above for a second review."),
             RECHECK: _("This answer is final: the same matter is not taken in again.")}
    return [Answer(number, "petitioner", complaint.reported_at, complaint.content, text, at, str(again[stage]))
            for number, stage, text, at in found]


class ComplaintView(CaseView):
    record = Complaint
    papers = (ASSIGNMENT, replace(ANSWER, parts=_answers, there=lambda complaint, _taken: complaint.answered_at is not None))
    menu_order = 0
    icon = "fa-scale-balanced"
    charts = ["category", "channel", "state", "stage", "tier", "turn", "outcome", "satisfaction", "unit", "grid_code"]
    named_filters = {
        "to_be_told": NamedFilter(_("To be told"), lambda case: case.state == REPORTED),
        "reviewed": NamedFilter(_("Under review"), lambda case: case.state.in_((REVIEWING, RECHECKING))),
        "asked_extension": NamedFilter(_("Extension to decide"), lambda case: case.extension_asked.is_not(None)),
    }


class ComplaintReplyView(RecordView):
    record = ComplaintReply
    menu = ""  # reached from its complaint
    menu_order = 1
    icon = "fa-envelope-open-text"
