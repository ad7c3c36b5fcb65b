"""Whoever a case names is picked from the register, and stays linked to it; who is not in it is written down."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.db import db
from app.subsystems.complaints.complaints import Complaint
from app.subsystems.events.events import Event
from app.subsystems.mediation.records import Dispute, DisputeParty
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, WANGWAN
from tests.playing import EVENT
from tests.subsystems.complaints.test_complaint import WORDS as COMPLAINT
from tests.subsystems.mediation.test_disputes import WORDS as DISPUTE
from tests.subsystems.mediation.test_disputes import report


def resident(name: str, grid: str = FIRST, **more: Any) -> int:
    with system("somebody of the register"):
        row = Resident(**{"name": name, "grid_code": grid, "no_document_reason": "never", "sex": "1", "birth_on": date(1980, 2, 3), **more})
        db.session.add(row)
        db.session.commit()
        return int(row.id)


def test_a_party_picked_on_the_form_brings_what_the_register_knows_and_stays_linked(app: Flask, client: Any) -> None:
    with app.app_context():
        known = resident("欧阳某", sex="2", phone="19000002222")
        foreign = resident("外人", FOREIGN)
    browser = client("wangwan")
    form = {**DISPUTE, "grid_code": FIRST, "source": "applied", "urgency": "normal", "parties-0-side": "first",
            "parties-1-side": "second", "parties-1-name": "不在册的人"}
    page = browser.get("/dispute/add").get_data(as_text=True)
    assert 'data-remote="/disputeparty/options/resident_id"' in page
    offered = browser.get("/disputeparty/options/resident_id", query_string={"q": "欧阳某"}).get_json()["results"]
    assert [option["id"] for option in offered] == [known]
    assert browser.post("/dispute/add", data={**form, "parties-0-resident_id": foreign}).status_code == 422, "not of his part of the grid"
    answer = browser.post("/dispute/add", data={**form, "parties-0-resident_id": known})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    pk = int(answer.headers["Location"].rsplit("/", 1)[1])
    with app.app_context(), system("stored"):
        first, second = db.session.get_one(Dispute, pk).parties
        assert (first.resident_id, first.name, first.sex, first.phone) == (known, "欧阳某", "2", "19000002222")
        assert (second.resident_id, second.name) == (None, "不在册的人")
    page = browser.get(f"/disputeparty/show/{first.id}").get_data(as_text=True)
    assert "欧阳某" not in page and f"/resident/show/{known}" not in page, "as masked as the name beside it"
    revealed = browser.post(f"/disputeparty/reveal/{first.id}", data={"purpose": "联系当事人"}).get_json()
    assert revealed["values"]["resident_id"] == "欧阳某" and revealed["links"] == {"resident_id": f"/resident/show/{known}"}


def test_another_resident_replaces_what_came_from_the_first_and_nothing_that_was_written(app: Flask) -> None:
    one, other = resident("甲某", phone="19000003331"), resident("乙某", phone="19000003332")
    pk = report().id
    with acting_as("wangwan", WANGWAN):
        party = DisputeParty(dispute_id=pk, side="first", resident_id=one, phone="19000009999")
        db.session.add(party)
        db.session.commit()
        assert (party.name, party.phone) == ("甲某", "19000009999")
        party.resident_id = other
        db.session.commit()
        assert (party.name, party.phone) == ("乙某", "19000009999")


def test_a_party_without_a_name_and_without_a_resident_is_refused(app: Flask) -> None:
    pk = report().id
    with acting_as("wangwan", WANGWAN), pytest.raises(RuleError) as told:
        db.session.add(DisputeParty(dispute_id=pk, side="first", address="某处"))
        db.session.commit()
    db.session.rollback()
    assert told.value.field == "name"


def test_what_the_register_says_at_more_length_fits_where_it_is_taken(app: Flask) -> None:
    """160 characters of an address there, 120 here."""
    one, other = resident("丁某", phone="19000005551", address="甲" * 150), resident("戊某", address="乙" * 150)
    with acting_as("wangwan", WANGWAN):
        complaint = Complaint(grid_code=FIRST, resident_id=one, **{**COMPLAINT, "petitioner": None, "phone": None})
        db.session.add(complaint)
        db.session.commit()
        assert complaint.address == "甲" * 120
        complaint.resident_id = other
        db.session.commit()
        assert complaint.address == "乙" * 120


def test_whoever_complains_or_reports_may_be_picked_too(app: Flask) -> None:
    known = resident("丙某", phone="19000004441")
    with acting_as("wangwan", WANGWAN):
        complaint = Complaint(grid_code=FIRST, resident_id=known, **{**COMPLAINT, "petitioner": None, "phone": None})
        event = Event(grid_code=FIRST, resident_id=known, **EVENT)
        db.session.add_all([complaint, event])
        db.session.commit()
        assert (complaint.petitioner, complaint.phone) == (event.reporter, event.reporter_phone) == ("丙某", "19000004441")
        complaint.is_anonymous = True
        with pytest.raises(RuleError):
            db.session.commit()
        db.session.rollback()
