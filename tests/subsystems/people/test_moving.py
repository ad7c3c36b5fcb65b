"""A household that moves takes its people and its grid along, after a look at what that means."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from app.core.base.scope import acting_as, system
from app.db import db
from app.subsystems.people.households import Household
from app.subsystems.people.houses import House
from app.subsystems.people.memberships import open_stays
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, SECOND, STREET, add_family


@pytest.fixture
def family(app: Flask) -> dict[str, int]:
    """A household in the first grid with one who lives elsewhere, and an empty house in the second grid."""
    serial = 10 + len(_made)
    _made.append(serial)
    with app.app_context(), system("a family that moves"):
        head = add_family(FIRST, serial)
        head.address = head.household.house.address
        away = Resident(grid_code=FOREIGN, name=f"外住{serial}", no_document_reason="newborn", sex="2", birth_on=head.birth_on,
                        household=head.household, address="别处")
        house = House(grid_code=SECOND, address=f"搬迁小区{serial}栋1单元101室")
        db.session.add_all([away, house])
        db.session.commit()
        return {"household": head.household_id, "head": head.id, "away": away.id, "house": house.id, "old_house": head.household.house_id}


_made: list[int] = []


def form_of(app: Flask, pk: int, **change: Any) -> dict[str, str]:
    with app.app_context(), system("look"):
        row = db.session.get(Household, pk)
        return {"grid_code": row.grid_code, "number": row.number, "head_name": row.head_name, "kind": row.kind,
                "house_id": str(row.house_id), "version": str(row.version), **{k: str(v) for k, v in change.items()}}


def places(app: Flask, family: dict[str, int]) -> tuple[Any, ...]:
    with app.app_context(), system("look"):
        head, away = db.session.get(Resident, family["head"]), db.session.get(Resident, family["away"])
        stays = {stay.grid_code for stay in open_stays([head.id])}
        return db.session.get(Household, family["household"]).grid_code, head.grid_code, stays, away.grid_code, head.address


def test_another_house_takes_grid_people_and_address_along_after_a_preview(app: Flask, client: Any, family: dict[str, int]) -> None:
    browser, address = client("wangwan"), f"/household/edit/{family['household']}"
    data = form_of(app, family["household"], house_id=family["house"])
    before = places(app, family)
    shown = browser.post(address, data=data)
    page = shown.get_data(as_text=True)
    assert shown.status_code == 200 and "随户迁到该网格的有 1 人" in page and places(app, family) == before
    mark = re.search(r'name="agreed" value="([^"]+)"', page)
    assert mark
    assert browser.post(address, data={**data, "agreed": mark[1]}).status_code == 302
    with app.app_context(), system("look"):
        new = db.session.get(House, family["house"]).address
    assert places(app, family) == (SECOND, SECOND, {SECOND}, FOREIGN, new)


def test_another_grid_alone_says_that_the_house_stays(app: Flask, client: Any, family: dict[str, int]) -> None:
    page = client("wangwan").post(f"/household/edit/{family['household']}",
                                  data=form_of(app, family["household"], grid_code=SECOND)).get_data(as_text=True)
    assert "房屋不变" in page and "外住" not in page.split("consequences")[1].split("</div>")[0]  # whom one may not see is not named


def test_a_house_and_a_grid_that_do_not_agree_are_refused(app: Flask, client: Any, family: dict[str, int]) -> None:
    answer = client("street").post(f"/household/edit/{family['household']}", data=form_of(
        app, family["household"], grid_code=FOREIGN, house_id=family["house"]))
    assert answer.status_code == 422 and "请选该网格，或另选房屋" in answer.get_data(as_text=True)


def test_a_stale_agreement_is_asked_again(app: Flask, client: Any, family: dict[str, int]) -> None:
    data = form_of(app, family["household"], house_id=family["house"], agreed="of another preview")
    answer = client("wangwan").post(f"/household/edit/{family['household']}", data=data)
    assert answer.status_code == 200 and places(app, family)[0] == FIRST


def test_by_rest_the_people_go_along_too(app: Flask, token: Any, family: dict[str, int]) -> None:
    answer = app.test_client().put(f"/api/v1/household/{family['household']}", json={"house_id": family["house"]}, headers=token("wangwan"))
    assert answer.status_code == 200
    assert places(app, family)[:4] == (SECOND, SECOND, {SECOND}, FOREIGN)


def test_an_edit_that_moves_nothing_asks_nothing(app: Flask, client: Any, family: dict[str, int]) -> None:
    data = form_of(app, family["household"], remark="没有搬")
    assert client("wangwan").post(f"/household/edit/{family['household']}", data=data).status_code == 302
    with app.app_context(), acting_as("street", STREET):
        assert db.session.get(Household, family["household"]).remark == "没有搬"


def test_a_number_taken_in_the_new_grid_is_told_beside_the_number_before_anybody_is_asked(
        app: Flask, client: Any, family: dict[str, int]) -> None:
    data = form_of(app, family["household"], grid_code=SECOND)
    with app.app_context(), system("another household of that number"):
        db.session.add(Household(grid_code=SECOND, number=data["number"], head_name="先到"))
        db.session.commit()
    answer = client("wangwan").post(f"/household/edit/{family['household']}", data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "随户迁到" not in page
    assert "已经登记" in page.split('name="number"')[1].split('name="head_name"')[0]
