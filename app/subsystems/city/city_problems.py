"""Problems of the town's appearance: components and events by their classes, and the standard of each class (GB/T 30428)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import DateTime, Index, String, Text, or_, select
from sqlalchemy.orm import Mapped

from app.core.base.fields import field
from app.core.base.records import Record, RuleError, changes, not_ahead, unique_live
from app.core.cases.limits import check_small_class, limit_of
from app.core.cases.loop import ACCEPTED, DISPATCHED, HANDLED, MERGED, REJECTED, STEPS, loop
from app.core.cases.records import Case
from app.core.cases.reported import Located, Placed, Reported
from app.core.cases.steps import Duty, Said, Step
from app.core.cases.views import CaseView
from app.core.screens import NamedFilter, RecordView
from app.core.telling.dictionaries import dictionary, label_of
from app.db import db

WHAT, STANDARD, ON_SITE = _("What is wrong"), _("Standard of the class"), _("Verified and checked")
BIG_CLASS_DIGITS, SMALL_CLASS_DIGITS, COMPONENT = 3, 5, "1"
COMPONENT_CODE = re.compile(r"\d{16}", re.ASCII)  # GB/T 30428.2: county, class, small class, serial
REAL, DONE, UNDONE = "real", "done", "undone"
REPEATED_WITHIN, NEAR = timedelta(days=30), 0.0003  # degrees: about thirty metres


class CityStandard(Record):
    """When a class of problem is filed, when it is closed, and whose it is; its limits stand under 办理时限 (GB/T 30428.8)."""

    __tablename__ = "city_standard"
    __label__ = _("Standard of a city problem")
    __natural_key__ = ("class_code",)
    __table_args__ = (unique_live("city_standard", "class_code"),)
    __shipped__ = ("class_code",)

    class_code: Mapped[str] = field(_("Class"), String(8), dictionary="city_class", listed=True, aliases=("小类", "类别"))
    filing_condition: Mapped[str] = field(_("Condition for filing"), String(200), listed=True, search="text", aliases=("立案条件",))
    closing_condition: Mapped[str] = field(_("Condition for closing"), String(200), listed=True, aliases=("结案条件",))
    unit: Mapped[str] = field(_("Responsible unit"), String(20), dictionary="handling_unit", listed=True, aliases=("责任单位",))

    def __str__(self) -> str:
        return label_of("city_class", self.class_code)

    def check(self) -> None:
        check_small_class(self, "class_code", SMALL_CLASS_DIGITS)

    def searchable(self) -> tuple[str | None, ...]:
        known = dictionary("city_class").by_code.get(self.class_code)
        return (known.label if known else None, self.filing_condition, self.closing_condition)


def standard_of(class_code: str | None) -> CityStandard | None:
    """The standard of a small class, where the office has one."""
    return db.session.scalar(select(CityStandard).where(CityStandard.class_code == class_code))


def _handled(case: Any) -> None:
    STEPS["handle"].effect(case)
    case.check_result = None


def _again(case: Any) -> None:
    STEPS["rework"].effect(case)
    case.check_result = None


def _reopened(case: Any) -> None:
    STEPS["reopen"].effect(case)
    case.verification = case.check_result = None


class CityProblem(Located, Reported, Placed, Case):
    """A component that is broken or missing, or an event that spoils the streets; confirmed on the spot before and after."""

    __tablename__ = "city_problem"
    __label__ = _("City problem")
    __natural_key__ = ("number",)
    __table_args__ = (Index("ix_city_problem_state", "state", "grid_code", "id"), Index("ix_city_problem_class", "class_code", "id"),
                      Index("ix_city_problem_repeat", "class_code", "grid_code", "reported_at"))
    workflow = loop(
        "cityproblem",
        replace(STEPS["verify"], asks=("verification",), must=("verification",), photo=True, main=True,
                when=Said("verification", REAL, otherwise=True)),
        replace(STEPS["file"], when=Said("verification", REAL)),
        replace(STEPS["dispatch"], suggests=lambda case: {"unit": case.proper_unit}),
        replace(STEPS["handle"], photo=True, effect=_handled),
        Step("inspect", _("Check on the spot"), (HANDLED,), duty=Duty.VISIT, asks=("check_result",), must=("check_result",),
             photo=True, reason=True, main=True, when=Said("check_result", None)),
        replace(STEPS["close"], label=_("Close the case"), when=Said("check_result", DONE)),
        replace(STEPS["rework"], label=_("Do it again"), when=Said("check_result", UNDONE), effect=_again),
        replace(STEPS["reopen"], effect=_reopened), without=("follow_up",))
    prefix = "SR"
    limit_by, matter_section = "class_code", WHAT
    stands = (*Located.stands, "component_code")
    worded = {"title": {"aliases": ("标题", "问题名称")}, "place": {"aliases": ("地点", "问题位置", "位置"), "after": "found_at"},
              "reporter": {"aliases": ("上报人", "监督员", "反映人"), "after": "description"},
              "reporter_phone": {"aliases": ("上报人电话", "联系电话", "反映人电话")}}

    class_code: Mapped[str] = field(_("Class"), String(8), dictionary="city_class", means="class", listed=True, aliases=("类别", "小类", "问题类别"))
    kind: Mapped[str] = field(_("Component or event"), String(1), dictionary="city_kind", derived=True)
    big_class: Mapped[str] = field(_("Big class"), String(3), dictionary="city_class", derived=True)
    source: Mapped[str] = field(_("Source"), String(12), dictionary="event_source", means="source", default="patrol", aliases=("来源", "问题来源"))
    found_at: Mapped[datetime | None] = field(_("Found at"), DateTime, section=WHAT, aliases=("发现时间",))
    component_code: Mapped[str | None] = field(_("Component code"), String(16), section=WHAT, search="exact", index=True,
                                               aliases=("部件编码", "部件标识码"), help=_("16 digits: county 6, class 2, small class 2, serial 6"))
    description: Mapped[str] = field(_("Description"), Text, means="text", section=WHAT, aliases=("描述", "问题描述", "情况描述"))
    repeat_of: Mapped[str | None] = field(_("Repeats the problem"), String(24), derived=True,
                                          help=_("The problem of the same class and place in the thirty days before"))
    verification: Mapped[str | None] = field(_("Verified on the spot"), String(8), dictionary="verification", derived=True, section=ON_SITE)
    check_result: Mapped[str | None] = field(_("Checked on the spot"), String(8), dictionary="check_result", derived=True, section=ON_SITE)
    filing_condition: Mapped[str | None] = field(_("Condition for filing"), String(200), derived=True, section=STANDARD)
    closing_condition: Mapped[str | None] = field(_("Condition for closing"), String(200), derived=True, section=STANDARD)
    proper_unit: Mapped[str | None] = field(_("Responsible unit"), String(20), dictionary="handling_unit", derived=True, section=STANDARD)

    def complete(self) -> None:
        """The class says whether it is a component or an event, and brings its standard; a new one is compared with earlier ones."""
        new = not self.number
        if changes(self, "class_code"):
            self._take_standard(self.class_code or "")
        super().complete()
        if new:
            self.repeat_of = self._earlier()

    def _take_standard(self, code: str) -> None:
        self.kind, self.big_class = code[:1], code[:BIG_CLASS_DIGITS]
        standard = standard_of(code)
        self.filing_condition = standard.filing_condition if standard else None
        self.closing_condition = standard.closing_condition if standard else None
        self.proper_unit = standard.unit if standard else None

    def _earlier(self) -> str | None:
        """The number of the last problem of the same class at this place within thirty days."""
        same = [CityProblem.place == self.place]
        if self.component_code:
            same.append(CityProblem.component_code == self.component_code)
        if self.longitude is not None and self.latitude is not None:
            same.append(CityProblem.longitude.between(float(self.longitude) - NEAR, float(self.longitude) + NEAR)
                        & CityProblem.latitude.between(float(self.latitude) - NEAR, float(self.latitude) + NEAR))
        return db.session.scalar(select(CityProblem.number).where(
            CityProblem.class_code == self.class_code, CityProblem.grid_code == self.grid_code,
            CityProblem.reported_at >= self.reported_at - REPEATED_WITHIN,
            CityProblem.state.not_in((REJECTED, MERGED)), or_(*same)).order_by(CityProblem.id.desc()).limit(1))

    def check(self) -> None:
        super().check()
        check_small_class(self, "class_code", SMALL_CLASS_DIGITS)
        not_ahead(self, "found_at", _("This lies in the future: write when it was found."))
        if self.component_code and self.kind != COMPONENT:
            raise RuleError(gettext("Only a component has a component code: leave it out, or choose its class."), "component_code")
        if self.component_code and not COMPONENT_CODE.fullmatch(self.component_code):
            raise RuleError(gettext("A component code has 16 digits."), "component_code")


class CityProblemView(CaseView):
    record = CityProblem
    list_columns = ["number", "title", "class_code", "place", "state", "repeat_of", "grid_code", "due_at"]
    menu_order = 0
    icon = "fa-city"
    charts = ["big_class", "class_code", "kind", "state", "source", "unit", "satisfaction", "grid_code"]
    named_filters = {
        "repeated": NamedFilter(_("Repeated problems"), lambda problem: problem.repeat_of.is_not(None)),
        "unverified": NamedFilter(_("To be verified"), lambda problem: (problem.state == ACCEPTED) & problem.verification.is_(None)),
        "unchecked": NamedFilter(_("To be checked"), lambda problem: (problem.state == HANDLED) & problem.check_result.is_(None)),
    }


class CityStandardView(RecordView):
    record = CityStandard
    menu = "settings"
    menu_order = 925
    icon = "fa-scale-balanced"

    def summary(self, row: CityStandard) -> list[str]:
        limit = limit_of("cityproblem", DISPATCHED, row.class_code, None)
        return [str(limit)] if limit else []
