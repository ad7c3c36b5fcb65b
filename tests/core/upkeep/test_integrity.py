"""What ``run.py check`` finds: a broken search index, and clear values in the history."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.base.scope import CHECKED, acting_as
from app.core.upkeep.integrity import check
from app.db import db
from app.subsystems.people.households import Household
from tests.conftest import FIRST, WANGWAN


def write(statement: str) -> None:
    db.session.execute(text(statement).execution_options(**CHECKED))
    db.session.commit()


def test_a_sound_street_has_no_faults(app: Flask) -> None:
    assert check() == []


def test_a_search_index_that_disagrees_is_found(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps its index by itself")
    write("INSERT INTO resident_fts(resident_fts) VALUES ('delete-all')")
    assert any("resident" in fault for fault in check())
    write("INSERT INTO resident_fts(resident_fts) VALUES ('rebuild')")
    assert check() == []


def test_a_sensitive_value_in_the_history_is_found(app: Flask) -> None:
    write("""UPDATE history SET changes = '{"phone": [null, "19000000001"]}' WHERE record = 'resident' AND id = """
          "(SELECT min(id) FROM history WHERE record = 'resident')")
    found = check()
    assert any("未遮盖" in fault or "in clear" in fault for fault in found), found


def changed_twice() -> int:
    """A household with three lines of history."""
    with acting_as("wangwan", WANGWAN):
        row = Household(grid_code=FIRST, number="000901", head_name="甲")
        db.session.add(row)
        for name in ("甲", "乙", "丙"):
            row.head_name = name
            db.session.commit()
        return row.id


def faults_of(number: int) -> list[str]:
    return [fault for fault in check() if f"household {number}" in fault]


@pytest.mark.parametrize("forged", [
    """"by" = 'somebody'""", "action = 'imported'", "changes = '{}'", """"at" = '2020-01-01 00:00:00.000000'""", "version = 9"])
def test_a_line_of_history_cannot_be_forged(app: Flask, forged: str) -> None:
    number = changed_twice()
    assert faults_of(number) == []
    write(f"UPDATE history SET {forged} WHERE id = (SELECT max(id) FROM history WHERE record = 'household')")
    assert len(faults_of(number)) == 1
    write(f"UPDATE household SET deleted_at = created_at WHERE id = {number}")


def test_lines_of_history_neither_change_places_nor_leave_the_middle(app: Flask) -> None:
    number = changed_twice()
    write("UPDATE history SET id = id + 1000000 WHERE id = (SELECT min(id) FROM history "
          f"WHERE record = 'household' AND record_id = {number})")
    assert len(faults_of(number)) == 1, "the first line stands last"
    write("UPDATE history SET id = id - 1000000 WHERE id > 1000000")
    assert faults_of(number) == []
    write("DELETE FROM history WHERE id = (SELECT max(id) - 1 FROM history WHERE record = 'household')")
    write(f"UPDATE household SET version = 2 WHERE id = {number}")
    assert len(faults_of(number)) == 1, "two lines, two versions, but the second does not follow the first"
