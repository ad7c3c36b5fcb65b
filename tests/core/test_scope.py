"""The row rule, below every view."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text, update

from app.core import scope
from app.core.scope import OutOfScope, acting_as, system
from app.db import db
from app.subsystems.grids import Grid
from app.subsystems.households import Household
from app.subsystems.residents import Resident
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


def test_bulk_update_and_delete_reach_only_own_rows(app: Flask) -> None:
    with acting_as("wangwan", WANGWAN):
        changed = db.session.execute(update(Resident).values(remark="x"))
        assert changed.rowcount == 2
        gone = db.session.execute(delete(Resident).where(Resident.grid_code == FOREIGN))
        assert gone.rowcount == 0
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
