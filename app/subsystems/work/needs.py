"""诉求: what people say they want when somebody comes to their door or they come to the office (plan 六(一), 六(四)3)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, relationship

from app.core.base.actors import me
from app.core.base.fields import field, reference
from app.core.base.moments import today
from app.core.base.records import RuleError, not_ahead
from app.core.base.scope import Scoped, current
from app.core.cases.growing import GrowingView
from app.core.cases.turning import CaseLink, Numbered
from app.core.screens import NamedFilter
from app.db import db
from app.subsystems.people.known import take_from_register
from app.subsystems.people.residents import Resident

WHO, ANSWER = _("The person"), _("What was answered")


class Need(Numbered, Scoped):
    """One wish, worry or idea of a resident: answered on the spot, or made into a case that has an end.

    Its kind is one of the plan's five: 民意随时表达, 民情快速反映, 民需全力解决, 民怨及时化解, 民智充分聚集.
    """

    __tablename__ = "need"
    __label__ = _("Need")
    __natural_key__ = ("number",)
    __table_args__ = (Index("ix_need_said_on", "said_on", "id"), Index("ix_need_answered", "answered_on", "grid_code", "id"))
    prefix = "SQ"
    grows = False

    number: Mapped[str] = field(_("Number"), String(24), derived=True, listed=True, sortable=True, unique=True, search="exact",
                                aliases=("编号",))
    kind: Mapped[str] = field(_("Kind of need"), String(12), dictionary="need_kind", listed=True, aliases=("诉求类别", "类别"))
    topic: Mapped[str] = field(_("Topic"), String(80), means="title", listed=True, search="text", aliases=("主题", "诉求"))
    description: Mapped[str | None] = field(_("Description"), Text, means="text", aliases=("具体内容", "内容", "情况描述"))
    said_on: Mapped[date] = field(_("Date of the visit"), listed=True, required=False, aliases=("走访日期", "日期"))
    way: Mapped[str] = field(_("Way of visiting"), String(12), dictionary="visit_way", default="door", listed=True, aliases=("方式", "走访方式"))
    proactive: Mapped[bool] = field(_("We asked of our own accord"), default=True, aliases=("主动服务",))
    heard_by: Mapped[str | None] = field(_("Visited by"), String(60), aliases=("走访人", "接待人"))
    resident_id: Mapped[int | None] = reference("resident.id", _("Resident"), mask="name", section=WHO, aliases=("居民",))
    person: Mapped[str | None] = field(_("Who said it"), String(60), mask="name", means="person", section=WHO, aliases=("反映人", "姓名"))
    phone: Mapped[str | None] = field(_("Person's phone"), String(20), mask="phone", means="phone", section=WHO, aliases=("联系电话", "电话"))
    address: Mapped[str | None] = field(_("Address"), String(160), mask="address", means="place", section=WHO, aliases=("住址", "地址"))
    answer: Mapped[str | None] = field(_("Answer on the spot"), Text, section=ANSWER, aliases=("现场答复", "答复"))
    answered_on: Mapped[date | None] = field(_("Answered on"), section=ANSWER, derived=True, listed=True)
    next_visit_on: Mapped[date | None] = field(_("Next visit"), section=ANSWER, aliases=("下次走访日期",))

    resident: Mapped[Resident | None] = relationship()

    def __str__(self) -> str:
        return self.topic or ""

    def complete(self) -> None:
        """Dated today if nothing is said; the person of a registered resident."""
        self.take_over()
        self.said_on = self.said_on or today()
        take_from_register(self, person="name", phone="phone")
        self.answered_on = (self.answered_on or today()) if self.answer else None

    def announce(self) -> None:
        self.keep_origin()

    def check(self) -> None:
        not_ahead(self, "said_on")
        if self.next_visit_on and self.next_visit_on < self.said_on:
            raise RuleError(gettext("The next visit comes after this one."), "next_visit_on")

    def searchable(self) -> tuple[str | None, ...]:
        return (self.number, self.topic)


def became_a_case(need: Any) -> Any:
    """The condition for needs from which a case grew."""
    return db.select(CaseLink.id).where(CaseLink.source_number == need.number).exists()


class NeedView(GrowingView):
    record = Need
    show_page = "need"
    menu_order = 10
    icon = "fa-comments"
    charts = ["kind", "way", "grid_code"]
    named_filters = {
        "open": NamedFilter(_("Neither answered nor taken on"), lambda need: need.answered_on.is_(None) & ~became_a_case(need)),
        "taken_on": NamedFilter(_("Made into a case"), became_a_case),
        "own_accord": NamedFilter(_("Of our own accord"), lambda need: need.proactive.is_(True)),
    }

    def tags(self, row: Any) -> list[str]:
        return [*super().tags(row), *([gettext("answered")] if row.answered_on else [])]

    def _prefill(self, form: Any) -> None:
        super()._prefill(form)
        if "heard_by" in form and not form.heard_by.data:
            form.heard_by.data = me().name or current().actor
