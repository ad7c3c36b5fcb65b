"""The first page of every role, the four-links check-up, and the search over everything."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request
from flask_appbuilder import IndexView
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import lazy_gettext

from app.accounts.manager import may
from app.core.asking.search import matching
from app.core.base import registry
from app.core.base.moments import today
from app.core.base.nodes import Node
from app.core.base.scope import current
from app.core.cases import glance, inbox, prompts
from app.core.cases.turning import page_of
from app.core.telling.places import place_name
from app.db import db
from app.subsystems.people import checkup, grid_size

HITS, SHOWN = 8, 10


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
        """A leader sees numbers; who keeps records sees gaps, by community or grid; a grid worker what to do now."""
        found = checkup.survey()
        links, keeps = checkup.links(found), may("edit", "ResidentView")
        work = glance.numbers(inbox.listed_views()) if keeps else []
        kind = _kind(keeps)
        return render_template(
            "home.html", cases=glance.survey(SHOWN) if kind == "leader" else None,
            asked=_asked() if kind == "leader" else [], today=today(), kind=kind, told=glance.told,
            numbers=checkup.numbers(), links=links, tasks=_tasks(),
            todos=[*work, *checkup.todos(links)], places=checkup.places_with_gaps(found), map=checkup.map_features(found))

    @expose("/checkup/")
    @has_access
    def checkup(self) -> str:
        """人进户, 户进房, 房进网格, 网格进图: counts and per cent per grid, each number a list."""
        found = checkup.survey()
        return render_template("checkup.html", rows=checkup.by_place(found), links=checkup.links(found),
                               staffing=checkup.four_fixings(), sizes=grid_size.sizes(),
                               band=(*grid_size.households_band(), grid_size.FEWEST_PEOPLE.value, grid_size.MOST_PEOPLE.value))

    @expose("/search/")
    @has_access
    def search(self) -> str:
        """Everything the user may see whose words match, a few of each record."""
        typed = request.args.get("q", "").strip()[:100]
        return render_template("search.html", q=typed, groups=_groups(typed) if typed else [])


def _asked() -> list[tuple[Any, str]]:
    """The instructions the user wrote that still want an answer, with the pages of their cases."""
    return [(one, url) for one in prompts.awaited_by_me() if (url := page_of(one.case_number))]


def _kind(keeps: bool) -> str:
    """Whose home page it is: a reader's, a grid worker's, a community's or the street's."""
    if not keeps:
        return "leader"
    return {"base": "worker", "community": "community"}.get(Node(current().node).level, "street")


TASKS = (
    ("EventView", "add", "/event/add", "fa-bullhorn", lazy_gettext("Report an event")),
    ("ResidentView", "add", "/resident/add", "fa-user-plus", lazy_gettext("Register a resident")),
    ("HouseholdView", "add", "/household/add", "fa-people-roof", lazy_gettext("Register a household")),
    ("RentalHouseView", "add", "/rentalhouse/add", "fa-key", lazy_gettext("Register a rented house")),
    ("OrganizationView", "add", "/organization/add", "fa-briefcase", lazy_gettext("Register an organization")),
    ("ResidentView", "list", "/resident/list/", "fa-magnifying-glass", lazy_gettext("Find a person")),
    ("HouseView", "list", "/house/list/", "fa-door-open", lazy_gettext("Houses, door by door")),
)


def _tasks() -> list[tuple[str, str, str]]:
    """What a grid worker does at the doors, as far as the role allows: (address, icon, words)."""
    return [(url, icon, str(words)) for view, action, url, icon, words in TASKS if may(action, view)]


def _groups(typed: str) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    found = []
    for view in registry.record_views():
        if not may("list", view.__name__) or registry.heading_of(view) == "settings":
            continue
        record = view.record
        rows = db.session.scalars(db.select(record).where(matching(record, typed))
                                  .order_by(record.id).limit(HITS)).all()
        if rows:
            found.append((str(record.__label__), f"{view.route_base}/list/",
                          [(str(row), f"{view.route_base}/show/{row.id}", place_name(row.grid_code)) for row in rows]))
    return found
