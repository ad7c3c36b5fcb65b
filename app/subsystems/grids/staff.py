"""Staff: the people who hold posts in a grid, and on which days they held them."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import Index, String, Text, select
from sqlalchemy.orm import Mapped

from app.core.base.fields import PERSON, field
from app.core.base.moments import today
from app.core.base.records import RuleError, unique_live
from app.core.base.scope import Scoped
from app.core.screens import NamedFilter, RecordView
from app.core.telling.dictionaries import entries
from app.db import db

POST, MOST_POSTS = _("Post"), 400


class GridStaff(Scoped):
    """A post in a grid held by one person from a day to a day (plan 四(三): 网格长, 网格员, 信息员, 志愿者)."""

    __tablename__ = "grid_staff"
    __label__ = _("Grid staff")
    __natural_key__ = ("grid_code", "role", "name")
    __table_args__ = (
        unique_live("grid_staff", "grid_code", "role", "name", "since_on"),
        Index("ix_grid_staff_post", "grid_code", "role", "until_on"),
    )

    name: Mapped[str] = field(_("Full name"), String(60), listed=True, search="text", sortable=PERSON,
                              index=True, aliases=("姓名",))
    role: Mapped[str] = field(_("Role"), String(12), dictionary="staff_role", listed=True, aliases=("角色", "职务", "岗位"))
    phone: Mapped[str | None] = field(_("Phone"), String(20), listed=True, search="exact", index=True,
                                      aliases=("电话", "联系电话", "手机"),
                                      help=_("Printed on the notice board of the grid"))
    sex: Mapped[str | None] = field(_("Sex"), String(1), dictionary="sex", aliases=("性别",))
    source: Mapped[str | None] = field(_("Comes from"), String(20), dictionary="staff_source", listed=True,
                                       aliases=("来源", "人员来源"))
    employment: Mapped[str | None] = field(_("Full or part time"), String(12), dictionary="employment_form",
                                           aliases=("专兼职",))
    since_on: Mapped[date] = field(_("In post since"), section=POST, listed=True, default=today, aliases=("上岗日期",))
    until_on: Mapped[date | None] = field(_("In post until"), section=POST, listed=True, aliases=("离岗日期",))
    duty: Mapped[str | None] = field(_("Duties"), Text, section=POST, aliases=("职责", "工作内容", "岗位职责"))
    remark: Mapped[str | None] = field(_("Remark"), Text, section=POST, aliases=("备注",))

    def __str__(self) -> str:
        return self.name

    def complete(self) -> None:
        self.since_on = self.since_on or today()

    def check(self) -> None:
        if self.until_on and self.until_on < self.since_on:
            raise RuleError(_("A post cannot end before it begins."), "until_on")

    def searchable(self) -> tuple[str | None, ...]:
        return (self.name,)


def in_post(staff: Any, on: date) -> Any:
    """The condition for a post held on a day."""
    return (staff.since_on <= on) & (staff.until_on.is_(None) | (staff.until_on >= on))


def held_grids(role: str, on: date | None = None) -> Any:
    """Codes of the grids whose post was held on a day, as a subquery."""
    return select(GridStaff.grid_code).where(
        GridStaff.role == role, in_post(GridStaff, on or today()))


def posts_on(node: str, day: date) -> list[GridStaff]:
    """Who held which post in a grid, and in the grids under it, on a day; heads first."""
    order = [entry.code for entry in entries("staff_role")]
    rows = db.session.scalars(select(GridStaff).where(
        GridStaff.grid_code >= node, GridStaff.grid_code < node + "~", in_post(GridStaff, day)).limit(MOST_POSTS))
    return sorted(rows, key=lambda post: (post.grid_code, order.index(post.role) if post.role in order else 99, post.name))


class GridStaffView(RecordView):
    record = GridStaff
    menu_order = 10
    icon = "fa-id-badge"
    named_filters = {"in_post": NamedFilter(_("In post today"), lambda staff: in_post(staff, today()))}
