"""A boundary that overlaps its neighbour's is told before it is saved."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Flask

from app.core.base.scope import system
from app.db import db
from app.subsystems.grids.grids import Grid
from tests.conftest import FIRST, SECOND


def square(west: float) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[[west, 32.6], [west + 0.01, 32.6], [west + 0.01, 32.61], [west, 32.61], [west, 32.6]]]}


def test_an_overlap_is_told_and_saved_when_it_is_meant(app: Flask, client: Any) -> None:
    with app.app_context(), system("a drawn neighbour"):
        db.session.query(Grid).filter_by(code=FIRST).one().boundary = square(110.80)
        second = db.session.query(Grid).filter_by(code=SECOND).one()
        db.session.commit()
        pk, version = second.id, second.version
    browser = client("street")
    form = {"code": SECOND, "name": "二网格", "kind": "base", "state": "active", "version": str(version)}
    beside = browser.post(f"/grid/edit/{pk}", data={**form, "boundary": json.dumps(square(110.81))})
    assert beside.status_code == 302  # a common line is no overlap
    over = {**form, "version": str(version + 1), "boundary": json.dumps(square(110.805))}
    page = browser.post(f"/grid/edit/{pk}", data=over).get_data(as_text=True)
    mark = re.search(r'name="agreed"\s+value="([^"]+)"', page)
    assert "边界与王湾社区一网格的边界重叠" in page and mark
    assert browser.post(f"/grid/edit/{pk}", data={**over, "agreed": mark[1]}).status_code == 302
    crossed = {"type": "Polygon", "coordinates": [[[110, 32], [111, 33], [111, 32], [110, 33], [110, 32]]]}
    refused = browser.post(f"/grid/edit/{pk}", data={**form, "version": str(version + 2), "boundary": json.dumps(crossed)})
    assert refused.status_code == 422 and "不自相交" in refused.get_data(as_text=True)
