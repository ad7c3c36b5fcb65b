"""Grids: the tree of street, communities and base grids that everything lies in."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, synonym

from app.core.base.fields import CODE, field, fields_of
from app.core.base.moments import today
from app.core.base.nodes import Node
from app.core.base.records import RuleError
from app.core.base.scope import GridCode, Scoped
from app.core.screens import NamedFilter, RecordView
from app.core.telling.areas import areas
from app.core.telling.dictionaries import label_of
from app.core.telling.places import place_name, places
from app.db import db
from app.subsystems.grids.boundaries import check_boundary, overlapping
from app.subsystems.grids.staff import GridStaff, held_grids, posts_on

SHAPE, CHECKLIST, BOUNDS = _("Shape"), _("Four fixings"), _("Bounds")


class Grid(Scoped):
    """One node of the grid tree: the street, a community (village) or a base grid (plan 四(一), 六(三)).

    Codes nest: 9 digits GB/T 2260 + GB/T 10114 for the street, 12 for the community
    (statistical division code), 15 for the base grid, numbered inside its community.
    """

    __tablename__ = "grid"
    __label__ = _("Grid")
    __natural_key__ = ("code",)
    __scope_column__ = "code"
    __revision__ = "places"

    code: Mapped[str] = field(_("Grid code"), GridCode, unique=True, listed=True, sortable=CODE,
                              search="text", aliases=("网格编码", "编码", "网格代码"))
    name: Mapped[str] = field(_("Name"), String(60), listed=True, search="text",
                              aliases=("网格名称", "名称"))
    level: Mapped[str] = field(_("Level"), String(10), dictionary="grid_level", derived=True,
                               listed=True, index=True)
    parent_code: Mapped[str | None] = field(
        _("Belongs to"), GridCode, ForeignKey("grid.code", ondelete="RESTRICT"), derived=True)
    kind: Mapped[str] = field(_("Kind"), String(12), dictionary="grid_kind", required=False, listed=True,
                              aliases=("网格类型", "类型"), help=_("Of a base grid only"))
    state: Mapped[str] = field(_("State"), String(10), dictionary="grid_state", default="active")
    urban_rural: Mapped[str | None] = field(_("Urban or rural"), String(3),
                                            dictionary="urban_rural", aliases=("城乡分类",))
    set_up_on: Mapped[date | None] = field(_("Set up on"), aliases=("设立日期",))
    east: Mapped[str | None] = field(_("East to"), String(80), section=BOUNDS, aliases=("东至",))
    south: Mapped[str | None] = field(_("South to"), String(80), section=BOUNDS, aliases=("南至",))
    west: Mapped[str | None] = field(_("West to"), String(80), section=BOUNDS, aliases=("西至",))
    north: Mapped[str | None] = field(_("North to"), String(80), section=BOUNDS, aliases=("北至",))
    boundary: Mapped[dict[str, Any] | None] = field(
        _("Boundary"), JSON(none_as_null=True), section=BOUNDS,
        help=_("A polygon as GeoJSON, longitude and latitude"))
    has_letter: Mapped[bool] = field(
        _("Letter of responsibility signed"), default=False, section=CHECKLIST, aliases=("责任书",))
    has_rules: Mapped[bool] = field(
        _("Rules on the wall"), default=False, section=CHECKLIST, aliases=("制度", "规章"))
    old_codes: Mapped[str | None] = field(_("Old codes"), String(200), aliases=("原编码",))
    remark: Mapped[str | None] = field(_("Remark"), Text, aliases=("备注",))

    grid_code = synonym("code")

    def __str__(self) -> str:
        """A base grid is named with its community: every community has a first grid."""
        above = places().get(self.parent_code or "") if self.level == "base" else None
        return f"{above.name}{self.name}" if above else self.name

    def complete(self) -> None:
        node = Node(self.code or "")
        self.level, self.parent_code = node.level, node.parent
        self.kind = (self.kind or "base") if self.level == "base" else ""

    def check(self) -> None:
        if not self.level:
            raise RuleError(_("A grid code has 9 digits (street), 12 (community) or 15 (base grid)."),
                            "code")
        if self.boundary is not None:
            check_boundary(self.boundary)

    def searchable(self) -> tuple[str | None, ...]:
        return (self.name, self.code)


def _vacant(grid: Any, role: str) -> Any:
    return grid.code.not_in(held_grids(role)) & (grid.level == "base")


class GridView(RecordView):
    record = Grid
    show_page = "grid"
    menu_order = 0
    icon = "fa-map"
    charts = ["level", "kind", "state"]
    named_filters = {
        "mapless": NamedFilter(_("Base grids without a boundary"),
                               lambda grid: grid.boundary.is_(None) & (grid.level == "base")),
        "no_head": NamedFilter(_("Without a head"), lambda grid: _vacant(grid, "head")),
        "no_worker": NamedFilter(_("Without a worker"), lambda grid: _vacant(grid, "worker")),
    }

    def consequences(self, form: Any, row: Grid | None) -> list[str]:
        """The grids of the same level whose boundaries the new one overlaps."""
        boundary, code = form.boundary.data, form.code.data or ""
        if boundary is None or row is not None and boundary == row.boundary:
            return []
        check_boundary(boundary)
        others = db.session.execute(select(Grid.code, Grid.boundary).where(
            Grid.boundary.is_not(None), Grid.code != code, Grid.level == Node(code).level))
        pairs = overlapping({**dict(others.tuples().all()), code: boundary})
        return [gettext("The boundary overlaps that of %(grid)s.", grid=place_name(one if other == code else other))
                for one, other in pairs if code in (one, other)]

    @expose("/areas")
    @has_access
    @permission_name("list")
    def areas(self) -> Response:
        """Every grid with its outline, for the map a pin is put on."""
        return Response(areas(), mimetype="application/json")

    def tags(self, row: Grid) -> list[str]:
        """The kind is a matter of base grids; above them the level says it all."""
        return [label_of("grid_kind", row.kind) if row.level == "base" else label_of("grid_level", row.level)]

    def extras(self, row: Grid) -> dict[str, Any]:
        """Who held the posts of the grid on the day in the address, else today; whose post was vacant."""
        if not self.appbuilder.sm.has_access("can_list", "GridStaffView"):
            return {"posts": None}
        day = _day(request.args.get("on", ""))
        posts = posts_on(row.code, day)
        held = {(post.grid_code, post.role) for post in posts}
        vacant = [role for role in ("head", "worker") if row.level == "base" and (row.code, role) not in held]
        return {"posts": posts, "day": day, "vacant": [label_of("staff_role", role) for role in vacant],
                "words": fields_of(GridStaff)}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today()
