"""Every record is written once by its form, once by a program and once by a workbook, and keeps what was given to the letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from app.core import assembly
from app.core.base import registry
from app.core.base.fields import Field, fields_of
from app.core.base.moments import local
from app.core.base.scope import acting_as, system
from app.core.sheets.checking.matching import Relation
from app.core.sheets.writing.importing import import_file
from app.core.telling.dictionaries import label_of
from app.db import db
from tests import valid
from tests.street import FIRST, PASSWORD, STREET
from tests.test_roles import allowed

assembly.discover()
VIEWS = registry.record_views()
OFFICE = ("street", STREET)
Values = dict[str, Any]


@pytest.fixture(scope="module")
def browser(app: Flask) -> FlaskClient:
    found = app.test_client()
    assert found.post("/login/", data={"username": "street", "password": PASSWORD}).status_code == 302
    return found


@pytest.fixture(scope="module")
def header(app: Flask) -> dict[str, str]:
    answer = app.test_client().post("/api/v1/security/login", json={
        "username": "street", "password": PASSWORD, "provider": "db"})
    return {"Authorization": f"Bearer {answer.get_json()['access_token']}"}


@pytest.fixture(autouse=True)
def session() -> None:
    """Every way has a session of its own here."""


def given(app: Flask, record: type) -> Values:
    with app.test_request_context(), acting_as(*OFFICE):
        found = valid.values(record)
        db.session.commit()
        return found


def as_typed(value: Any) -> Any:
    if isinstance(value, datetime):
        return local(value).isoformat(timespec="minutes")
    return "y" if value is True else value if isinstance(value, list) else str(value)


def as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    return str(value) if isinstance(value, date | Decimal) else value


def as_cell(record: type, words: Field, value: Any) -> Any:
    """A value as somebody writes it into a workbook: codes and related rows in words, a moment in China's time."""
    if words.dictionary:
        codes = value if words.multiple else [value]
        return "、".join(label_of(words.dictionary, code) for code in codes)
    if words.kind == "relation":
        relation = Relation(record, words.name)
        return str(getattr(db.session.get(relation.target, value), relation.key))
    if isinstance(value, datetime):
        return local(value).isoformat(" ", timespec="minutes")
    return "是" if value is True else str(value)


def kept(app: Flask, record: Any, number: int, values: Values) -> Values:
    """What the row holds of what was given."""
    with app.app_context(), system("what was written"):
        row = db.session.get_one(record, number)
        return {name: getattr(row, name) for name in values}


def newest(app: Flask, record: Any) -> int:
    with app.app_context(), system("the newest row"):
        return int(db.session.scalar(db.select(db.func.max(record.id))) or 0)


def told(page: str) -> str:
    """The sentences of a page beside its inputs, for whoever reads why a form was refused."""
    return " / ".join(re.sub(r"\s+", " ", re.sub("<[^>]+>", "", part)) for part in re.findall(
        r'class="[^"]*(?:error|invalid|alert)[^"]*"[^>]*>(.*?)</(?:div|p|li|span|ul)>', page, re.S))


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.record.__name__)
def test_a_record_is_written_by_form_by_program_and_by_workbook(app: Flask, browser: FlaskClient, header: dict[str, str],
                                                               view: Any, tmp_path: Path) -> None:
    view.derive()
    record, may = view.record, set(allowed(app)[view.__name__, "街道管理员"])
    faults: list[str] = []

    def by(way: str, write: Callable[[Values], int]) -> None:
        values = given(app, record)
        try:
            found = kept(app, record, write(values), values)
            faults.extend(f"{way}: {name} is {found[name]!r}, not {values[name]!r}" for name in values if found[name] != values[name])
        except AssertionError as error:
            faults.append(f"{way}: {str(error).partition('assert ')[0].strip()}")

    def form(values: Values) -> int:
        answer = browser.post(f"{view.route_base}/add", data={name: as_typed(value) for name, value in values.items()})
        assert answer.status_code == 302, told(answer.get_data(as_text=True))
        return newest(app, record)

    def program(values: Values) -> int:
        answer = app.test_client().post(f"/api/v1/{registry.record_name(record)}/", headers=header,
                                        json={name: as_json(value) for name, value in values.items()})
        assert answer.status_code == 201, answer.get_json()
        return int(answer.get_json()["id"])

    def workbook(values: Values) -> int:
        with app.test_request_context(), force_locale("zh"), acting_as(*OFFICE):
            cells = {str(words.label): as_cell(record, words, values[name])
                     for name, words in fields_of(record).items() if name in values}
            with xlsxwriter.Workbook(str(tmp_path / "一行.xlsx")) as book:
                sheet = book.add_worksheet()
                sheet.write_row(0, 0, list(cells))
                sheet.write_row(1, 0, list(cells.values()))
            elsewhere = FIRST if hasattr(record, "grid_code") and "grid_code" not in values else None
            outcome = import_file(record, tmp_path / "一行.xlsx", grid=elsewhere)
            assert (outcome.new, outcome.refused) == (1, 0), [str(message) for message in outcome.messages] or outcome.error
        return newest(app, record)

    if "add" in may:
        by("form", form)
        by("program", program)
    if "import" in may:
        by("workbook", workbook)
    if not {"add", "import"} & may:
        pytest.skip("written by steps or by the clock, never by hand")
    assert not faults, "\n".join(faults)
