"""Organizations: the units that really exist in a grid, from ministries to market stalls."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped

from app.core.base.fields import field
from app.core.base.identity import parse_credit_code
from app.core.base.records import RuleError, unique_live
from app.core.base.scope import Scoped
from app.core.base.texts import InvalidValue
from app.core.screens import RecordView

PEOPLE, GROUPS = _("People"), _("Party and groups")


class Organization(Scoped):
    """A unit in the grid: authority, enterprise, shop, school, social organization (GB/T 31000)."""

    __tablename__ = "organization"
    __label__ = _("Organization")
    __natural_key__ = ("name",)
    __named_by__ = ("name",)
    __table_args__ = (unique_live("organization", "credit_code"),
                      unique_live("organization", "grid_code", "name"))

    name: Mapped[str] = field(_("Organization name"), String(120), listed=True, search="text", sortable=True,
                              index=True, aliases=("单位名称", "名称", "企业名称"))
    credit_code: Mapped[str | None] = field(
        _("Unified social credit code"), String(18), listed=True, search="exact",
        aliases=("统一社会信用代码", "信用代码"))
    kind: Mapped[str] = field(_("Organization kind"), String(20), dictionary="organization_kind", listed=True,
                              aliases=("单位类别", "类别", "单位性质"))
    address: Mapped[str | None] = field(_("Business address"), String(160), aliases=("地址", "经营地址"))
    phone: Mapped[str | None] = field(_("Office phone"), String(20), aliases=("单位电话", "电话"))
    scope: Mapped[str | None] = field(_("Line of business"), Text, aliases=("经营范围",))
    legal_person: Mapped[str | None] = field(_("Legal representative"), String(60), section=PEOPLE, aliases=("法人", "法定代表人"))
    manager: Mapped[str | None] = field(_("Person in charge"), String(60), section=PEOPLE, listed=True, aliases=("负责人",))
    manager_phone: Mapped[str | None] = field(_("Phone of the person in charge"), String(20), mask="phone",
                                              section=PEOPLE, aliases=("负责人电话",))
    staff_count: Mapped[int | None] = field(_("Employees"), section=PEOPLE, listed=True, aliases=("从业人数", "员工数"))
    security_person: Mapped[str | None] = field(_("Security officer"), String(60), section=PEOPLE, aliases=("治安负责人",))
    fire_level: Mapped[str | None] = field(_("Fire class"), String(20), dictionary="fire_level", aliases=("消防等级",))
    is_key: Mapped[bool] = field(_("Key unit"), default=False, listed=True, aliases=("重点单位",))
    three_guarantees: Mapped[bool] = field(_("Three guarantees at the door signed"), default=False, aliases=("门前三包", "三包"))
    has_party: Mapped[bool] = field(_("Party organization"), default=False, section=GROUPS, aliases=("党组织",))
    has_union: Mapped[bool] = field(_("Trade union"), default=False, section=GROUPS, aliases=("工会",))
    has_youth: Mapped[bool] = field(_("Youth League"), default=False, section=GROUPS, aliases=("共青团",))
    has_women: Mapped[bool] = field(_("Women's Federation"), default=False, section=GROUPS, aliases=("妇联",))
    remark: Mapped[str | None] = field(_("Remark"), Text, aliases=("备注",))

    def __str__(self) -> str:
        return self.name

    def check(self) -> None:
        if self.credit_code:
            try:
                self.credit_code = parse_credit_code(self.credit_code)
            except InvalidValue as error:
                raise RuleError(error.message, "credit_code") from error

    def searchable(self) -> tuple[str | None, ...]:
        return (self.name,)


class OrganizationView(RecordView):
    record = Organization
    menu_order = 60
    icon = "fa-briefcase"
