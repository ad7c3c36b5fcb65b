"""Buildings, houses and rented houses: the places people live in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask_babel import lazy_gettext as _
from sqlalchemy import Numeric, String, Text, func
from sqlalchemy.orm import Mapped, relationship

from app.core.base.fields import field, reference
from app.core.base.records import RuleError, unique_live
from app.core.base.scope import Scoped
from app.core.base.texts import InvalidValue
from app.core.screens import NamedFilter, RecordView
from app.subsystems.people.addresses import parse_address

USE, OWNER, LETTING, SAFETY = _("Use"), _("Owner"), _("Letting"), _("Safety")


class Building(Scoped):
    """A building with its number, its floors and the person in charge (GB/T 31000 楼栋长)."""

    __tablename__ = "building"
    __label__ = _("Building")
    __natural_key__ = ("address",)
    __named_by__ = ("address",)
    __table_args__ = (unique_live("building", "address"),)

    address: Mapped[str] = field(_("Address of the building"), String(120), listed=True, search="text",
                                 sortable=True, index=True, aliases=("楼栋地址", "楼栋", "楼号", "楼栋名称"))
    name: Mapped[str | None] = field(_("Building name"), String(60), aliases=("名称",))
    kind: Mapped[str | None] = field(_("Building kind"), String(20), dictionary="building_kind",
                                     listed=True, aliases=("楼栋类型", "类型"))
    structure: Mapped[str | None] = field(_("Structure"), String(20),
                                          dictionary="building_structure", aliases=("结构",))
    floors: Mapped[int | None] = field(_("Floors above ground"), listed=True, aliases=("层数", "地上层数"))
    basement_floors: Mapped[int | None] = field(_("Floors below ground"), aliases=("地下层数",))
    units: Mapped[int | None] = field(_("Units"), listed=True, aliases=("单元数",))
    houses_per_floor: Mapped[int | None] = field(_("Houses on a floor"), aliases=("每层户数",))
    built_year: Mapped[int | None] = field(_("Built in"), aliases=("建成年", "建成年份"))
    has_lift: Mapped[bool] = field(_("Lift"), default=False, aliases=("电梯",))
    fire_exit_clear: Mapped[bool] = field(_("Fire exits clear"), default=True, section=SAFETY,
                                          aliases=("消防通道",))
    owner: Mapped[str | None] = field(_("Owning unit"), String(80), aliases=("产权单位",))
    manager: Mapped[str | None] = field(_("Property company"), String(80), aliases=("物业", "物业公司"))
    head_name: Mapped[str | None] = field(_("Building head"), String(60), listed=True, aliases=("楼栋长",))
    head_phone: Mapped[str | None] = field(_("Phone of the building head"), String(20), mask="phone",
                                           aliases=("楼栋长电话",))
    longitude: Mapped[Decimal | None] = field(_("Longitude"), Numeric(9, 6), aliases=("经度",))
    latitude: Mapped[Decimal | None] = field(_("Latitude"), Numeric(9, 6), aliases=("纬度",))
    remark: Mapped[str | None] = field(_("Remark"), Text, aliases=("备注",))

    houses: Mapped[list[House]] = relationship(back_populates="building")

    def __str__(self) -> str:
        return self.address


class House(Scoped):
    """One dwelling or shop: a room of a building, or a detached house."""

    __tablename__ = "house"
    __label__ = _("House")
    __natural_key__ = ("address",)
    __named_by__ = ("address",)
    __table_args__ = (unique_live("house", "address"),)

    address: Mapped[str] = field(
        _("Address"), String(160), listed=True, search="text", sortable=True, index=True,
        aliases=("房屋地址", "地址", "详细地址", "门牌地址"),
        help=_("As on the door plate, for example 王湾小区10栋3单元401室"))
    building_id: Mapped[int | None] = reference("building.id", _("Building"), aliases=("楼栋", "所属楼栋"))
    unit: Mapped[str | None] = field(_("Unit"), String(10), derived=True)
    room: Mapped[str | None] = field(_("Room"), String(20), derived=True)
    floor: Mapped[int | None] = field(_("Floor"), aliases=("楼层", "层"))
    area: Mapped[Decimal | None] = field(_("Area (m²)"), Numeric(9, 2), aliases=("面积", "建筑面积"))
    use: Mapped[str | None] = field(_("Used for"), String(20), dictionary="house_use", section=USE,
                                    listed=True, aliases=("用途", "房屋用途"))
    source: Mapped[str | None] = field(_("How it was acquired"), String(20), dictionary="house_source",
                                       section=USE, aliases=("房屋来源",))
    state: Mapped[str | None] = field(_("Occupancy"), String(20), dictionary="house_state",
                                      section=USE, listed=True, aliases=("使用状态", "居住状态"))
    ownership: Mapped[str | None] = field(_("Ownership"), String(20), dictionary="ownership",
                                          section=OWNER, aliases=("产权", "产权性质"))
    owner_name: Mapped[str | None] = field(_("Owner's name"), String(60), section=OWNER, listed=True,
                                           aliases=("产权人", "房主", "房东姓名", "房东"))
    owner_phone: Mapped[str | None] = field(_("Owner's phone"), String(20), section=OWNER,
                                            mask="phone", aliases=("房主电话", "房东电话", "产权人电话"))
    registered: Mapped[bool] = field(_("Registered"), default=False, section=OWNER, aliases=("是否登记",))
    danger: Mapped[str | None] = field(_("Level of danger"), String(20), dictionary="danger_level",
                                       section=SAFETY, aliases=("安全隐患", "安全"))
    remark: Mapped[str | None] = field(_("Remark"), Text, aliases=("备注",))

    building: Mapped[Building | None] = relationship(back_populates="houses")

    def __str__(self) -> str:
        return self.address

    def complete(self) -> None:
        """The address as the office writes it: one form for every way people write it."""
        try:
            parsed = parse_address(self.address or "")
        except InvalidValue as error:
            raise RuleError(error.message, "address") from error
        self.address, self.unit, self.room = parsed.text, parsed.unit, parsed.room


class RentalHouse(Scoped):
    """A house that is let: who lets it, to how many, how safe (GB/T 31000 出租房屋)."""

    __tablename__ = "rental_house"
    __label__ = _("Rented house")
    __natural_key__ = ("house_id",)
    __table_args__ = (unique_live("rental_house", "house_id"),)

    house_id: Mapped[int] = reference("house.id", _("House"), listed=True, aliases=("房屋", "房屋地址", "地址"))
    lessor_kind: Mapped[str | None] = field(_("Kind of lessor"), String(20), dictionary="lessor_kind",
                                            listed=True, aliases=("出租人类型",))
    lessor_name: Mapped[str] = field(_("Lessor"), String(60), listed=True, search="text",
                                     aliases=("出租人", "房东", "房东姓名"))
    lessor_phone: Mapped[str | None] = field(_("Lessor's phone"), String(20), mask="phone",
                                             aliases=("出租人电话", "房东电话"))
    use: Mapped[str | None] = field(_("Purpose of letting"), String(20), dictionary="rental_use", listed=True,
                                    aliases=("出租用途",))
    rooms: Mapped[int | None] = field(_("Rooms"), section=LETTING, aliases=("间数",))
    people_limit: Mapped[int | None] = field(_("People allowed"), section=LETTING, aliases=("限住人数",))
    people_count: Mapped[int | None] = field(_("People living there"), section=LETTING, listed=True,
                                             aliases=("实住人数",))
    rent: Mapped[Decimal | None] = field(_("Monthly rent (yuan)"), Numeric(10, 2), section=LETTING,
                                         aliases=("月租金", "租金"))
    permit_number: Mapped[str | None] = field(_("Filing number"), String(40), section=LETTING,
                                              aliases=("备案证号",))
    since_on: Mapped[date | None] = field(_("Let since"), section=LETTING, aliases=("出租日期",))
    has_letter: Mapped[bool] = field(_("Public order letter signed"), default=False, section=SAFETY,
                                     aliases=("治安责任书",))
    fire_exit_clear: Mapped[bool] = field(_("Fire exits clear"), default=True, section=SAFETY,
                                          aliases=("消防通道",))
    danger: Mapped[str | None] = field(_("Level of danger"), String(20), dictionary="danger_level",
                                       section=SAFETY, listed=True, aliases=("隐患等级", "安全"))
    remark: Mapped[str | None] = field(_("Remark"), Text, aliases=("备注",))

    house: Mapped[House] = relationship()

    def __str__(self) -> str:
        return f"{self.house or ''}"

    def check(self) -> None:
        if self.people_limit and self.people_count and self.people_count > self.people_limit:
            raise RuleError(_("More people live here than are allowed: correct a number or report a hazard."),
                            "people_count")

    def searchable(self) -> tuple[str | None, ...]:
        return (self.lessor_name,)


class BuildingView(RecordView):
    record = Building
    menu_order = 40
    icon = "fa-building"


class HouseView(RecordView):
    record = House
    menu_order = 30
    icon = "fa-door-open"
    named_filters = {"gridless": NamedFilter(
        _("Without a base grid"), lambda house: func.length(house.grid_code) < 15)}


class RentalHouseView(RecordView):
    record = RentalHouse
    menu_order = 50
    icon = "fa-key"
