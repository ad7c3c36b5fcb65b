"""An ended dispute keeps its parties, a filed dossier its papers: whatever the way by which somebody would write them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.core.base.moments import today
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.db import db
from app.subsystems.mediation.dossier import DossierItem, DossierPaper
from app.subsystems.mediation.leads import CaseLead, PetitionAgency
from app.subsystems.mediation.records import Dispute, DisputeParty
from tests.conftest import FIRST, SECOND, WANGWAN
from tests.subsystems.mediation.test_disputes import MEDIATING, report, through

ENDING = (*MEDIATING, "mediate", "handle", "confirm", "close")


def parties(pk: int) -> list[str]:
    with system("stored"):
        db.session.expire_all()
        return sorted(db.session.scalars(db.select(DisputeParty.name).where(DisputeParty.dispute_id == pk)))


@pytest.fixture
def ended(app: Flask) -> tuple[int, int]:
    """The number of a dispute that came to its end, and that of its party."""
    with app.app_context():
        case = report(people_count=2)
        with acting_as("wangwan", WANGWAN):
            party = DisputeParty(dispute_id=case.id, name="甲某某", phone="19000000009")
            db.session.add(party)
            db.session.commit()
            number = party.id
        return through(case, *ENDING).id, number


def test_the_parties_of_an_ended_dispute_are_read_only(app: Flask, client: Any, token: Any, ended: tuple[int, int]) -> None:
    pk, party = ended
    api, head, browser = app.test_client(), token("wangwan"), client("wangwan")
    assert api.put(f"/api/v1/disputeparty/{party}", json={"name": "改名"}, headers=head).status_code == 422
    added = {"dispute_id": pk, "side": "second", "name": "新添一人", "grid_code": FIRST}
    assert api.post("/api/v1/disputeparty/", json=added, headers=head).status_code == 422
    assert api.delete(f"/api/v1/disputeparty/{party}", headers=head).status_code == 422
    with app.app_context():
        other = report().id
    line = {"version": "1", "grid_code": FIRST, "parties-5-side": "first", "parties-5-name": "表单添人"}
    for address in (f"/dispute/edit/{pk}", f"/disputeparty/edit/{party}"):
        assert browser.post(address, data=line).headers["Location"].endswith(address.replace("edit", "show"))
    assert api.put(f"/api/v1/disputeparty/{party}", json={"dispute_id": other}, headers=head).status_code == 422, "taken to another"
    page = browser.get(f"/disputeparty/show/{party}").get_data(as_text=True)
    assert f"/disputeparty/edit/{party}" not in page and f"/disputeparty/delete/{party}" not in page
    assert "/disputeparty/add" not in browser.get(f"/dispute/related/{pk}/disputeparty.dispute_id").get_data(as_text=True)
    with app.app_context():
        assert parties(pk) == ["甲某某"]


def test_what_belongs_to_an_ended_dispute_moves_with_it(app: Flask, ended: tuple[int, int]) -> None:
    pk, party = ended
    with system("moved by the street office"):
        row = db.session.get_one(DisputeParty, party)
        dispute = db.session.get_one(Dispute, pk)
        dispute.__dict__["_stepping"] = True
        dispute.grid_code = SECOND
        db.session.commit()
        assert row.grid_code == SECOND


def test_nothing_is_put_into_a_filed_dossier_or_taken_out(app: Flask, ended: tuple[int, int]) -> None:
    pk = ended[0]
    lead = {"dispute_id": pk, "leader": "某", "post": "某职", "since_on": today(), "grid_code": FIRST}
    agency = {"dispute_id": pk, "matter": "x", "agent": "某职", "entrusted_by": "某", "since_on": today(), "grid_code": FIRST}
    with acting_as("wangwan", WANGWAN):
        first, second = list(db.session.scalars(db.select(DossierItem).order_by(DossierItem.id)))[:2]
        kept: list[Any] = [DossierPaper(dispute_id=pk, item_id=first.id, pages=1), CaseLead(**lead), PetitionAgency(**agency)]
        db.session.add_all(kept)
        db.session.commit()
        for row in kept:
            row.remark = row.progress = "还可以改"
        db.session.commit()
        dispute = db.session.get_one(Dispute, pk)
        dispute.__dict__["_stepping"] = True
        dispute.archived_on = today()
        db.session.commit()
        new: list[Any] = [DossierPaper(dispute_id=pk, item_id=second.id), CaseLead(**{**lead, "until_on": today()}), PetitionAgency(**agency)]
        for row in new:
            db.session.add(row)
            refuses()
        for row, name in zip(kept, ("remark", "progress", "progress"), strict=True):
            setattr(row, name, "改")
            refuses()
            row.deleted_at = row.created_at
            refuses()


def refuses() -> None:
    with pytest.raises(RuleError, match="归档|filed"):
        db.session.commit()
    db.session.rollback()


def test_a_case_is_not_deleted_while_an_instruction_wants_an_answer(app: Flask, client: Any, token: Any) -> None:
    with app.app_context():
        pk = report().id
    assert client("leader").post(f"/dispute/instruct/{pk}", data={"said": "三日内办结"}).status_code == 302
    client("wangwan").post(f"/dispute/delete/{pk}")
    assert app.test_client().delete(f"/api/v1/dispute/{pk}", headers=token("wangwan")).status_code == 422
    assert "三日内办结" in client("wangwan").get(f"/dispute/show/{pk}").get_data(as_text=True)
