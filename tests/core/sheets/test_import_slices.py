"""A large import on SQLite lets others write between its slices, and is all or nothing to whoever reads."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.base import storage
from app.core.base.hidden import Hidden
from app.core.base.history import History
from app.core.base.moments import at, now
from app.core.base.scope import acting_as, system
from app.core.sheets.checking.outcome import Outcome
from app.core.sheets.writing import importing, slices
from app.core.sheets.writing.batches import ImportBatch, batches
from app.core.sheets.writing.importing import import_file
from app.core.sheets.writing.undoing import Undo
from app.core.upkeep.integrity import check
from app.db import db
from app.subsystems.people.households import Household, HouseholdMember
from app.subsystems.people.houses import House
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, STREET, WANGWAN, id_number
from tests.core.sheets.test_import import book

PEOPLE = 60
KEPT = (Resident, Household, House, HouseholdMember, History, ImportBatch)


@pytest.fixture(autouse=True)
def small_slices(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Slices of twenty rows; what is given to the fixture happens in every pause between two of them."""
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL has many writers")
    monkeypatch.setattr(importing, "BATCH", 20)
    monkeypatch.setattr(importing, "SLICED", 30)

    def meanwhile(work: Callable[[], Any]) -> None:
        clock = SimpleNamespace(sleep=lambda seconds: work(), monotonic=time.monotonic)
        monkeypatch.setattr(storage, "time", clock)

    meanwhile(lambda: None)
    return meanwhile


def roster(folder: Path, first: int) -> Path:
    """Sixty people with ID numbers, three to a household the register lacks."""
    head = ("姓名", "身份证号码", "所属网格", "户号", "户主姓名", "现居住地址")
    rows = [(f"切{first + n}", id_number(first + n, "19610203"), "一网格", f"{first + n // 3:06d}", f"切{first + n // 3 * 3}",
             f"王湾小区{60 + first % 37}栋1单元{100 + n // 3}室") for n in range(PEOPLE)]
    return book(folder / f"{first}.xlsx", *rows, head=head)


def taken_in(path: Path, **options: Any) -> Outcome:
    with acting_as("wangwan", WANGWAN):
        return import_file(Resident, path, grid=WANGWAN, **options)


def counts() -> list[int]:
    """What a reader finds, and what lies in the tables."""
    with system("look"):
        return [db.session.scalar(select(func.count()).select_from(record)) or 0 for record in KEPT]


def as_another(app: Flask, look: Callable[[], Any]) -> Callable[[], None]:
    """Somebody else, in a session of his own."""
    def run() -> None:
        with app.app_context(), acting_as("street", STREET):
            look()
            db.session.commit()
    return run


def test_others_write_between_slices_and_see_nothing_of_them(app: Flask, tmp_path: Path, small_slices: Any) -> None:
    before, seen = counts(), []

    def look_and_save() -> None:
        db.session.scalars(select(Household).where(Household.number == "000003")).one().head_name = f"户主{len(seen)}"
        seen.append(db.session.scalar(select(func.count()).select_from(Resident)))

    small_slices(as_another(app, look_and_save))
    outcome = taken_in(roster(tmp_path, 100))
    assert (outcome.new, outcome.refused) == (PEOPLE, 0)
    assert len(seen) >= 3 and set(seen) == {before[0]}
    assert counts()[:2] == [before[0] + PEOPLE, before[1] + PEOPLE // 3]
    assert db.session.scalars(select(Hidden)).all() == [] and check() == []


def test_after_many_rows_the_write_ahead_log_is_empty(app: Flask, tmp_path: Path, monkeypatch: Any) -> None:
    log: Path = app.extensions["settings"].data_dir / "gewu.db-wal"
    monkeypatch.setattr(importing, "MANY", 10)
    assert taken_in(roster(tmp_path, 560)).new == PEOPLE
    assert log.stat().st_size == 0


def test_an_import_that_fails_at_its_end_leaves_nothing(app: Flask, tmp_path: Path) -> None:
    before = counts()

    def fail(outcome: Outcome) -> None:
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        taken_in(roster(tmp_path, 200), settle=fail)
    assert counts() == before and check() == []
    assert taken_in(roster(tmp_path, 200)).new == PEOPLE


def test_rows_of_a_killed_import_are_never_seen_and_taken_away(app: Flask, tmp_path: Path, monkeypatch: Any,
                                                               small_slices: Any) -> None:
    before, passed = counts(), iter(range(1))

    def killed() -> None:
        if next(passed, None) is None:
            raise KeyboardInterrupt

    small_slices(killed)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(importing, "take_away", lambda number: None)
        taken_in(roster(tmp_path, 300))
    small_slices(lambda: None)
    assert counts()[:4] == before[:4] and db.session.scalar(select(func.max(Hidden.high))) > 1
    with acting_as("wangwan", WANGWAN):
        assert all(batch.file != "300.xlsx" for batch in batches(Resident))
    slices.take_away_dead()
    assert db.session.scalars(select(Hidden)).all() != [], "it may be alive still"
    with at(now() + timedelta(seconds=50)):
        slices.take_away_dead()
    assert counts() == before and db.session.scalars(select(Hidden)).all() == [] and check() == []


def test_what_is_changed_between_slices_is_checked_again(app: Flask, tmp_path: Path, small_slices: Any) -> None:
    """Somebody who changes a household of the grid in every pause delays the import, and neither is lost."""
    names: list[str] = []

    def rename() -> None:
        names.append(f"户主{len(names)}")
        db.session.scalars(select(Household).where(Household.number == "000001")).one().head_name = names[-1]

    small_slices(as_another(app, rename))
    outcome = taken_in(roster(tmp_path, 400))
    assert outcome.new == PEOPLE and names
    with system("look"):
        assert db.session.scalars(select(Household.head_name).where(Household.number == "000001")).one() == names[-1]
    assert db.session.scalars(select(Hidden)).all() == [] and check() == []


def test_a_sliced_import_is_taken_back_whole(app: Flask, tmp_path: Path) -> None:
    before = counts()
    outcome = taken_in(roster(tmp_path, 500))
    with acting_as("wangwan", WANGWAN):
        undo = Undo(db.session.get_one(ImportBatch, outcome.batch))
        undo.run()
    assert not undo.left and counts()[0] == before[0] and FIRST.startswith(WANGWAN)
