"""Layouts of offices: every row is a record or a message, and the place is never guessed against the sheet.

Each workbook stands for its kind; what is right about it stands in the test.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.base.crypto import keyring
from app.core.base.scope import acting_as, system
from app.core.sheets.checking.how import How
from app.core.sheets.checking.plan import Plan, SheetPlan
from app.core.sheets.writing.importing import Outcome, import_file
from app.db import db
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, STREET, WANGWAN, YANGOU

CASES = Path(__file__).parent / "cases"


def taken(name: str, node: str = STREET, **options: Any) -> Outcome:
    with acting_as("somebody", node):
        return import_file(Resident, CASES / f"{name}.xlsx", **options)


def told(outcome: Outcome, level: str = "note") -> set[tuple[str, int, str]]:
    return {(m.sheet, m.row, m.code) for m in outcome.messages if m.level == level and m.code != "grid_from_sheet"}


def person(number: str) -> Resident:
    digest = keyring().digest("id_number", number)
    return db.session.scalars(select(Resident).where(Resident.id_number_digest == digest)).one()


def counts(outcome: Outcome) -> tuple[int, int]:
    return outcome.new, outcome.refused


def test_the_same_as_above_is_the_value_above(app: Flask) -> None:
    assert counts(taken("03-ditto")) == (4, 0)
    with system("look"):
        people = [person(number) for number in ("420399197202023963", "420399199803036312", "420399200003039342")]
        for one in people:
            assert (one.phone, one.nation, one.address) == ("13000000001", "01", "王湾小区2栋1单元201室")
            assert one.household.head_name == "赵一帆"


def test_sections_sums_remarks_and_signatures_are_left_out_with_one_note_each(app: Flask) -> None:
    outcome = taken("04-sections-totals")
    assert counts(outcome) == (5, 0)
    assert told(outcome) == {("Sheet1", 3, "section_row"), ("Sheet1", 7, "total_row"), ("Sheet1", 12, "remark_row")}
    assert [m.message for m in outcome.messages if m.code == "remark_row"][0].count("15") == 1


def test_two_people_in_a_row_are_two_records_and_two_phones_are_told(app: Flask) -> None:
    outcome = taken("05-several-in-a-cell")
    assert counts(outcome) == (3, 0)
    assert told(outcome) == {("Sheet1", 3, "tel_several"), ("Sheet1", 4, "tel_several")}
    with system("look"):
        assert person("420399197505055217").name == "周五味" and person("420399197706068428").name == "吴六一"
        assert person("420399195005059773").phone == "13000000007"


def test_a_household_card_gives_its_head_and_its_members(app: Flask) -> None:
    assert counts(taken("06-household-card")) == (6, 0)
    with system("look"):
        head, son = person("420399196606067319"), person("420399199509097755")
        assert (head.name, head.relation_to_head, head.phone, head.nation) == ("赵一帆", "02", "13000000009", "01")
        assert son.household_id == head.household_id and son.address == head.address == "王湾小区5栋1单元101室"
        assert son.household.head_name == "赵一帆" and son.phone == "13000000010"


def test_each_sheet_lies_in_the_community_it_names_and_an_unknown_one_is_said_to_be_unknown(app: Flask) -> None:
    outcome = taken("08-sheet-per-community")
    assert counts(outcome) == (6, 3)
    assert told(outcome) == {("汇总", 1, "no_heading")}
    assert told(outcome, "error") == {("花果社区", row, "place_unknown") for row in (3, 4, 5)}
    assert all("花果社区" in m.message for m in outcome.messages if m.level == "error")
    with system("look"):
        assert person("420399195601015574").grid_code == FIRST and person("420399195701012856").grid_code == FOREIGN


@pytest.mark.parametrize("grid", [FIRST, WANGWAN])
def test_a_sheet_of_another_community_than_the_chosen_grid_is_asked_about(app: Flask, grid: str) -> None:
    outcome = taken("08-sheet-per-community", grid=grid, dry_run=True)
    assert {(m.sheet, m.code) for m in outcome.messages if m.level == "error"} == {
        ("燕沟社区", "place_differs"), ("花果社区", "place_unknown")}
    assert all("燕沟社区" in m.message for m in outcome.messages if m.code == "place_differs")
    outcome = taken("08-sheet-per-community", WANGWAN, dry_run=True)
    assert {(m.sheet, m.code) for m in outcome.messages if m.level == "error"} == {
        ("燕沟社区", "grid_outside"), ("花果社区", "place_unknown")}


def test_the_answer_about_a_sheet_places_its_rows(app: Flask) -> None:
    plan = Plan(sheets={"花果社区": SheetPlan(place=FOREIGN), "燕沟社区": SheetPlan(place=YANGOU)})
    outcome = taken("08-sheet-per-community", grid=FIRST, dry_run=True, how=How(plan=plan))
    assert not [m for m in outcome.messages if m.level == "error"]


def test_everyday_headings_and_values_are_known(app: Flask) -> None:
    outcome = taken("12-vocabulary")
    assert counts(outcome) == (7, 1)
    assert told(outcome, "error") == {("Sheet1", 10, "phone")}
    assert {m.column for m in outcome.messages if m.code == "unknown_column"} == {"党派", "是否低保", "残疾等级"}
    with system("look"):
        found = [person(number) for number in ("420399197001015975", "420399197002015125", "420399197003015135",
                                               "420399197004011347", "420399197006010671", "420399197007010868")]
        assert [one.marital_status for one in found] == ["20", "10", "20", "10", "40", "30"]
        assert [one.residence_status for one in found] == ["together", "together", "present", "empty", "absent", "together"]
        assert [one.phone for one in found[1:5]] == ["0719-8000111", "8000111", "13000000015", "13000000017"]
        assert found[5].phone is None and found[0].remark == "低保" and found[0].address == "王湾小区10栋1单元101室"


def test_one_grid_has_many_names(app: Flask) -> None:
    outcome = taken("14-grid-names")
    assert told(outcome, "error") == {("Sheet1", 18, "grid_unknown"), ("Sheet1", 20, "grid_unknown")}
    with system("look"):
        assert person("420399194401019496").grid_code == FIRST and person("420399194401013836").grid_code == FIRST


def test_tables_side_by_side_are_both_read(app: Flask) -> None:
    outcome = taken("17-side-by-side")
    assert counts(outcome) == (6, 0) and not told(outcome)


def test_a_second_table_is_read_by_its_own_heading(app: Flask) -> None:
    outcome = taken("18-two-tables-in-a-sheet")
    assert counts(outcome) == (4, 0) and ("Sheet1", 7, "another_table") in told(outcome)
    with system("look"):
        assert person("420399199901016307").kind == "floating" and person("420399199901016307").name == "李四光子"


@pytest.mark.parametrize("name", ["20-title-and-blank-heading", "20b-title-no-blank-heading"])
def test_a_blank_heading_leaves_the_title_a_title(app: Flask, name: str) -> None:
    assert counts(taken(name, dry_run=True)) == (2, 0)


def test_a_phone_with_more_in_its_cell_keeps_the_person_and_tells_what_was_left(app: Flask) -> None:
    outcome = taken("23-phones")
    assert counts(outcome) == (11, 1) and told(outcome, "error") == {("Sheet1", 7, "phone")}
    assert told(outcome) == {("Sheet1", 6, "tel_zero"), ("Sheet1", 8, "tel_remark"), ("Sheet1", 9, "tel_several"),
                             ("Sheet1", 13, "tel_remark"), ("Sheet1", 14, "tel_remark")}
    assert "儿子" in next(m.message for m in outcome.messages if m.row == 8)
    with system("look"):
        phones = [person(number).phone for number in ("420399193401015255", "420399193401017293", "420399193401014631",
                                                      "420399193401017218", "420399193401016370")]
        assert phones == ["13000000022", "0719-8000123", None, None, "13000000027"]


def test_a_hidden_sheet_is_not_chosen_until_somebody_does(app: Flask) -> None:
    outcome = taken("x19-hidden-sheet", grid=FIRST, dry_run=True)
    assert counts(outcome) == (1, 0) and told(outcome) == {("旧数据", 1, "hidden_sheet")}
    plan = Plan(sheets={"旧数据": SheetPlan(left_out=False)})
    assert taken("x19-hidden-sheet", grid=FIRST, dry_run=True, how=How(plan=plan)).new == 2


def test_hidden_rows_are_counted_aloud(app: Flask) -> None:
    outcome = taken("x20-hidden-rows", grid=FIRST, dry_run=True)
    assert counts(outcome) == (2, 0) and told(outcome) == {("名册", 1, "hidden_rows")}


def test_a_name_padded_with_blanks_is_the_same_name(app: Flask, tmp_path: Path) -> None:
    from tests.core.sheets.test_import import book

    assert counts(taken("x26-padded-names", grid=FIRST)) == (3, 0)
    plain = book(tmp_path / "a.xlsx", ("王芳", "420398199001010958"), ("李强", "420398199001010974"),
                 head=("姓名", "身份证号码"))
    with acting_as("somebody", STREET):
        assert import_file(Resident, plain, grid=FIRST).same == 2
