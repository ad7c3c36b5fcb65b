"""How much more time may be granted: as 办理时限 says for the class, else the limit once more."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, text

from app.core.base.moments import now
from app.core.base.records import RuleError
from app.core.base.scope import system
from app.core.cases.limits import CaseLimit, extension_of
from app.core.upkeep import schema
from app.db import db
from tests.playing import EVENTS

report, take, through = EVENTS.report, EVENTS.take, EVENTS.through


def limits(**said: int | None) -> None:
    """Writes 可延期 into rows of events in 处置中, named by class and urgency: ``_``, ``_urgent``, ``c0104``."""
    with system("limits"):
        for name, most in said.items():
            class_code, _gap, urgency = name.lstrip("c").partition("_")
            row = db.session.scalars(select(CaseLimit).where(
                CaseLimit.case_type == "event", CaseLimit.state == "dispatched", CaseLimit.class_code == class_code,
                CaseLimit.urgency == urgency)).one()
            row.extension = most
        db.session.commit()


# By hand. The limits as shipped: all 5 working days, urgent ones 2; 0104 fifteen, 0105 none of its own, 0101 four working hours.
@pytest.mark.parametrize(("said", "class_code", "urgency", "most"), [
    ({}, "0105", "normal", 5), ({}, "0105", "urgent", 2), ({}, "0104", "normal", 15), ({}, "0101", "normal", 4),
    ({"_": 3}, "0105", "normal", 3), ({"_": 3}, "0104", "normal", 3), ({"_": 3}, "0105", "urgent", 3),
    ({"_": 3}, "0101", "normal", 4), ({"_": 3, "c0104": 20}, "0104", "normal", 20), ({"_": 3, "_urgent": 1}, "0105", "urgent", 1),
    ({"c0101": 8}, "0101", "critical", 8), ({"_": 0}, "0105", "normal", 0)])
def test_the_most_particular_row_that_says_something_counts(
        app: Flask, said: dict[str, int], class_code: str, urgency: str, most: int) -> None:
    limits(**said)
    try:
        event = through(report(class_code=class_code, urgency=urgency), "accept", "file", "dispatch")
        assert event.most_granted(100).amount == most
        EVENTS.refused(event, "ask_extension", str(most) if most else "不予延期", extension_asked=most + 1)
        if most:
            assert take(event, "ask_extension", extension_asked=most).extension_asked == most
    finally:
        limits(**dict.fromkeys(said))


def test_no_column_holds_less_than_nothing(app: Flask) -> None:
    for wrong in (-1, 100_000):
        with pytest.raises(RuleError):
            limits(_=wrong)
        db.session.rollback()


def test_the_one_row_of_before_is_taken_over_by_every_limit_it_stood_for(app: Flask) -> None:
    db.session.remove()
    schema.downgrade("0029_case_ratings", drop=True)
    stamps = {"version": 1, "created_at": now(), "created_by": "x", "changed_at": now(), "changed_by": "x"}
    row: dict[str, Any] = {"case_type": "hazard", "state": "extension", "class_code": "", "urgency": "", "amount": 7, "unit": "day", **stamps}
    table = CaseLimit.__table__
    db.session.execute(insert(table).values(**row))
    db.session.execute(insert(table).values(**{**row, "class_code": "01", "amount": 9}))
    db.session.commit()
    schema.upgrade()
    with system("as it was"):
        assert (extension_of("hazard", "dispatched", "9901", "normal"), extension_of("hazard", "dispatched", "0101", "normal")) == (7, 9)
        assert db.session.scalar(text("SELECT count(*) FROM case_limit WHERE state = 'extension' AND deleted_at IS NULL")) == 0
