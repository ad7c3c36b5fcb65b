"""Background work: one worker a job, whoever's rows it may see, cancelled, killed, stopped, expired."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask_babel import force_locale, gettext
from sqlalchemy import func, select, update

from app.commands.work import Crew
from app.core import worker as working
from app.core.base.moments import now
from app.core.base.records import RuleError
from app.core.base.scope import Scope, current, system
from app.core.base.storage import reading
from app.core.jobs import kinds, records, running
from app.core.jobs.kinds import KINDS, Context, enqueue, job
from app.core.jobs.records import CANCELLED, DONE, FAILED, QUEUED, RUNNING, Job
from app.core.sheets.background import OUTCOME, UPLOAD, apply_import, check_import, export_list
from app.core.telling.masking import AccessLog
from app.core.upkeep.integrity import check
from app.db import db
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, FOREIGN, SECOND, STREET, WANGWAN, YANGOU, id_number
from tests.core.sheets.test_import import HEAD, book

ROOT = Path(__file__).parents[3]
ME, OTHER, ALL = Scope("wangwan", WANGWAN), Scope("yangou", YANGOU), Scope("street", STREET)
BIRTH = "19660606"


@pytest.fixture(autouse=True)
def kinds_of_this_test() -> Iterator[None]:
    """Kinds a test declares are gone behind it."""
    before = dict(KINDS)
    yield
    KINDS.clear()
    KINDS.update(before)


@pytest.fixture(autouse=True)
def empty_queue(app: Flask) -> None:
    with app.app_context():
        db.session.execute(db.delete(Job))
        db.session.commit()


def declared(work: Callable[..., Any], **options: Any) -> kinds.Kind:
    return job("trial", "trial", **options)(work)


def put(kind: kinds.Kind, owner: Scope = ME, **arguments: Any) -> Job:
    return enqueue(kind, owner, "试", arguments)


def done_by_worker(stopping: Callable[[], bool] = lambda: False) -> bool:
    return running.turn(running.worker_name(), stopping)


def fresh(number: int) -> Job:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Job, number)


def lose(number: int) -> None:
    """The lease of a job runs out, as it does a minute after its worker died."""
    db.session.execute(update(Job).where(Job.id == number).values(lease_until=now() - timedelta(seconds=1)))
    db.session.commit()


def people(path: Path, count: int, first: int, *places: str) -> Path:
    rows = [(f"任{n}", id_number(n % 1000, f"19{50 + n // 1000}0606"), "", "", places[n % len(places)], "")
            for n in range(first, first + count)]
    return book(path, *rows, head=HEAD)


def import_job(path: Path, owner: Scope = ME, kind: kinds.Kind = apply_import, **more: Any) -> Job:
    arguments = {"record": "resident", "base": "/resident", "name": path.name, "grid": "", "mode": "both"} | more
    return enqueue(kind, owner, path.name, arguments, lambda folder: (folder / UPLOAD).write_bytes(path.read_bytes()))


def residents() -> int:
    with system("count"):
        return db.session.scalar(select(func.count(Resident.id))) or 0


@pytest.mark.parametrize(("language", "words"), [("zh", "请写明用途。"), ("en", "Say what you need it for.")])
def test_the_work_runs_as_its_owner_in_his_language_and_ends_with_its_result(app: Flask, language: str,
                                                                             words: str) -> None:
    def work(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"actor": current().actor, "node": current().node, "twice": arguments["number"] * 2,
                "may": [context.may("import", "ResidentView"), context.may("list", "UserDBModelView")],
                "words": gettext("Say what you need it for.")}

    with force_locale(language):
        found = put(declared(work), number=21)
    assert (found.state, found.tries) == (QUEUED, 0)
    assert done_by_worker() and not done_by_worker()
    ended = fresh(found.id)
    assert (ended.state, ended.tries, ended.words) == (DONE, 1, "") and ended.finished_at
    assert ended.result == {"actor": "wangwan", "node": WANGWAN, "twice": 42, "may": [True, False],
                            "words": words}
    assert current().actor == ""


def test_a_broken_rule_and_a_fault_of_ours_end_a_job_with_a_sentence(app: Flask) -> None:
    def refuses(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        raise RuleError("不行" if arguments["rule"] else "") if arguments["rule"] else ZeroDivisionError

    kind = declared(refuses)
    rule, fault = put(kind, rule=True), put(kind, rule=False)
    assert done_by_worker() and done_by_worker()
    assert (fresh(rule.id).state, fresh(rule.id).words) == (FAILED, "不行")
    assert fresh(fault.id).state == FAILED and str(fault.id) in fresh(fault.id).words


def test_two_workers_at_once_never_take_the_same_job(app: Flask) -> None:
    kind = declared(lambda context, arguments: {})
    wanted = {put(kind, n=n).id for n in range(12)}
    db.session.remove()
    taken: dict[str, list[int]] = {"one": [], "two": [], "three": []}
    gate = threading.Barrier(len(taken))

    def take(worker: str) -> None:
        with app.app_context():
            gate.wait()
            while (number := running.claim(worker)) is not None:
                taken[worker].append(number)

    threads = [threading.Thread(target=take, args=(worker,)) for worker in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    everything = [number for numbers in taken.values() for number in numbers]
    assert sorted(everything) == sorted(wanted)
    assert all(fresh(n).worker == worker for worker, numbers in taken.items() for n in numbers)


def test_a_lost_job_is_run_again_where_that_is_safe_three_times_at_most(app: Flask) -> None:
    once, again = declared(lambda context, arguments: {}), None
    number = put(once).id
    assert running.claim("dead") == number
    assert not done_by_worker() and fresh(number).state == RUNNING  # the lease still holds
    lose(number)
    assert not done_by_worker()
    assert fresh(number).state == FAILED and "1" in fresh(number).words

    again = job("trial_again", "trial", repeatable=True)(lambda context, arguments: {"tries": 2})
    second = put(again).id
    running.claim("dead")
    lose(second)
    assert done_by_worker() and (fresh(second).state, fresh(second).tries) == (DONE, 2)

    third = put(again).id
    for worker in ("a", "b", "c"):
        assert running.claim(worker) == third
        lose(third)
    assert not done_by_worker() and (fresh(third).state, fresh(third).tries) == (FAILED, 3)


def test_a_worker_taken_for_dead_can_no_longer_write(app: Flask) -> None:
    def work(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        lose(context.number)
        running.claim("somebody else")
        context.settle({"wrong": 1})
        return {}

    number = put(declared(work)).id
    assert done_by_worker()
    assert (fresh(number).state, fresh(number).worker, fresh(number).result) == (RUNNING, "somebody else", None)


def test_the_lease_is_renewed_while_the_work_goes_on(app: Flask, monkeypatch: Any) -> None:
    monkeypatch.setattr(running, "BEAT_SECONDS", 0.05)
    kept: list[Any] = []

    def work(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        lose(context.number)
        for _try in range(100):
            time.sleep(0.05)
            if fresh(context.number).lease_until > now() + timedelta(seconds=30):
                kept.append(1)
                break
        db.session.rollback()
        return {}

    put(declared(work))
    assert done_by_worker() and kept


def test_cancel_stops_a_waiting_job_and_one_at_work(app: Flask) -> None:
    begun: list[str] = []

    def work(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        begun.append(arguments["name"])
        db.session.get_one(Job, context.number).cancel()
        for step in range(1000):
            context.progress(step, 1000)
            time.sleep(0.01)
        return {}

    kind = declared(work)
    waiting, at_work = put(kind, name="waiting"), put(kind, name="at work")
    waiting.cancel()
    assert waiting.is_cancelling
    assert done_by_worker() and done_by_worker()
    assert [fresh(n.id).state for n in (waiting, at_work)] == [CANCELLED, CANCELLED]
    assert begun == ["at work"] and fresh(at_work.id).words


def test_a_worker_that_is_told_to_end_hands_back_what_can_be_repeated(app: Flask) -> None:
    def work(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        time.sleep(kinds.LOOK_SECONDS)
        context.progress(1)
        return {}

    ending = iter([False, True, False, True])
    again = put(job("trial_again", "trial", repeatable=True)(work))
    assert done_by_worker(lambda: next(ending))
    assert (fresh(again.id).state, fresh(again.id).tries) == (QUEUED, 0)
    again.cancel()
    done_by_worker()
    once = put(declared(work))
    assert done_by_worker(lambda: next(ending))
    assert fresh(once.id).state == FAILED and fresh(once.id).words


def test_progress_is_told_while_a_transaction_is_open(app: Flask) -> None:
    def work(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        with system("a writer"):
            db.session.add(AccessLog(action="t", record="t", at=now(), by="t", purpose="tt", filters={}, row_count=0))
            db.session.flush()
            time.sleep(kinds.LOOK_SECONDS)
            context.progress(3, 7, "三")
            seen = Job(key=context.folder.name).progress()
            db.session.rollback()
        return {"done": seen.done, "total": seen.total, "words": seen.words}

    number = put(declared(work)).id
    assert done_by_worker() and fresh(number).result == {"done": 3, "total": 7, "words": "三"}


def test_an_account_closed_or_moved_meanwhile_ends_the_job(app: Flask) -> None:
    kind = declared(lambda context, arguments: {"ran": 1})
    gone, moved = put(kind, Scope("nobody", WANGWAN)), put(kind, Scope("wangwan", YANGOU))
    assert done_by_worker() and done_by_worker()
    for found in (gone, moved):
        assert fresh(found.id).state == FAILED and fresh(found.id).result is None


def test_an_import_never_writes_a_row_of_another_community(app: Flask, tmp_path: Path) -> None:
    before = residents()
    path = people(tmp_path / "a.xlsx", 20, 100, FIRST, FOREIGN)
    checked, applied = import_job(path, kind=check_import), import_job(path)
    assert done_by_worker() and residents() == before
    assert done_by_worker() and residents() == before + 10
    for found in (checked, applied):
        result = fresh(found.id).result
        assert (result["new"], result["refused"]) == (10, 10)
    with system("look"):
        assert not db.session.scalar(select(func.count(Resident.id)).where(
            Resident.grid_code == FOREIGN, Resident.name.startswith("任")))
        line = db.session.scalars(select(AccessLog).order_by(AccessLog.id.desc())).first()
        assert (line.action, line.by, line.row_count) == ("import", "wangwan", 10)
    assert all((applied.folder / name).exists() for name in (UPLOAD, OUTCOME))  # what was refused can still be put right


def test_an_export_holds_the_owners_rows_alone_masked_unless_his_role_may(app: Flask) -> None:
    query = "cols=name,id_number,grid_code"
    mine = enqueue(export_list, ME, "名单", {"record": "resident", "query": query, "purpose": "月报", "whole": True})
    theirs = enqueue(export_list, OTHER, "名单", {"record": "resident", "query": query, "purpose": "月报", "whole": False})
    inspector = enqueue(export_list, Scope("inspector", STREET), "名单", {
        "record": "resident", "query": query, "purpose": "督查", "whole": True})
    worker = enqueue(export_list, Scope("wangwan01", FIRST), "名单", {
        "record": "resident", "query": query, "purpose": "督查", "whole": True})
    for _job in range(4):
        assert done_by_worker()
    names = {found.id: cells(found) for found in (mine, theirs, inspector)}
    assert not {place for _n, _i, place in names[mine.id]} & {place for _n, _i, place in names[theirs.id]}
    assert {len(number.replace("*", "")) for _n, number, _p in names[mine.id]} == {18}
    for masked in (theirs, inspector):
        assert all("*" in number for _n, number, _p in names[masked.id])
    assert fresh(worker.id).state == FAILED  # a grid worker may not export


def cells(found: Job) -> list[tuple[str, str, str]]:
    book = openpyxl.load_workbook(fresh(found.id).folder / "export.xlsx")
    return [row for row in book.active.iter_rows(min_row=3, values_only=True) if row[0]]


@contextmanager
def a_worker(app: Flask) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process as `run.py work` starts it, on the database of this test."""
    settings = app.extensions["settings"]
    environment = {**os.environ, "GEWU_INSIDE": "1", "GEWU_DATA": str(settings.data_dir)}
    if settings.database_url:
        environment["GEWU_DATABASE_URL"] = settings.database_url
    process = subprocess.Popen([sys.executable, str(ROOT / "run.py"), "work"], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(number: int, *states: str, seconds: float = 60) -> None:
    """Waits without asking for the writer's place, which the import holds."""
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        with reading():
            state = db.session.scalar(select(Job.state).where(Job.id == number))
        if state in states:
            return
        time.sleep(0.01)
    raise AssertionError(f"job {number} is {fresh(number).state}, not {states}")


@pytest.mark.skipif(os.name == "nt", reason="kills with a signal")
def test_kill_9_in_the_middle_of_an_import_leaves_all_or_nothing_and_the_job_ends_well(app: Flask, tmp_path: Path) -> None:
    """Killed at random moments; the next worker finishes, or the job says that it failed: never a part."""
    dice, first, count, moments = random.Random(), 1000, 600, []
    for kill in range(3):
        path, before = people(tmp_path / f"{kill}.xlsx", count, first, FIRST, SECOND), residents()
        first += count
        number = import_job(path).id
        with a_worker(app) as process:
            wait_for(number, RUNNING, DONE)
            time.sleep(dice.uniform(0.0, 0.6) if kill else 0)
            process.send_signal(signal.SIGKILL)
            process.wait()
        state, there = fresh(number).state, residents() - before
        moments.append((state, there))
        assert moments[-1] in ((RUNNING, 0), (DONE, count))
        lose(number)
        if state == RUNNING:
            assert done_by_worker()
            assert fresh(number).tries == 2
        assert fresh(number).state == DONE and residents() - before == count
    assert moments[0] == (RUNNING, 0)
    assert check() == []


def test_a_worker_process_does_the_work_and_ends_in_good_order(app: Flask, tmp_path: Path) -> None:
    number = import_job(people(tmp_path / "w.xlsx", 5, 8000, FIRST)).id
    with a_worker(app) as process:
        wait_for(number, DONE, FAILED)
        found = fresh(number)
        assert (found.state, found.result["new"]) == (DONE, 5)
        db.session.rollback()  # an open transaction of ours would keep SQLite's writer from the worker
        process.terminate()
        assert process.wait(90) == 0


@pytest.mark.skipif(os.name == "nt", reason="kills with a signal")
def test_a_worker_of_the_server_is_started_again_when_it_dies_and_ends_with_the_server(app: Flask, tmp_path: Path) -> None:
    settings = app.extensions["settings"]
    crew = Crew(1, {**os.environ, "GEWU_DATA": str(settings.data_dir), "GEWU_DATABASE_URL": settings.database_url})
    member = crew.members[0]
    try:
        first = member.process
        first.send_signal(signal.SIGKILL)
        first.wait()
        for _try in range(100):
            crew.look_after()
            if member.process is not first:
                break
            time.sleep(0.1)
        number = import_job(people(tmp_path / "c.xlsx", 3, 8500, FIRST)).id
        wait_for(number, DONE, FAILED)
    finally:
        crew.end()
    assert fresh(number).state == DONE and member.process.returncode == 0


def test_what_has_expired_vanishes_and_is_not_given_out_before_that_either(app: Flask) -> None:
    def work(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        (context.folder / "x.xlsx").write_bytes(b"PK")
        return {"file": "x.xlsx"}

    kind = declared(work)
    old, new, ancient = put(kind), put(kind), put(kind)
    for _job in range(3):
        done_by_worker()
    orphan = records.folders() / ("0" * 32)
    orphan.mkdir()
    os.utime(orphan, (0, 0))
    old, new, ancient = (fresh(found.id) for found in (old, new, ancient))
    old.expires_at = now() - timedelta(seconds=1)
    ancient.finished_at = now() - working.ROWS_KEPT - timedelta(days=1)
    db.session.commit()
    assert old.file("x.xlsx") is None and new.file("x.xlsx") and (old.folder / "x.xlsx").exists()
    folder, gone = old.folder, ancient.id
    working.sweep()
    assert not folder.exists() and not orphan.exists() and new.file("x.xlsx")
    assert fresh(old.id).state == DONE and db.session.get(Job, gone) is None


def ended_export(app: Flask, owner: Scope = ME) -> int:
    with app.app_context():
        number = enqueue(export_list, owner, "王湾月报", {
            "record": "resident", "query": "", "purpose": "月报", "whole": False}).id
        assert done_by_worker()
        return number


def test_a_file_is_fetched_by_its_owner_alone(app: Flask, client: Any) -> None:
    number = ended_export(app)
    mine = client("wangwan")
    assert mine.get(f"/jobs/{number}/state").get_json()["over"] is True
    answer = mine.get(f"/jobs/{number}/file")
    assert answer.status_code == 200 and answer.data[:2] == b"PK"
    for username in ("yangou", "street", "admin", "leader"):
        browser = client(username)
        for page in ("file", "state"):
            assert browser.get(f"/jobs/{number}/{page}").status_code == 404, (username, page)
        assert browser.post(f"/jobs/{number}/cancel").status_code == 404
        assert "王湾月报" not in browser.get("/jobs/").get_data(as_text=True)
        assert browser.get("/jobs/all/").status_code == (200 if username == "admin" else 403)
    stranger = client("stranger")
    assert stranger.get(f"/jobs/{number}/file").status_code == 302
    page = client("admin").get("/jobs/all/").get_data(as_text=True)
    assert "wangwan" in page and f"/jobs/{number}/file" not in page and "王湾月报" not in page


def test_whoever_was_moved_to_another_community_no_longer_gets_the_old_ones_files(app: Flask, client: Any) -> None:
    number = ended_export(app)
    with app.app_context():
        db.session.execute(update(Job).where(Job.id == number).values(node=YANGOU))
        db.session.commit()
    assert client("wangwan").get(f"/jobs/{number}/file").status_code == 404


def test_an_expired_file_says_so(app: Flask, client: Any) -> None:
    number = ended_export(app)
    with app.app_context():
        db.session.execute(update(Job).where(Job.id == number).values(expires_at=now() - timedelta(seconds=1)))
        db.session.commit()
    answer = client("wangwan").get(f"/jobs/{number}/file", follow_redirects=True)
    assert "只保留几天" in answer.get_data(as_text=True) and "已过期" in answer.get_data(as_text=True)


def sent(browser: Any, path: Path) -> str:
    answer = browser.post("/resident/import/", data={"file": (BytesIO(path.read_bytes()), path.name)})
    assert answer.status_code == 303, answer.get_data(as_text=True)[:500]
    return str(answer.headers["Location"])


def test_a_small_workbook_is_checked_and_imported_at_once(app: Flask, client: Any, tmp_path: Path) -> None:
    browser = client("wangwan")
    address = sent(browser, people(tmp_path / "小表.xlsx", 6, 8100, FIRST, FOREIGN))
    page = browser.get(address).get_data(as_text=True)
    assert "小表.xlsx" in page and "导入 3 行" in page
    assert client("yangou").get(address).status_code == 404 and client("street").get(address).status_code == 404
    assert client("yangou").post(f"{address}/apply").status_code == 404
    assert browser.get(address.replace("/resident/", "/house/")).status_code == 404
    done = browser.post(f"{address}/apply")
    result = browser.get(done.headers["Location"]).get_data(as_text=True)
    assert "新增 3" in result and "任8101" not in browser.get("/jobs/").get_data(as_text=True)
    again = browser.post(f"{address}/apply", follow_redirects=True).get_data(as_text=True)
    assert "重新上传" in again or "不在" in again or "再次" in again
    assert "任8100" in browser.get("/resident/list/?q=任8100").get_data(as_text=True)


def test_a_large_workbook_waits_with_progress_and_can_be_cancelled_and_checked_again(
        app: Flask, client: Any, tmp_path: Path, monkeypatch: Any) -> None:
    from app.core.screens import imports

    monkeypatch.setattr(imports, "AT_ONCE", 0)
    browser = client("wangwan")
    address = sent(browser, people(tmp_path / "大表.xlsx", 4, 8200, FIRST))
    number = int(address.rsplit("/", 1)[1])
    page = browser.get(address).get_data(as_text=True)
    assert f'data-poll="/jobs/{number}/state"' in page and "<progress" in page and "/apply" not in page
    told = browser.get(f"/jobs/{number}/state").get_json()
    assert (told["over"], told["url"], told["message"]) == (False, address, "排队中……")
    assert browser.post(f"/jobs/{number}/cancel").status_code == 302
    assert browser.get(f"/jobs/{number}/state").get_json()["message"] == "正在取消……"
    with app.app_context():
        assert done_by_worker()
    page = browser.get(address).get_data(as_text=True)
    assert "已取消" in page and f"{address}/check" in page
    second = browser.post(f"{address}/check").headers["Location"]
    with app.app_context():
        assert done_by_worker()
    assert "导入 4 行" in browser.get(second).get_data(as_text=True)


def test_a_file_that_is_no_workbook_ends_in_its_sentence(app: Flask, client: Any, tmp_path: Path) -> None:
    path = tmp_path / "网页.xls"
    path.write_text("<html><table></table></html>", encoding="utf-8")
    browser = client("wangwan")
    page = browser.get(sent(browser, path)).get_data(as_text=True)
    assert "网页" in page and 'role="alert"' in page and "/apply" not in page


def test_a_long_export_becomes_a_job_and_a_short_one_comes_at_once(app: Flask, client: Any, monkeypatch: Any) -> None:
    from app.core.screens import sheets

    browser = client("wangwan")
    assert browser.post("/resident/export", data={"purpose": "月报"}).data[:2] == b"PK"
    monkeypatch.setattr(sheets, "LONG_ROWS", 1)
    assert browser.post("/resident/export", data={"purpose": " "}).status_code == 422
    answer = browser.post("/resident/export?cols=name,phone&sort=-name", data={"purpose": "月报"})
    assert answer.status_code == 302 and answer.headers["Location"] == "/jobs/"
    with app.app_context():
        assert done_by_worker()
        found = db.session.scalars(select(Job).order_by(Job.id.desc())).first()
        line = db.session.scalars(select(AccessLog).order_by(AccessLog.id.desc())).first()
        assert (line.action, line.by, line.purpose, line.columns) == ("export", "wangwan", "月报", "name,phone")
        assert found.result["rows"] >= 2
    page = browser.get("/jobs/").get_data(as_text=True)
    assert f"/jobs/{found.id}/file" in page


def test_cancelling_in_the_middle_of_a_long_export_leaves_no_file(app: Flask, monkeypatch: Any) -> None:
    from app.core.sheets.out import exporting

    monkeypatch.setattr(kinds, "LOOK_SECONDS", 0)
    monkeypatch.setattr(exporting, "CHUNK", 1)
    found = enqueue(export_list, ALL, "名单", {"record": "resident", "query": "", "purpose": "月报", "whole": False})
    told = Context.progress

    def cancels_at_the_second(self: Context, done: int, total: int = 0, words: str = "") -> None:
        if done:
            (self.folder / "cancel").touch()
        told(self, done, total, words)

    monkeypatch.setattr(Context, "progress", cancels_at_the_second)
    assert done_by_worker()
    assert fresh(found.id).state == CANCELLED and fresh(found.id).file("export.xlsx") is None


def test_cancel_does_not_wait_for_the_writer(app: Flask, client: Any) -> None:
    """While an import holds the only writer's place of SQLite, its owner can still cancel it."""
    browser = client("wangwan")
    with app.app_context():
        number = put(declared(lambda context, arguments: {})).id
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(update(Job).where(Job.id == number).values(words="held"))
        assert browser.post(f"/jobs/{number}/cancel").status_code == 302, "whoever waits for the writer waits in vain here"
        assert browser.get(f"/jobs/{number}/state").get_json()["message"] == "正在取消……"
