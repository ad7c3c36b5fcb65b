"""What is carried out and brought back changes nothing; one edited cell changes that cell alone."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from app.core.asking import listing
from app.core.base.fields import Field, fields_of
from app.core.base.history import History
from app.core.base.records import RuleError
from app.core.base.registry import view_of
from app.core.base.scope import acting_as
from app.core.base.texts import InvalidValue, normalize_text
from app.core.sheets.out.exporting import write_list
from app.core.sheets.writing.importing import Outcome, import_file
from app.core.telling.dictionaries import entries
from app.db import db
from app.subsystems.grids.grids import Grid
from app.subsystems.grids.staff import GridStaff
from app.subsystems.people.households import Household
from app.subsystems.people.houses import Building, House
from app.subsystems.people.organizations import Organization
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, SECOND, STREET, WANGWAN, id_number

DEEP = bool(os.environ.get("GEWU_DEEP"))
EXAMPLES, ROWS = (200, 12) if DEEP else (4, 6)
RECORDS = [Resident, House, Household, Organization, GridStaff, Building, Grid]
SIGNS = st.sampled_from("王湾社区一二〇龘𠮷Aa09 -=+@'\"<&>·、，()（）%#/")
NUMBER = count(1)


def value_of(words: Field, scale: int | None) -> st.SearchStrategy[Any]:
    """A value somebody may have put into a field by its form."""
    if words.dictionary:
        codes = st.sampled_from([entry.code for entry in entries(words.dictionary)])
        return st.lists(codes, min_size=1, max_size=3, unique=True) if words.multiple else codes
    if words.mask == "phone" or words.name.endswith("phone"):
        return st.integers(19000000000, 19099999999).map(str)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "bool": st.booleans(), "date": st.dates(date(1950, 1, 1), date(2026, 1, 1)), "int": st.integers(0, 99),
        "decimal": st.decimals(1, 99, places=scale or 2).map(Decimal),
        "text": st.text(SIGNS, min_size=2, max_size=min(words.length or 20, 20)).map(normalize_text),
        "longtext": st.text(SIGNS, min_size=2, max_size=60).map(normalize_text)}
    return kinds.get(words.kind, st.none())


def key_values(record: Any, number: int) -> dict[str, Any]:
    """What makes a record itself, never twice the same."""
    place = {"grid_code": (FIRST, SECOND)[number % 2]}
    return {
        Resident: {**place, "name": f"往返{number}", "id_number": id_number(number % 1000, f"19{40 + number // 1000}0303"),
                   "document_type": "111", "no_document_reason": None},
        House: {**place, "address": f"往返小区{number}栋1单元101室"}, Building: {**place, "address": f"往返小区{number}栋"},
        Household: {**place, "number": f"77{number:06d}", "head_name": f"户主{number}"},
        Organization: {**place, "name": f"往返{number}店", "credit_code": None}, GridStaff: {**place, "name": f"网格{number}"},
        Grid: {"code": f"{WANGWAN}{number + 100:03d}", "name": f"往返{number}网格", "kind": "base"}}[record]


def plain_one(record: Any) -> Any:
    """A row with what it cannot do without."""
    kinds = {"date": date(2020, 1, 1), "int": 1, "text": "往返", "bool": False}
    needs = {name: entries(words.dictionary)[0].code if words.dictionary else kinds.get(words.kind)
             for name, words in fields_of(record).items() if words.required and not words.derived}
    return record(**{**needs, **{name: value for name, value in key_values(record, next(NUMBER)).items() if value}})


def rows_of(record: Any) -> st.SearchStrategy[dict[str, Any]]:
    scales = {name: getattr(column.type, "scale", None) for name, column in record.__mapper__.columns.items()}
    fixed = {name: words for name, words in fields_of(record).items() if not words.derived and words.kind != "relation"}
    return st.fixed_dictionaries({name: value_of(words, scales.get(name)) if words.required else
                                  st.none() | value_of(words, scales.get(name)) for name, words in fixed.items()})


def stored(record: Any, rows: list[dict[str, Any]]) -> int:
    """Keeps those the record's rules allow; how many there are."""
    kept = 0
    for row in rows:
        values = {name: value for name, value in row.items() if value not in (None, "", [])}
        try:
            db.session.add(record(**{**values, **{k: v for k, v in key_values(record, next(NUMBER)).items() if v}}))
            db.session.commit()
            kept += 1
        except (RuleError, InvalidValue):
            db.session.rollback()
    return kept


def carried_out(record: Any, path: Path, whole: bool = True) -> list[str]:
    view = view_of(record)
    view.derive()
    write_list(listing.read_state(view, MultiDict({"cols": ",".join(view.form_columns)})), view, path, "往返", whole)
    return list(view.form_columns)


def notes(outcome: Outcome) -> list[Any]:
    return [(m.row, m.column, m.value, m.code) for m in outcome.messages if m.level == "error"]


def history() -> int:
    return db.session.scalar(select(func.count(History.id))) or 0


def examples(record: Any) -> Any:
    return settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=not DEEP,
                    suppress_health_check=list(HealthCheck)), given(st.lists(rows_of(record), min_size=ROWS, max_size=ROWS),
                                                                    st.randoms(use_true_random=False))


@pytest.fixture
def acting(app: Flask) -> Iterator[None]:
    with acting_as("street", STREET):
        yield


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_the_way_out_and_back_changes_nothing_and_one_cell_changes_that_cell(
        app: Flask, acting: None, tmp_path: Path, record: Any) -> None:
    path, kept = tmp_path / "out.xlsx", []
    limit, data = examples(record)

    def way(rows: list[dict[str, Any]], random: Any) -> None:
        kept.append(stored(record, rows))
        columns, before = carried_out(record, path), history()
        outcome = import_file(record, path)
        assert notes(outcome) == []
        assert [(c.label, c.old, c.new) for c in outcome.changes] == []
        assert (outcome.same, outcome.new, outcome.changed) == (outcome.rows, 0, 0) and history() == before
        one_cell(record, path, columns, random)

    limit(data(way))()
    assert sum(kept) >= EXAMPLES


def one_cell(record: Any, path: Path, columns: list[str], random: Any) -> None:
    """Writes a remark into one cell of the workbook; that record has it afterwards, and nothing else is another."""
    words = fields_of(record)
    free = [name for name in columns if words[name].kind == "longtext" and not words[name].dictionary and not words[name].mask]
    if not free:
        return
    book = openpyxl.load_workbook(path)
    sheet, at = book.active, columns.index(random.choice(free))
    row, text, before = random.randint(3, sheet.max_row), f"改{next(NUMBER)}", history()
    label = sheet.cell(2, at + 1).value
    sheet.cell(row, at + 1).value = text
    book.save(path)
    outcome = import_file(record, path)
    assert notes(outcome) == [] and (outcome.changed, outcome.same) == (1, outcome.rows - 1)
    assert [(c.label, c.new, c.row) for c in outcome.changes] == [(label, text, row)] and history() == before + 1


@pytest.mark.parametrize("record", [Organization, Building], ids=lambda record: record.__name__)
def test_hidden_values_that_come_back_are_left_as_they_are(app: Flask, acting: None, tmp_path: Path, record: Any) -> None:
    name = "manager_phone" if record is Organization else "head_phone"
    row = record(**key_values(record, next(NUMBER)), **{name: "19012345678"},
                 **({"kind": entries("organization_kind")[0].code} if record is Organization else {}))
    db.session.add(row)
    db.session.commit()
    path = tmp_path / "hidden.xlsx"
    carried_out(record, path, whole=False)
    before = history()
    outcome = import_file(record, path)
    assert notes(outcome) == [] and outcome.same == outcome.rows and history() == before
    assert "masked_left" in {message.code for message in outcome.messages}
    assert getattr(row, name) == "19012345678"


def test_people_at_an_address_give_no_house_to_their_household_when_they_are_read_back(app: Flask, acting: None, tmp_path: Path) -> None:
    household = Household(grid_code=FIRST, number="880001", head_name="无房户")
    db.session.add(household)
    db.session.commit()
    db.session.add(Resident(grid_code=FIRST, name="无房户", id_number=id_number(771), household_id=household.id, relation_to_head="02",
                            address="往返小区88栋1单元101室"))
    db.session.commit()
    path = tmp_path / "out.xlsx"
    carried_out(Resident, path)
    before, outcome = history(), import_file(Resident, path)
    assert (outcome.new, outcome.changed, outcome.same) == (0, 0, outcome.rows) and history() == before
    assert household.house_id is None


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "masked"])
@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_whatever_columns_and_masking_were_chosen_nothing_comes_back_changed(
        app: Flask, acting: None, tmp_path: Path, record: Any, whole: bool) -> None:
    view, chance, path = view_of(record), random.Random(f"{record.__name__}{whole}"), tmp_path / "out.xlsx"
    view.derive()
    db.session.add(plain_one(record))
    db.session.commit()
    for _try in range(4):
        columns = dict.fromkeys([*record.__natural_key__, *chance.sample(view.show_columns, len(view.show_columns) // 2)])
        columns = [name for name in columns if fields_of(record)[name].kind != "json"]
        write_list(listing.read_state(view, MultiDict({"cols": ",".join(columns)})), view, path, "往返", whole)
        before, outcome = history(), import_file(record, path)
        assert outcome.rows and (outcome.new, outcome.changed) == (0, 0) and history() == before, columns


@pytest.mark.parametrize("text", ['"', '""', "〃", "同上", "↑", '="0123"', '=""', '="a""b"', "=1+1", "同\u3000上", "同上户口", '"引用"'])
def test_a_text_that_looks_like_a_sign_comes_back_to_the_letter(app: Flask, acting: None, tmp_path: Path, text: str) -> None:
    path = tmp_path / "out.xlsx"
    db.session.add_all([Household(grid_code=FIRST, number=f"99{next(NUMBER)}", head_name="照抄", remark=remark)
                        for remark in ("上一行", text)])
    db.session.commit()
    carried_out(Household, path)
    outcome = import_file(Household, path)
    assert (outcome.changed, notes(outcome)) == (0, [])
    for row in db.session.scalars(select(Household).where(Household.head_name == "照抄")):
        db.session.delete(row)
    db.session.commit()
