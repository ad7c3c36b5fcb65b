"""The row rule, below every view."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, text, update

from app.core.base import scope
from app.core.base.moments import now
from app.core.base.records import RuleError
from app.core.base.scope import OutOfScope, acting_as, system
from app.db import db
from app.subsystems.grids.grids import Grid
from app.subsystems.people.households import Household
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, SECOND, STREET, WANGWAN, YANGOU


def count(record: Any = Resident) -> int:
    return db.session.scalar(select(func.count()).select_from(record)) or 0


@pytest.mark.parametrize(("node", "expected"), [
    (STREET, 3), (WANGWAN, 2), (FIRST, 1), (YANGOU, 1), ("", 0), ("999", 0)])
def test_a_node_sees_what_lies_under_it(app: Flask, node: str, expected: int) -> None:
    with acting_as("somebody", node):
        assert count() == expected


def test_nobody_sees_nothing(app: Flask) -> None:
    assert scope.current() == scope.NOBODY
    assert count() == 0 and count(Grid) == 0


def test_joins_aliases_and_get_are_held_too(app: Flask) -> None:
    with system("foreign id"):
        foreign = db.session.scalar(select(Resident.id).where(Resident.grid_code == FOREIGN))
    with acting_as("wangwan", WANGWAN):
        assert db.session.get(Resident, foreign) is None
        joined = select(Household.number).join(Resident, Resident.household_id == Household.id)
        assert sorted(db.session.scalars(joined)) == ["000001", "000002"]
        other = db.aliased(Resident)
        assert db.session.scalar(select(func.count()).select_from(other)) == 2


@pytest.mark.parametrize("statement", [
    update(Resident).values(remark="x"), delete(Resident), insert(Household).values(grid_code=FOREIGN, number="9")],
    ids=["update", "delete", "insert"])
def test_bulk_statements_are_refused_for_they_leave_no_history(app: Flask, statement: Any) -> None:
    with acting_as("wangwan", WANGWAN), pytest.raises(RuntimeError, match="leave no history"):
        db.session.execute(statement)


def test_a_change_made_in_a_wider_scope_is_not_lost_when_it_is_left(app: Flask) -> None:
    with system("a change"):
        row = db.session.scalars(select(Resident).where(Resident.grid_code == FOREIGN)).one()
        row.remark = "kept"
        number = row.id
    with system("a look"):
        db.session.commit()
        assert db.session.get(Resident, number).remark == "kept"


def test_a_narrow_scope_inside_a_wide_one_does_not_answer_foreign_rows(app: Flask) -> None:
    with system("a job"):
        foreign = db.session.scalars(select(Resident).where(Resident.grid_code == FOREIGN)).one()
        with acting_as("wangwan", WANGWAN):
            assert db.session.get(Resident, foreign.id) is None


def test_a_record_lies_in_a_grid_that_is_in_use(app: Flask) -> None:
    with system("an old grid"):
        db.session.add(Grid(code=WANGWAN + "099", name="九十九网格", level="base", parent_code=WANGWAN, deleted_at=now()))
        db.session.commit()
    for code in (WANGWAN + "099", WANGWAN + "098"):
        with acting_as("wangwan", WANGWAN):
            db.session.add(Household(grid_code=code, number="000099", head_name="甲"))
            with pytest.raises(RuleError, match="不再使用|not in use"):
                db.session.flush()
            db.session.rollback()


def test_a_record_comes_back_only_to_what_is_still_there(app: Flask) -> None:
    with acting_as("wangwan", WANGWAN):
        house = Household(grid_code=FIRST, number="000077", head_name="回来")
        db.session.add(house)
        db.session.flush()
        person = Resident(grid_code=FIRST, name="回来", sex="1", birth_on=date(1990, 1, 1), document_type="990", no_document_reason="lost",
                          household_id=house.id)
        db.session.add(person)
        db.session.flush()
        person.deleted_at = house.deleted_at = now()
        db.session.flush()
        person.deleted_at = None
        with pytest.raises(OutOfScope):
            db.session.flush()
        db.session.rollback()


def test_what_was_loaded_in_a_wider_scope_is_forgotten_when_it_is_left(app: Flask) -> None:
    with acting_as("wangwan", WANGWAN):
        with system("a look"):
            foreign = db.session.scalars(select(Resident).where(Resident.grid_code == FOREIGN)).one()
        assert foreign not in db.session
        assert db.session.get(Resident, foreign.id) is None


def test_a_bare_table_fails_closed(app: Flask) -> None:
    with acting_as("wangwan", WANGWAN), pytest.raises(RuntimeError, match="without row scope"):
        db.session.execute(select(Resident.__table__.c.name))
    with acting_as("wangwan", WANGWAN), pytest.raises(RuntimeError, match="without row scope"):
        db.session.execute(text("SELECT name FROM resident"))


@pytest.mark.parametrize("statement", [
    "select name from resident", "SELECT 1 FROM revision, resident", 'SELECT name FROM "resident"',
    "(SELECT name FROM resident)", "update resident set remark = 'x'", "WITH x AS (SELECT * FROM resident) SELECT * FROM x",
    "SELECT * FROM resident_fts", "SELECT name FROM main.resident", "SELECT name FROM ONLY resident"])
def test_however_a_bare_statement_is_written_it_is_refused(app: Flask, statement: str) -> None:
    with acting_as("wangwan", WANGWAN), pytest.raises(RuntimeError, match="without row scope"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_a_row_is_neither_added_nor_moved_outside(app: Flask) -> None:
    with acting_as("wangwan", WANGWAN):
        db.session.add(Household(grid_code=FOREIGN, number="9", head_name="外"))
        with pytest.raises(OutOfScope):
            db.session.flush()
        db.session.rollback()
        mine = db.session.scalars(select(Household).where(Household.grid_code == SECOND)).one()
        mine.grid_code = FOREIGN
        with pytest.raises(OutOfScope):
            db.session.flush()
        db.session.rollback()


def test_a_foreign_row_that_was_loaded_in_a_wider_scope_is_not_drawn_in(app: Flask) -> None:
    """Its new place is the user's own, its old one is not."""
    with system("a look"):
        foreign = db.session.scalars(select(Household).where(Household.grid_code == FOREIGN)).one()
        assert foreign.head_name
    with acting_as("wangwan", WANGWAN):
        db.session.add(foreign)
        foreign.grid_code = SECOND
        with pytest.raises(OutOfScope):
            db.session.flush()
        db.session.rollback()


def test_a_row_is_not_tied_to_a_foreign_one(app: Flask) -> None:
    with system("foreign id"):
        foreign = db.session.scalar(select(Household.id).where(Household.grid_code == FOREIGN))
    with acting_as("wangwan", WANGWAN):
        mine = db.session.scalars(select(Resident).where(Resident.grid_code == FIRST)).one()
        mine.household_id = foreign
        with pytest.raises(OutOfScope):
            db.session.flush()
        db.session.rollback()


def test_threads_do_not_share_a_scope(app: Flask) -> None:
    seen: dict[str, set[int]] = {}

    def look(node: str) -> None:
        with app.app_context(), acting_as(node, node):
            seen[node] = {count() for _ in range(20)}
            db.session.remove()

    threads = [threading.Thread(target=look, args=(node,)) for node in (STREET, WANGWAN, FIRST)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {STREET: {3}, WANGWAN: {2}, FIRST: {1}}
