"""Two entries of a code list never have the same words: a workbook could not tell them apart."""

from __future__ import annotations

from typing import Any

from flask import Flask

BLOOD = {"kind": "blood_type", "english": "Another", "order": "90", "active": "1", "version": "0"}


def test_a_label_that_is_there_already_is_refused_however_it_is_written(app: Flask, client: Any) -> None:
    browser = client("admin")
    for label in ("A型", "Ａ型", " a型"):
        answer = browser.post("/dictionaryentry/add", data={**BLOOD, "code": "zz1", "label": label})
        assert answer.status_code == 422 and "已在这个字典里" in answer.get_data(as_text=True), label
    assert browser.post("/dictionaryentry/add", data={**BLOOD, "code": "zz1", "label": "稀有血型"}).status_code == 302
    assert browser.post("/dictionaryentry/add", data={**BLOOD, "kind": "nation", "code": "zz1", "label": "A型"}).status_code == 302
