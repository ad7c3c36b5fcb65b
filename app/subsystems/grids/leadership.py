"""Leadership: the leading group, its office and its working team, and who sits on them (plan 三)."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _
from sqlalchemy import String
from sqlalchemy.orm import Mapped, relationship

from app.core.base.fields import PERSON, field, reference
from app.core.base.owned import Owned
from app.core.base.records import unique_live
from app.core.base.scope import Scoped
from app.core.screens import RecordView


class LeadingBody(Scoped):
    """A body that leads grid management: group, office or working team, set up by a document."""

    __tablename__ = "leading_body"
    __label__ = _("Leading body")
    __natural_key__ = ("name",)
    __inlines__ = ("members",)
    __table_args__ = (unique_live("leading_body", "grid_code", "name"),)

    name: Mapped[str] = field(_("Body name"), String(80), listed=True, search="text", sortable=True, index=True,
                              aliases=("机构名称", "名称"))
    kind: Mapped[str] = field(_("Body kind"), String(20), dictionary="body_kind", listed=True, aliases=("机构类型", "类型"))
    document_number: Mapped[str | None] = field(_("Set up by document"), String(60), listed=True, aliases=("文号",))
    since_on: Mapped[date | None] = field(_("Since"), listed=True, aliases=("成立日期", "起始日期"))
    until_on: Mapped[date | None] = field(_("Until"), aliases=("撤销日期", "截止日期"))
    duty: Mapped[str | None] = field(_("Duties"), String(300), aliases=("职责",))

    members: Mapped[list[BodyMember]] = relationship(back_populates="body", order_by="(BodyMember.order, BodyMember.id)")

    def __str__(self) -> str:
        return self.name


class BodyMember(Owned):
    """A person on a leading body, with the post there and the post at home."""

    __tablename__ = "body_member"
    __label__ = _("Member")
    owned_by = "body"
    __natural_key__ = ("body_id", "name")
    __table_args__ = (unique_live("body_member", "body_id", "name", "post"),)

    body_id: Mapped[int] = reference("leading_body.id", _("Leading body"), listed=True, aliases=("机构", "领导机构"))
    name: Mapped[str] = field(_("Full name"), String(60), listed=True, search="text", sortable=PERSON, index=True,
                              aliases=("姓名",))
    post: Mapped[str] = field(_("Post in the body"), String(20), dictionary="body_post", listed=True, aliases=("机构职务", "职务"))
    home_post: Mapped[str | None] = field(_("Unit and post"), String(120), listed=True, aliases=("单位职务", "原单位职务"))
    phone: Mapped[str | None] = field(_("Phone"), String(20), listed=True, search="exact", index=True,
                                      aliases=("电话", "联系电话"))
    order: Mapped[int] = field(_("Order"), default=0, aliases=("排序",))

    body: Mapped[LeadingBody] = relationship(back_populates="members")

    def __str__(self) -> str:
        return self.name


class LeadingBodyView(RecordView):
    record = LeadingBody
    menu_order = 15
    icon = "fa-sitemap"


class BodyMemberView(RecordView):
    record = BodyMember
    menu = ""  # reached from its leading body
    menu_order = 25
    icon = "fa-user-tie"
