"""What the planner of the database knows of the tables: kept when it was worked out, and worked out after many rows."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from flask import Flask
from sqlalchemy import text

from app.core.base.scope import CHECKED, acting_as
from app.core.base.storage import refresh_statistics
from app.core.sheets.writing import importing
from app.core.sheets.writing.importing import import_file
from app.db import db
from app.subsystems.people.organizations import Organization
from tests.conftest import FIRST, WANGWAN


def known_rows(table: str) -> int:
    """How many rows the planner believes a table to have; 0 when it was never told."""
    with db.engine.connect() as connection:
        connection = connection.execution_options(**CHECKED)
        if db.engine.dialect.name == "postgresql":
            return int(connection.execute(text("SELECT greatest(reltuples, 0) FROM pg_class WHERE relname = :t"), {"t": table}).scalar() or 0)
        if not connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")).scalar():
            return 0
        found = connection.execute(text("SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = :t"), {"t": table}).scalar()
        return int(found or 0)


def test_statistics_are_kept(app: Flask) -> None:
    refresh_statistics()
    assert known_rows("resident") == 3


def test_a_large_import_tells_the_planner(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MANY", 20)
    path = tmp_path / "单位.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["单位名称", "单位类别", "网格"])
        for row in range(1, 31):
            sheet.write_row(row, 0, [f"第{row}便民超市", "个体工商户", FIRST])
    before = known_rows("organization")
    with acting_as("wangwan", WANGWAN):
        outcome = import_file(Organization, path)
    assert outcome.new == 30, outcome.as_dict()
    assert before < 30 <= known_rows("organization")
