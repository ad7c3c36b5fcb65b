"""Workbooks as offices send them: every row ends as a record or as a message that names it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.base.scope import acting_as, system
from app.core.sheets.writing.importing import Outcome, import_file
from app.core.upkeep.integrity import check
from app.db import db
from app.subsystems.grids.grids import Grid
from app.subsystems.grids.staff import GridStaff
from app.subsystems.people.households import Household, HouseholdMember
from app.subsystems.people.residents import Resident
from tests.conftest import STREET, WANGWAN, YANGOU

SAMPLES = Path(__file__).parents[2] / "samples"
REGISTERS = ("王湾社区居民花名册", "动力新村居民花名册")
MESSES = {
    "number that lost its last digits": {"id_digits_lost"}, "wrong check digit": {"id_check_digit"},
    "missing": {"id_missing"}, "sex differs from number": {"sex_mismatch"},
}


@pytest.fixture(scope="module")
def imported(app: Flask) -> Iterator[dict[str, Outcome]]:
    """Every sample, imported once by the whole street."""
    with app.app_context(), system("samples"):
        for serial, name, grids in (("001", "王湾社区", 3), ("002", "周家沟社区", 5), ("003", "燕沟社区", 5),
                                    ("004", "动力新村社区", 4), ("005", "界牌社区", 5), ("007", "家和苑社区", 1)):
            _place(STREET + serial, name)
            for number in range(1, grids + 1):
                _place(f"{STREET}{serial}{number:03d}", f"{'一二三四五'[number - 1]}网格")
        db.session.commit()
        found = {name: import_file(Resident, SAMPLES / f"{name}.xlsx") for name in REGISTERS}
        found["家和苑"] = import_file(Resident, SAMPLES / "家和苑社区户籍人口.xls")
        found["流动"] = import_file(Resident, SAMPLES / "流动人口台账_GBK.csv", grid=STREET + "005")
        found["队伍"] = import_file(GridStaff, SAMPLES / "网格管理队伍一览表.xlsx")
    yield found


def _place(code: str, name: str) -> None:
    if db.session.scalar(select(Grid.id).where(Grid.code == code)) is None:
        db.session.add(Grid(code=code, name=name))
        db.session.flush()


def truth(name: str) -> list[dict[str, str]]:
    with (SAMPLES / f"{name}.truth.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", REGISTERS)
def test_every_row_is_a_record_with_its_true_number_or_a_message(imported: Any, name: str) -> None:
    refused = {(m.sheet, m.row) for m in imported[name].messages if m.level == "error"}
    with system("truth"):
        registered = set(db.session.scalars(select(Resident.id_number)))
    lost = [row for row in truth(name) if (row["sheet"], int(row["row"])) not in refused
            and row["true_id"] not in registered]
    assert not lost


@pytest.mark.parametrize("name", REGISTERS)
def test_every_mess_is_named_for_what_it_is(imported: Any, name: str) -> None:
    codes: dict[tuple[str, int], set[str]] = {}
    for message in imported[name].messages:
        codes.setdefault((message.sheet, message.row), set()).add(message.code)
    for row in truth(name):
        wanted = MESSES.get(row["mess"])
        if wanted:
            assert codes.get((row["sheet"], int(row["row"])), set()) & wanted, row


@pytest.mark.parametrize("name", REGISTERS)
def test_numbers_written_oddly_are_read_all_the_same(imported: Any, name: str) -> None:
    odd = {"full-width digits", "leading apostrophe", "lower x or trailing space"}
    refused = {(m.sheet, m.row) for m in imported[name].messages if m.code.startswith("id_")}
    assert not [row for row in truth(name) if row["mess"] in odd and (row["sheet"], int(row["row"])) in refused]


def test_the_counts_add_up(imported: Any) -> None:
    for outcome in imported.values():
        assert outcome.error is None
        assert outcome.new + outcome.changed + outcome.same + outcome.refused == outcome.rows


def test_people_come_with_their_households_and_stays(imported: Any) -> None:
    with system("households"):
        head = db.session.scalars(select(Household).where(
            Household.grid_code == WANGWAN + "001", Household.number == "010001")).one()
        people = db.session.scalars(select(Resident).where(Resident.household_id == head.id)).all()
        assert {person.name for person in people} == {"张健", "吴彬"}
        assert head.house is not None and head.house.address == "王湾小区10栋3单元401室"
        stays = db.session.scalars(select(HouseholdMember).where(HouseholdMember.household_id == head.id)).all()
        assert len(stays) == 2 and all(stay.until_on is None for stay in stays)


def test_floating_people_are_floating(imported: Any) -> None:
    with system("floating"):
        person = db.session.scalars(select(Resident).where(Resident.permit_number == "420374061723")).one()
        assert person.kind == "floating" and person.inflow_on.isoformat() == "2025-07-22"
        assert person.inflow_reason == "follow"


def test_a_wide_table_of_staff_becomes_one_post_a_person(imported: Any) -> None:
    assert imported["队伍"].refused == 0
    with system("staff"):
        posts = db.session.scalars(select(GridStaff).where(GridStaff.grid_code == f"{STREET}001002")).all()
        assert {p.name for p in posts if p.role == "volunteer"} == {"田雪梅", "方华", "杨亮", "曾静"}
        assert [p.phone for p in posts if p.role == "worker"] == ["19000862522"]


def test_a_second_import_changes_nothing(app: Flask, imported: Any) -> None:
    with system("again"):
        again = import_file(Resident, SAMPLES / "王湾社区居民花名册.xlsx")
    assert (again.new, again.changed) == (0, 0)
    assert again.same == imported["王湾社区居民花名册"].new + imported["王湾社区居民花名册"].changed


def test_a_dry_run_writes_nothing(app: Flask, imported: Any) -> None:
    with system("count"):
        before = len(db.session.scalars(select(Resident.id)).all())
        outcome = import_file(Resident, SAMPLES / "家和苑社区户籍人口.xls", dry_run=True)
        assert outcome.rows == 585
        assert len(db.session.scalars(select(Resident.id)).all()) == before


def test_history_of_imported_rows_is_whole(app: Flask, imported: Any) -> None:
    assert check() == []


def test_a_community_imports_into_itself_only(app: Flask, imported: Any) -> None:
    with acting_as("yangou", YANGOU):
        outcome = import_file(Resident, SAMPLES / "王湾社区居民花名册.xlsx")
    assert outcome.new == outcome.changed == outcome.same == 0
    assert outcome.refused == outcome.rows
    told = " ".join(message.message for message in outcome.messages)
    assert "王湾社区一网格：" not in told
