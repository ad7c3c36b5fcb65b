"""The log: a line of JSON a request and a fault, by one id with the page, and nothing of what people typed."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.db import db
from app.screens import logs
from tests.street import id_number

TYPED = id_number(961)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """The log file of a server's process."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure(tmp_path)
    yield tmp_path / "logs" / logs.FILE
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = before
    root.setLevel(level)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_request_is_a_line_without_what_was_asked(app: Flask, client: Any, kept: Path) -> None:
    answer = client("wangwan").get(f"/resident/list/?q={TYPED}", headers={"X-Request-ID": "proxy-12345678"})
    client("wangwan").get(f"/nowhere/{TYPED}")
    told = [line for line in lines(kept) if line["name"] == "gewu.request"]
    listed = next(line for line in told if "/resident/list/" in line["message"])
    assert answer.headers["X-Request-ID"] == listed["request"] == "proxy-12345678"
    assert (listed["status"], listed["account"], listed["level"]) == (200, "wangwan", "INFO") and listed["milliseconds"] >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}", listed["time"])
    assert TYPED not in kept.read_text(encoding="utf-8") and any(line["status"] == 404 for line in told)
    assert oct(kept.stat().st_mode & 0o777) == "0o600" and oct(kept.parent.stat().st_mode & 0o777) == "0o700"


def test_a_strange_id_is_not_taken_over(app: Flask, client: Any, kept: Path) -> None:
    for given in ("short", "a b c d e f g h", "x" * 65, "值" * 10):
        answer = client("stranger").get("/login/", headers={"X-Request-ID": given.encode().decode("latin-1")})
        assert re.fullmatch(r"[0-9a-f]{12}", answer.headers["X-Request-ID"])


def test_a_fault_bears_the_number_of_its_page_and_no_value_of_the_database(app: Flask, client: Any, kept: Path,
                                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_words: Any, **_more: Any) -> None:
        db.session.execute(text("SELECT 1 FROM nowhere"), execution_options={"scope_checked": True})

    browser = client("wangwan")
    monkeypatch.setitem(app.view_functions, "HomeView.index", breaks)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    page = browser.get("/")
    number = page.headers["X-Request-ID"]
    assert page.status_code == 500 and number in page.get_data(as_text=True)
    fault = next(line for line in lines(kept) if line["level"] == "ERROR")
    assert fault["request"] == number and "exc_info" in fault


def test_what_a_message_repeats_is_left_out_and_where_it_broke_is_told() -> None:
    def breaks() -> None:
        try:
            int(TYPED + "x")
        except ValueError as error:
            raise KeyError(f"DETAIL: Key (number)=({TYPED})") from error

    try:
        breaks()
    except KeyError:
        said = [formatter.formatException(sys.exc_info()) for formatter in (logs.Line(), logs.Plain())]
    assert said[0] == said[1] and TYPED not in said[0]
    assert "builtins.KeyError" in said[0] and "builtins.ValueError" in said[0] and "in breaks" in said[0]


def test_where_no_log_can_be_written_the_server_starts_all_the_same(tmp_path: Path, kept: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "logs").write_text("a file where the folder should be")
    logs.configure(tmp_path / "taken")
    assert [type(handler).__name__ for handler in logging.getLogger().handlers] == ["StreamHandler"]


def test_files_turn_at_their_size_and_the_oldest_go(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = next(handler for handler in logging.getLogger().handlers if hasattr(handler, "maxBytes"))
    handler.maxBytes, handler.backupCount = 2_000, 2  # type: ignore[attr-defined]
    for number in range(100):
        logging.getLogger("app").info("line %s %s", number, "x" * 100)
    assert len(list(kept.parent.glob(f"{logs.FILE}*"))) == 3 and lines(kept)[-1]["message"].startswith("line 99")
