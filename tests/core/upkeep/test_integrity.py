"""What ``run.py check`` finds: a broken search index, and clear values in the history."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.base.scope import CHECKED
from app.core.upkeep.integrity import check
from app.db import db


def write(statement: str) -> None:
    db.session.execute(text(statement).execution_options(**CHECKED))
    db.session.commit()


def test_a_sound_street_has_no_faults(app: Flask) -> None:
    assert check() == []


def test_a_search_index_that_disagrees_is_found(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps its index by itself")
    write("INSERT INTO resident_fts(resident_fts) VALUES ('delete-all')")
    assert any("resident" in fault for fault in check())
    write("INSERT INTO resident_fts(resident_fts) VALUES ('rebuild')")
    assert check() == []


def test_a_sensitive_value_in_the_history_is_found(app: Flask) -> None:
    write("""UPDATE history SET changes = '{"phone": [null, "19000000001"]}' WHERE record = 'resident' AND id = """
          "(SELECT min(id) FROM history WHERE record = 'resident')")
    found = check()
    assert any("未遮盖" in fault or "in clear" in fault for fault in found), found
