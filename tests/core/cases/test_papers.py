"""The papers of a case: what is on them, blank lines where nothing is, who is named to whom, and that every print is written down."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.core.telling.masking import AccessLog
from app.db import db
from tests.core.cases.test_case_page import page_of
from tests.playing import EVENTS, OFFICE, Play, stored
from tests.subsystems.complaints.test_complaint import ANSWER, TOLD, WORDS
from tests.subsystems.complaints.test_complaint import Complaint as ComplaintRecord
from tests.subsystems.mediation.test_disputes import disputes, party

complaints = Play(ComplaintRecord, WORDS, {"accept": TOLD, "dispatch": {"unit": "property"}, "handle": ANSWER})
DOSSIER = ["人民调解卷宗", "卷内目录", "人民调解受理登记表", "人民调解调查记录", "人民调解记录", "人民调解协议书", "人民调解回访记录", "封底"]
PAPERS = ["cover", "directory", "register", "inquiry", "mediation", "agreement", "revisit", "back"]


def heads(page: str) -> list[str]:
    return re.findall(r"<h2>([^<]+)</h2>", page[page.index('class="s-paper'):page.index("<dialog")])


def printed(client: Any, who: str, kind: str, pk: int, name: str) -> str:
    answer = client(who).get(f"/{kind}/printed/{pk}/{name}")
    assert answer.status_code == 200, name
    return str(answer.get_data(as_text=True))


def settled(app: Flask) -> int:
    with app.app_context():
        case = disputes.report()
        party(case, name="上官某某")
        case = disputes.through(case, "accept", "verify", "file", "dispatch", "mediate", "mediate", "handle", "close", "revisit")
        return int(case.id)


def test_the_whole_dossier_prints_in_its_order_and_each_paper_alone(app: Flask, client: Any) -> None:
    pk = settled(app)
    whole = heads(printed(client, "wangwan", "dispute", pk, "all"))
    assert list(dict.fromkeys(whole)) == DOSSIER and whole.count("人民调解记录") == 2, "two mediations, two records"
    for name, head in zip(PAPERS, DOSSIER, strict=True):
        assert set(heads(printed(client, "wangwan", "dispute", pk, name))) == {head}
        assert f"/dispute/printed/{pk}/{name}" in page_of(client, "wangwan", pk, "dispute")
    with app.app_context():
        case = stored(disputes.record, pk)
        number, said = case.agreement_number, case.agreement
    agreed = printed(client, "wangwan", "dispute", pk, "agreement")
    assert number and number in agreed and said in agreed and "本协议一式 2 份" in agreed
    assert client("wangwan").get(f"/dispute/printed/{pk}/nothing").status_code == 404
    assert client("yangou").get(f"/dispute/printed/{pk}/all").status_code == 404


def test_an_agreement_without_a_number_gets_the_next_of_its_community(app: Flask) -> None:
    numbers = []
    for _turn in range(2):
        case = disputes.through(disputes.report(), "accept", "file", "dispatch", "mediate")
        numbers.append(disputes.take(case, "handle", agreement_number=None).agreement_number)
    first, second = (int(re.findall(r"第(\d+)号|No\. (\d+)", number)[0][number.startswith("(")]) for number in numbers)
    assert second == first + 1 and "王湾社区" in numbers[0]


def test_what_is_empty_has_lines_to_write_on(app: Flask, client: Any) -> None:
    with app.app_context():
        pk = disputes.report().id
    for name in ("inquiry", "mediation", "agreement", "revisit"):
        assert printed(client, "wangwan", "dispute", pk, name).count('class="rule"') >= 6, name


def test_every_print_is_written_down_and_whole_names_want_a_purpose(app: Flask, client: Any) -> None:
    pk = settled(app)
    shown = printed(client, "wangwan", "dispute", pk, "register")
    assert "上**" in shown and "上官某某" not in shown
    browser = client("wangwan")
    assert browser.post(f"/dispute/printed/{pk}/register", data={"purpose": ""}).status_code == 302
    assert "上官某某" in browser.post(f"/dispute/printed/{pk}/register", data={"purpose": "装订卷宗"}).get_data(as_text=True)
    assert client("leader").post(f"/dispute/printed/{pk}/register", data={"purpose": "看看"}).status_code == 403
    with app.app_context():
        log = db.session.scalars(select(AccessLog).where(AccessLog.columns == "register", AccessLog.by == "wangwan").order_by(AccessLog.id)).all()
        assert [(line.action, line.record, line.whole) for line in log if line.record_id == pk or line.record == "dispute_party"] == [
            ("export", "dispute", False), ("reveal", "dispute", True), ("reveal", "dispute_party", True)]


def test_a_sheet_says_to_whom_what_by_when_and_what_was_said(app: Flask, client: Any) -> None:
    with app.app_context():
        case = EVENTS.report()
        pk = case.id
    assert f"/event/printed/{pk}/assignment" not in page_of(client, "wangwan", pk)
    assert client("wangwan").get(f"/event/printed/{pk}/assignment").status_code == 404
    with app.app_context():
        EVENTS.take(case, "assign_down", "请尽快到场", by=OFFICE)
    assert heads(printed(client, "wangwan", "event", pk, "assignment"))[0].endswith("交办单")
    with app.app_context():
        EVENTS.take(EVENTS.through(case, "accept", "file"), "dispatch", "先清后查", unit="property", handler="外聘张三")
    sheet = printed(client, "wangwan", "event", pk, "assignment")
    assert heads(sheet)[0].endswith("分办单")
    assert all(text in sheet for text in ("物业", "外聘张三", "请尽快到场", "先清后查", "楼道内堆放纸箱"))
    with app.app_context():
        EVENTS.take(case, "transfer", unit="police")
    assert heads(printed(client, "wangwan", "event", pk, "assignment"))[0].endswith("转办单")


def test_a_complaint_prints_its_answer_with_number_and_what_follows(app: Flask, client: Any) -> None:
    with app.app_context():
        case = complaints.through(complaints.report(), "accept", "dispatch")
        pk = case.id
    assert client("wangwan").get(f"/complaint/printed/{pk}/answer").status_code == 404
    with app.app_context():
        case = complaints.take(case, "handle")
        number, answer = case.answer_number, case.public_answer
    sheet = printed(client, "wangwan", "complaint", pk, "answer")
    assert number in sheet and answer in sheet and "请求复查" in sheet
