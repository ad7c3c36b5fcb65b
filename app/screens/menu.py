"""The menu: under each heading the records of its parts of the plan, and the product's own pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import request
from flask_babel import lazy_gettext

from app.accounts.manager import may
from app.core.base import registry
from app.menu import HEADINGS


@dataclass
class Item:
    """One entry of the menu."""

    label: str
    url: str
    icon: str
    active: bool = False


@dataclass
class Group:
    """A heading of the menu with its entries."""

    label: str
    icon: str
    items: list[Item] = field(default_factory=list)


# The product's own pages under a heading: heading, right, view, words, address, icon; behind the records.
LAST = (
    ("grids", "checkup", "HomeView", lazy_gettext("Four links check-up"), "/checkup/", "fa-stethoscope"),
    ("settings", "list", "OfficeSettingsView", lazy_gettext("Office settings"), "/settings/list/", "fa-gears"),
    ("settings", "list", "UserDBModelView", lazy_gettext("Users"), "/users/list/", "fa-users"),
    ("settings", "list", "RoleModelView", lazy_gettext("Roles"), "/roles/list/", "fa-user-shield"),
    ("settings", "list", "AccessLogView", lazy_gettext("Access log"), "/accesslog/list/", "fa-shoe-prints"),
    ("settings", "list", "LockoutView", lazy_gettext("Locked sign-ins"), "/lockouts/list/", "fa-lock"),
)


def menu() -> list[Group]:
    """The entries the user may open, under their headings; empty headings are left out."""
    found = [Group(str(label), icon, [*_records(name), *_pages(LAST, name)])
             for name, label, icon in HEADINGS]
    return [group for group in found if group.items]


def _records(heading: str) -> list[Item]:
    return [_item(view.record.__label__, f"{view.route_base}/list/", view.icon)
            for view in registry.record_views()
            if registry.heading_of(view) == heading and may("list", view.__name__)]


def _pages(pages: tuple[tuple[str, str, str, object, str, str], ...], heading: str) -> list[Item]:
    return [_item(label, url, icon) for under, action, view, label, url, icon in pages
            if under == heading and may(action, view)]


def _item(label: object, url: str, icon: str) -> Item:
    """An entry, which is the current one on every page under its address."""
    return Item(str(label), url, icon, request.path.startswith(url.removesuffix("list/")))
