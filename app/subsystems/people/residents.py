"""Residents: one register of every person in the street, each person once."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.core.base.crypto import Encrypted, keyring
from app.core.base.fields import PERSON, field, reference
from app.core.base.identity import parse_id_number
from app.core.base.moments import today, years_ago
from app.core.base.records import Choices, RuleError, bin_index, live_index, unique_live
from app.core.base.scope import Scoped
from app.core.base.texts import InvalidValue
from app.core.screens import NamedFilter, RecordView
from app.subsystems.people.addresses import one_form
from app.subsystems.people.households import Household

DWELLING, STANDING, STAY = _("Dwelling"), _("Person"), _("Stay of a floating resident")
ABROAD, REGISTER, CARE = _("From abroad"), _("Household register"), _("Care")
FLOATING, OVERSEAS, IDENTITY_CARD = "floating", "overseas", "111"


class Resident(Scoped):
    """A person who lives in the street or is registered there (常住人口登记卡, 流动人口登记册)."""

    __tablename__ = "resident"
    __label__ = _("Resident")
    __natural_key__ = ("id_number",)
    __named_by__ = ("name",)
    __table_args__ = (
        unique_live("resident", "id_number_digest"),
        live_index("ix_resident_place", "grid_code", "id"),
        live_index("ix_resident_name", "name", "id"),
        live_index("ix_resident_birth", "birth_on", "id"),
        bin_index("resident", "grid_code", "id"),
        Index("ix_resident_age_sex", "grid_code", "sex", "birth_on", "deleted_at"),
    )

    name: Mapped[str] = field(_("Full name"), String(60), listed=True, search="text", sortable=PERSON,
                              aliases=("姓名", "居民姓名", "人员姓名", "成员姓名", "家庭成员姓名", "家庭成员", "本人姓名", "村民姓名", "名字"))
    id_number: Mapped[str | None] = field(
        _("ID number"), Encrypted(18), mask="id_number", listed=True, search="digest",
        aliases=("身份证号码", "身份证号", "身份证", "公民身份号码", "公民身份证号码", "证件号码", "证件号", "身份号码", "居民身份证号码",
                 "居民身份证号", "居民身份证", "身份证编号", "身份证件号码", "身份证件号", "本人身份证号", "本人身份证号码", "公民身份证号"))
    document_type: Mapped[str] = field(_("Document"), String(3), dictionary="document_type",
                                       default=IDENTITY_CARD, aliases=("证件类型",))
    no_document_reason: Mapped[str | None] = field(
        _("No document because"), String(20), dictionary="no_document_reason",
        aliases=("无证原因", "无证件原因"), help=_("Only for a person without an ID number"))
    sex: Mapped[str] = field(_("Sex"), String(1), dictionary="sex", means="sex", listed=True, required=False, aliases=("性别", "男/女"),
                             help=_("Follows from the ID number"))
    birth_on: Mapped[date] = field(_("Date of birth"), means="birth_date", listed=True, sortable=True, required=False,
                                   aliases=("出生日期", "出生年月", "出生年月日", "出生时间", "生日", "出生"))
    phone: Mapped[str | None] = field(_("Phone"), String(20), mask="phone", listed=True, index=True,
                                      search="exact", aliases=(
                                          "联系电话", "电话", "联系方式", "手机", "手机号", "手机号码", "电话号码", "联系号码",
                                          "固话", "固定电话", "座机", "本人电话", "联系手机", "移动电话", "联系人电话"))
    kind: Mapped[str] = field(_("Population kind"), String(12), dictionary="resident_kind",
                              default="resident", listed=True, aliases=("人口类别", "人口类型", "人口性质", "居民类别"))
    life_state: Mapped[str] = field(_("Vital status"), String(12), dictionary="life_state",
                                    default="alive", aliases=("状态", "生存状态", "人员状态"))
    former_name: Mapped[str | None] = field(_("Former name"), String(60), section=STANDING, aliases=("曾用名",))
    nation: Mapped[str | None] = field(_("Ethnic group"), String(2), dictionary="nation", section=STANDING, aliases=("民族", "族别"))
    education: Mapped[str | None] = field(_("Education"), String(2), dictionary="education", section=STANDING,
                                          aliases=("文化程度", "学历", "教育程度", "受教育程度", "文化水平", "最高学历"))
    political_status: Mapped[str | None] = field(_("Political status"), String(2), section=STANDING,
                                                 dictionary="political_status", aliases=("政治面貌", "党派", "政治身份", "政治面目", "面貌"))
    marital_status: Mapped[str | None] = field(_("Marital status"), String(2), section=STANDING,
                                               dictionary="marital_status", aliases=(
                                                   "婚姻状况", "婚姻", "婚否", "婚姻情况", "婚姻状态", "婚况", "是否已婚", "已婚/未婚"))
    occupation: Mapped[str | None] = field(_("Occupation"), String(60), section=STANDING, aliases=("职业", "从事职业"))
    employment_status: Mapped[str | None] = field(_("Employment"), String(2), section=STANDING,
                                                  dictionary="employment_status", aliases=("从业状况", "就业状况", "就业情况", "从业情况"))
    workplace: Mapped[str | None] = field(_("Workplace"), String(120), section=STANDING,
                                          aliases=("工作单位", "服务处所", "就业单位", "工作单位及职务", "工作单位或学校"))
    household_id: Mapped[int | None] = reference("household.id", _("Household"), section=DWELLING,
                                                 listed=True, aliases=("户", "所属户"))
    relation_to_head: Mapped[str | None] = field(
        _("Relation to head"), String(2), dictionary="relation_to_head", section=DWELLING,
        aliases=("与户主关系", "关系", "与户主的关系", "家庭关系", "户主关系", "与户主之间关系", "成员关系", "与户主"))
    address: Mapped[str | None] = field(_("Address"), String(160), mask="address", section=DWELLING,
                                        aliases=("现居住地址", "现住址", "住址", "暂住地址", "现住地详址", "家庭住址",
                                                 "家庭地址", "居住地址", "居住地",
                                                 "现居住地", "现居住址", "现居地", "现住地", "现住地址", "详细地址", "地址", "详细住址", "居住详址",
                                                 "实际居住地", "实际居住地址", "居住地详址", "家庭详细住址", "家庭详细地址"))
    residence_status: Mapped[str | None] = field(
        _("Residence status"), String(12), dictionary="residence_status", section=DWELLING, listed=True,
        aliases=("人户状态", "人户一致", "人户状况", "人户情况", "人在户在情况", "人户是否一致", "人户关系"))
    domicile: Mapped[str | None] = field(_("Registered at"), String(160), mask="address", section=REGISTER,
                                         aliases=("户籍地址", "户籍地", "户籍详址", "户籍所在地", "户口所在地", "户口地址", "户籍所在地址",
                                                                "户籍住址", "户口所在地址"))
    native_place: Mapped[str | None] = field(_("Native place"), String(60), section=REGISTER, aliases=("籍贯",))
    movein_reason: Mapped[str | None] = field(_("Moved in because"), String(20), section=REGISTER,
                                              dictionary="movein_reason", aliases=("迁入原因",))
    cancelled_on: Mapped[date | None] = field(_("Cancelled on"), section=REGISTER, aliases=("注销日期",))
    cancel_reason: Mapped[str | None] = field(_("Cancelled because"), String(20), section=REGISTER,
                                              dictionary="cancel_reason", aliases=("注销原因",))
    military_service: Mapped[str | None] = field(_("Military service"), String(20), section=REGISTER,
                                                 dictionary="military_service", aliases=("兵役状况",))
    blood_type: Mapped[str | None] = field(_("Blood group"), String(8), dictionary="blood_type",
                                           section=REGISTER, aliases=("血型",))
    health: Mapped[str | None] = field(_("Health"), String(2), dictionary="health", section=CARE,
                                       mask="categories", aliases=("健康状况",))
    categories: Mapped[list[str] | None] = field(
        _("Categories"), Choices(300), dictionary="person_category", section=CARE, mask="categories",
        chart=False, nullable=True, aliases=("人员类别", "人员分类", "特殊群体"))
    inflow_on: Mapped[date | None] = field(_("Date of arrival"), section=STAY, aliases=("流入日期", "来本地日期"))
    inflow_reason: Mapped[str | None] = field(_("Reason for coming"), String(20), dictionary="inflow_reason",
                                              section=STAY, aliases=("流入原因", "暂住事由"))
    inflow_from: Mapped[str | None] = field(_("Where from"), String(80), section=STAY, aliases=("流入来源地", "来源地"))
    permit_kind: Mapped[str | None] = field(_("Permit"), String(20), dictionary="permit_kind", section=STAY,
                                            aliases=("办证类型", "登记证情况"))
    permit_number: Mapped[str | None] = field(_("Permit number"), String(40), section=STAY,
                                              aliases=("居住证号", "居住证编号", "暂住证号"))
    permit_until: Mapped[date | None] = field(_("Permit until"), section=STAY, aliases=("到期日期", "居住证到期日期"))
    lodging: Mapped[str | None] = field(_("Lodging"), String(20), dictionary="lodging", section=STAY,
                                        aliases=("暂住处所", "住所类型"))
    stay_length: Mapped[str | None] = field(_("Length of stay"), String(20), dictionary="stay_length",
                                            section=STAY, aliases=("居住时限",))
    landlord_name: Mapped[str | None] = field(_("Landlord"), String(60), section=STAY, aliases=("房东姓名", "房东"))
    landlord_phone: Mapped[str | None] = field(_("Landlord's phone"), String(20), mask="phone", section=STAY,
                                               aliases=("房东电话",))
    nationality: Mapped[str | None] = field(_("Nationality"), String(3), dictionary="nationality",
                                            section=ABROAD, aliases=("国籍",))
    arrived_on: Mapped[date | None] = field(_("Arrived in China on"), section=ABROAD, aliases=("抵达日期",))
    leaves_on: Mapped[date | None] = field(_("Expected to leave on"), section=ABROAD, aliases=("预计离开日期",))
    remark: Mapped[str | None] = field(_("Remark"), Text, aliases=("备注", "说明", "备考", "备注说明", "备注信息", "其他说明", "情况说明"))
    id_number_digest: Mapped[str | None] = mapped_column(String(32))

    household: Mapped[Household | None] = relationship()

    def __str__(self) -> str:
        return self.name

    @validates("id_number")
    def _digest(self, key: str, value: str | None) -> str | None:
        self.id_number_digest = keyring().digest("id_number", value) if value else None
        return value

    def complete(self) -> None:
        """Sex and birth from an identity card (GB 11643-1999); a stay makes a floating resident; one form of address.

        Who shows a document needs no reason for having none any more.
        """
        self.document_type = self.document_type or IDENTITY_CARD
        if self.address and self.address != one_form(self.address):
            self.address = one_form(self.address)
        if self.id_number and self.no_document_reason:
            self.no_document_reason = None
        try:
            self._complete_identity()
        except InvalidValue as error:
            raise RuleError(error.message, "id_number") from error
        if self.inflow_on or self.permit_number:
            self.kind = FLOATING if self.kind in (None, "resident") else self.kind
        self.kind = self.kind or "resident"
        self.life_state = self.life_state or "alive"

    def _complete_identity(self) -> None:
        if self.id_number and self.document_type == IDENTITY_CARD:
            parsed = parse_id_number(self.id_number)
            if self.id_number != parsed.number:
                self.id_number = parsed.number
            self.sex = self.sex or parsed.sex
            self.birth_on = self.birth_on or parsed.birth_on

    def check(self) -> None:
        if not self.id_number and not self.no_document_reason:
            raise RuleError(_("Enter the ID number, or choose why this person has no document."),
                            "id_number")
        if not self.sex or not self.birth_on:
            raise RuleError(_("Without an identity card, enter the sex and the date of birth."), "birth_on")
        if self.id_number and self.document_type == IDENTITY_CARD:
            self._check_identity()
        if self.cancelled_on and not self.cancel_reason:
            raise RuleError(_("Choose why the registration was cancelled."), "cancel_reason")

    def _check_identity(self) -> None:
        parsed = parse_id_number(self.id_number)
        if self.sex != parsed.sex:
            raise RuleError(_("The sex differs from the one in the ID number: correct one of them."), "sex")
        if self.birth_on != parsed.birth_on:
            raise RuleError(
                _("The date of birth differs from the one in the ID number: correct one of them."), "birth_on")


class ResidentView(RecordView):
    record = Resident
    menu_order = 10
    icon = "fa-user"
    related = ["household_id"]
    named_filters = {
        "homeless": NamedFilter(_("Without a household"), lambda resident: (
            resident.household_id.is_(None) & (resident.life_state == "alive"))),
        "permit_expired": NamedFilter(_("Residence permit expired"),
                                      lambda resident: resident.permit_until < today()),
        "elderly": NamedFilter(_("60 and older"), lambda resident: (
            resident.birth_on <= years_ago(60)) & (resident.life_state == "alive")),
    }

    def summary(self, row: Resident) -> list[str]:
        """The age of the living, in full years."""
        if row.life_state != "alive" or not row.birth_on:
            return []
        had_birthday = (today().month, today().day) >= (row.birth_on.month, row.birth_on.day)
        years = today().year - row.birth_on.year - (not had_birthday)
        return [ngettext("%(years)s year old", "%(years)s years old", years, years=years)]
