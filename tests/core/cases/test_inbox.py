"""The inbox: all types on one page, what presses on top, page after page, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.core.asking.cursors import encoded
from app.core.base.moments import at, now
from app.core.base.scope import CHECKED, system
from app.core.base.storage import refresh_statistics
from app.core.cases import inbox
from app.core.cases.inbox import LEVEL, MINE, SOON, Asked
from app.db import db
from app.subsystems.complaints.complaints import Complaint
from app.subsystems.events.events import Event
from tests.conftest import FOREIGN
from tests.core.cases.test_owners import TO_THE_WORKER, complaints
from tests.playing import EVENTS, OFFICE

NOON = datetime(2026, 12, 2, 4)  # 12:00 in China
HOURS = timedelta(hours=1)
# type, title, amber and due in hours from now, in the order they must stand in; the day ends in twelve hours.
CASES: list[tuple[Any, str, float | None, float | None]] = [
    (complaints, "久超", -90, -80), (EVENTS, "昨超", -40, -20), (EVENTS, "今急", -2, 5), (complaints, "今缓", 6, 9), (EVENTS, "明急", -3, 90),
    (complaints, "明缓", 20, 30), (EVENTS, "更缓", 40, 50), (EVENTS, "不计时", None, None)]
IN_ORDER = [title for _play, title, _amber, _due in CASES]


@pytest.fixture
def cases(app: Flask) -> Iterator[None]:
    with at(NOON), app.app_context():
        with system("an empty inbox"):
            for record in (Event, Complaint):
                db.session.execute(record.__table__.delete().execution_options(**CHECKED))
            db.session.commit()
        for play, title, amber, due in reversed(CASES):
            case = play.report(title=title)
            with system("moments"):
                table = play.record.__table__
                db.session.execute(table.update().where(table.c.id == case.id).values(
                    amber_at=None if amber is None else now() + amber * HOURS, due_at=None if due is None else now() + due * HOURS,
                ).execution_options(**CHECKED))
                db.session.commit()
        db.session.expire_all()
    with at(NOON):
        yield


def seen(asked: Asked, size: int = 50) -> tuple[list[str], Any]:
    box = inbox.page(asked, size)
    return [str(line.case) for line in box.lines], box


def test_what_presses_stands_on_top_over_all_types(app: Flask, cases: None) -> None:
    with app.test_request_context():
        sign_in(app, "street")
        titles, box = seen(Asked(LEVEL))
        assert titles == IN_ORDER
        assert [(heading, len(lines)) for heading, lines in box.groups] == [("已超期", 2), ("今天到期", 2), ("明天及以后", 3), ("不计时", 1)]
        assert seen(Asked(LEVEL, kind="event"))[0] == ["昨超", "今急", "明急", "更缓", "不计时"]
        assert seen(Asked(SOON))[0] == ["今急", "明急"]
        assert seen(Asked(LEVEL, words="久超"))[0] == ["久超"]


def sign_in(app: Flask, username: str) -> None:
    """Whoever sends the request in whose context this stands."""
    from flask import g

    g.user = app.appbuilder.sm.find_user(username)


@pytest.mark.parametrize(("size", "few"), [(1, 500), (3, 500), (8, 500), (1, 0), (3, 0), (8, 0)])
def test_pages_lead_on_and_back_through_every_case_once(app: Flask, cases: None, size: int, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few cases are read at once, many by stretches: the same pages."""
    monkeypatch.setattr(inbox, "FEW", few)
    with app.test_request_context():
        sign_in(app, "street")
        pages, after = [], ""
        while True:
            titles, box = seen(Asked(LEVEL, after=after), size)
            pages.append(titles)
            after = box.next_cursor
            if not after:
                break
        assert [title for page in pages for title in page] == IN_ORDER
        back = []
        while box.previous_cursor:
            titles, box = seen(Asked(LEVEL, before=box.previous_cursor), size)
            back.append(titles)
        assert back == pages[-2::-1]


def test_nobody_has_what_is_not_his(app: Flask, cases: None, client: Callable[[str], FlaskClient]) -> None:
    with app.app_context():
        elsewhere = EVENTS.report(FOREIGN, by="yangou", title="别处的")
        case = EVENTS.report(title="派给网格员")
        for step in ("accept", "file"):
            case = EVENTS.take(case, step, by=OFFICE)
        case = EVENTS.take(case, TO_THE_WORKER[0], by=OFFICE, **TO_THE_WORKER[1])
    pages = {name: client(name).get("/todo/?tab=mine").get_data(as_text=True) for name in ("wangwan", "wangwan01", "yangou", "nobody", "leader")}
    assert [name for name, page in pages.items() if elsewhere.number in page] == ["yangou"]
    assert [name for name, page in pages.items() if case.number in page] == ["wangwan01"]
    assert [name for name, page in pages.items() if "久超" in page] == ["wangwan"]
    everything = client("wangwan").get("/todo/?tab=level").get_data(as_text=True)
    assert case.number in everything and elsewhere.number not in everything
    row = next(part for part in everything.split("<tr ") if case.number in part)
    assert "wangwan01" in row and f"/todo/urge?case={case.number}" in row, "whose turn it is, and the way to urge him"
    mine = next(part for part in pages["wangwan01"].split("<tr ") if case.number in part)
    assert re.search(r"<b>我</b>", mine) and "办理" in mine


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize("few", [500, 0])
def test_what_has_come_to_its_end_is_not_read(app: Flask, cases: None, client: Callable[[str], FlaskClient], few: int, monkeypatch: Any) -> None:
    """What SQLite does for the inbox, in steps of its machine, is the same beside thousands of closed cases."""
    monkeypatch.setattr(inbox, "FEW", few)
    leader = client("leader")
    alone = steps(app, leader, "/todo/?tab=level")
    with app.app_context(), system("closed cases"):
        table = Event.__table__
        one = db.session.execute(table.select().where(table.c.state != "closed").limit(1).execution_options(**CHECKED)).mappings().one()
        row = {name: value for name, value in one.items() if name != "id"}
        db.session.execute(table.insert().execution_options(**CHECKED), [
            {**row, "number": f"X{number}", "state": "closed", "closed_at": NOON, "amber_at": None, "due_at": None} for number in range(4000)])
        db.session.commit()
        refresh_statistics()
    assert steps(app, leader, "/todo/?tab=level") < alone + 4000, "a closed case takes more than a step of it"


def steps(app: Flask, browser: FlaskClient, address: str) -> int:
    """The steps of SQLite's machine for a page that was asked for before."""
    browser.get(address)
    done = 0

    def count() -> int:
        nonlocal done
        done += 100
        return 0

    def watched(connection: Any, *rest: Any) -> None:
        connection.connection.driver_connection.set_progress_handler(count, 100)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", watched)
    try:
        assert browser.get(address).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", watched)
    return done


def test_words_of_an_address_that_make_no_sense_are_no_error(cases: None, client: Callable[[str], FlaskClient]) -> None:
    browser = client("street")
    zoned = encoded([0, NOON.replace(tzinfo=UTC), "SJ1"])  # no row stands at a moment with a zone
    for query in ("tab=x", "type=x", "after=x", "before=WzEsMl0", "q=%00", f"tab={MINE}&after=&before=&type=event",
                  f"tab=level&after={zoned}", f"tab=level&before={zoned}"):
        assert browser.get(f"/todo/?{query}").status_code == 200, query
    assert browser.get("/todo/urge?case=x&case=SJ0").status_code == 200
