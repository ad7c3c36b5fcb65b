"""Every type of numbered matter, Excel in and out, from its declaration alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.core import assembly
from app.core.asking import listing
from app.core.asking.values import reader_of
from app.core.base.fields import Field, fields_of
from app.core.base.moments import today
from app.core.base.scope import acting_as
from app.core.cases.phrases import ReplyPhrase, phrases_for
from app.core.cases.turning import numbered_views
from app.core.sheets.out.exporting import write_list
from app.core.sheets.writing.importing import import_file
from app.core.telling.dictionaries import dictionary, label_of
from app.db import db
from tests.conftest import FIRST, STREET
from tests.core.cases.test_case_workbooks import book

assembly.discover()


def sample(words: Field, target: Any) -> Any:
    """A cell a column understands: the first choice that fits it, a day of this month, a word, the record it belongs to."""
    if words.dictionary:
        codes = [code for code, entry in dictionary(words.dictionary).by_code.items() if entry.active]
        return label_of(words.dictionary, max(codes, key=len) if words.name == "class_code" else codes[0])
    if words.kind == "relation":
        return str(getattr(target, target.__natural_key__[0]))
    return {"date": today().isoformat(), "datetime": f"{today()} 00:00", "int": 1, "decimal": 1, "bool": "否", "grid": FIRST}.get(
        words.kind, f"{words.name}样例"[:words.length or 20])


def owned(record: Any) -> Any:
    """A row of a record others belong to, with what it must have."""
    values = {name: reader_of(words)([sample(words, None)] if words.multiple else sample(words, None)) for name, words in fields_of(record).items()
              if words.required and words.editable and words.kind != "relation"}
    row = record(**{**values, **({"grid_code": FIRST} if hasattr(record, "grid_code") else {})})
    db.session.add(row)
    db.session.commit()
    return row


@pytest.mark.parametrize("view", numbered_views(), ids=lambda view: view.record.__name__)
def test_every_type_comes_in_by_a_workbook_under_its_own_rules(app: Flask, view: Any, tmp_path: Path) -> None:
    """One row of what its form must have: taken in, or refused with a sentence; never a crash, and once more the same."""
    view.derive()
    record = view.record
    with acting_as("street", STREET):
        relations = record.__mapper__.relationships
        must = {name: words for name, words in fields_of(record).items() if words.required and name in view.form_columns}
        cells = {words.label: sample(words, owned(relations[words.relation].mapper.class_) if words.relation else None)
                 for words in must.values()}
        path = book(tmp_path / "一行.xlsx", tuple(map(str, cells)), tuple(cells.values()))
        outcome = import_file(record, path)
        assert outcome.error is None and (outcome.new == 1 or outcome.messages), outcome.as_dict()
        if outcome.new:
            row = db.session.scalars(db.select(record).order_by(record.id.desc())).first()
            assert row.number.startswith(record.prefix)
            before = db.session.scalar(db.select(db.func.count(record.id)))
            out = tmp_path / "清单.xlsx"
            write_list(listing.read_state(view, MultiDict({"cols": ",".join(["number", *view.form_columns])})), view, out, "清单", True)
            again = import_file(record, out)
            assert again.error is None and again.new == 0 and db.session.scalar(db.select(db.func.count(record.id))) == before, again.as_dict()


def test_phrases_of_a_workbook_get_numbers_of_their_own(app: Flask, tmp_path: Path) -> None:
    with acting_as("street", STREET):
        outcome = import_file(ReplyPhrase, book(tmp_path / "惯用语.xlsx", ("环节", "惯用语内容"), ("受理", "已记录在案。"), ("", "请速办。")))
        assert outcome.new == 2, outcome.as_dict()
        first, second = db.session.scalars(db.select(ReplyPhrase).order_by(ReplyPhrase.id.desc()).limit(2)).all()[::-1]
        assert second.number == first.number + 1 and (first.step, second.step) == ("accept", "")
        assert "已记录在案。" in phrases_for("accept") and "请速办。" in phrases_for("close")
