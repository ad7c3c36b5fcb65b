"""Emergency plans: versions of them, the groups they form, and the steps that become tasks when one is activated."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Index, String, Text, or_, select, text
from sqlalchemy.orm import Mapped, relationship

from app.core.base.fields import field, reference
from app.core.base.moments import today
from app.core.base.owned import Owned
from app.core.base.records import Choices, RuleError, unique_live
from app.core.base.scope import Scoped
from app.core.telling.dictionaries import label_of
from app.db import db

MADE, ENDING = _("Drawn up, approved, filed"), _("End of the response")
DRAFT, VALID, VOID = "draft", "valid", "void"
SOON = timedelta(days=60)
ONE_VALID = text("state = 'valid' AND deleted_at IS NULL")


def in_force(plan: Any) -> Any:
    """The condition of a plan that may be activated today."""
    return (plan.state == VALID) & or_(plan.valid_until.is_(None), plan.valid_until >= today())


class EmergencyPlan(Scoped):
    """预案: what is done, by whom and how fast, in one kind of emergency; one version of a name is valid at a time."""

    __tablename__ = "emergency_plan"
    __label__ = _("Emergency plan")
    __natural_key__ = ("grid_code", "name", "plan_version")
    __known_by__ = ("name",)
    __inlines__ = ("steps", "groups")
    __table_args__ = (unique_live("emergency_plan", "grid_code", "name", "plan_version"),
                      Index("uq_emergency_plan_valid", "grid_code", "name", unique=True, sqlite_where=ONE_VALID, postgresql_where=ONE_VALID))

    name: Mapped[str] = field(_("Plan name"), String(80), listed=True, search="text", sortable=True, index=True, aliases=("预案名称", "名称"))
    plan_version: Mapped[str] = field(_("Version of the plan"), String(20), listed=True, aliases=("版本", "版本号"))
    kind: Mapped[str] = field(_("Kind of emergency"), String(12), dictionary="emergency_kind", listed=True, aliases=("类别", "预案类别"))
    tier: Mapped[str] = field(_("Made for"), String(10), dictionary="plan_tier", default="street", listed=True, aliases=("层级", "预案层级"))
    grades: Mapped[list[str] | None] = field(_("Grades of response"), Choices, dictionary="incident_grade", aliases=("分级", "响应分级"))
    state: Mapped[str] = field(_("State of the plan"), String(8), dictionary="plan_state", default=DRAFT, listed=True, aliases=("状态", "预案状态"))
    valid_until: Mapped[date | None] = field(_("Valid until"), listed=True, index=True, aliases=("有效至", "有效期"))
    compiled_by: Mapped[str | None] = field(_("Drawn up by"), String(80), section=MADE, aliases=("编制", "编制单位"))
    compiled_on: Mapped[date | None] = field(_("Drawn up on"), section=MADE, aliases=("编制日期",))
    approved_by: Mapped[str | None] = field(_("Approved by"), String(80), section=MADE, aliases=("批准", "批准单位", "批准人"))
    approved_on: Mapped[date | None] = field(_("Approved on"), section=MADE, aliases=("批准日期",))
    filed_with: Mapped[str | None] = field(_("Filed with"), String(80), section=MADE, aliases=("备案单位",))
    filed_on: Mapped[date | None] = field(_("Filed on"), section=MADE, aliases=("备案日期",))
    end_condition: Mapped[str] = field(_("Condition of termination"), Text, section=ENDING, aliases=("终止条件",))
    remark: Mapped[str | None] = field(_("Remark"), Text, section=ENDING, aliases=("备注",))

    steps: Mapped[list[PlanStep]] = relationship(back_populates="plan", order_by="(PlanStep.order, PlanStep.id)")
    groups: Mapped[list[PlanGroup]] = relationship(back_populates="plan", order_by="PlanGroup.id")

    def __str__(self) -> str:
        return f"{self.name}（{self.plan_version}）" if self.name else ""

    def searchable(self) -> tuple[str | None, ...]:
        return (self.name, self.plan_version)

    def note(self) -> str:
        """Beside its name in a select: the kind of emergency and the grades."""
        return " · ".join([label_of("emergency_kind", self.kind), *(label_of("incident_grade", grade) for grade in self.grades or [])])

    @property
    def is_in_force(self) -> bool:
        return self.state == VALID and (self.valid_until is None or self.valid_until >= today())

    def check(self) -> None:
        if self.approved_on and self.valid_until and self.valid_until <= self.approved_on:
            raise RuleError(gettext("The plan would end before it was approved."), "valid_until")
        if self.state == VALID and not (self.approved_by and self.approved_on):
            raise RuleError(gettext("A plan is valid once it is approved: write by whom and when."), "approved_on")
        self._check_one_valid()

    def _check_one_valid(self) -> None:
        """Two valid versions at once would be two orders at once."""
        if self.state != VALID or self.deleted_at is not None:
            return
        with db.session.no_autoflush:
            rows = db.session.scalars(select(EmergencyPlan).where(
                EmergencyPlan.grid_code == self.grid_code, EmergencyPlan.name == self.name, EmergencyPlan.state == VALID)).all()
        other = next((row for row in rows if row is not self and row.state == VALID), None)
        if other is not None:
            raise RuleError(gettext("Version %(version)s of this plan is still valid: make it void first.",
                                    version=other.plan_version), "state")


class PlanStep(Owned):
    """One action of a plan: who does what, within how many minutes of the activation."""

    __tablename__ = "plan_step"
    __label__ = _("Step of a plan")
    owned_by = "plan"

    plan_id: Mapped[int] = reference("emergency_plan.id", _("Emergency plan"), listed=True, aliases=("预案",))
    order: Mapped[int] = field(_("Order"), default=0, listed=True, aliases=("序", "序号", "排序"))
    action: Mapped[str] = field(_("Action"), String(200), listed=True, search="text", aliases=("动作", "处置动作"))
    post: Mapped[str] = field(_("Post answerable"), String(60), listed=True, aliases=("责任岗位",))
    minutes: Mapped[int] = field(_("Limit in minutes"), listed=True, aliases=("时限", "时限（分钟）"))

    plan: Mapped[EmergencyPlan] = relationship(back_populates="steps")

    def __str__(self) -> str:
        return self.action or ""

    def complete(self) -> None:
        super().complete()
        self.order = self.order or 0

    def check(self) -> None:
        if self.minutes is not None and not 1 <= self.minutes <= 60 * 24 * 30:
            raise RuleError(gettext("The limit is from 1 minute to 30 days, in minutes."), "minutes")


class PlanGroup(Owned):
    """A group a plan forms: who leads it, who takes part, what it does."""

    __tablename__ = "plan_group"
    __label__ = _("Group of a plan")
    owned_by = "plan"

    plan_id: Mapped[int] = reference("emergency_plan.id", _("Emergency plan"), listed=True, aliases=("预案",))
    kind: Mapped[str] = field(_("Group"), String(12), dictionary="plan_group", listed=True, aliases=("小组",))
    lead_unit: Mapped[str] = field(_("Leading unit"), String(80), listed=True, aliases=("牵头部门",))
    units: Mapped[str | None] = field(_("Units taking part"), String(200), listed=True, aliases=("参与部门",))
    duty: Mapped[str] = field(_("Duties"), String(300), aliases=("职责",))

    plan: Mapped[EmergencyPlan] = relationship(back_populates="groups")

    def __str__(self) -> str:
        return f"{label_of('plan_group', self.kind)} {self.lead_unit or ''}".strip()
