"""A large import taken back lets others write in between, is safe to kill, and loses nobody's row."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.base import storage
from app.core.base.hidden import Hidden
from app.core.base.moments import at, now
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.core.jobs.kinds import Cancelled
from app.core.sheets.writing import slices, undoing
from app.core.sheets.writing.batches import ImportBatch, batches
from app.core.sheets.writing.importing import import_file
from app.core.sheets.writing.undoing import CHANGED_SINCE, IN_USE, Undo
from app.core.upkeep.integrity import check
from app.db import db
from app.subsystems.people.households import Household
from app.subsystems.people.residents import Resident
from tests.conftest import STREET, WANGWAN, id_number
from tests.core.sheets.test_import import book
from tests.core.sheets.test_import_slices import PEOPLE, as_another, counts, roster, taken_in
from tests.core.sheets.test_import_undo import taken_in as rows_in


@pytest.fixture(autouse=True)
def small_slices(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """An import of sixty counts as large; what is given to the fixture happens in every pause of its undoing."""
    monkeypatch.setattr(undoing, "SLICED", 30)

    def meanwhile(work: Callable[[], Any]) -> None:
        monkeypatch.setattr(storage, "time", SimpleNamespace(sleep=lambda seconds: work(), monotonic=time.monotonic))

    meanwhile(lambda: None)
    return meanwhile


def undone(batch: int | None, watch: Callable[[int, int], None] = lambda done, total: None) -> Undo:
    with acting_as("wangwan", WANGWAN):
        undo = Undo(db.session.get_one(ImportBatch, batch), watch)
        undo.run()
    return undo


def test_others_write_between_slices_and_see_nothing_of_what_goes(app: Flask, tmp_path: Path, small_slices: Any) -> None:
    before, seen = counts(), []
    outcome = taken_in(roster(tmp_path, 600))

    def look_and_save() -> None:
        db.session.scalars(select(Household).where(Household.number == "000003")).one().head_name = f"户主{len(seen)}"
        seen.append(counts()[:4])

    small_slices(as_another(app, look_and_save))
    undo = undone(outcome.batch)
    assert not undo.left and undo.done >= PEOPLE
    assert len(seen) > 3 and all(found == before[:4] for found in seen)
    assert counts()[:4] == before[:4] and not db.session.scalars(select(Hidden)).all() and check() == []


def test_a_killed_undo_is_gone_on_with_and_tells_the_whole(app: Flask, tmp_path: Path, monkeypatch: Any, small_slices: Any) -> None:
    before, passed = counts(), iter(range(2))
    outcome = taken_in(roster(tmp_path, 660))

    def killed() -> None:
        if next(passed, None) is None:
            raise KeyboardInterrupt

    small_slices(killed)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(slices.Going, "hand_over", lambda going: None)
        undone(outcome.batch)
    small_slices(lambda: None)
    db.session.rollback()
    assert counts()[:4] == before[:4], "hidden, though not all of it has gone"
    with acting_as("wangwan", WANGWAN):
        assert any(batch.is_being_undone for batch in batches(Resident))
    with pytest.raises(RuleError):
        undone(outcome.batch)
    slices.take_away_dead()
    with at(now() + timedelta(seconds=50)):
        slices.take_away_dead()
        undo = undone(outcome.batch)
    assert not undo.left and undo.done >= PEOPLE + PEOPLE // 3
    assert counts()[:4] == before[:4] and not db.session.scalars(select(Hidden)).all() and check() == []


def test_an_undo_nobody_goes_on_with_is_seen_again_and_can_be_done_later(app: Flask, tmp_path: Path, small_slices: Any) -> None:
    before, passed = counts(), iter(range(2))
    outcome = taken_in(roster(tmp_path, 720))

    def killed() -> None:
        if next(passed, None) is None:
            raise KeyboardInterrupt

    small_slices(killed)
    with pytest.raises(KeyboardInterrupt):
        undone(outcome.batch)
    small_slices(lambda: None)
    db.session.rollback()
    slices.take_away_dead()
    assert counts()[:4] == before[:4]
    with at(now() + timedelta(minutes=11)):
        slices.take_away_dead()
    assert counts()[1] > before[1], "its households had not gone yet"
    assert check() == [] and db.session.get_one(ImportBatch, outcome.batch).can_be_undone
    assert not undone(outcome.batch).left and counts()[:4] == before[:4]


def test_what_others_need_is_never_hidden(app: Flask, tmp_path: Path, small_slices: Any) -> None:
    """A person somebody changed, and the household somebody else lives in by now, are there all the time and stay."""
    outcome = taken_in(roster(tmp_path, 780))
    rows_in(tmp_path / "later.xlsx", ("后来", id_number(990, "19610203"), "", "", "王湾社区一网格", "000783", "切783", ""))
    with acting_as("street", STREET):
        db.session.scalars(select(Resident).where(Resident.name == "切790")).one().phone = "13900000790"
        db.session.commit()
    seen: list[tuple[int, int]] = []

    def look() -> None:
        seen.append((len(db.session.scalars(select(Resident).where(Resident.name == "切790")).all()),
                     len(db.session.scalars(select(Household).where(Household.number == "000783")).all())))

    small_slices(as_another(app, look))
    undo = undone(outcome.batch)
    assert set(seen) == {(1, 1)} and len(seen) > 3
    assert {CHANGED_SINCE, IN_USE} <= set(undo.left.values()) and check() == []


def test_cancelled_in_the_middle_it_says_so_and_the_rest_is_there(app: Flask, tmp_path: Path) -> None:
    before = counts()
    outcome = taken_in(roster(tmp_path, 840))

    def cancel(done: int, total: int) -> None:
        if done == 1:
            raise Cancelled

    with pytest.raises(Cancelled, match="\\d"):
        undone(outcome.batch, cancel)
    with system("look"):
        assert db.session.scalars(select(Resident).where(Resident.name == "切840")).all() != []
    assert not db.session.scalars(select(Hidden)).all() and check() == []
    assert not undone(outcome.batch).left and counts()[:4] == before[:4]


def test_a_changed_row_is_as_before(app: Flask, tmp_path: Path) -> None:
    taken_in(roster(tmp_path, 900))
    rows = [(f"切{n}", id_number(n, "19610203"), "一网格", f"13811110{n}") for n in range(900, 900 + PEOPLE)]
    with acting_as("wangwan", WANGWAN):
        changed = import_file(Resident, book(tmp_path / "c.xlsx", *rows, head=("姓名", "身份证号码", "所属网格", "联系电话")))
    assert changed.changed == PEOPLE
    undo = undone(changed.batch)
    assert not undo.left and len(undo.restored) == PEOPLE
    with system("look"):
        assert {row.phone for row in db.session.scalars(select(Resident).where(Resident.name.startswith("切9")))} <= {None, ""}
