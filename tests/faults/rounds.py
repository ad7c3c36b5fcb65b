"""Kills at random moments: a process saves, imports, takes back, changes many, backs up; what it leaves is looked at.

Each round forks a process that does its work in the installation, kills it (-9) somewhere between beginning and end, and
then asks: does the self-check find anything, and is the work there whole, or not at all, or gone on with.
"""

from __future__ import annotations

import os
import random
import signal
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select
from xlsxwriter import Workbook

from app.core.base.hidden import Hidden
from app.core.base.moments import at, now
from app.core.base.scope import acting_as
from app.core.keeping import bulk
from app.core.keeping.bulk import CHANGE, Act
from app.core.sheets.out.exporting import export_file
from app.core.sheets.writing import importing, slices, undoing
from app.core.sheets.writing.batches import ImportBatch
from app.core.sheets.writing.importing import import_file
from app.core.sheets.writing.undoing import Undo
from app.core.upkeep.backup import backup
from app.core.upkeep.integrity import check
from app.db import db
from app.subsystems.people.houses import House

OLD = sorted((Path(__file__).parents[1] / "data").glob("*.zip"))[-1]  # a small street to begin with
STREET, FIRST = "420303002", "420303002001001"
ROWS = 90
SMALL = ((importing, "BATCH", 10), (importing, "SLICED", 20), (undoing, "SLICED", 20), (bulk, "SLICE", 10))  # so that few rows go in slices
LATER = timedelta(seconds=70)  # whoever was killed counts as gone by then


@dataclass
class Tally:
    """What came of one kind of work."""

    rounds: int = 0
    killed: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Rounds:
    """The rounds in one installation, as somebody of the street."""

    def __init__(self, app: Flask, folder: Path, grid: str, street: str, seed: int) -> None:
        self.app, self.folder, self.grid, self.street = app, folder, grid, street
        self.chance, self.serial = random.Random(seed), 0
        self.spans: dict[str, float] = {}
        self.tallies = {name: Tally() for name in ("save", "import", "undo", "bulk", "export", "backup")}

    def run(self, name: str) -> None:
        """One round of one kind."""
        self.serial += 1
        tally, begun = self.tallies[name], time.monotonic()
        with self._acting():
            state = getattr(self, f"before_{name}", lambda: None)()
        span = self.spans.get(name)
        killed = self._killed(lambda: getattr(self, f"do_{name}")(state), None if span is None else self.chance.uniform(0, span))
        if span is None:
            self.spans[name] = (time.monotonic() - begun) * 1.1
        with self._acting():
            found = [*(getattr(self, f"after_{name}")(state) or []), *check()]
            found += ["rows are hidden still"] if db.session.scalars(select(Hidden.id)).first() else []
        tally.rounds, tally.killed = tally.rounds + 1, tally.killed + killed
        tally.faults += [f"round {self.serial}: {fault}" for fault in found]
        tally.seconds += time.monotonic() - begun

    @contextmanager
    def _acting(self) -> Iterator[None]:
        with self.app.app_context():
            with acting_as("street", self.street):
                yield
            db.session.remove()
            db.engine.dispose()

    def _killed(self, work: Callable[[], object], after: float | None) -> bool:
        """Runs the work in a process of its own; whether it had to be killed."""
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            self._child(work, writing)
        os.close(writing)
        os.read(reading, 1)
        os.close(reading)
        if after is not None:
            time.sleep(after)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return os.waitpid(child, 0)[1] == signal.SIGKILL

    def _child(self, work: Callable[[], object], writing: int) -> None:
        try:
            with self._acting():
                os.write(writing, b"!")
                work()
            os._exit(0)
        except BaseException:
            os._exit(3)

    # what is done, and what must be so afterwards

    def do_save(self, _state: None) -> None:
        for n in range(30):
            house = db.session.scalars(select(House).order_by(House.id)).first()
            assert house is not None
            house.remark = f"{self.serial}-{n}"
            db.session.commit()

    def after_save(self, _state: None) -> None:
        """The self-check alone tells."""

    def before_import(self) -> Path:
        path = self.folder / f"{self.serial}.xlsx"
        with Workbook(str(path)) as book:
            sheet = book.add_worksheet("名册")
            sheet.write_row(0, 0, ("网格编码", "详细地址"))
            for n in range(ROWS):
                sheet.write_row(n + 1, 0, (self.grid, self._address(n)))
        return path

    def _address(self, n: int) -> str:
        return f"轮次{self.serial}路{n + 1}号1栋1单元101室"

    def do_import(self, path: Path) -> Any:
        return import_file(House, path)

    def _there(self) -> int:
        return len(db.session.scalars(select(House.id).where(House.address.startswith(f"轮次{self.serial}路"))).all())

    def after_import(self, _path: Path) -> list[str]:
        first = self._there()
        with at(now() + LATER):
            slices.take_away_dead()
        return [] if (first, self._there()) in ((0, 0), (ROWS, ROWS)) else [f"{first}, then {self._there()} of {ROWS} rows"]

    def before_undo(self) -> int:
        return int(self.do_import(self.before_import()).batch)

    def do_undo(self, batch: int) -> None:
        Undo(db.session.get_one(ImportBatch, batch)).run()

    def after_undo(self, batch: int) -> list[str]:
        seen = self._there()
        found = db.session.get_one(ImportBatch, batch)
        if found.is_being_undone and seen:
            return [f"{seen} rows are seen while it is taken back"]
        if found.can_be_undone and not found.undone_at:
            with at(now() + LATER):
                self.do_undo(batch)
        return [f"{self._there()} rows are left"] if self._there() else []

    def before_bulk(self) -> list[tuple[int, int]]:
        query = select(House.id, House.version).order_by(House.id).limit(40)
        return [(number, version) for number, version in db.session.execute(query)]

    def do_bulk(self, rows: list[tuple[int, int]], again: bool = False) -> Act:
        act = Act(House, CHANGE, {"remark": f"批{self.serial}"}, rows, again=again)
        act.done()
        return act

    def after_bulk(self, rows: list[tuple[int, int]]) -> list[str]:
        self.do_bulk(rows, again=True)
        numbers = [number for number, _version in rows]
        words = Counter(db.session.scalars(select(House.remark).where(House.id.in_(numbers))))
        return [] if words == Counter({f"批{self.serial}": len(rows)}) else [f"after going on: {dict(words)}"]

    def do_export(self, _state: None) -> None:
        for _n in range(10):
            export_file(House, self.folder / "export.xlsx", [], None, "演练")

    def after_export(self, _state: None) -> None:
        """The self-check alone tells: nothing was written to the register."""

    def do_backup(self, _state: None) -> None:
        backup(self.app, self.folder / "backup.zip")

    def after_backup(self, _state: None) -> list[str]:
        path = self.folder / "backup.zip"
        if not path.exists():
            return [] if not self.tallies["backup"].rounds else ["the older backup is gone"]
        with zipfile.ZipFile(path) as archive:
            return [] if archive.testzip() is None else ["the backup is damaged"]

    def table(self) -> str:
        """A line a kind: rounds, kills, faults, seconds."""
        lines = [f"{'':<8}{'rounds':>8}{'killed':>8}{'faults':>8}{'seconds':>9}"]
        lines += [f"{name:<8}{t.rounds:>8}{t.killed:>8}{len(t.faults):>8}{t.seconds:>9.1f}" for name, t in self.tallies.items()]
        return "\n".join([*lines, *(fault for tally in self.tallies.values() for fault in tally.faults)])
