"""A related row stands as masked as the name beside it: on pages, in lists, REST, history, forms, workbooks and filters."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from flask import Flask

from app.core.base.scope import acting_as, system
from app.core.telling.masking import AccessLog
from app.db import db
from app.subsystems.complaints.complaints import Complaint
from app.subsystems.events.events import Event
from app.subsystems.mediation.records import DisputeParty
from tests.conftest import FIRST, WANGWAN
from tests.playing import EVENT
from tests.subsystems.complaints.test_complaint import WORDS
from tests.subsystems.mediation.test_disputes import report
from tests.subsystems.people.test_known import resident

NAME = "诸葛小明"


@pytest.fixture
def named(app: Flask) -> dict[str, Any]:
    """A resident, and a complaint, an event and a party that name him: id and version by the names of the records."""
    with app.app_context():
        known, other, dispute = resident(NAME), resident("欧阳小红"), report().id
        with acting_as("wangwan", WANGWAN):
            party = DisputeParty(dispute_id=dispute, side="first", resident_id=other)
            rows = [Complaint(grid_code=FIRST, resident_id=known, **{**WORDS, "petitioner": None, "phone": None}),
                    Event(grid_code=FIRST, resident_id=known, **EVENT), party]
            db.session.add_all(rows)
            db.session.commit()
            assert party.name == "欧阳小红"
            party.resident_id = known
            db.session.commit()
            return {"resident": known, "dispute": dispute, **{row.__tablename__.replace("_", ""): row.id for row in rows}}


@pytest.mark.parametrize("who", ["leader", "inspector", "clerk", "wangwan"])
@pytest.mark.parametrize("record", ["complaint", "event", "disputeparty"])
def test_the_whole_name_stands_nowhere(app: Flask, client: Any, token: Any, named: dict[str, Any], who: str, record: str) -> None:
    browser, pk = client(who), named[record]
    for address in (f"/{record}/show/{pk}", f"/{record}/list/?cols=resident_id,grid_code"):
        page = browser.get(address).get_data(as_text=True)
        assert "诸**" in page and NAME not in page and "欧阳小红" not in page and f"/resident/show/{named['resident']}" not in page, address
    for address in (f"/api/v1/{record}/{pk}", f"/api/v1/{record}/?q=(columns:!(resident_id))"):
        told = app.test_client().get(address, headers=token(who)).get_json()["result"]
        row = told if isinstance(told, dict) else next(one for one in told if one["id"] == pk)
        assert NAME not in str(told)
        if "resident_id" in row:
            assert (row["resident_id"], row["resident"]) == ("诸**", {"id": None, "name": "诸**"})


def test_a_workbook_has_the_whole_name_only_for_who_asked_for_it(client: Any, named: dict[str, Any]) -> None:
    def told(**more: str) -> str:
        sent = client("wangwan").post("/complaint/export?cols=number,petitioner,resident_id", data={"purpose": "月报", **more})
        return str([[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(sent.data)).worksheets[0].iter_rows()])

    masked, whole = told(), told(whole="1")
    assert NAME not in masked and masked.count("诸**") == whole.count(NAME) and whole.count(NAME) % 2 == 0 != whole.count(NAME)


def test_asking_by_the_resident_needs_the_right_and_a_purpose(app: Flask, client: Any, token: Any, named: dict[str, Any]) -> None:
    asked = f"/complaint/list/?f.resident_id={named['resident']}"
    other = f"/complaint/show/{named['complaint']}"
    assert other not in client("leader").get(asked).get_data(as_text=True)
    page = client("wangwan").get(asked, follow_redirects=True).get_data(as_text=True)
    assert other not in page and 'name="purpose"' in page
    query = f"/api/v1/complaint/?q=(filters:!((col:resident_id,opr:eq,value:{named['resident']})))"
    assert not app.test_client().get(query, headers=token("leader")).get_json().get("count")
    assert app.test_client().get(query, headers=token("wangwan")).status_code == 422
    tab = f"/resident/related/{named['resident']}/complaint.resident_id"
    assert client("leader").get(tab).status_code == 404 and client("wangwan").get(tab).status_code == 200
    with app.app_context(), system("log"):
        line = db.session.scalars(db.select(AccessLog).order_by(AccessLog.id.desc())).first()
        assert line is not None and (line.record, line.columns, line.by) == ("complaint", "resident_id", "wangwan")


def test_who_edits_keeps_the_resident_unseen_and_may_pick_another(app: Flask, client: Any, token: Any, named: dict[str, Any]) -> None:
    browser, pk = client("wangwan"), named["disputeparty"]
    page = browser.get(f"/disputeparty/edit/{pk}").get_data(as_text=True)
    assert '<option value="***" selected>诸**</option>' in page and NAME not in page

    def stored() -> tuple[int | None, int | None, int]:
        with app.app_context(), system("stored"):
            row = db.session.get_one(DisputeParty, pk)
            return row.resident_id, row.age, row.version

    def sent(picked: str) -> int:
        form = {"dispute_id": named["dispute"], "side": "first", "name": "诸**", "sex": "1", "age": "33", "resident_id": picked,
                "grid_code": FIRST, "version": str(stored()[2])}
        return int(browser.post(f"/disputeparty/edit/{pk}", data=form).status_code)

    assert sent("***") == 302 and stored()[:2] == (named["resident"], 33)
    put = app.test_client().put(f"/api/v1/disputeparty/{pk}", json={"resident_id": "诸**", "age": 34, "version": stored()[2]},
                                headers=token("wangwan"))
    assert put.status_code == 200 and stored()[:2] == (named["resident"], 34)
    refused = app.test_client().put(f"/api/v1/disputeparty/{pk}", json={"resident_id": "王**"}, headers=token("wangwan"))
    assert refused.status_code == 422 and stored()[0] == named["resident"]
    assert sent("") == 302 and stored()[0] is None
