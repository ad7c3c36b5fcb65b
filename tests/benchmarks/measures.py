"""Every page of the console against its floor, the bare SQL or file work, in the same run."""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

try:
    import resource
except ImportError:  # Windows tells no peak memory this way
    resource = None  # type: ignore[assignment]

REPEAT = 9
SHEET_ROWS = 100_000


def measure(folder: Path, rows: int, url: str | None, only: set[str]) -> None:
    """Builds the street when the folder is new and prints one JSON line a measure."""
    from app.commands.installation import opened
    from app.core.base.scope import system
    from app.db import db
    from app.demo import loading
    from app.subsystems.people.residents import Resident

    started = time.perf_counter()
    arguments = argparse.Namespace(data=str(folder), database_url=url, command="bench")
    with opened(arguments) as app:
        start_ms = (time.perf_counter() - started) * 1000
        if db.session.scalar(db.select(Resident.id).limit(1)) is None:
            loading.load(rows)
            loading.create_accounts()
        if not only or "start" in only:
            report("start", start_ms, None, None)
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
        with system("bench"):
            runs = Measures(app, folder)
        db.session.remove()
    for name, run in runs.all():
        if not only or name in only:
            run(name)


def report(name: str, ms: float, floor_ms: float | None, queries: int | None) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 if resource else None
    print(json.dumps({"name": name, "ms": round(ms, 2), "floor_ms": None if floor_ms is None else round(floor_ms, 2),
                      "queries": queries, "mb": peak}), flush=True)


class Measures:
    """The measures, each with its page and its floor."""

    def __init__(self, app: Any, folder: Path) -> None:
        from app.db import db
        from app.subsystems.people.residents import Resident

        self.app, self.folder = app, folder
        sample = db.session.scalars(db.select(Resident).order_by(Resident.id).offset(1000).limit(1)).one()
        self.sample_id, self.name, self.number = sample.id, sample.name, sample.id_number
        self.household = sample.household_id
        self.client = app.test_client()
        self.client.post("/login/", data={"username": "street", "password": "Gewu#2026"})
        answer = app.test_client().post("/api/v1/security/login", json={
            "username": "street", "password": "Gewu#2026", "provider": "db"})
        self.header = {"Authorization": f"Bearer {answer.get_json()['access_token']}"}

    def all(self) -> Iterator[tuple[str, Callable[[str], None]]]:
        first, given = self.name[0], self.name[1:3]
        deep = "SELECT id FROM resident WHERE deleted_at IS NULL ORDER BY grid_code, id LIMIT 25 OFFSET {}"
        pages = {
            "list_page_1": ("/resident/list/", deep.format(0)),
            "list_page_20000": (f"/resident/list/?page={min(20_000, self.pages())}",
                                deep.format(25 * min(20_000, self.pages()))),
            "search_name_prefix": (f"/resident/list/?q={first}",
                                   f"SELECT id FROM resident WHERE deleted_at IS NULL AND name >= '{first}' AND name < '{first}\U0010ffff' LIMIT 25"),
            "search_name_contains": (f"/resident/list/?q={given}", self.contains(given)),
            "search_id_number": (f"/resident/list/?q={self.number}", self.by_digest()),
            "filter_community": ("/resident/list/?f.grid_code=420303002003",
                                 "SELECT id FROM resident WHERE grid_code >= '420303002003' AND grid_code < '420303002004' LIMIT 25"),
            "sort_indexed": ("/resident/list/?sort=-birth_on",
                             "SELECT id FROM resident WHERE deleted_at IS NULL ORDER BY birth_on DESC, id DESC LIMIT 25"),
            "form_edit": (f"/resident/edit/{self.sample_id}", f"SELECT * FROM resident WHERE id = {self.sample_id}"),
            "chart_age_sex": ("/resident/chart/?by=birth_on&then=sex", self.age_sex()),
            "chart_grid": ("/resident/chart/?by=grid_code",
                           "SELECT substr(grid_code, 1, 12), count(*) FROM resident WHERE deleted_at IS NULL GROUP BY 1"),
        }
        for name, (url, floor) in pages.items():
            yield name, partial(self.page, url=url, floor=floor)
        yield "api_list", lambda label: self.page(label, "/api/v1/resident/", deep.format(0), self.header)
        yield "save_one", self.save_one
        yield "requests_per_second", self.requests_per_second
        yield "export_100k", self.export
        yield "preview_100k", lambda label: self.import_sheet(label, dry_run=True)
        yield "import_100k", lambda label: self.import_sheet(label, dry_run=False)

    def pages(self) -> int:
        with self.app.app_context(), self.raw() as connection:
            return int(connection.execute(text("SELECT count(*) FROM resident")).scalar() or 0) // 25 - 2

    @contextmanager
    def raw(self) -> Iterator[Any]:
        """A connection that asks the database directly: the floor."""
        from app.core.base.scope import CHECKED
        from app.db import db

        with db.engine.connect().execution_options(**CHECKED) as connection:
            yield connection

    def contains(self, given: str) -> str:
        spaced = " ".join(given)
        with self.app.app_context(), self.raw() as connection:
            if connection.dialect.name == "postgresql":
                return (f"SELECT id FROM resident WHERE to_tsvector('simple', search_text) @@ "
                        f"phraseto_tsquery('simple', '{spaced}') LIMIT 25")
        return f"SELECT rowid FROM resident_fts WHERE resident_fts MATCH '\"{spaced}\"' LIMIT 25"

    def by_digest(self) -> str:
        from app.core.base.crypto import keyring

        return f"SELECT id FROM resident WHERE deleted_at IS NULL AND id_number_digest = '{keyring().digest('id_number', self.number)}'"

    @staticmethod
    def age_sex() -> str:
        from app.core.asking.charts import AGE_BANDS
        from app.core.base.moments import years_ago

        bands = " ".join(f"WHEN birth_on > '{years_ago(high + 1)}' THEN {low}" for low, high in AGE_BANDS)
        return f"SELECT CASE {bands} END, sex, count(*) FROM resident WHERE deleted_at IS NULL GROUP BY 1, 2"

    def floor(self, statement: str) -> float:
        with self.app.app_context(), self.raw() as connection:
            return _median(lambda: connection.execute(text(statement)).all())

    def page(self, label: str, url: str, floor: str, headers: dict[str, str] | None = None) -> None:
        client = self.app.test_client() if headers else self.client
        codes = []
        with self.counted() as queries:
            codes.append(client.get(url, headers=headers).status_code)
        ms = _median(lambda: codes.append(client.get(url, headers=headers).status_code))
        if set(codes) != {200}:
            raise RuntimeError(f"{label}: answered {set(codes)}")
        report(label, ms, self.floor(floor), len(queries))

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        from app.db import db

        seen: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            seen.append(statement)

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    def save_one(self, label: str) -> None:
        """One edit through REST: scope, rules, version, history."""
        turn = iter(range(10_000))

        def save() -> None:
            answer = self.app.test_client().put(f"/api/v1/resident/{self.sample_id}", headers=self.header,
                                                json={"remark": f"bench {next(turn)}"})
            assert answer.status_code == 200, answer.get_data(as_text=True)

        with self.counted() as queries:
            save()
        with self.app.app_context(), self.raw() as connection:
            def floor() -> None:
                connection.execute(text(f"UPDATE resident SET remark = '{next(turn)}' WHERE id = {self.sample_id}"))
                connection.commit()
            floor_ms = _median(floor)
        report(label, _median(save), floor_ms, len(queries))

    def requests_per_second(self, label: str) -> None:
        """Page 1 of the list, one process, one user after the other; ms is the time of one."""
        started, count = time.perf_counter(), 0
        while time.perf_counter() - started < 3:
            self.client.get("/resident/list/")
            count += 1
        report(label, (time.perf_counter() - started) * 1000 / count, None, None)
        print(json.dumps({"name": f"{label}_value", "per_second": round(count / 3, 1)}), file=sys.stderr)

    def export(self, label: str) -> None:
        """A register of 100,000 rows as a workbook; the floor is the same rows as CSV."""
        from app.core.base.scope import acting_as
        from app.core.sheets.out.exporting import export_file
        from app.subsystems.people.residents import Resident

        with self.app.test_request_context(), acting_as("street", "420303002"):
            started = time.perf_counter()
            export_file(Resident, self.folder / "out.xlsx", [], None, "bench", limit=SHEET_ROWS)
            ms = (time.perf_counter() - started) * 1000
        with self.app.app_context(), self.raw() as connection:
            started = time.perf_counter()
            rows = connection.execute(text(f"SELECT * FROM resident LIMIT {SHEET_ROWS}"))
            with (self.folder / "out.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
            floor_ms = (time.perf_counter() - started) * 1000
        report(label, ms, floor_ms, None)

    def import_sheet(self, label: str, dry_run: bool) -> None:
        """100,000 new people from a workbook; the floor is reading the file."""
        import python_calamine

        from app.core.base.scope import acting_as
        from app.core.sheets.writing.importing import import_file
        from app.subsystems.people.residents import Resident
        from tests.benchmarks.workbook import write_people

        path = self.folder / "people.xlsx"
        if not path.exists():
            write_people(path, SHEET_ROWS)
        started = time.perf_counter()
        python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        floor_ms = (time.perf_counter() - started) * 1000
        with self.app.test_request_context(), acting_as("street", "420303002"):
            started = time.perf_counter()
            outcome = import_file(Resident, path, dry_run=dry_run).as_dict()
            ms = (time.perf_counter() - started) * 1000
        if outcome["error"] or outcome["refused"]:
            raise RuntimeError(f"{label}: {outcome['error'] or outcome['messages'][:3]}")
        report(label, ms, floor_ms, None)


def _median(call: Callable[[], Any]) -> float:
    """Median of several runs in milliseconds, after one that warms up."""
    call()
    times = []
    for _ in range(REPEAT):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)
