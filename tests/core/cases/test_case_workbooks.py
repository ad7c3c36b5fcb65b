"""Cases and workbooks: a ledger comes in as cases with running numbers, and a list that went out comes back as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.core.asking import listing
from app.core.base.registry import view_of
from app.core.base.scope import acting_as
from app.core.sheets.out.exporting import write_list
from app.core.sheets.writing.importing import import_file
from app.db import db
from app.subsystems.events.events import Event
from tests.conftest import FIRST, FOREIGN, SECOND, WANGWAN
from tests.playing import offered_to

HEADING = ("标题", "类别", "发生地点", "描述", "网格编码")


def book(path: Path, *rows: tuple[Any, ...]) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def events() -> list[Event]:
    return list(db.session.scalars(db.select(Event).order_by(Event.id)))


def test_a_ledger_comes_in_as_cases_whose_numbers_run_on(app: Flask, tmp_path: Path) -> None:
    path = book(tmp_path / "台账.xlsx", HEADING, ("甲", "0105", "1栋", "堆物", FIRST), ("乙", "01", "2栋", "大类", FIRST),
                ("丙", "0105", "3栋", "别处", FOREIGN), ("丁", "0602", "4栋", "路灯", SECOND))
    with acting_as("wangwan", WANGWAN):
        before = len(events())
        looked = import_file(Event, path, dry_run=True)
        assert (looked.new, looked.refused) == (2, 2) and len(events()) == before
        outcome = import_file(Event, path)
        assert (outcome.new, outcome.refused) == (2, 2)
        first, second = events()[before:]
        assert (first.state, first.level_code, first.urgency) == ("reported", WANGWAN, "normal") and first.due_at
        assert int(second.number[-4:]) == int(first.number[-4:]) + 1, "neither a look nor a refused row takes a number"
        assert "accept" in offered_to("wangwan", first)


def test_a_list_that_went_out_comes_back_as_the_same_cases(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "清单.xlsx"
    with acting_as("wangwan", WANGWAN):
        begun = import_file(Event, book(tmp_path / "两件.xlsx", HEADING, ("甲", "0105", "1栋", "堆物", FIRST), ("丁", "0602", "4栋", "路灯", SECOND)))
        assert begun.new == 2
        before = len(events())
        view = view_of(Event)
        view.derive()
        write_list(listing.read_state(view, MultiDict({"cols": ",".join(["number", *view.form_columns])})), view, path, "事件", True)
        assert [getattr(import_file(Event, path), name) for name in ("same", "new", "changed", "refused")] == [before, 0, 0, 0]
        sheet = openpyxl.load_workbook(path)
        at = [cell.value for cell in sheet.active[2]]
        sheet.active.cell(3, at.index("标题") + 1).value = "改过的标题"
        sheet.active.append([{"编号": "SJ20200101-0001", "标题": "编造"}.get(name) for name in at])
        sheet.save(path)
        outcome = import_file(Event, path)
        assert (outcome.changed, outcome.new, outcome.refused) == (1, 0, 1), outcome.as_dict()
        assert len(events()) == before and "改过的标题" in {event.title for event in events()}
