"""Loads the demo street into an empty database: its accounts, its registers, and the cases played on them."""

from __future__ import annotations

from datetime import timedelta

from app.accounts.manager import add_account
from app.core.base.moments import now
from app.core.base.registry import grid_record, security
from app.core.cases.news import silent_before
from app.db import db
from app.demo import (
    ACCOUNTS,
    NAMES,
    PASSWORD,
    WANGWAN,
    YANGOU,
    cases,
    complaints,
    disputes,
    incidents,
    opinions,
    risks,
    services,
)
from app.demo.city_problems import CityProblems
from app.demo.hazards import Hazards
from app.demo.rectifications import Rectifications
from app.demo.street import Street

RECENT = timedelta(days=3)  # of what is older, the bell says nothing


def create_accounts() -> None:
    """Makes the demo accounts that do not exist yet."""
    for username, role, node, _about in ACCOUNTS:
        if not security().find_user(username=username):
            add_account(username, PASSWORD, role, node, NAMES[username])


def is_filled() -> bool:
    """Whether the database has a grid, deleted ones too."""
    return db.session.scalar(db.select(grid_record().id).limit(1).execution_options(with_deleted=True)) is not None


def load(residents: int | None = None, year: bool = False) -> None:
    """Fills an empty database; ``residents`` is how many people, 12,000 when left out.

    Events of the last six weeks come with it, and cases of every other type; ``year`` plays a whole year of them.
    """
    Street(residents or 12_000).build()
    create_accounts()
    count, days = (cases.MANY, 365) if year else (cases.FEW, 42)
    with silent_before(now() - RECENT):
        played = cases.Events()
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
            stories.play(amount * (365 // ago if year else 1), now() - timedelta(days=365 if year else ago))
