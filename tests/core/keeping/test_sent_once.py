"""A form is saved once, however often it arrives, and what was changed in it since is told, not lost."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from threading import Thread
from typing import Any

from flask import Flask, request
from sqlalchemy import func, select

from app.core.base.moments import at, now
from app.core.base.scope import system
from app.core.keeping import sendings
from app.core.keeping.sendings import LASTS, Sending, known_key, new_key
from app.core.screens import sending
from app.db import db
from app.subsystems.people.households import Household
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, id_number

FORM = {"grid_code": FIRST, "kind": "resident", "life_state": "alive", "document_type": "111", "version": "0",
        "no_document_reason": "newborn", "sex": "1", "birth_on": "2025-01-01"}


def key_on(browser: Any, address: str) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', browser.get(address).get_data(as_text=True))
    assert found
    return found[1]


def add(browser: Any, name: str, key: str, **more: str) -> Any:
    return browser.post("/resident/add", data={**FORM, "name": name, "form_key": key, **more})


def called(app: Flask, name: str) -> int:
    with app.app_context(), system("look"):
        return db.session.scalar(select(func.count(Resident.id)).where(Resident.name == name)) or 0


def test_a_form_sent_again_leads_to_the_record_it_made(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    key = key_on(browser, "/resident/add")
    first, again = add(browser, "双击甲", key), add(browser, "双击甲", key)
    assert first.status_code == again.status_code == 302
    assert first.headers["Location"] == again.headers["Location"] and called(app, "双击甲") == 1
    assert f'data-saved="{key} {key}"' in browser.get(first.headers["Location"]).get_data(as_text=True)
    assert "data-saved" not in browser.get(first.headers["Location"]).get_data(as_text=True)


def test_two_requests_at_the_same_moment_save_one_record(app: Flask, client: Any) -> None:
    browsers = [client("wangwan") for _one in range(4)]
    key, answers = key_on(browsers[0], "/resident/add"), []
    threads = [Thread(target=lambda one=browser: answers.append(add(one, "双击乙", key))) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.headers["Location"] for answer in answers}) == 1 and called(app, "双击乙") == 1


def test_a_form_changed_after_it_was_saved_is_told_and_taken_the_next_time(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    key = key_on(browser, "/resident/add")
    saved = add(browser, "返回前", key)
    answer = add(browser, "返回后改名", key)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "返回后改名" in page and saved.headers["Location"] in page
    assert called(app, "返回后改名") == 0
    fresh = re.search(r'name="form_key" value="([^"]+)"', page)
    assert fresh and fresh[1] != key
    assert add(browser, "返回后改名", fresh[1]).status_code == 302 and called(app, "返回后改名") == 1


def test_a_refused_form_keeps_its_key_and_is_taken_when_it_is_right(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    key = key_on(browser, "/resident/add")
    refused = add(browser, "先错后对", key, birth_on="")
    assert refused.status_code == 422 and f'value="{key}"' in refused.get_data(as_text=True)
    assert "data-saved" not in refused.get_data(as_text=True)
    assert add(browser, "先错后对", key).status_code == 302 and called(app, "先错后对") == 1


def test_an_edit_sent_again_is_no_conflict_with_itself(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    key = key_on(browser, "/household/edit/1")
    with app.app_context(), system("look"):
        row = db.session.get(Household, 1)
        data = {"grid_code": FIRST, "number": row.number, "head_name": row.head_name, "kind": row.kind,
                "house_id": str(row.house_id), "remark": "改两次", "version": str(row.version), "form_key": key}
    answers = [browser.post("/household/edit/1", data=data) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    with app.app_context(), system("look"):
        assert db.session.get(Household, 1).version == int(data["version"]) + 1
    again = {**data, "version": str(int(data["version"]) + 1), "form_key": key_on(browser, "/household/edit/1")}
    page = browser.post("/household/edit/1", data=again, follow_redirects=True).get_data(as_text=True)
    assert "没有改动" in page and "已保存" not in page
    with app.app_context(), system("look"):
        assert db.session.get(Household, 1).version == int(data["version"]) + 1


def test_a_key_is_ours_and_holds_as_long_as_a_draft(app: Flask) -> None:
    with app.app_context():
        key = new_key()
        assert known_key(key) == key
        assert not any(known_key(made_up) for made_up in ("", "1", key[:-1] + "x", "20260101000000.abc.def", "é.ü.ö"))
        with at(now() + LASTS + timedelta(minutes=1)):
            assert not known_key(key)


def test_keys_of_two_people_are_apart_and_old_ones_are_swept(app: Flask) -> None:
    with app.app_context():
        key = new_key()
        for person in ("甲", "乙"):
            sendings.claim(key, person, "same")(f"/{person}")
        db.session.commit()
        assert [sendings.find(key, person).led_to for person in ("甲", "乙")] == ["/甲", "/乙"]  # type: ignore[union-attr]
        with at(now() + LASTS + timedelta(minutes=1)):
            sendings.sweep()
            db.session.commit()
        assert db.session.scalar(select(func.count(Sending.key))) == 0


def test_a_number_taken_meanwhile_still_says_who_has_it(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    data = {"document_type": "111", "id_number": id_number(951), "no_document_reason": "", "birth_on": "", "sex": ""}
    assert add(browser, "先来", key_on(browser, "/resident/add"), **data).status_code == 302
    answer = add(browser, "后来", key_on(browser, "/resident/add"), **data)
    assert answer.status_code == 422 and "已经登记" in answer.get_data(as_text=True)


def test_another_photo_of_the_same_name_and_size_is_not_taken_for_the_first(app: Flask) -> None:
    digests = []
    for photo in (b"first", b"other"):
        with app.test_request_context("/event/add", method="POST", data={"files": (BytesIO(photo), "image.jpg")}):
            digests.append(sending.content())
            assert request.files["files"].read() == photo  # who keeps it reads it from its beginning
    assert digests[0] != digests[1]


def test_a_form_of_any_address_is_saved_once(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    key, long = key_on(browser, "/resident/add"), f"/resident/add?remark={'长' * 300}"
    data = {**FORM, "name": "长地址", "form_key": key, "again": "1"}
    answers = [browser.post(long, data=data) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302] and called(app, "长地址") == 1
    with app.app_context():
        assert all(len(led_to) <= Sending.__table__.c.led_to.type.length for led_to in db.session.scalars(select(Sending.led_to)))
