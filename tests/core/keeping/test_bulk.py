"""Acts on many rows: previewed, done only as shown, under the same rules and rows as one by one."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app.core.base import storage
from app.core.base.history import History
from app.core.base.moments import at, now
from app.core.base.scope import system
from app.core.jobs.running import turn
from app.core.keeping import bulk
from app.db import db
from app.subsystems.people.houses import House
from app.subsystems.people.organizations import Organization
from tests.conftest import FIRST, FOREIGN, SECOND


@pytest.fixture
def shops(app: Flask) -> Iterator[list[int]]:
    """Three shops of 王湾, two of them big, and one of 燕沟 at the end."""
    with app.app_context(), system("shops"):
        rows = [Organization(grid_code=grid, name=f"店{n}", kind="individual", staff_count=n)
                for n, grid in enumerate((FIRST, FIRST, SECOND, FOREIGN), 1)]
        db.session.add_all(rows)
        db.session.commit()
        found = [row.id for row in rows]
    yield found
    with app.app_context(), system("gone"):
        for row in db.session.scalars(db.select(Organization).execution_options(with_deleted=True)):
            row.deleted_at = None
            row.name, row.deleted_at = f"关{row.id}", row.changed_at
        db.session.commit()


def counts(app: Flask, ids: list[int]) -> list[int | None]:
    with app.app_context(), system("read"):
        return [db.session.get(Organization, pk).staff_count for pk in ids]


def mark(answer: Any) -> str:
    return re.search(r'name="mark" value="([^"]+)"', answer.get_data(as_text=True))[1]


CHANGE = {"act": "change", "mode.staff_count": "set", "staff_count": "9"}


def test_a_change_is_shown_first_and_then_done_with_a_history_for_each_row(app: Flask, client: Any, shops: list[int]) -> None:
    browser, posted = client("wangwan"), {**CHANGE, "id": shops[:3], "query": "?q="}
    preview = browser.post("/organization/bulk/", data=posted)
    page = preview.get_data(as_text=True)
    assert preview.status_code == 200 and "确认处理 3 条" in page and "<s>2</s> → <b>9</b>" in page
    assert counts(app, shops) == [1, 2, 3, 4], "a preview writes nothing"
    done = browser.post("/organization/bulk/", data={**posted, "mark": mark(preview)})
    assert done.status_code == 302 and counts(app, shops) == [9, 9, 9, 4]
    with app.app_context():
        entry = db.session.scalars(db.select(History).where(
            History.record == "organization", History.record_id == shops[0]).order_by(History.id.desc())).first()
        assert (entry.by, entry.changes) == ("wangwan", {"staff_count": [1, 9]})


def test_what_is_already_so_is_counted_apart(app: Flask, client: Any, shops: list[int]) -> None:
    page = client("wangwan").post("/organization/bulk/", data={**CHANGE, "staff_count": "2", "id": shops[:3]}).get_data(as_text=True)
    assert "无需修改" in page and "确认处理 2 条" in page


def test_rows_of_another_community_are_not_there(app: Flask, client: Any, shops: list[int]) -> None:
    browser = client("wangwan")
    preview = browser.post("/organization/bulk/", data={**CHANGE, "id": shops})
    assert "确认处理 3 条" in preview.get_data(as_text=True) and "店4" not in preview.get_data(as_text=True)
    browser.post("/organization/bulk/", data={**CHANGE, "id": shops, "mark": mark(preview)})
    assert counts(app, shops)[3] == 4
    everything = browser.post("/organization/bulk/", data={**CHANGE, "staff_count": "8", "all": "1"}).get_data(as_text=True)
    assert "确认处理 3 条" in everything


def test_all_of_a_list_means_its_filters_and_search(app: Flask, client: Any, shops: list[int]) -> None:
    browser = client("street")
    page = browser.post("/organization/bulk/", data={**CHANGE, "all": "1", "query": f"?f.grid_code={SECOND}"}).get_data(as_text=True)
    assert "确认处理 1 条" in page


def test_a_change_since_the_preview_shows_it_again(app: Flask, client: Any, shops: list[int]) -> None:
    browser, posted = client("wangwan"), {**CHANGE, "id": shops[:2]}
    first = mark(browser.post("/organization/bulk/", data=posted))
    with app.app_context(), system("somebody else"):
        db.session.get(Organization, shops[0]).staff_count = 5
        db.session.commit()
    again = browser.post("/organization/bulk/", data={**posted, "mark": first})
    assert again.status_code == 409 and "预览之后数据有变化" in again.get_data(as_text=True)
    assert counts(app, shops)[:2] == [5, 2]


def test_a_value_the_form_refuses_is_refused_and_stays_typed(client: Any, shops: list[int]) -> None:
    answer = client("wangwan").post("/organization/bulk/", data={**CHANGE, "staff_count": "很多", "id": shops})
    assert answer.status_code == 422 and 'value="很多"' in answer.get_data(as_text=True)


def test_a_place_outside_the_node_is_refused(app: Flask, client: Any, shops: list[int]) -> None:
    posted = {"act": "change", "mode.grid_code": "set", "grid_code": FOREIGN, "id": shops[:2]}
    assert client("wangwan").post("/organization/bulk/", data=posted).status_code == 422


def test_what_is_in_use_stays_and_the_rest_goes_and_comes_back(app: Flask, client: Any) -> None:
    with app.app_context(), system("houses"):
        used = db.session.scalars(db.select(House.id).where(House.grid_code == FIRST)).first()
        db.session.add(House(grid_code=FIRST, address="空置9号"))
        db.session.commit()
        empty = db.session.scalars(db.select(House.id).where(House.address == "空置9号")).one()
    browser, posted = client("wangwan"), {"act": "discard", "id": [used, empty]}
    preview = browser.post("/house/bulk/", data=posted)
    page = preview.get_data(as_text=True)
    assert "确认处理 1 条" in page and f"/house/show/{used}" in page and "户 1" in page
    assert browser.post("/house/bulk/", data={**posted, "mark": mark(preview)}).status_code == 302
    assert browser.get(f"/house/show/{empty}").status_code == 404 and browser.get(f"/house/show/{used}").status_code == 200
    back = {"act": "restore", "id": [empty], "query": "?deleted=1"}
    preview = browser.post("/house/bulk/", data=back)
    browser.post("/house/bulk/", data={**back, "mark": mark(preview)})
    assert browser.get(f"/house/show/{empty}").status_code == 200
    with app.app_context(), system("read"):
        assert db.session.scalars(db.select(History.action).where(
            History.record == "house", History.record_id == empty).order_by(History.id)).all() == ["added", "deleted", "restored"]
        assert db.session.get_one(House, empty).deleted_by is None


def test_what_is_required_is_not_cleared(app: Flask, client: Any, shops: list[int]) -> None:
    browser, posted = client("wangwan"), {"act": "change", "mode.kind": "clear", "id": shops[:2]}
    preview = browser.post("/organization/bulk/", data=posted)
    assert preview.status_code == 200 and preview.get_data(as_text=True).count("为必填项，不能清空") == 2
    browser.post("/organization/bulk/", data={**posted, "mark": mark(preview)} if 'name="mark"' in preview.get_data(as_text=True) else posted)
    with app.app_context(), system("read"):
        assert [db.session.get_one(Organization, pk).kind for pk in shops[:2]] == ["individual", "individual"]


def test_more_than_the_most_at_once_is_refused_and_nothing_of_it_done(
        app: Flask, client: Any, shops: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST", 2)
    answer = client("wangwan").post("/organization/bulk/", data={**CHANGE, "id": shops[:3]})
    assert answer.status_code == 422 and "一次最多处理 2 条" in answer.get_data(as_text=True)
    assert client("wangwan").post("/organization/bulk/", data={**CHANGE, "id": shops[:2]}).status_code == 200


def test_nonsense_is_no_crash(client: Any) -> None:
    browser = client("street")
    assert browser.post("/organization/bulk/", data={"act": "nosuch"}).status_code == 400
    for data in ({"act": "discard", "id": "x"}, {"act": "discard", "id": "99999999999999"}, {"act": "change", "mark": "x"},
                 {"act": "discard", "all": "1", "query": "?q=%00&f.nosuch=1&page=-4"}):
        assert browser.post("/organization/bulk/", data=data).status_code in (200, 409), data


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Each row is a slice; what is given to the fixture happens in every pause between two of them."""
    monkeypatch.setattr(bulk, "SLICE", 1)

    def meanwhile(work: Any) -> None:
        monkeypatch.setattr(storage, "time", SimpleNamespace(sleep=lambda seconds: work(), monotonic=time.monotonic))

    meanwhile(lambda: None)
    return meanwhile


def elsewhere(app: Flask, number: int, **values: Any) -> None:
    """Somebody else saves, at this very moment, in a session of his own."""
    with app.app_context(), system("somebody else"):
        row = db.session.get_one(Organization, number)
        for name, value in values.items():
            setattr(row, name, value)
        db.session.commit()


def job_of(app: Flask, browser: Any, shops: list[int]) -> str:
    """The page of the job that changes three shops."""
    posted = {**CHANGE, "id": shops[:3]}
    answer = browser.post("/organization/bulk/", data={**posted, "mark": mark(browser.post("/organization/bulk/", data=posted))})
    assert answer.status_code == 303 and counts(app, shops) == [1, 2, 3, 4]
    return str(answer.headers["Location"])


def worked(app: Flask) -> None:
    with app.app_context():
        while turn("test", lambda: False):
            pass


def test_a_preview_of_many_lets_others_save_between_two_slices(app: Flask, client: Any, shops: list[int], one_by_one: Any) -> None:
    saved: list[int] = []

    def save() -> None:
        saved.append(50 + len(saved))
        elsewhere(app, shops[3], staff_count=saved[-1])

    one_by_one(save)
    page = client("wangwan").post("/organization/bulk/", data={**CHANGE, "id": shops[:3]}).get_data(as_text=True)
    assert len(saved) == 2 and "确认处理 3 条" in page and counts(app, shops) == [1, 2, 3, saved[-1]]


def test_many_are_changed_in_the_background_and_what_somebody_changed_meanwhile_is_named(
        app: Flask, client: Any, shops: list[int], one_by_one: Any) -> None:
    browser = client("wangwan")
    address = job_of(app, browser, shops)
    assert "data-poll=" in browser.get(address).get_data(as_text=True)
    passed = iter([lambda: elsewhere(app, shops[1], staff_count=77)])
    one_by_one(lambda: next(passed, lambda: None)())
    worked(app)
    page = browser.get(address).get_data(as_text=True)
    assert counts(app, shops) == [9, 77, 9, 4] and "店2" in page and "有人修改了这条记录" in page
    assert client("street").get(address).status_code == 404 and browser.get(address.replace("organization", "house")).status_code == 404


def test_an_act_that_was_killed_is_gone_on_with(app: Flask, client: Any, shops: list[int], one_by_one: Any) -> None:
    browser, passed = client("wangwan"), iter(range(1))
    address = job_of(app, browser, shops)

    def killed() -> None:
        if next(passed, None) is None:
            raise KeyboardInterrupt

    one_by_one(killed)
    with pytest.raises(KeyboardInterrupt):
        worked(app)
    one_by_one(lambda: None)
    assert counts(app, shops) == [9, 9, 3, 4]
    with at(now() + timedelta(seconds=90)):
        worked(app)
    assert counts(app, shops) == [9, 9, 9, 4] and "已完成 3 条" in browser.get(address).get_data(as_text=True)
