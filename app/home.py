"""The first page of every role, the four-links check-up, and the search over everything."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request
from flask_appbuilder import IndexView
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.accounts import may
from app.core import registry
from app.core.places import place_name
from app.core.records import today
from app.core.search import matching
from app.db import db
from app.subsystems import checkup

HITS = 8


class HomeView(IndexView):
    """Home, check-up and search."""

    route_base = ""
    default_view = "index"

    @expose("/")
    def index(self) -> Any:
        if not g.user.is_authenticated:
            return redirect("/login/")
        return self._home()

    @has_access
    @permission_name("home")
    def _home(self) -> str:
        links = checkup.links()
        return render_template("home.html", today=today(), numbers=checkup.numbers(),
                               links=links, todos=checkup.todos(links),
                               grids=checkup.grids_at_a_glance(), map=checkup.map_features())

    @expose("/checkup/")
    @has_access
    def checkup(self) -> str:
        """人进户, 户进房, 房进网格, 网格进图: counts and per cent per grid, each number a list."""
        return render_template("checkup.html", rows=checkup.by_place(), links=checkup.links(),
                               staffing=checkup.four_fixings())

    @expose("/search/")
    @has_access
    def search(self) -> str:
        """Everything the user may see whose words match, a few of each record."""
        typed = request.args.get("q", "").strip()[:100]
        return render_template("search.html", q=typed, groups=_groups(typed) if typed else [])


def _groups(typed: str) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    found = []
    for view in registry.record_views():
        if not may("list", view.__name__) or view.menu == "settings":
            continue
        record = view.record
        rows = db.session.scalars(db.select(record).where(matching(record, typed))
                                  .order_by(record.id).limit(HITS)).all()
        if rows:
            found.append((str(record.__label__), f"{view.route_base}/list/",
                          [(str(row), f"{view.route_base}/show/{row.id}", place_name(row.grid_code)) for row in rows]))
    return found
