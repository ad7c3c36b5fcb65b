"""A resident who taps several times has one report, and sees its code at the end."""

from __future__ import annotations

import re
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.base.moments import now
from app.core.base.scope import CHECKED, system
from app.db import db
from app.subsystems.events.public_reports import CODE_LENGTH, LETTERS, PublicReport, code_of
from tests.public.test_public_door import (  # noqa: F401 - the fixture is used by name
    GOOD,
    HANDLED,
    fresh_proof,
    report,
    sent,
    take,
    time_to_write,
)
from tests.public.test_public_door import code_of as code_on


def key_on(page: str) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', page)
    assert found
    return found[1]


def fresh_key(browser: Any) -> str:
    return key_on(browser.get("/public/report/event").get_data(as_text=True))


def reports(app: Flask, title: str) -> int:
    with app.app_context(), system("look"):
        return db.session.scalar(select(func.count(PublicReport.id)).where(PublicReport.title == title)) or 0


def test_the_code_of_a_report_sent_again_is_shown_again(app: Flask, client: Any) -> None:
    browser = client("stranger")
    form = {"title": "连点两次", "form_key": fresh_key(browser), "proof": fresh_proof(browser)}
    first, again = sent(browser, **form), sent(browser, **form)
    assert code_on(first) == code_on(again) and reports(app, "连点两次") == 1
    assert f'data-saved="{form["form_key"]}"' in again.get_data(as_text=True)
    assert report(app, code_on(first))["case_number"]


def test_taps_at_the_same_moment_are_one_report_and_each_shows_its_code(app: Flask, client: Any) -> None:
    browsers = [client("stranger") for _one in range(3)]
    form, answers = {"title": "同时点", "form_key": fresh_key(browsers[0]), "proof": fresh_proof(browsers[0])}, []
    threads = [Thread(target=lambda one=browser: answers.append(sent(one, **form))) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({code_on(answer) for answer in answers}) == 1 and reports(app, "同时点") == 1


def test_what_was_changed_after_sending_is_told_with_the_code_and_can_be_sent_as_another(app: Flask, client: Any) -> None:
    browser = client("stranger")
    key = fresh_key(browser)
    code = code_on(sent(browser, title="第一件", form_key=key))
    answer = sent(browser, title="返回后写的第二件", form_key=key)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and code in page and "返回后写的第二件" in page and not reports(app, "返回后写的第二件")
    other = code_on(sent(browser, title="返回后写的第二件", form_key=key_on(page)))
    assert other != code and reports(app, "返回后写的第二件") == 1


def test_a_second_tap_on_the_rating_finds_it_done(app: Flask, client: Any) -> None:
    browser = client("stranger")
    code = code_on(sent(browser, title="评价两次"))
    take(app, report(app, code)["case_number"], *HANDLED, ("close", {"public_answer": "路灯已经换好"}))
    page = browser.post("/public/track", data={"code": code}).get_data(as_text=True)
    rating = {"code": code, "act": "rate", "satisfaction": "satisfied", "form_key": key_on(page)}
    answers = [browser.post("/public/track", data=rating) for _tap in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert all("您的评价：满意" in answer.get_data(as_text=True) for answer in answers)


def test_by_api_the_same_key_gives_the_same_code_and_another_report_a_refusal(app: Flask, client: Any) -> None:
    browser = client("stranger")
    key = browser.get("/api/v1/public/challenge").get_json()["form_key"]
    given = {**GOOD, "kind": "event", "title": "接口重发", "form_key": key}
    answers = [browser.post("/api/v1/public/reports", json={**given, "proof": fresh_proof(browser)}) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.get_json()["result"]["code"] for answer in answers}) == 1 and reports(app, "接口重发") == 1
    other = browser.post("/api/v1/public/reports", json={**given, "title": "另一件", "proof": fresh_proof(browser)})
    assert other.status_code == 409 and not reports(app, "另一件")


def test_no_code_stands_in_the_database(app: Flask, client: Any) -> None:
    browser = client("stranger")
    key = fresh_key(browser)
    code = code_on(sent(browser, title="查询码不入库", form_key=key))
    with app.app_context(), system("look"):
        assert code == code_of(key) and len(code) == CODE_LENGTH + 2 and set(code) <= {*LETTERS, "-"}
        rows = db.session.execute(select(db.metadata.tables["sending"]).execution_options(**CHECKED)).all()
        assert rows and not any(code in str(row) or key in str(row) for row in rows)


def test_tracking_follows_merges_to_the_end(app: Flask, client: Any) -> None:
    browser = client("stranger")
    codes = [code_on(sent(browser, title=f"并案{place}", description=f"并案的说明{place}")) for place in "甲乙丙"]
    numbers = [report(app, code)["case_number"] for code in codes]
    take(app, numbers[2], ("accept", {}), ("file", {}))
    for number, into in ((numbers[0], numbers[1]), (numbers[1], numbers[2])):
        take(app, number, ("merge", {"merged_into": into}))
    ids = [report(app, code)["id"] for code in codes]
    with app.app_context(), system("look"):
        assert [db.session.get(PublicReport, pk).case.number for pk in ids] == [numbers[2]] * 3  # type: ignore[union-attr]


def test_a_rating_whose_code_was_wrong_is_taken_when_the_code_is_right(app: Flask, client: Any) -> None:
    browser = client("stranger")
    code = code_on(sent(browser, title="先错码后评价"))
    take(app, report(app, code)["case_number"], *HANDLED, ("close", {"public_answer": "路灯已经换好"}))
    rating = {"act": "rate", "satisfaction": "satisfied", "form_key": fresh_key(browser)}
    assert browser.post("/public/track", data={**rating, "code": "AAAA-AAAA-AAAA"}).status_code == 422
    page = browser.post("/public/track", data={**rating, "code": code}).get_data(as_text=True)
    assert "您的评价：满意" in page


@pytest.mark.parametrize(("address", "given"), [
    ("reports", {**GOOD, "kind": "event", "form_key": f"{now():%Y%m%d%H%M%S}.\ud800.x"}), ("track", {"code": "\ud800"}),
    ("reports", {**GOOD, "kind": "event", "title": "半个字\ud800"}), ("reports", {**GOOD, "kind": "event", "proof": "\ud800"}),
    ("rate", {"code": "\ud800", "satisfaction": "fair"}), ("reopen", {"code": "\ud800", "reason": "还是不亮呢"})])
def test_half_a_sign_in_a_body_is_refused_with_a_sentence(client: Any, address: str, given: dict[str, str]) -> None:
    answer = client("stranger").post(f"/api/v1/public/{address}", json=given)
    assert answer.status_code == 422 and answer.get_json()["message"]
