"""What is open at a place already is named while a case is being written: here with its link, at the public door without a word of others."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.base.moments import at, now
from app.core.base.scope import acting_as, system
from app.core.files.attachments import of
from app.db import db
from app.public import nearby
from app.subsystems.events.events import Event
from tests.conftest import FIRST, SECOND, STREET
from tests.core.files.test_files import photo
from tests.playing import EVENTS
from tests.public.test_public_door import (  # noqa: F401 - the fixtures are used by name
    HANDLED,
    code_of,
    ended_before,
    event_of,
    fresh_proof,
    limited,
    report,
    take,
    time_to_write,
)

SignIn = Callable[[str], FlaskClient]
POND = {"title": "池塘栏杆断了", "class_code": "0601", "place": "荷花池北岸", "description": "栏杆断了两根，小孩会掉下去。",
        "longitude": 110.9, "latitude": 32.9}
ASKED = {"grid_code": FIRST, "title": "", "class_code": "", "place": "", "description": "", "longitude": "", "latitude": ""}


@pytest.fixture(scope="module")
def pond(app: Flask) -> Event:
    with app.app_context():
        return EVENTS.report(**POND)


@pytest.mark.parametrize(("typed", "named"), [
    ({"title": "栏杆断了"}, True),  # the same grid and words
    ({"title": "栏杆断了", "grid_code": SECOND}, False),  # another grid, and nothing says how far
    ({"title": "栏杆断了", "grid_code": SECOND, "place": "荷花池北岸"}, True),
    ({"title": "栏杆断了", "grid_code": SECOND, "longitude": "110.9005", "latitude": "32.9"}, True),
    ({"title": "栏杆断了", "longitude": "110.95", "latitude": "32.9"}, False),  # the same grid, but kilometres away
    ({"class_code": "0601"}, False),  # the class alone, somewhere in the grid
    ({"class_code": "0601", "longitude": "110.9005", "latitude": "32.9"}, True),
    ({"class_code": "0101", "longitude": "110.9005", "latitude": "32.9"}, False),  # right here, but nothing alike
    ({"title": "栏杆断了", "grid_code": ""}, False),
], ids=range(9))
def test_what_is_named_while_a_case_is_written(client: SignIn, pond: Event, typed: dict[str, str], named: bool) -> None:
    answer = client("wangwan").post("/event/nearby", data={**ASKED, **typed})
    assert answer.status_code == (200 if named else 204) and (pond.number in answer.get_data(as_text=True)) is named


def test_only_what_is_open_lately_and_ones_own_to_see_is_named(app: Flask, client: SignIn, pond: Event) -> None:
    ask = {**ASKED, "title": "栏杆断了", "place": "荷花池北岸"}
    assert client("yangou").post("/event/nearby", data={**ask, "grid_code": FIRST}).status_code == 204
    assert client("leader").post("/event/nearby", data=ask).status_code in (302, 403)
    words = {**POND, "title": "凉亭漏雨", "place": "凉亭", "description": "凉亭的顶漏雨", "longitude": None, "latitude": None}
    with app.app_context():
        with at(now() - timedelta(days=29)):
            EVENTS.report(**words)
        EVENTS.take(EVENTS.report(**words), "reject", "重复")
    assert client("wangwan").post("/event/nearby", data={**ASKED, "title": "凉亭漏雨", "place": "凉亭"}).status_code == 204


def test_it_is_this_one_saves_and_leads_to_the_merge(app: Flask, client: SignIn, pond: Event) -> None:
    ask = {**ASKED, **{name: str(value) for name, value in POND.items()}, "urgency": "normal", "source": "worker"}
    assert "data-same-as" not in client("wangwan01").post("/event/nearby", data=ask).get_data(as_text=True)  # nobody charged him with it
    own = client("wangwan")
    assert f'data-same-as="{pond.number}"' in own.post("/event/nearby", data=ask).get_data(as_text=True)
    saved = own.post("/event/add", data={**ask, "same_as": pond.number})
    assert re.fullmatch(rf"/event/step/\d+/merge\?merged_into={pond.number}", saved.location)
    assert f'value="{pond.number}"' in own.get(saved.location).get_data(as_text=True)


# At the public door


SEEN = {"grid": FIRST, "title": "水井边的井盖翘起来", "place": "水井边", "description": "周某某家门前", "reporter": "周某某",
        "reporter_phone": "19000000002", "longitude": "110.81", "latitude": "32.81"}
ME_TOO = {"grid": FIRST, "title": "井盖翘了", "longitude": "110.8101", "latitude": "32.81"}


def hand_in(browser: FlaskClient, **typed: Any) -> Any:
    return browser.post("/public/report/event", data={"proof": fresh_proof(browser), **typed})


@pytest.fixture(scope="module")
def seen(app: Flask) -> str:
    """The number of a case a resident reported."""
    given = {name: value for name, value in SEEN.items() if name not in ("grid", "longitude", "latitude")}
    with app.app_context():
        return EVENTS.report(**given, class_code="9901", by_public=True, longitude=110.81, latitude=32.81).number


def told(browser: FlaskClient, kind: str = "event", **typed: str) -> str:
    answer = browser.post(f"/public/nearby/{kind}", data=typed)
    assert answer.status_code in (200, 204)
    return str(answer.get_data(as_text=True))


def test_a_stranger_reads_his_own_words_a_distance_and_a_stage(client: SignIn, pond: Event, seen: str) -> None:
    browser = client("stranger")
    page = told(browser, **ME_TOO)
    assert "“井盖翘”" in page and "50" in page and "已收到" in page
    assert not [word for word in ("周某某", "水井", "起来", "19000000002", "门前") if word in page]
    assert not told(browser, **{**ME_TOO, "title": "周某某"}) and not told(browser, **{**ME_TOO, "title": ""})
    assert not told(browser, grid=FIRST, title="栏杆断了", place="荷花池北岸"), "what the staff wrote down is not for strangers"
    assert not told(browser, "complaint", grid=FIRST, title="井盖翘起来")
    assert browser.post("/public/nearby/none").status_code == 404


def test_of_what_has_a_class_the_class_is_told_right_there(app: Flask, client: SignIn) -> None:
    with app.app_context():
        EVENTS.report(**{**POND, "longitude": 110.7, "latitude": 32.7, "class_code": "0101"}, by_public=True)
    assert "暴露垃圾" in told(client("stranger"), grid=FIRST, longitude="110.7001", latitude="32.7")
    assert not told(client("stranger"), grid=FIRST, longitude="110.71", latitude="32.7")


def test_whoever_moves_his_pin_again_and_again_learns_no_more_than_a_mesh_of_a_hundred_metres(app: Flask, client: SignIn) -> None:
    with app.app_context():
        EVENTS.report(**{**POND, "title": "狗叫扰民", "place": "三号楼", "longitude": 110.512345, "latitude": 32.612345}, by_public=True)
    browser, ask = client("stranger"), {"grid": FIRST, "title": "狗叫扰民"}
    heard: dict[tuple[float, float], set[str]] = {}
    for east, north in [(step, 0) for step in range(-40, 41, 2)] + [(0, step) for step in range(-40, 41, 2)]:
        pin = round(110.51205 + east / 1e4, 6), round(32.61205 + north / 1e4, 6)
        page = told(browser, **ask, longitude=str(pin[0]), latitude=str(pin[1]))
        heard.setdefault((round(pin[0], 3), round(pin[1], 3)), set()).update(re.findall(r"\d+ 米", page) or ["far"])
    assert all(len(answers) == 1 for answers in heard.values()), heard
    assert {"50 米", "far"} <= set().union(*heard.values())
    far = told(browser, **ask, place="三号楼", longitude="110.53", latitude="32.612345")
    assert "狗叫扰民" in far and "米" not in far


def test_whoever_met_it_too_is_merged_there_and_follows_it_by_his_own_code(app: Flask, client: SignIn, seen: str) -> None:
    browser = client("stranger")
    key = re.search(r'data-same-as="([^"]+)"', told(browser, **ME_TOO))
    assert key
    code = code_of(hand_in(browser, **ME_TOO, same_as=key[1], files=(io.BytesIO(photo((9, 9))), "也拍了.jpg")))
    with app.app_context(), system("look"):
        mine = event_of(report(app, code)["case_number"])
        assert (mine.state, mine.merged_into, mine.description) == ("merged", seen, "与附近已反映的是同一件")
        assert [one.name for one in of(mine)] == ["也拍了"]
    with app.app_context(), acting_as("street", STREET):
        EVENTS.take(event_of(seen), "accept")
    page = browser.post("/public/track", data={"code": code}).get_data(as_text=True)
    assert "已受理" in page and "井盖翘了" in page and "水井" not in page


def test_whoever_joined_reads_the_answer_and_the_reporter_alone_rates_answers_and_opens_it_again(app: Flask, client: SignIn) -> None:
    reporter, stranger = client("stranger"), client("stranger")
    own = code_of(hand_in(reporter, **{**SEEN, "title": "路口的雨篦子坏了", "longitude": "110.61", "latitude": "32.61"}))
    number = report(app, own)["case_number"]
    joined = code_of(hand_in(stranger, **{**ME_TOO, "title": "雨篦子没了"}, same_as=nearby.key_of(number)))
    take(app, number, *HANDLED, ("close", {"public_answer": "雨篦子换好了，请放心通行。"}))
    ended_before(app, number, 25)
    page = stranger.post("/public/track", data={"code": joined}).get_data(as_text=True)
    assert "雨篦子换好了" in page and not [act for act in ("rate", "follow", "reopen") if f'value="{act}"' in page]
    acts = {"rate": {"satisfaction": "dissatisfied"}, "follow": {"solved": "yes"}, "reopen": {"reason": "就是不满意"}}
    for act, said in acts.items():
        assert stranger.post(f"/api/v1/public/{act}", json={"code": joined, **said}).status_code == 422, act
    for act, said in acts.items():
        assert reporter.post(f"/api/v1/public/{act}", json={"code": own, **said}).status_code == 200, act
        page = stranger.post("/public/track", data={"code": joined}).get_data(as_text=True)
        assert "您的评价" not in page and "您的回复" not in page, act


@pytest.mark.parametrize("more", [{"same_as": "forged"}, {"website": "x"}], ids=["forged", "spam"])
def test_nobody_joins_what_he_was_not_shown_and_spam_joins_nothing(app: Flask, client: SignIn, seen: str, more: dict[str, str]) -> None:
    more = {"same_as": f"{seen}.0"} if "same_as" in more else more
    browser, whole = client("stranger"), {**SEEN, **ME_TOO, "title": f"井盖翘{more}", "same_as": nearby.key_of(seen), **more}
    found = report(app, code_of(hand_in(browser, **whole)))
    with app.app_context(), system("look"):
        state = event_of(found["case_number"]).state if found["case_number"] else found["state"]
    assert state == ("reported" if "same_as" in more else "waiting")


def test_a_main_case_that_ended_takes_nobody_in(app: Flask, client: SignIn) -> None:
    with app.app_context():
        ended = EVENTS.report(**POND)
        EVENTS.take(ended, "reject", "不属实")
    found = report(app, code_of(hand_in(client("stranger"), **{**SEEN, "title": "栏杆又断了"}, same_as=nearby.key_of(ended.number))))
    with app.app_context(), system("look"):
        assert event_of(found["case_number"]).state == "reported"


def test_whoever_asks_all_the_time_is_told_nothing_more(client: SignIn, limited: Flask, seen: str, monkeypatch: Any) -> None:  # noqa: F811
    monkeypatch.setattr(nearby, "LOOKS", nearby.Limit("near", 2, nearby.LOOKS.within, nearby.LOOKS.locked))
    browser = client("stranger")
    assert [bool(told(browser, **ME_TOO)) for _try in range(3)] == [True, True, False]


def test_a_case_being_written_is_compared_and_never_saved(app: Flask, client: SignIn, pond: Event) -> None:
    def count() -> int:
        with app.app_context(), system("look"):
            return int(db.session.scalar(db.select(db.func.count(Event.id))) or 0)

    before = count()
    client("wangwan").post("/event/nearby", data={**ASKED, "title": "栏杆断了"})
    assert count() == before
