"""Rows that belong to another record lie in its grid and move with it, whichever record that is."""

from __future__ import annotations

from flask import Flask

from app.core import assembly
from app.core.base import registry
from app.core.base.owned import Owned
from app.core.base.scope import system
from app.db import db
from app.subsystems.grids.leadership import BodyMember, LeadingBody
from tests.conftest import FIRST, FOREIGN, SECOND

assembly.discover()


def test_every_owned_record_names_a_relation_that_leads_back_to_it() -> None:
    owned = [record for record in registry.records() if issubclass(record, Owned)]
    assert len(owned) >= 12
    for record in owned:
        relation = record.__mapper__.relationships[record.owned_by]
        assert relation.back_populates, f"{record.__name__} would not move with its owner"
        assert f"{record.owned_by}_id" in record.__mapper__.columns


def test_what_belongs_to_a_record_moves_with_it(app: Flask) -> None:
    with system("a body that moves"):
        body = LeadingBody(grid_code=FIRST, name="网格工作组", kind="group")
        db.session.add(body)
        db.session.flush()
        member = BodyMember(body_id=body.id, name="甲", post="member", grid_code=FOREIGN)
        db.session.add(member)
        db.session.commit()
        assert member.grid_code == FIRST, "the grid that was sent does not count"
        body.grid_code = SECOND
        db.session.commit()
        assert member.grid_code == SECOND and member.version == 2
