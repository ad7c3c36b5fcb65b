"""Events: what grid workers, residents and patrols report of a grid, handled to its end (plan 机制二)."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import DateTime, Index, String, Text
from sqlalchemy.orm import Mapped, relationship

from app.core.base.fields import field, reference
from app.core.base.records import not_ahead
from app.core.cases.limits import check_small_class
from app.core.cases.loop import loop
from app.core.cases.public import PublicForm
from app.core.cases.records import Case
from app.core.cases.reported import Located, Placed, Reported
from app.core.cases.views import CaseView
from app.subsystems.people.known import take_from_register
from app.subsystems.people.residents import Resident

WHAT, WHO = _("What happened"), _("Who reported it")


class Event(Located, Reported, Placed, Case):
    """Something out of order in a grid: rubbish, a broken lamp, a sign of a quarrel (GB/T 30428, GB/T 34300)."""

    __tablename__ = "event"
    __label__ = _("Event")
    __natural_key__ = ("number",)
    __table_args__ = (Index("ix_event_state", "state", "grid_code", "id"), Index("ix_event_class", "class_code", "id"))
    workflow = loop("event")
    prefix = "SJ"
    limit_by = "class_code"
    worded = {"title": {"aliases": ("标题", "事件名称")}, "place": {"aliases": ("地点", "发生地点", "位置"), "after": "happened_at"},
              "reporter": {"aliases": ("上报人", "反映人"), "after": "is_historic"},
              "reporter_phone": {"aliases": ("上报人电话", "联系电话")}}
    public = PublicForm(
        _("Something out of order"), _("Rubbish, a broken lamp, a blocked way: what the grid should see to."), "fa-triangle-exclamation",
        asks=("longitude", "latitude", "place", "title", "description", "reporter", "reporter_phone"), must=("title", "place", "description"),
        given={"source": "public", "class_code": "9901"})

    class_code: Mapped[str] = field(_("Class"), String(8), dictionary="event_class", means="class", listed=True, aliases=("类别", "小类", "事件类别"))
    source: Mapped[str] = field(_("Source"), String(12), dictionary="event_source", means="source", default="worker", aliases=("来源",))
    happened_at: Mapped[datetime | None] = field(_("Happened at"), DateTime, section=WHAT, aliases=("发生时间",))
    description: Mapped[str] = field(_("Description"), Text, means="text", section=WHAT, aliases=("描述", "事件描述", "简述"))
    scale: Mapped[str | None] = field(_("Scale"), String(8), dictionary="event_scale", section=WHAT, aliases=("规模",))
    people_count: Mapped[int | None] = field(_("People concerned"), section=WHAT, aliases=("涉及人数",))
    is_major: Mapped[bool] = field(_("Major event"), default=False, section=WHAT, aliases=("重大",))
    resident_id: Mapped[int | None] = reference("resident.id", _("In the register of residents"), mask="name", ondelete=None,
                                                section=WHO, after="is_historic", aliases=("居民",),
                                              help=_("What is left empty here follows from there"))
    is_historic: Mapped[bool] = field(_("Left from the past"), default=False, section=WHAT, aliases=("历史遗留",))

    resident: Mapped[Resident | None] = relationship()

    def complete(self) -> None:
        take_from_register(self, reporter="name", reporter_phone="phone")
        super().complete()

    def check(self) -> None:
        super().check()
        check_small_class(self, "class_code")
        not_ahead(self, "happened_at")


class EventView(CaseView):
    record = Event
    menu_order = 0
    icon = "fa-bell"
    charts = ["class_code", "state", "urgency", "source", "unit", "satisfaction", "grid_code"]
