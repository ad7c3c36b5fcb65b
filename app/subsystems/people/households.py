"""Households: the people who live together under one head, and when they came and went."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, relationship

from app.core.base.fields import PERSON, field, reference
from app.core.base.records import unique_live
from app.core.base.scope import Scoped
from app.subsystems.people.houses import House

STANDING = _("Family situation")


class Household(Scoped):
    """A household (户) with its number, its head and its house."""

    __tablename__ = "household"
    __label__ = _("Household")
    __natural_key__ = ("grid_code", "number")
    __named_by__ = ("head_name", "number")
    __known_by__ = ("head_name",)
    __table_args__ = (unique_live("household", "grid_code", "number"),)

    number: Mapped[str] = field(_("Household number"), String(20), listed=True, search="text",
                                sortable=True, index=True, aliases=("户号", "家庭编号"))
    head_name: Mapped[str] = field(_("Head of household"), String(60), listed=True, search="text",
                                   sortable=PERSON, index=True, aliases=("户主", "户主姓名"))
    kind: Mapped[str] = field(_("Household kind"), String(20), dictionary="household_kind",
                              default="family", listed=True, aliases=("户别",))
    house_id: Mapped[int | None] = reference("house.id", _("House"), listed=True,
                                             aliases=("住址", "地址", "现居住地址", "家庭住址", "房屋"))
    phone: Mapped[str | None] = field(_("Phone"), String(20), mask="phone", listed=True, search="exact",
                                      index=True, aliases=("联系电话", "电话"))
    moved_in_on: Mapped[date | None] = field(_("Moved in on"), aliases=("迁入日期",))
    condition: Mapped[str | None] = field(_("Family condition"), String(20), section=STANDING,
                                          dictionary="family_condition", aliases=("家庭状况",))
    honours: Mapped[str | None] = field(_("Honours"), String(80), section=STANDING,
                                        aliases=("荣誉", "五好家庭", "文明家庭"))
    remark: Mapped[str | None] = field(_("Remark"), Text, aliases=("备注",))

    house: Mapped[House | None] = relationship()

    def __str__(self) -> str:
        return f"{self.head_name}（{self.number}）"

    def searchable(self) -> tuple[str | None, ...]:
        return (self.head_name, self.number)

    def note(self) -> str:
        return str(self.house or "")


class HouseholdMember(Scoped):
    """A stay of one person in one household, from a day to a day; open while it lasts."""

    __tablename__ = "household_member"
    __label__ = _("Household membership")
    __table_args__ = (Index("ix_household_member_open", "resident_id", "until_on"),)

    household_id: Mapped[int] = reference("household.id", _("Household"), listed=True, aliases=("户",))
    resident_id: Mapped[int] = reference("resident.id", _("Resident"), listed=True, aliases=("姓名", "居民"))
    relation: Mapped[str | None] = field(_("Relation to head"), String(2), listed=True,
                                         dictionary="relation_to_head", aliases=("与户主关系",))
    since_on: Mapped[date] = field(_("Since"), listed=True, aliases=("迁入日期", "起始日期"))
    until_on: Mapped[date | None] = field(_("Until"), listed=True, aliases=("迁出日期", "截止日期"))

    household: Mapped[Household] = relationship()
    resident: Mapped[Any] = relationship("Resident")  # residents.py comes after this file

    def __str__(self) -> str:
        return f"{self.resident or ''} · {self.household or ''}"

    def searchable(self) -> tuple[str | None, ...]:
        return ()
