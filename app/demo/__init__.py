"""The demo street: real divisions, invented people, loaded in seconds at the first start."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _

PASSWORD = "Gewu#2026"
RECENT = timedelta(days=3)  # of what is older, the bell says nothing
STREET = "420303002"
WANGWAN, YANGOU = f"{STREET}001", f"{STREET}003"
ACCOUNTS = (
    ("admin", "系统管理员", STREET, _("Everything, users and dictionaries too")),
    ("street", "街道管理员", STREET, _("The whole street, to keep its records")),
    ("wangwan", "社区书记/社区管理员", WANGWAN, _("Only 王湾社区")),
    ("wangwan01", "网格员", f"{WANGWAN}001", _("Only the first grid of 王湾社区")),
    ("yangou", "社区书记/社区管理员", YANGOU, _("Only 燕沟社区")),
    ("inspector", "督查考核员", STREET, _("The whole street, to check and export")),
    ("leader", "领导(只读)", STREET, _("The whole street, to read")),
)
NAMES = {"admin": "系统管理员", "street": "红卫管理员", "wangwan": "王湾书记", "wangwan01": "王湾网格员",
         "yangou": "燕沟书记", "inspector": "督查员", "leader": "街道领导"}


def create_accounts() -> None:
    """Makes the demo accounts that do not exist yet."""
    from flask import current_app

    from app.accounts import add_account

    for username, role, node, _about in ACCOUNTS:
        if not current_app.appbuilder.sm.find_user(username=username):
            add_account(username, PASSWORD, role, node, NAMES[username])


def is_filled() -> bool:
    """Whether the database has a grid, deleted ones too."""
    from app.core.registry import grid_record
    from app.db import db

    return db.session.scalar(db.select(grid_record().id).limit(1).execution_options(with_deleted=True)) is not None


def load(residents: int | None = None, year: bool = False) -> None:
    """Fills an empty database; ``residents`` is how many people, 12,000 when left out.

    Events of the last six weeks come with it, ``year`` plays a whole year of them; cases of every other type too.
    """
    from app.core.cases.news import silent_before
    from app.core.records import now
    from app.demo import cases, complaints, disputes, incidents, opinions, risks, services
    from app.demo.city_problems import CityProblems
    from app.demo.hazards import Hazards
    from app.demo.rectifications import Rectifications
    from app.demo.street import Street

    Street(residents or 12_000).build()
    create_accounts()
    count, days = (cases.MANY, 365) if year else (cases.FEW, 42)
    with silent_before(now() - RECENT):
        played = cases.Year()
        played.play(count, now() - timedelta(days=days))
        for community in (WANGWAN, YANGOU):
            played.play(cases.FRESH, now() - RECENT, community)
        complaints.Complaints().play()
        opinions.Voices().play()
        services.Services().play()
        disputes.Disputes().play()
        risks.play()
        incidents.play()
        for stories, amount, ago in ((Hazards(), 15, 42), (Rectifications(), 5, 60), (CityProblems(), 16, 35)):
            stories.play(amount, now() - timedelta(days=ago))
