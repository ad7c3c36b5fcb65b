"""What complaints are measured by: told, answered, solved, content (机制4)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.core.base.moments import now
from app.core.cases.figures import PARTS, Figures, Rate, late, owed, part
from app.core.cases.loop import REPORTED

FIGURES = Figures(
    {
        "to_tell": part(_("Due to be told"), lambda case: case.told_in_time.is_not(None) | (case.state == REPORTED) & (case.due_at < now())),
        "told": part(_("Told in time"), lambda case: case.told_in_time.is_(True)),
        "answered": part(_("Answered"), lambda case: case.answered_at.is_not(None)),
        "owed": part(_("Answered or overdue"), owed),
        "answered_late": part(_("Answered late or overdue"), late),
        "resolved": part(_("Solved"), lambda case: case.outcome == "resolved"),
        "with_extension": part(_("Extended"), lambda case: case.extension_days.is_not(None)),
        "escalated": part(_("Review asked for"), lambda case: case.review_count > 0),
        "repeated": part(_("Repeated"), lambda case: case.turn == "repeat"),
        "leapfrog": part(_("Bypassing the levels below"), lambda case: case.turn == "leapfrog"),
        "collective": part(_("Collective"), lambda case: case.is_collective.is_(True)),
        "anonymous": part(_("Anonymous"), lambda case: case.is_anonymous.is_(True)),
        **{name: PARTS[name] for name in ("turned_down", "rated", "content", "followed_up", "unsolved")},
    },
    (Rate(_("Rate of response"), "told", "to_tell"), Rate(_("Rate of solution"), "resolved", "answered"),
     Rate(_("Rate of satisfaction"), "content", "rated"), Rate(_("Answered in time"), "answered_late", "owed", but=True),
     Rate(_("Rate of escalation"), "escalated", "answered"),
     Rate(_("Stayed solved"), "unsolved", "followed_up", but=True)))
