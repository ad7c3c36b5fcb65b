"""Workbooks of residents: people without a document are known again, households get the house they lack."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.base import history
from app.core.base.scope import acting_as, system
from app.core.sheets.checking import rules
from app.core.sheets.checking.how import BOTH, ONLY_NEW
from app.core.sheets.checking.outcome import Outcome
from app.core.sheets.writing.importing import import_file
from app.core.upkeep.integrity import check
from app.db import db
from app.subsystems.people.heads_import import OneHead
from app.subsystems.people.households import Household
from app.subsystems.people.houses import House
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, SECOND, WANGWAN, YANGOU, id_number
from tests.core.sheets.test_import import book, codes

BIRTH, BORN = "20200203", "2020-02-03"
HEAD = ("姓名", "性别", "出生日期", "身份证号码", "无证原因", "所属网格", "户号", "户主姓名", "现居住地址", "备注")
WITHOUT = {"性别": "男", "出生日期": BORN, "无证原因": "从未办理"}


def row(name: str, grid: str = FIRST, **more: str) -> tuple[str, ...]:
    own = {"姓名": name, "所属网格": grid} | more
    return tuple(own.get(heading, "") for heading in HEAD)


def taken_in(folder: Path, *rows: tuple[str, ...], user: tuple[str, str] = ("wangwan", WANGWAN),
             **options: Any) -> Outcome:
    with acting_as(*user):
        return import_file(Resident, book(folder / "名册.xlsx", *rows, head=HEAD), **options)


LED = (*HEAD, "与户主关系")
SECOND_HEAD = ("与户主关系", "second_head")


def leads(name: str, relation: str, serial: int, **more: str) -> tuple[str, ...]:
    """A row of somebody with an ID number, in household 770001 unless told, and what he is to its head."""
    return (*row(name, 身份证号码=id_number(serial), **({"户号": "770001", "户主姓名": "郑一"} | more)), relation)


def of_household(folder: Path, *rows: tuple[str, ...], **options: Any) -> Outcome:
    with acting_as("wangwan", WANGWAN):
        return import_file(Resident, book(folder / "户.xlsx", *rows, head=LED), **options)


def test_a_workbook_gives_a_household_no_second_head(app: Flask, tmp_path: Path) -> None:
    first = of_household(tmp_path, leads("郑一", "户主", 601), leads("郑二", "户主", 603), leads("郑三", "配偶", 605))
    assert (first.new, first.refused, codes(first)) == (2, 1, [(3, *SECOND_HEAD)])
    assert "第2行的郑一" in first.messages[0].message
    beside = of_household(tmp_path, leads("郑二", "户主", 603), leads("郑一", "户主", 601))
    assert (beside.new, beside.same, codes(beside)) == (0, 1, [(2, *SECOND_HEAD)]) and "郑一" in beside.messages[0].message
    handed = of_household(tmp_path, leads("郑三", "户主", 605), leads("郑一", "配偶", 601), dry_run=True)
    assert (handed.changed, codes(handed)) == (2, [])
    dead = of_household(tmp_path, leads("郑三", "户主", 605), leads("郑一", "户主", 601, 备注="见证"), dry_run=True)
    assert (dead.changed, codes(dead)) == (1, [(2, *SECOND_HEAD)])
    assert of_household(tmp_path, leads("郑三", "户主", 605), leads("郑一", "配偶", 601)).changed == 2


def test_a_head_who_came_between_check_and_writing_refuses_the_row(app: Flask, tmp_path: Path,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    of_household(tmp_path, leads("钱一", "配偶", 611, 户号="770002"))
    asked = OneHead.moved

    def meanwhile(heads: OneHead) -> bool:
        monkeypatch.setattr(OneHead, "moved", asked)
        [one] = people("钱一")
        one.relation_to_head = "02"
        db.session.commit()
        return asked(heads)

    monkeypatch.setattr(OneHead, "moved", meanwhile)
    outcome = of_household(tmp_path, leads("钱二", "户主", 613, 户号="770002"))
    assert (outcome.new, codes(outcome)) == (0, [(2, *SECOND_HEAD)]) and "钱一" in outcome.messages[0].message


def people(name: str) -> list[Resident]:
    return list(db.session.scalars(select(Resident).where(Resident.name == name).order_by(Resident.id)))


def at(room: str) -> dict[str, str]:
    return {"现居住地址": f"王湾小区66栋1单元{room}室"}


def in_household(number: str, head: str, room: str = "") -> dict[str, str]:
    return {"户号": number, "户主姓名": head} | (at(room) if room else {})


@pytest.mark.parametrize(("name", "first", "then"), [
    ("丁一", at("101"), at("101")),
    ("丁二", in_household("660102", "丁父"), in_household("660102", "丁父")),
    ("丁三", in_household("660103", "丁父", "103"), at("103")),
])
def test_who_comes_with_an_id_number_later_is_the_same_person(app: Flask, tmp_path: Path, name: str,
                                                              first: dict[str, str], then: dict[str, str]) -> None:
    assert taken_in(tmp_path, row(name, **WITHOUT, **first)).new == 1
    number = id_number(11 + 2 * int("一二三".index(name[1])), BIRTH)
    outcome = taken_in(tmp_path, row(name, 身份证号码=number, **then))
    assert (outcome.new, outcome.changed, codes(outcome)) == (0, 1, [])
    with system("look"):
        [one] = people(name)
        assert (one.id_number, one.no_document_reason, one.version) == (number, None, 2)
        assert history.of(one)[0].changes["id_number"][1].startswith("420399*")
    again = taken_in(tmp_path, row(name, 身份证号码=number, **then))
    assert (again.same, again.changed, again.new) == (1, 0, 0)


@pytest.mark.parametrize(("name", "first", "then"), [
    ("戊一", at("201"), at("202")), ("戊二", at("203"), {}), ("戊三", {}, {}), ("戊四", {}, {"所属网格": SECOND})])
def test_where_the_dwelling_does_not_decide_the_row_is_refused_and_names_the_person(
        app: Flask, tmp_path: Path, name: str, first: dict[str, str], then: dict[str, str]) -> None:
    taken_in(tmp_path, row(name, **WITHOUT, **first))
    number = id_number(21 + 2 * int("一二三四".index(name[1])), BIRTH)
    outcome = taken_in(tmp_path, row(name, 身份证号码=number, **then))
    assert (outcome.refused, codes(outcome)) == (1, [(2, "姓名", "person_unsure")])
    assert f"王湾社区一网格已登记无证人员{name}" in outcome.messages[-1].message
    with system("look"):
        assert [one.id_number for one in people(name)] == [None]


def test_another_name_sex_or_birth_is_another_person(app: Flask, tmp_path: Path) -> None:
    taken_in(tmp_path, row("己一", **WITHOUT, **at("301")))
    others = taken_in(tmp_path, row("己二", 身份证号码=id_number(31, BIRTH), **at("301")),
                      row("己一", 身份证号码=id_number(32, BIRTH), **at("301")),
                      row("己一", 身份证号码=id_number(33, "20210203"), **at("301")))
    assert (others.new, codes(others)) == (3, [])


def test_nobody_hears_of_a_person_in_another_community(app: Flask, tmp_path: Path) -> None:
    taken_in(tmp_path, row("庚一", FOREIGN, **WITHOUT, **at("401")), user=("yangou", YANGOU))
    outcome = taken_in(tmp_path, row("庚一", 身份证号码=id_number(41, BIRTH)))
    assert (outcome.new, outcome.messages) == (1, [])


def test_the_same_person_without_a_document_twice_in_a_file_is_refused(app: Flask, tmp_path: Path) -> None:
    outcome = taken_in(tmp_path, row("辛一", **WITHOUT), row("辛一", **WITHOUT), row("辛一", **WITHOUT, 备注="另"),
                       row("辛一", 身份证号码=id_number(51, BIRTH)))
    assert (outcome.new, outcome.refused) == (1, 3)
    assert [code for _row, _column, code in codes(outcome)] == ["duplicate_in_file"] * 3
    assert "删除" in outcome.messages[0].message and "第 2 行" in outcome.messages[1].message
    with system("look"):
        assert len(people("辛一")) == 1


def test_a_file_of_people_without_documents_comes_back_the_same(app: Flask, tmp_path: Path) -> None:
    rows = [row("壬一", **WITHOUT), row("壬二", **WITHOUT, **at("501")), row("壬三", **WITHOUT, **in_household("660503", "壬三"))]
    assert taken_in(tmp_path, *rows).new == 3
    assert taken_in(tmp_path, *rows).same == 3
    changed = taken_in(tmp_path, row("壬一", **WITHOUT, 备注="已走访"), row("壬二", **{**WITHOUT, "性别": ""}, 备注="已走访"))
    assert (changed.changed, codes(changed)) == (2, [])


def test_a_registered_person_is_not_taken_in_again_without_the_number(app: Flask, tmp_path: Path) -> None:
    taken_in(tmp_path, row("癸一", 身份证号码=id_number(61, BIRTH), **at("601")))
    outcome = taken_in(tmp_path, row("癸一", **WITHOUT, **at("601")), row("癸一", SECOND, **WITHOUT, **at("602")))
    assert (outcome.new, codes(outcome)) == (1, [(2, "姓名", "person_documented")])


def test_two_rows_never_claim_one_person(app: Flask, tmp_path: Path) -> None:
    taken_in(tmp_path, row("子一", **WITHOUT, **at("701")))
    outcome = taken_in(tmp_path, row("子一", 身份证号码=id_number(71, BIRTH), **at("701")),
                       row("子一", 身份证号码=id_number(73, BIRTH), **at("701")))
    assert (outcome.changed, codes(outcome)) == (1, [(3, "姓名", "duplicate_in_file")])


def test_a_reason_goes_when_the_number_comes_on_a_form(app: Flask) -> None:
    with acting_as("wangwan", WANGWAN):
        one = Resident(grid_code=FIRST, name="丑一", sex="1", birth_on=date(2020, 2, 3), no_document_reason="never")
        db.session.add(one)
        db.session.commit()
        one.id_number = id_number(75, BIRTH)
        db.session.commit()
        assert one.no_document_reason is None


def test_the_texts_a_person_is_found_by_are_made_again_only_with_a_new_name(
        app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken_in(tmp_path, row("午一", **WITHOUT, **at("711")))
    taken_in(tmp_path, row("午二", 身份证号码=id_number(77, BIRTH)))
    made: list[tuple[str, ...]] = []
    monkeypatch.setattr(rules, "search_text", lambda *texts: made.append(texts) or " ".join(texts))
    assert taken_in(tmp_path, row("午二", 身份证号码=id_number(77, BIRTH), 备注="已走访")).changed == 1
    assert made == []
    with system("look"):
        assert "午 二" in (people("午二")[0].search_text or "")
    named = ("户号", "户主", "所属网格")
    for head in ("午三", "午四"):
        with acting_as("wangwan", WANGWAN):
            import_file(Household, book(tmp_path / "户.xlsx", ("680009", head, FIRST), head=named))
    assert [texts[0] for texts in made] == ["午三", "午四"]
    with system("look"):
        assert household("680009").search_text == "午四 680009"


def household(number: str) -> Household:
    return db.session.scalars(select(Household).where(Household.number == number)).one()


def test_a_household_without_a_house_gets_the_one_a_later_file_names(app: Flask, tmp_path: Path) -> None:
    taken_in(tmp_path, row("寅一", 身份证号码=id_number(81, BIRTH), **in_household("680001", "寅一")),
             row("寅二", 身份证号码=id_number(83, BIRTH), **in_household("680001", "寅一")))
    later = [row(name, 身份证号码=id_number(serial, BIRTH), **in_household("680001", "寅一", "801"))
             for name, serial in (("寅一", 81), ("寅二", 83))]
    seen = taken_in(tmp_path, *later, dry_run=True)
    change = ("寅一（680001）", "", "王湾小区66栋1单元801室")
    assert [(c.label, c.old, c.new) for c in seen.changes].count(change) == 1
    with system("look"):
        assert household("680001").house is None
    assert taken_in(tmp_path, *later).changed == 2
    with system("look"):
        found = household("680001")
        assert found.house.address == "王湾小区66栋1单元801室" and found.version == 2
        assert history.of(found)[0].changes == {"house_id": [None, found.house_id]}
    assert taken_in(tmp_path, *later).same == 2


def test_a_row_that_says_nothing_new_houses_nobody_and_one_that_does_houses_the_household(app: Flask, tmp_path: Path) -> None:
    """An export read back changes nothing, though a household of it lost its house meanwhile."""
    taken_in(tmp_path, row("卯一", 身份证号码=id_number(85, BIRTH), **in_household("680002", "卯一", "802")))
    with system("the house is taken away"):
        household("680002").house_id = None
        db.session.commit()
    same = row("卯一", 身份证号码=id_number(85, BIRTH), **in_household("680002", "卯一", "802"))
    assert [taken_in(tmp_path, same, mode=mode).same for mode in (ONLY_NEW, BOTH)] == [1, 1]
    with system("look"):
        assert household("680002").house is None and people("卯一")[0].version == 1
    joining = row("卯二", 身份证号码=id_number(185, BIRTH), **in_household("680002", "卯一", "802"))
    assert taken_in(tmp_path, joining).new == 1
    with system("look"):
        assert household("680002").house.address == "王湾小区66栋1单元802室"


def test_a_household_with_another_house_keeps_it_and_the_row_is_told(app: Flask, tmp_path: Path) -> None:
    first = row("辰一", 身份证号码=id_number(87, BIRTH), **in_household("680003", "辰一", "803"))
    taken_in(tmp_path, first)
    outcome = taken_in(tmp_path, row("辰一", 身份证号码=id_number(87, BIRTH), **in_household("680003", "辰一", "804")))
    assert (outcome.changed, [m.code for m in outcome.messages]) == (1, ["household_house_differs"])
    assert "680003" in outcome.messages[0].message
    with system("look"):
        assert household("680003").house.address == "王湾小区66栋1单元803室"


def test_the_first_address_of_a_household_made_by_the_file_is_its_house(app: Flask, tmp_path: Path) -> None:
    taken_in(tmp_path, row("巳一", 身份证号码=id_number(89, BIRTH), **in_household("680004", "巳一")),
             row("巳二", 身份证号码=id_number(91, BIRTH), **in_household("680004", "巳一", "805")))
    with system("look"):
        assert household("680004").house.address == "王湾小区66栋1单元805室"
        assert db.session.scalars(select(House).where(House.address == "王湾小区66栋1单元805室")).one()


def test_all_this_leaves_the_history_whole(app: Flask) -> None:
    assert check() == []
