"""What an import promises beside reading well: part of the columns, three modes, scope, stays, round trip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from sqlalchemy import insert, select
from werkzeug.datastructures import MultiDict

from app.core.asking import listing
from app.core.base import history
from app.core.base.crypto import keyring
from app.core.base.moments import now
from app.core.base.registry import view_of
from app.core.base.scope import acting_as, system
from app.core.sheets.checking.how import BOTH, ONLY_KNOWN, ONLY_NEW
from app.core.sheets.out import exporting
from app.core.sheets.out.exporting import table, write_list
from app.core.sheets.writing.importing import Outcome, import_file
from app.core.telling.masking import AccessLog
from app.core.upkeep.integrity import check
from app.db import db
from app.subsystems.grids.grids import Grid
from app.subsystems.people.households import Household, HouseholdMember
from app.subsystems.people.houses import Building, House
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, SECOND, WANGWAN, YANGOU, id_number

BIRTH = "19770707"
HEAD = ("姓名", "身份证号码", "联系电话", "文化程度", "所属网格", "备注")


def book(path: Path, *rows: tuple[Any, ...], head: tuple[str, ...] = HEAD) -> Path:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet("名册")
        for at, row in enumerate((head, *rows)):
            sheet.write_row(at, 0, row)
    return path


def codes(outcome: Outcome) -> list[tuple[int, str, str]]:
    return [(m.row, m.column, m.code) for m in outcome.messages if m.level == "error"]


def taken_in(path: Path, **options: Any) -> Outcome:
    with acting_as("wangwan", WANGWAN):
        return import_file(Resident, path, **options)


def person(serial: int) -> Resident:
    digest = keyring().digest("id_number", id_number(serial, BIRTH))
    return db.session.scalars(select(Resident).where(Resident.id_number_digest == digest)).one()


def test_part_of_the_columns_changes_a_known_person_and_empty_cells_leave_what_is_there(app: Flask, tmp_path: Path) -> None:
    first = book(tmp_path / "a.xlsx", ("甲一", id_number(11, BIRTH), "19011110001", "高中", FIRST, "=1+1"))
    assert taken_in(first).new == 1
    part = book(tmp_path / "b.xlsx", (id_number(11, BIRTH), "19011110002", "", FIRST),
                head=("身份证号码", "联系电话", "文化程度", "所属网格"))
    outcome = taken_in(part)
    assert (outcome.changed, codes(outcome)) == (1, [])
    assert [(c.label, c.old, c.new) for c in outcome.changes] == [("联系电话", "190****0001", "190****0002")]
    with system("look"):
        row = person(11)
        assert (row.phone, row.education, row.remark, row.version) == ("19011110002", "60", "=1+1", 2)
        assert [entry.action for entry in history.of(row)] == [history.IMPORTED, history.IMPORTED]
        assert history.of(row)[0].changes["phone"] == ["190****0001", "190****0002"]


def test_every_bad_cell_of_a_row_has_its_own_message_and_nothing_of_it_is_written(app: Flask, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", ("甲二", "4203991977070711", "123", "博士后", "九十九网格", ""))
    outcome = taken_in(path)
    assert {code for _row, _column, code in codes(outcome)} == {"id_length", "phone", "choice_unknown", "grid_unknown"}
    assert len(codes(outcome)) == 4
    assert (outcome.new, outcome.refused) == (0, 1)
    assert all(row == 2 for row, _column, _code in codes(outcome))


@pytest.mark.parametrize(("mode", "new", "changed", "same", "refused"), [
    (BOTH, 1, 1, 0, 0), (ONLY_NEW, 1, 0, 1, 0), (ONLY_KNOWN, 0, 1, 0, 1)])
def test_the_mode_says_what_may_happen(app: Flask, tmp_path: Path, mode: str, new: int, changed: int, same: int,
                                       refused: int) -> None:
    taken_in(book(tmp_path / "a.xlsx", ("甲三", id_number(13, BIRTH), "19011110003", "高中", FIRST, "")))
    path = book(tmp_path / "b.xlsx", ("甲三", id_number(13, BIRTH), "19011119999", "高中", FIRST, ""),
                ("甲五", id_number(15, BIRTH), "", "", FIRST, ""))
    outcome = taken_in(path, dry_run=True, mode=mode)
    assert (outcome.new, outcome.changed, outcome.same, outcome.refused) == (new, changed, same, refused)


def test_nobody_imports_into_or_over_another_community(app: Flask, tmp_path: Path) -> None:
    with acting_as("yangou", YANGOU):
        assert import_file(Resident, book(tmp_path / "a.xlsx", (
            "丙一", id_number(21, BIRTH), "19011110021", "高中", FOREIGN, ""))).new == 1
    outcome = taken_in(book(tmp_path / "b.xlsx", ("丙一", id_number(21, BIRTH), "19011119999", "", FIRST, ""),
                            ("丙三", id_number(23, BIRTH), "", "", FOREIGN, "")))
    assert [code for _row, _column, code in codes(outcome)] == ["already_elsewhere", "grid_outside"]
    assert not any("燕沟" in m.message for m in outcome.messages)
    with system("look"):
        assert (person(21).phone, person(21).grid_code) == ("19011110021", FOREIGN)


def test_a_person_who_moves_leaves_one_household_and_joins_the_other(app: Flask, tmp_path: Path) -> None:
    head = ("姓名", "身份证号码", "户号", "户主姓名", "与户主关系", "现居住地址", "所属网格")
    for number, room in (("900001", "101"), ("900002", "102")):
        outcome = taken_in(book(tmp_path / f"{number}.xlsx", (
            "甲七", id_number(17, BIRTH), number, "甲七", "户主", f"王湾小区99栋1单元{room}室", SECOND), head=head))
        assert codes(outcome) == []
    with system("look"):
        stays = db.session.scalars(select(HouseholdMember).where(
            HouseholdMember.resident_id == person(17).id).order_by(HouseholdMember.id)).all()
        assert [(stay.household.number, stay.until_on is None) for stay in stays] == [("900001", False), ("900002", True)]
        assert person(17).household.house.address == "王湾小区99栋1单元102室"


def test_a_move_on_a_form_closes_the_stay_too(app: Flask) -> None:
    with acting_as("wangwan", WANGWAN):
        houses = [Household(grid_code=FIRST, number=f"91000{n}", head_name="甲九") for n in (1, 2)]
        row = Resident(grid_code=FIRST, name="甲九", id_number=id_number(19, BIRTH), household=houses[0])
        db.session.add_all([*houses, row])
        db.session.commit()
        row.household_id = houses[1].id
        db.session.commit()
        stays = db.session.scalars(select(HouseholdMember).where(
            HouseholdMember.resident_id == row.id).order_by(HouseholdMember.id)).all()
        assert [(stay.household.number, stay.until_on is None) for stay in stays] == [("910001", False), ("910002", True)]


@pytest.mark.parametrize("record", [Resident, Household, Building])
def test_what_is_exported_whole_comes_back_the_same(app: Flask, tmp_path: Path, record: Any) -> None:
    view = view_of(record)
    assert view is not None
    view.derive()
    path = tmp_path / "out.xlsx"
    with acting_as("wangwan", WANGWAN):
        state = listing.read_state(view, MultiDict({"cols": ",".join(view.form_columns)}))
        count = write_list(state, view, path, "往返测试", whole=True)
        outcome = import_file(record, path, dry_run=True)
    assert codes(outcome) == []
    assert (outcome.rows, outcome.new, outcome.changed) == (count, 0, 0)


def test_an_export_holds_up_nobody_who_writes(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row written meanwhile would wait for 30 seconds, and fail, behind a writer's place."""
    view = view_of(House)
    assert view is not None
    view.derive()

    def rows(*rest: Any) -> Any:
        yield from table(*rest)
        with db.engine.begin() as other:
            other.execute(insert(AccessLog).values(action="export", record="house", at=now(), by="other",
                                                   purpose="同时", filters={}, row_count=0))

    monkeypatch.setattr(exporting, "table", rows)
    with acting_as("wangwan", WANGWAN):
        write_list(listing.read_state(view, MultiDict()), view, tmp_path / "out.xlsx", "测试")
    assert db.session.scalar(select(AccessLog.id).where(AccessLog.purpose == "同时"))


def test_a_masked_export_says_that_it_is_masked(app: Flask, tmp_path: Path) -> None:
    outcome = taken_in(book(tmp_path / "a.xlsx", ("甲一", "420399********0011", "190****0001", "", FIRST, "")))
    assert {code for _row, _column, code in codes(outcome)} == {"masked"}


def test_messages_about_a_text_file_name_it_as_the_office_knows_it(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_text("姓名,身份证号码,所属网格\n甲八,123,一网格\n", encoding="gb18030")
    outcome = taken_in(path, name="五月流动人口.csv", dry_run=True)
    assert {message.sheet for message in outcome.messages} == {"五月流动人口"}


@pytest.mark.parametrize(("serial", "file", "grid"), [
    (31, "王湾社区十一网格居民花名册.xlsx", WANGWAN + "011"), (33, "王湾社区一网格居民花名册.xlsx", FIRST),
    (35, "王湾社区居民花名册（十一网格）.xlsx", WANGWAN + "011")])
def test_the_name_of_the_file_says_the_grid_and_the_eleventh_is_not_the_first(app: Flask, tmp_path: Path, serial: int, file: str,
                                                                              grid: str) -> None:
    with system("an eleventh grid"):
        if db.session.scalar(select(Grid.id).where(Grid.code == WANGWAN + "011")) is None:
            db.session.add(Grid(code=WANGWAN + "011", name="十一网格"))
            db.session.commit()
    path = book(tmp_path / "upload.xlsx", ("甲格", id_number(serial, BIRTH)), head=("姓名", "身份证号码"))
    outcome = taken_in(path, name=file)
    assert (codes(outcome), outcome.new) == ([], 1)
    with system("look"):
        assert person(serial).grid_code == grid


def test_imports_leave_the_history_whole(app: Flask) -> None:
    assert check() == []
