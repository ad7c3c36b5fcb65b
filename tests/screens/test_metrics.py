"""What machines are told of a console, if they bear the token: counted by view, measured now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from app.core.base.moments import now
from app.core.jobs.records import Job
from app.core.upkeep.condition import LAST_BACKUP, note_backup
from app.db import db

TOKEN = {"Authorization": "Bearer watch-this"}
PAGES = ("/metrics", "/health?full")


@pytest.fixture
def watched(app: Flask, client: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], watch_token="watch-this"))
    return app.test_client()


@pytest.mark.parametrize("page", PAGES)
def test_without_a_token_set_nothing_is_there_and_without_the_right_one_nobody_is_told(app: Flask, watched: Any, page: str,
                                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    assert watched.get(page).status_code == 401
    assert watched.get(page, headers={"Authorization": "Bearer watch-thi"}).status_code == 401
    assert watched.get(page, headers=TOKEN).status_code == 200
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], watch_token=""))
    assert watched.get(page, headers=TOKEN).status_code == watched.get(page, headers={"Authorization": "Bearer "}).status_code == 404


def told(browser: Any) -> dict[str, float]:
    text = browser.get("/metrics", headers=TOKEN).get_data(as_text=True)
    return {sample.name + "".join(f",{value}" for _name, value in sorted(sample.labels.items()) if _name != "le"): sample.value
            for family in text_string_to_metric_families(text) for sample in family.samples}


def test_requests_are_counted_by_view_and_unknown_addresses_as_one(client: Any, watched: Any) -> None:
    before = told(watched)
    browser = client("wangwan")
    browser.get("/grid/list/")
    for number in range(3):
        browser.get(f"/unknown/{number}")
    after = told(watched)
    rise = {name: value - before.get(name, 0) for name, value in after.items() if name.startswith("gewu_requests_total")}
    assert rise["gewu_requests_total,GET,200,GridView"] == 1 and rise["gewu_requests_total,-,404,none"] == 3
    assert after["gewu_request_seconds_count,GridView"] - before.get("gewu_request_seconds_count,GridView", 0) == 1


def test_what_waits_and_how_old_the_backup_is(app: Flask, watched: Any) -> None:
    folder = app.extensions["settings"].data_dir
    (folder / LAST_BACKUP).unlink(missing_ok=True)
    assert "gewu_backup_seconds" not in told(watched)
    with app.app_context():
        db.session.add(Job(key="k", kind="none", title="t", owner="admin", node="", language="zh", arguments={},
                           created_at=now() - timedelta(minutes=10)))
        db.session.commit()
    note_backup(folder)
    found = told(watched)
    assert found["gewu_jobs_waiting"] == 1 and 600 <= found["gewu_oldest_job_seconds"] < 900
    assert 0 <= found["gewu_backup_seconds"] < 300 and found["gewu_writable"] == 1 and found["gewu_disk_free_bytes"] > 0
    full = watched.get("/health?full", headers=TOKEN).get_json()
    assert full["measures"]["jobs_waiting"] == 1 and full["status"] == "ok"
    assert "measures" not in watched.get("/health").get_json()
