"""A field says what it means; the core goes by that, never by the name a record gives it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import app.core
from app.core.base.fields import MEANINGS, fields_of, meaning
from app.core.base.masks import MASKS
from app.core.base.registry import records
from app.core.cases.records import Case
from app.core.cases.reported import Located, Placed, Reported
from app.subsystems.mediation.records import DisputeParty
from app.subsystems.people.residents import Resident
from tests.conftest import id_number

CORE = sorted(Path(app.core.__file__).parent.rglob("*"))


def test_an_id_number_fills_what_a_record_calls_its_sex_and_birth_date(client: Any) -> None:
    browser, number = client("wangwan"), id_number(507, "19870605")
    assert browser.get(f"/resident/check/id_number?value={number}").get_json()["fill"] == {
        "sex": "1", "birth_on": "1987-06-05"}
    assert browser.get(f"/disputeparty/check/id_number?value={number}").get_json()["fill"] == {"sex": "1"}


def test_columns_are_found_by_what_they_mean() -> None:
    assert meaning(Resident, "birth_date", "sex") == ["sex", "birth_on"]
    assert meaning(DisputeParty, "birth_date") == []


def test_every_meaning_a_field_says_is_one_of_those_there_are() -> None:
    said = {words.means for record in records() for words in fields_of(record).values() if words.means}
    assert said <= set(MEANINGS)


def columns_of_subsystems() -> set[str]:
    """Names of two words that only records of subsystems give a column: nobody writes one of these by chance."""
    own = {column.name for record in records() if not from_subsystem(record) for column in record.__table__.columns}
    found = {name for record in records() if from_subsystem(record) for name in fields_of(record)}
    shared = {name for base in (Placed, Located, Reported) for name in dir(base)}
    known = own | set(dir(Case)) | shared | set(MASKS) | {"parent_code"}  # the tree of grids is the core's own
    return {name for name in found - known if "_" in name} - {"in_use"}  # also a page of the core


def from_subsystem(record: Any) -> bool:
    return str(record.__module__).startswith("app.subsystems.")


@pytest.mark.parametrize("path", [path for path in CORE if path.suffix == ".py"], ids=lambda path: path.name)
def test_no_file_of_the_core_names_a_column_of_a_subsystem(path: Path) -> None:
    named = {node.value for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
             if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert not named & columns_of_subsystems(), "let the field say what it means (fields.MEANINGS), and ask for that"


@pytest.mark.parametrize("path", [path for path in CORE if path.suffix in (".py", ".html")], ids=lambda path: path.name)
def test_no_file_of_the_core_names_an_address_of_a_subsystem(path: Path) -> None:
    words = set(re.findall(r"""["'`]/(\w+)/""", path.read_text(encoding="utf-8")))
    assert not words & {record.__name__.lower() for record in records() if from_subsystem(record)}, (
        "ask the record's view for its route_base")
