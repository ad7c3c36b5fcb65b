"""A whole import taken back: what it made and changed is as before, what others did since stays and is named."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, text, update

from app.core.base.crypto import keyring
from app.core.base.history import UNDONE, History
from app.core.base.moments import now
from app.core.base.scope import CHECKED, acting_as, system
from app.core.jobs.records import Job
from app.core.sheets.checking.outcome import Outcome
from app.core.sheets.writing import batches, undoing
from app.core.sheets.writing.batches import ImportBatch, ImportPart, batch_of
from app.core.sheets.writing.importing import import_file
from app.core.sheets.writing.undoing import CHANGED_SINCE, ELSEWHERE, GONE, IN_USE, TAKEN, Undo
from app.core.upkeep.integrity import check
from app.db import db
from app.subsystems.grids.grids import Grid
from app.subsystems.people.households import Household
from app.subsystems.people.houses import House
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, SECOND, STREET, WANGWAN, id_number
from tests.core.sheets.test_import import book

BIRTH = "19440404"
HEAD = ("姓名", "身份证号码", "联系电话", "学历", "所属网格", "户号", "户主姓名", "现居住地址")
TABLES = ("resident", "household", "household_member", "house", "building")
SignIn = Callable[[str], FlaskClient]


def row(serial: int, name: str = "", phone: str = "", grid: str = FIRST, household: str = "", head: str = "",
        address: str = "") -> tuple[str, ...]:
    return name or f"撤{serial}", id_number(serial, BIRTH), phone, "", grid, household, head, address


def taken_in(path: Path, *rows: tuple[str, ...], actor: str = "wangwan", node: str = WANGWAN) -> Outcome:
    book(path, *rows, head=HEAD)
    with acting_as(actor, node):
        outcome = import_file(Resident, path)
    assert not outcome.error and not outcome.refused, outcome.messages
    return outcome


def undone(outcome: Outcome, actor: str = "wangwan", node: str = WANGWAN) -> Undo:
    with acting_as(actor, node):
        batch = batch_of(Resident, outcome.batch or 0)
        assert batch is not None
        undo = Undo(batch)
        undo.run()
    return undo


def found(serial: int, deleted: bool = False) -> Resident:
    """Somebody of the file, the newest record of that number."""
    digest = keyring().digest("id_number", id_number(serial, BIRTH))
    return db.session.scalars(select(Resident).where(Resident.id_number_digest == digest).order_by(
        Resident.id.desc()).execution_options(with_deleted=deleted, populate_existing=True).limit(1)).one()


def person(serial: int, deleted: bool = False) -> Resident:
    with system("test"):
        return found(serial, deleted)


def edit(serial: int, **values: Any) -> None:
    """Somebody of the street office changes a record by hand."""
    with acting_as("street", STREET):
        row = found(serial)
        for name, value in values.items():
            setattr(row, name, value)
        db.session.commit()


def register() -> dict[str, list[tuple[Any, ...]]]:
    """Everything live in the tables an import of residents writes, but stamps and versions, decrypted."""
    found = {}
    with system("test"):
        for record in {mapper.class_ for mapper in db.Model.registry.mappers
                       if getattr(mapper.class_, "__tablename__", "") in TABLES}:
            names = [a.key for a in record.__mapper__.column_attrs
                     if a.key not in ("version", "changed_at", "changed_by")]
            found[record.__tablename__] = sorted(map(str, db.session.execute(
                select(*(getattr(record, name) for name in names)))))
    db.session.rollback()
    return found


def test_what_an_import_made_and_changed_is_as_before_with_all_that_hangs_on_it(app: Flask, tmp_path: Path) -> None:
    taken_in(tmp_path / "a.xlsx", row(1, phone="13900000001", household="9001", head="撤1", address="撤销路1号1栋1单元101室"),
             row(2, phone="13900000002"))
    before = register()
    outcome = taken_in(tmp_path / "b.xlsx", row(1, phone="13900000009", household="9002", head="撤3", address="撤销路2号1栋1单元101室"),
                       row(2, phone="13900000008", grid=SECOND), row(3, household="9002", head="撤3", address="撤销路2号1栋1单元101室"))
    assert (outcome.new, outcome.changed) == (1, 2) and register() != before
    undo = undone(outcome)
    assert not undo.left and register() == before
    assert person(3, deleted=True).deleted_by == "wangwan"
    actions = [entry.action for entry in db.session.scalars(select(History).where(
        History.record == "resident", History.record_id == person(1).id).order_by(History.id))]
    assert actions[-1] == UNDONE and actions.count(UNDONE) == 1
    assert not check()


def test_encrypted_values_come_back_and_lie_encrypted_meanwhile(app: Flask, tmp_path: Path) -> None:
    taken_in(tmp_path / "a.xlsx", row(11, phone="13900000011"))
    old = person(11).phone
    outcome = taken_in(tmp_path / "b.xlsx", row(11, phone="13911111111"))
    with db.engine.connect() as connection:
        kept = connection.execute(text("SELECT rows FROM import_part WHERE batch_id = :b"), {"b": outcome.batch},
                                  execution_options=CHECKED).scalars().all()
    assert kept and not any("13900000011" in part or "撤" in part for part in kept)
    undone(outcome)
    assert person(11).phone == old == "13900000011"


def test_what_somebody_changed_since_stays_and_is_named(app: Flask, tmp_path: Path) -> None:
    outcome = taken_in(tmp_path / "a.xlsx", row(21), row(22), row(23))
    edit(22, name="别人改过")
    edit(23, deleted_at=now(), deleted_by="street")
    changed, deleted = person(22).id, person(23, deleted=True).id
    undo = undone(outcome)
    assert undo.left == {("resident", changed): CHANGED_SINCE, ("resident", deleted): GONE}
    assert person(22).name == "别人改过" and person(21, deleted=True).deleted_at
    batch = db.session.get_one(ImportBatch, outcome.batch)
    assert sorted(batch.left or []) == sorted([["resident", changed, CHANGED_SINCE], ["resident", deleted, GONE]])
    again = undone(outcome)
    assert again.left == undo.left and not again.removed


def test_a_household_somebody_else_lives_in_by_now_stays_with_its_house(app: Flask, tmp_path: Path) -> None:
    outcome = taken_in(tmp_path / "a.xlsx", row(31, household="9031", head="撤31", address="撤销路31号1栋1单元101室"))
    later = taken_in(tmp_path / "b.xlsx", row(32, household="9031", head="撤31"))
    with system("test"):
        household = db.session.scalars(select(Household).where(Household.number == "9031")).one()
    undo = undone(outcome)
    assert undo.left[("household", household.id)] == IN_USE and undo.left[("house", household.house_id)] == IN_USE
    assert person(31, deleted=True).deleted_at and person(32).household_id == household.id
    assert not undone(later).left


def test_imports_are_taken_back_one_after_the_other_newest_first(app: Flask, tmp_path: Path) -> None:
    first = taken_in(tmp_path / "a.xlsx", row(41, phone="13900000041"))
    second = taken_in(tmp_path / "b.xlsx", row(41, phone="13900000042"))
    third = taken_in(tmp_path / "c.xlsx", row(41, phone="13900000043"))
    assert set(undone(second).left.values()) == {CHANGED_SINCE} and person(41).phone == "13900000043"
    assert not undone(third).left and person(41).phone == "13900000042"
    assert set(undone(first).left.values()) == {CHANGED_SINCE}
    assert not undone(second).left and person(41).phone == "13900000041"  # what was left may be taken back later
    assert not undone(first).left and person(41, deleted=True).deleted_at



def test_in_the_right_order_nothing_stays(app: Flask, tmp_path: Path) -> None:
    before = register()
    done = [taken_in(tmp_path / f"{n}.xlsx", row(51, phone=f"1390000005{n}"), row(52 + n)) for n in range(3)]
    assert not any(undone(outcome).left for outcome in reversed(done))
    assert register() == before


def test_what_it_was_before_is_not_forced_where_it_no_longer_fits(app: Flask, tmp_path: Path) -> None:
    """The house somebody lived in went to the recycle bin; a place outside the user's part is not written to."""
    taken_in(tmp_path / "a.xlsx", row(61, household="9061", head="撤61", address="撤销路61号1栋1单元101室"), actor="street", node=STREET)
    outcome = taken_in(tmp_path / "b.xlsx", row(61, household="9062", head="撤61", address="撤销路62号1栋1单元101室"),
                       actor="street", node=STREET)
    with system("test"):
        for record, condition in ((Household, Household.number == "9061"), (House, House.address.contains("撤销路61号1栋1单元101室"))):
            for gone in db.session.scalars(select(record).where(condition)):
                gone.deleted_at, gone.deleted_by = now(), "test"
        db.session.commit()
    undo = undone(outcome, "street", STREET)
    assert undo.left[("resident", person(61).id)] == TAKEN
    assert person(61).household_id is not None


def test_a_row_that_came_from_elsewhere_is_not_sent_back_by_who_may_not_see_there(app: Flask, tmp_path: Path) -> None:
    taken_in(tmp_path / "a.xlsx", row(71, grid=FOREIGN), actor="street", node=STREET)
    moved = taken_in(tmp_path / "b.xlsx", row(71, grid=FIRST), actor="street", node=STREET)
    with acting_as("wangwan", WANGWAN):
        assert batch_of(Resident, moved.batch or 0) is None
        undo = Undo(db.session.get_one(ImportBatch, moved.batch))
        undo.run()
    assert ELSEWHERE in undo.left.values() and person(71).grid_code == FIRST


def test_others_neither_see_nor_take_back_an_import(app: Flask, tmp_path: Path, client: SignIn) -> None:
    with app.app_context():
        batch = taken_in(tmp_path / "geheim.xlsx", row(81)).batch
    stranger, own, over = client("yangou"), client("wangwan"), client("street")
    assert "geheim.xlsx" not in stranger.get("/resident/imports/").get_data(as_text=True)
    assert stranger.get(f"/resident/imports/{batch}").status_code == 404
    assert stranger.post(f"/resident/imports/{batch}/undo").status_code == 404
    assert own.get(f"/house/imports/{batch}").status_code == 404
    assert "geheim.xlsx" in over.get("/resident/imports/").get_data(as_text=True)
    assert client("leader").post(f"/resident/imports/{batch}/undo").status_code in (302, 403)
    with app.app_context():
        assert person(81).deleted_at is None


def test_on_the_page_it_is_one_button_and_its_outcome_can_be_read_later(app: Flask, tmp_path: Path, client: SignIn) -> None:
    with app.app_context():
        address = f"/resident/imports/{taken_in(tmp_path / '台账.xlsx', row(91), row(92)).batch}"
        edit(92, name="改")
        left = f"/resident/show/{person(92).id}"
    browser = client("wangwan")
    assert "撤销本次导入" in browser.get(address).get_data(as_text=True)
    for _again in range(2):  # what was left may be tried again
        page = browser.post(f"{address}/undo", follow_redirects=True).get_data(as_text=True)
        assert "导入后有人改动" in page and left in page
    with app.app_context():
        assert [job.state for job in db.session.scalars(select(Job).where(Job.kind == "import_undo"))] == ["done", "done"]
        assert person(91, deleted=True).deleted_at
    assert "撤销导入" in browser.get("/jobs/").get_data(as_text=True)


def test_old_values_are_forgotten_when_their_time_is_over(app: Flask, tmp_path: Path) -> None:
    outcome = taken_in(tmp_path / "a.xlsx", row(101))
    db.session.execute(update(ImportBatch).where(ImportBatch.id == outcome.batch).values(
        at=now() - batches.KEPT - timedelta(hours=1)))
    batches.sweep()
    db.session.commit()
    assert not db.session.scalars(select(ImportPart).where(ImportPart.batch_id == outcome.batch)).all()
    assert not db.session.get_one(ImportBatch, outcome.batch).can_be_undone
    db.session.execute(delete(ImportBatch))
    db.session.commit()


def test_an_import_that_wrote_nothing_has_nothing_to_take_back(app: Flask, tmp_path: Path) -> None:
    taken_in(tmp_path / "a.xlsx", row(111))
    assert taken_in(tmp_path / "a.xlsx", row(111)).batch is None


def test_grids_of_one_file_that_hang_on_each_other_go_together(app: Flask, tmp_path: Path) -> None:
    book(tmp_path / "g.xlsx", ("420303002088", "撤村"), ("420303002088001", "撤一网格"), head=("网格编码", "网格名称"))
    with acting_as("street", STREET):
        outcome = import_file(Grid, tmp_path / "g.xlsx")
        assert (outcome.new, outcome.refused) == (2, 0), outcome.messages
        undo = Undo(db.session.get_one(ImportBatch, outcome.batch))
        undo.run()
    assert not undo.left and len(undo.removed) == 2


@pytest.mark.parametrize("seed", range(4))
def test_random_imports_taken_back_leave_the_register_as_it_was(app: Flask, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)

    def some(count: int) -> list[tuple[str, ...]]:
        serials = chance.sample(range(200 + 100 * seed, 260 + 100 * seed), count)
        return [row(n, phone=f"138{chance.randrange(10**8):08d}", grid=chance.choice((FIRST, SECOND)),
                    **chance.choice(({}, {"household": f"97{n % 7:02d}", "head": f"撤{n}", "address": f"随机路{n % 5 + 1}号1栋1单元101室"})))
                for n in serials]

    taken_in(tmp_path / "base.xlsx", *[entry[:5] + ("", "", "") for entry in some(30)])
    before = register()
    book(tmp_path / "more.xlsx", *some(40), head=HEAD)
    with acting_as("wangwan", WANGWAN):
        outcome = import_file(Resident, tmp_path / "more.xlsx")
    assert outcome.good
    assert not undone(outcome).left
    assert register() == before and not check()


def test_one_that_does_not_go_holds_up_no_other(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = taken_in(tmp_path / "a.xlsx", row(121), row(122), row(123))
    stuck, whole = person(122).id, undoing.Writer.update

    def refuses(self: Any, record: Any, rows: list[Any]) -> None:
        if any(number == stuck and record is Resident for number, *_rest in rows):
            raise undoing.Moved
        whole(self, record, rows)

    monkeypatch.setattr(undoing.Writer, "update", refuses)
    assert undone(outcome).left == {("resident", stuck): TAKEN}
    assert person(121, deleted=True).deleted_at and person(122).deleted_at is None
