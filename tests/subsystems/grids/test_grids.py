"""Grids: what follows from the code, and what is a matter of base grids only."""

from __future__ import annotations

from flask import Flask

from app.core.base.scope import system
from app.db import db
from app.subsystems.grids.grids import Grid
from tests.conftest import FIRST, STREET, WANGWAN


def test_only_a_base_grid_has_a_kind(app: Flask) -> None:
    with system("kinds"):
        kinds = dict(db.session.execute(db.select(Grid.code, Grid.kind)).tuples().all())
    assert (kinds[STREET], kinds[WANGWAN], kinds[FIRST]) == ("", "", "base")


def test_a_kind_chosen_for_a_community_is_not_kept(app: Flask) -> None:
    with system("a community"):
        row = Grid(code=f"{STREET}099", name="试社区", kind="special")
        db.session.add(row)
        db.session.flush()
        assert row.kind == "" and row.level == "community"
        db.session.rollback()
