"""居民之声: openings balance, writers may stay anonymous, levels have their limits, and the notice names nobody."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask

from app.core.base import workdays
from app.core.base.moments import now, today
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.core.base.workdays import WORK_DAYS, Limit
from app.core.cases import figures
from app.db import db
from app.demo.opinions import Voices
from app.public import tracking
from app.subsystems.events.public_reports import find_report, submit
from app.subsystems.opinion.opinions import BoxOpening, Opinion, OpinionBox
from tests.conftest import FIRST, FOREIGN, STREET, WANGWAN
from tests.playing import OFFICE, Play, offers, spelled
from tests.recounting import followed, rated, steps_of, waits_too_long

FLOW = Opinion.workflow
WORDS = {"topic": "后巷加装路灯", "content": "夜里太黑", "is_anonymous": True}
ANSWER = "已加装三盏路灯。"


def box(number: str, grid: str = FIRST, **more: Any) -> int:
    with system("a box"):
        row = OpinionBox(grid_code=grid, number=number, place="东墙", **more)
        db.session.add(row)
        db.session.commit()
        return row.id


def opening(box_id: int, letters: int, day: date | None = None, **more: Any) -> int:
    with acting_as("wangwan", WANGWAN):
        row = BoxOpening(box_id=box_id, opened_on=day or today(), letter_count=letters, **{"opener": "甲", "second_opener": "乙", **more})
        db.session.add(row)
        db.session.commit()
        return row.id


def opine(by: tuple[str, str] = ("wangwan", WANGWAN), **more: Any) -> int:
    with acting_as(*by):
        row = Opinion(**{"grid_code": FIRST, **WORDS, **more})
        db.session.add(row)
        db.session.commit()
        return row.id


def finish(pk: int, finished: bool = True) -> None:
    with acting_as("wangwan", WANGWAN):
        db.session.get_one(BoxOpening, pk).is_finished = finished
        db.session.commit()


RIGHTS = {
    "reported": {"街书员格": "accept escalate", "街书员": "reject merge assign_down"},
    "handling": {"街书员格": "handle ask_extension escalate", "街书员": "merge dispatch assign_down"},
    "handled": {"街书督": "close rework"},
    "closed": {"街书": "evaluate", "街书格督": "revisit", "街书员": "reopen"},
    "rejected": {"街书员": "reopen"},
    "merged": {},
}
WITH_A_UNIT = {"街书员格": "handle hand_over send_back ask_extension escalate", "街书员": "merge transfer assign_down"}
take = partial(Play(Opinion).take, by=OFFICE)


def closed(pk: int, level: str = "community", answer: str = ANSWER) -> Opinion:
    take(pk, "accept", level=level)
    take(pk, "handle", result="已办", public_answer=answer)
    return take(pk, "close", feedback_way="posted", public_answer=answer)


def test_who_may_take_which_step_of_an_opinion(app: Flask) -> None:
    assert offers(Opinion) == spelled(RIGHTS)
    assert offers(Opinion, unit="property") == spelled({**RIGHTS, "handling": WITH_A_UNIT})


def test_an_opening_is_finished_when_every_letter_is_an_opinion(app: Flask, client: Any) -> None:
    with app.app_context():
        first = opening(box("X1"), 2)
        opine(opening_id=first)
        with pytest.raises(RuleError, match="2.*1"):
            finish(first)
        db.session.rollback()
        second = opine(opening_id=first)
        finish(first)
        with pytest.raises(RuleError) as refused:
            opine(opening_id=first)
        db.session.rollback()
        assert refused.value.field == "opening_id"
        with acting_as("wangwan", WANGWAN):
            row = db.session.get_one(Opinion, second)
            assert (row.grid_code, row.box.number, row.received_on) == (FIRST, "X1", today())
        other = opening(box("X2", grid=WANGWAN + "002"), 1)
    browser = client("wangwan")
    unbalanced = "/boxopening/list/?f.unbalanced=1"
    assert "X2" in browser.get(unbalanced).get_data(as_text=True) and "X1 " not in browser.get(unbalanced).get_data(as_text=True)
    page = browser.get(f"/boxopening/show/{other}").get_data(as_text=True)
    assert "信件 1 封，已登记 0 条" in page
    answer = browser.post(f"/boxopening/edit/{other}", data={
        "box_id": "", "opened_on": today().isoformat(), "opener": "甲", "second_opener": "乙", "letter_count": "1", "is_finished": "y"})
    assert answer.status_code == 200 or answer.status_code == 422
    with app.app_context(), acting_as("wangwan", WANGWAN):
        assert db.session.get_one(BoxOpening, other).is_finished is False
        row = db.session.get_one(Opinion, second)
        row.deleted_at, row.deleted_by = now(), "wangwan"
        db.session.commit()
    assert "X1 " in browser.get(unbalanced).get_data(as_text=True), "an opinion taken away is missing again"


def test_an_opening_is_written_and_finished_on_its_form(app: Flask, client: Any) -> None:
    with app.app_context():
        number = box("X9")
    browser = client("wangwan01")
    words = {"box_id": number, "opened_on": "2026-01-05", "opener": "甲", "second_opener": "甲", "letter_count": "0", "is_finished": "y"}
    assert "两人" in browser.post("/boxopening/add", data=words).get_data(as_text=True)
    answer = browser.post("/boxopening/add", data={**words, "second_opener": "乙"})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    pk = int(answer.headers["Location"].rsplit("/", 1)[1])
    with app.app_context(), system("stored"):
        assert (db.session.get_one(BoxOpening, pk).grid_code, db.session.get_one(BoxOpening, pk).is_finished) == (FIRST, True)
    assert client("yangou").get(f"/boxopening/show/{pk}").status_code == 404


def test_a_foreign_box_is_no_box(app: Flask) -> None:
    foreign = box("Y1", grid=FOREIGN)
    with pytest.raises(RuleError):
        opening(foreign, 0)
    db.session.rollback()


@pytest.mark.parametrize(("given", "place"), [
    ({"second_opener": "甲"}, "second_opener"), ({"letters": -1}, "letter_count"), ({"day": date(2100, 1, 1)}, "opened_on")])
def test_what_an_opening_must_say(app: Flask, given: dict[str, Any], place: str) -> None:
    pk = box(f"Z{place[:9]}")
    with pytest.raises(RuleError) as refused:
        opening(pk, **{"letters": 0, **given})
    db.session.rollback()
    assert refused.value.field == place


@pytest.mark.parametrize(("days", "cycle", "more", "due"), [
    (6, "week", {}, False), (8, "week", {}, True), (8, "fortnight", {}, False), (40, "month", {}, True), (None, "week", {}, True),
    (8, "week", {"state": "damaged"}, False), (None, "week", {"set_up_on": 2}, False)])
def test_a_box_is_to_be_opened_in_its_turn(app: Flask, days: int | None, cycle: str, more: dict[str, Any], due: bool) -> None:
    from app.subsystems.opinion.views import _due

    with system("today"):
        if "set_up_on" in more:
            more = {"set_up_on": today() - timedelta(days=more["set_up_on"])}
    pk = box(f"D{days}{cycle}{len(more)}{due}", cycle=cycle, **more)
    if days is not None:
        opening(pk, 0, today() - timedelta(days=days))
    with acting_as("wangwan", WANGWAN):
        assert (db.session.scalar(db.select(OpinionBox.id).where(OpinionBox.id == pk, _due(OpinionBox))) is not None) is due


@pytest.mark.parametrize(("given", "place"), [
    ({"writer": "甲某"}, "is_anonymous"), ({"phone": "19900000001"}, "is_anonymous"), ({"is_anonymous": False}, "writer"),
    ({"topic": "请打 13900001111"}, "topic"), ({"topic": "甲某说路灯不亮", "is_anonymous": False, "writer": "甲某"}, "topic")])
def test_who_is_anonymous_has_no_name_and_what_is_posted_has_none(app: Flask, given: dict[str, Any], place: str) -> None:
    with pytest.raises(RuleError) as refused:
        opine(**given)
    db.session.rollback()
    assert refused.value.field == place


@pytest.mark.parametrize(("level", "node", "days"), [("grid", FIRST, 5), ("community", WANGWAN, 10), ("street", STREET, 15)])
def test_the_level_that_answers_has_the_case_and_its_limit(app: Flask, level: str, node: str, days: int) -> None:
    row = take(opine(), "accept", level=level)
    assert (row.state, row.level, row.level_code, row.step_limit) == ("handling", level, node, Limit(days, WORK_DAYS))
    with system("due"):
        assert row.due_at == workdays.calendar().due(row.since, Limit(days, WORK_DAYS))
    if level != "street":
        assert take(row.id, "escalate").level == {"grid": "community", "community": "street"}[level]
    with pytest.raises(RuleError):
        take(opine(grid_code=WANGWAN), "accept", level="grid")
    db.session.rollback()


def test_every_answer_is_posted_so_none_names_anybody(app: Flask) -> None:
    pk = opine(is_anonymous=False, writer="甲某", phone="19900000001")
    take(pk, "accept", level="community")
    for telling in ("感谢甲某的建议", "请拨打 13900001111", "好"):
        with pytest.raises(RuleError) as refused:
            take(pk, "handle", result="已办", public_answer=telling)
        db.session.rollback()
        assert refused.value.field == "public_answer"
    with acting_as("street", STREET):
        assert "public_answer" in FLOW.by_name["reject"].asked(Opinion(by_public=False))


def test_the_notice_names_nobody_and_shows_only_its_place(app: Flask, client: Any) -> None:
    with app.app_context():
        named = opine(topic="广场加装座椅", is_anonymous=False, writer="隐某人", phone="19900000077", content="里面的原文不公示")
        closed(named, answer="广场已加装六张座椅。")
        closed(opine(by=("street", STREET), grid_code=FOREIGN, topic="燕沟的建议"), answer="燕沟已经办好。")
        opine(topic="还没有办的意见")
        last = today()
    browser = client("wangwan")
    page = browser.get("/opinion/notice/").get_data(as_text=True)
    assert "广场加装座椅" in page and "广场已加装六张座椅" in page and "王湾社区" in page
    for hidden in ("隐某人", "隐**", "19900000077", "里面的原文不公示", "还没有办的意见", "燕沟"):
        assert hidden not in page, hidden
    assert "燕沟" not in browser.get(f"/opinion/notice/?grid={FOREIGN}").get_data(as_text=True)
    assert "广场加装座椅" not in browser.get(f"/opinion/notice/?grid={WANGWAN}002").get_data(as_text=True)
    assert "广场加装座椅" not in browser.get(f"/opinion/notice/?to={last - timedelta(days=5)}").get_data(as_text=True)
    both = client("street").get("/opinion/notice/").get_data(as_text=True)
    assert "广场加装座椅" in both and "燕沟的建议" in both
    browser.get("/lang/en")
    assert "what was answered" in browser.get("/opinion/notice/").get_data(as_text=True)
    assert client("stranger").get("/opinion/notice/").status_code == 302
    assert client("nobody").get("/opinion/notice/").status_code == 200


def test_a_resident_sends_follows_and_has_it_opened_again(app: Flask) -> None:
    with app.test_request_context():
        code, _report = submit("opinion", FIRST, {"topic": "增设晾衣架", "content": "楼顶没有晾衣架"}, "proof o", began=None, trapped=False)
        with system("the case"):
            case = find_report(code).case
            assert (case.is_anonymous, case.source, case.state) == (True, "public", "reported")
            pk = case.id
        closed(pk)
        assert tracking.progress(code)["answer"] == ANSWER
        tracking.rate(code, "dissatisfied", "还是没有")
        tracking.reopen(code, "没有装上")
        with system("again"):
            assert (db.session.get_one(Opinion, pk, populate_existing=True).state, find_report(code).case.reopened_count) == ("reported", 1)


def recount(row: Opinion) -> Counter[str]:
    steps = steps_of(row)
    again = max((step.id for step in steps if step.step == "reopen"), default=0)
    lately = [step for step in steps if step.id > again]
    taken = [step.step for step in lately]
    answers, waits = [step for step in lately if step.step == "handle"], waits_too_long(row, row.state)
    return Counter({
        "taken": int("reject" not in taken and "merge" not in taken), "handled": int(bool(answers)),
        "owed": int(bool(answers) or waits), "handled_late": int(waits or any(step.due_at and step.at > step.due_at for step in answers)),
        "anonymous": int(not row.writer and not row.phone), "boxed": int(row.opening_id is not None),
        "closed": int("close" in taken), "reworked": int(any(step.step == "rework" for step in steps)),
        "turned_down": int("reject" in taken or "merge" in taken), **rated(row), **followed(row)})


def test_the_figures_of_the_demo_equal_a_slow_recount_and_it_shows_every_state(app: Flask) -> None:
    Voices(seed=5).play(3)
    with system("recount"):
        rows = list(db.session.scalars(db.select(Opinion)))
        whole = figures.summed(Opinion, figures.rows(Opinion, today() - timedelta(days=400), today()))
        slow = sum((recount(row) for row in rows), Counter())
        assert whole.total == len(rows) and whole.counts == {name: slow[name] for name in whole.counts}
        assert slow["boxed"] and slow["closed"] and slow["rated"]
        openings = list(db.session.scalars(db.select(BoxOpening).where(BoxOpening.opener == "网格员甲")))
        assert [opening.is_finished for opening in openings].count(False) == 1
        assert all((one.registered_count == one.letter_count) is one.is_finished for one in openings)
