"""An import beside other people's work: it holds nobody up while it checks, and never writes what no longer holds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.base.moments import now
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.core.sheets.checking.how import How
from app.core.sheets.checking.outcome import Outcome
from app.core.sheets.checking.preview import PREVIEW, Found, Preview
from app.core.sheets.writing.importing import import_file
from app.core.upkeep.integrity import check
from app.db import db
from app.subsystems.grids.grids import Grid
from app.subsystems.people.households import Household, HouseholdMember
from app.subsystems.people.houses import House
from app.subsystems.people.resident_import import ResidentGathering
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, SECOND, STREET, WANGWAN, id_number
from tests.core.sheets.test_import import book, codes

BIRTH = "19550505"
LONGER_THAN_A_LOCK = 40  # seconds; a statement that waits for the writer of SQLite gives up after 30
HEAD = ("姓名", "身份证号码", "联系电话", "所属网格", "户号", "户主姓名", "现居住地址", "无证原因", "性别", "出生日期")


@pytest.fixture
def elsewhere(app: Flask) -> Callable[[Callable[[], Any]], None]:
    """Does something in a session of its own, as another user, while whoever asks waits for him and holds what he holds."""

    def do(work: Callable[[], Any]) -> None:
        done = threading.Event()

        def run() -> None:
            with app.app_context(), acting_as("street", STREET):
                work()
                db.session.commit()
            done.set()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join(LONGER_THAN_A_LOCK)
        assert done.is_set(), "the other user could not save"

    return do


def taken_in(path: Path, watch: Callable[[int, int], None] = lambda done, total: None) -> Outcome:
    with acting_as("wangwan", WANGWAN):
        return import_file(Resident, path, watch=watch)


def while_it_checks(work: Callable[[], Any], times: int = 1) -> Callable[[int, int], None]:
    """Comes between the check and the writing, ``times`` times."""
    left = iter(range(times))

    def watch(done: int, total: int) -> None:
        if not total and next(left, None) is not None:
            work()

    return watch


def person(serial: int) -> Resident:
    return db.session.scalars(select(Resident).where(Resident.name == f"乙{serial}")).one()


def row(serial: int, phone: str = "", **more: str) -> tuple[str, ...]:
    own = {"姓名": f"乙{serial}", "身份证号码": id_number(serial, BIRTH), "联系电话": phone, "所属网格": FIRST} | more
    return tuple(own.get(name, "") for name in HEAD)


def test_others_save_at_once_while_a_big_workbook_is_checked(app: Flask, tmp_path: Path, elsewhere: Any) -> None:
    path = book(tmp_path / "a.xlsx", *(row(n, 身份证号码=id_number(n % 1000, f"19{56 + n // 1000}0606"))
                                       for n in range(3_000, 6_000)), head=HEAD)
    saved: list[int] = []

    def watch(done: int, total: int) -> None:
        if not total:
            elsewhere(lambda: db.session.add(Resident(
                grid_code=FOREIGN, name="旁人", id_number=id_number(501 + 2 * len(saved), BIRTH))))
            saved.append(done)

    assert taken_in(path, watch).new == 3_000
    assert len(saved) == 3


def test_a_number_registered_elsewhere_meanwhile_is_not_registered_twice(app: Flask, tmp_path: Path, elsewhere: Any) -> None:
    path = book(tmp_path / "a.xlsx", row(11), row(13), head=HEAD)
    outcome = taken_in(path, while_it_checks(lambda: elsewhere(lambda: db.session.add(
        Resident(grid_code=FOREIGN, name="乙11", id_number=id_number(11, BIRTH))))))
    assert (outcome.new, outcome.refused) == (1, 1)
    assert codes(outcome) == [(2, "身份证号码", "already_elsewhere")]
    with system("look"):
        assert person(11).grid_code == FOREIGN and person(13).grid_code == FIRST


def test_a_person_changed_meanwhile_keeps_that_change(app: Flask, tmp_path: Path, elsewhere: Any) -> None:
    taken_in(book(tmp_path / "a.xlsx", row(15, "19055550001"), head=HEAD))

    def change() -> None:
        one = person(15)
        one.remark, one.grid_code = "已走访", SECOND

    outcome = taken_in(book(tmp_path / "b.xlsx", row(15, "19055550002", 所属网格=SECOND), head=HEAD),
                       while_it_checks(lambda: elsewhere(change)))
    assert (outcome.changed, outcome.rows) == (1, 1)
    with system("look"):
        one = person(15)
        assert (one.remark, one.phone, one.grid_code, one.version) == ("已走访", "19055550002", SECOND, 3)


def test_a_household_and_a_house_made_meanwhile_are_used(app: Flask, tmp_path: Path, elsewhere: Any) -> None:
    address = "王湾小区77栋1单元101室"

    def make() -> None:
        db.session.add(Household(grid_code=FIRST, number="770001", head_name="乙17",
                                 house=House(grid_code=FIRST, address=address)))

    outcome = taken_in(book(tmp_path / "a.xlsx", row(17, 户号="770001", 户主姓名="乙17", 现居住地址=address), head=HEAD),
                       while_it_checks(lambda: elsewhere(make)))
    assert (outcome.new, codes(outcome)) == (1, [])
    with system("look"):
        assert len(db.session.scalars(select(House).where(House.address == address)).all()) == 1
        assert person(17).household.number == "770001" and person(17).household.house.address == address


def test_a_person_without_a_document_met_meanwhile_is_not_taken_in_twice(app: Flask, tmp_path: Path, elsewhere: Any) -> None:
    without = {"身份证号码": "", "无证原因": "从未办理", "性别": "男", "出生日期": "1955-05-05"}
    outcome = taken_in(book(tmp_path / "a.xlsx", row(19, **without), head=HEAD), while_it_checks(
        lambda: elsewhere(lambda: db.session.add(Resident(
            grid_code=FIRST, name="乙19", no_document_reason="never", sex="1", birth_on=date(1955, 5, 5))))))
    assert (outcome.new, outcome.rows, codes(outcome)) == (0, 1, [])
    with system("look"):
        assert person(19).grid_code == FIRST


def test_the_preview_is_that_of_the_second_check(app: Flask, tmp_path: Path, elsewhere: Any) -> None:
    path = book(tmp_path / "a.xlsx", row(31), row(33), head=HEAD)
    with acting_as("wangwan", WANGWAN):
        import_file(Resident, path, how=How(preview=Preview(tmp_path, ["name"])), watch=while_it_checks(
            lambda: elsewhere(lambda: db.session.add(
                Resident(grid_code=FOREIGN, name="乙31", id_number=id_number(31, BIRTH))))))
    found = Found(tmp_path / PREVIEW)
    assert (found.count(""), found.count("refused"), found.count("new")) == (2, 1, 1)


def test_a_grid_closed_meanwhile_takes_nobody_in(app: Flask, tmp_path: Path, elsewhere: Any) -> None:
    with system("another grid"):
        db.session.add(Grid(code=WANGWAN + "009", name="九网格"))
        db.session.commit()

    def close() -> None:
        grid = db.session.scalars(select(Grid).where(Grid.code == WANGWAN + "009")).one()
        grid.deleted_at = now()

    outcome = taken_in(book(tmp_path / "a.xlsx", row(21, 所属网格="九网格"), head=HEAD),
                       while_it_checks(lambda: elsewhere(close)))
    assert (outcome.new, [code for _row, _column, code in codes(outcome)]) == (0, ["grid_unknown"])


def test_who_is_disturbed_again_and_again_writes_nothing_and_says_so(app: Flask, tmp_path: Path, elsewhere: Any,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ResidentGathering, "moved", lambda self: True)
    with pytest.raises(RuleError), system("nobody"):
        taken_in(book(tmp_path / "a.xlsx", row(23), head=HEAD))
    with system("look"):
        assert db.session.scalar(select(Resident.id).where(Resident.name == "乙23")) is None


def test_everything_is_whole_afterwards(app: Flask) -> None:
    assert check() == []
    with system("look"):
        for stay in db.session.scalars(select(HouseholdMember).where(HouseholdMember.until_on.is_(None))):
            assert stay.resident.household_id == stay.household_id
