"""A chart goes out as numbers and a native chart, with a purpose, and never further than the list."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from app.core.base.scope import system
from app.core.telling.masking import AccessLog
from app.db import db

ADDRESS = "/resident/chart/?by=grid_code&then=sex&kind={}"


def taken(browser: Any, kind: str = "bar", purpose: str = "月报") -> Any:
    return browser.post(ADDRESS.format(kind), data={"purpose": purpose})


@pytest.mark.parametrize("kind", ["bar", "line", "pie"])
def test_the_file_holds_the_counts_and_a_chart_excel_draws(app: Flask, client: Any, kind: str) -> None:
    answer = taken(client("street"), kind)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    with zipfile.ZipFile(BytesIO(answer.data)) as parts:
        drawn = parts.read("xl/charts/chart1.xml").decode()
    assert ("pieChart" if kind == "pie" else f"{kind}Chart") in drawn
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    page = client("street").get(ADDRESS.format(kind)).get_data(as_text=True)
    for label, *counts in rows[3:]:
        assert label in page and counts[-1] == sum(counts[:-1])


def test_a_community_carries_out_its_own_counts_only(app: Flask, client: Any) -> None:
    rows = CalamineWorkbook.from_filelike(BytesIO(taken(client("wangwan")).data)).get_sheet_by_index(0).to_python()
    assert rows[3:] and all(row[0].startswith("王湾社区") for row in rows[3:])


def test_without_a_purpose_nothing_leaves_and_with_one_it_is_written_down(app: Flask, client: Any) -> None:
    refused = taken(client("street"), purpose=" ")
    assert refused.status_code == 422 and "请写明用途" in refused.get_data(as_text=True)
    taken(client("street"), purpose="给街道办的季报")
    with app.app_context(), system("look at the log"):
        line = db.session.scalars(db.select(AccessLog).order_by(AccessLog.id.desc()).limit(1)).one()
    assert (line.action, line.by, line.purpose) == ("export", "street", "给街道办的季报")


def test_who_may_not_export_gets_no_file(app: Flask, client: Any) -> None:
    assert taken(client("leader")).status_code == 403
    assert "chart-file" in client("street").get(ADDRESS.format("bar")).get_data(as_text=True)
