"""The screens of boxes, their openings and the opinions, and the notice on which answers are posted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import render_template, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import func, or_, select

from app.core.base.moments import today
from app.core.base.scope import current
from app.core.cases.figures import span
from app.core.cases.loop import CLOSED, REPORTED
from app.core.cases.views import CaseView
from app.core.screens import NamedFilter, RecordView
from app.core.telling.places import place_name, visible_places
from app.db import db
from app.subsystems.opinion.opinions import IN_USE, BoxOpening, Opinion, OpinionBox

CYCLE_DAYS = {"day": 1, "week": 7, "fortnight": 15, "month": 31}
MOST_POSTED = 30


def _due(box: Any) -> Any:
    """Boxes in use that nobody opened within their turn."""
    def long_ago(days: int) -> Any:
        day = today() - timedelta(days=days)
        return or_(box.set_up_on.is_(None), box.set_up_on <= day) & box.id.not_in(
            select(BoxOpening.box_id).where(BoxOpening.opened_on > day))

    return (box.state == IN_USE) & or_(*((box.cycle == cycle) & long_ago(days) for cycle, days in CYCLE_DAYS.items()))


def _unbalanced(opening: Any) -> Any:
    """Openings with more or fewer letters counted than opinions registered."""
    registered = select(func.count(Opinion.id)).where(Opinion.opening_id == opening.id).correlate(opening).scalar_subquery()
    return opening.letter_count != registered


class OpinionView(CaseView):
    record = Opinion
    menu_order = 0
    icon = "fa-comment-dots"
    charts = ["life_field", "kind", "source", "level", "state", "satisfaction", "grid_code"]
    more_pages = (*CaseView.more_pages, ("notice/", _("Notice of answers"), "fa-bullhorn"))
    named_filters = {"to_grade": NamedFilter(_("To be graded"), lambda case: case.state == REPORTED)}

    @expose("/notice/")
    @has_access
    @permission_name("list")
    def notice(self) -> str:
        """反馈公示: the answers of a place and a stretch of time on one sheet, to be hung up; nobody is named."""
        places = visible_places()
        wanted = request.args.get("grid", "")
        code = wanted if wanted in [place.code for place in places] else places[0].code if places else current().node
        last = _day("to", today())
        first = min(_day("from", last.replace(day=1)), last)
        since, until = span(first, last)
        here = (Opinion.grid_code >= code) & (Opinion.grid_code < code + "~")
        ended = here & (Opinion.state == CLOSED) & (Opinion.closed_at >= since) & (Opinion.closed_at < until)
        received = here & (Opinion.reported_at >= since) & (Opinion.reported_at < until)
        rows = db.session.scalars(select(Opinion).where(ended).order_by(Opinion.closed_at.desc(), Opinion.id).limit(MOST_POSTED)).all()
        counted = [db.session.scalar(select(func.count(Opinion.id)).where(which)) or 0 for which in (received, ended)]
        return render_template("public/notice.html", view=self, rows=rows, places=places, code=code, named=place_name(code),
                               first=first, last=last, received=counted[0], answered=counted[1], words=self.words)


class OpinionBoxView(RecordView):
    record = OpinionBox
    menu_order = 2
    icon = "fa-box-archive"
    charts = ["kind", "state", "cycle", "grid_code"]
    named_filters = {"due": NamedFilter(_("To be opened"), _due)}


class BoxOpeningView(RecordView):
    record = BoxOpening
    menu_order = 4
    icon = "fa-box-open"
    form_columns = ["box_id", "opened_on", "opener", "second_opener", "letter_count", "is_finished", "remark"]
    named_filters = {
        "unbalanced": NamedFilter(_("Letters and opinions do not balance"), _unbalanced),
        "unfinished": NamedFilter(_("Not finished"), lambda opening: opening.is_finished.is_(False)),
    }

    def summary(self, row: Any) -> list[str]:
        return [gettext("%(letters)s letters, %(opinions)s registered", letters=row.letter_count, opinions=row.registered_count)]


def _day(name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return otherwise
