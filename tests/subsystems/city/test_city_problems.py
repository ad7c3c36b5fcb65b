"""City problems: confirmed on the spot before filing and before closing, their standard by class, and what comes back."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core.base.moments import at, now
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.core.base.workdays import HOURS, WORK_DAYS, WORK_HOURS, Limit
from app.core.cases.limits import limit_of
from app.core.cases.loop import ACCEPTED, CLOSED, DISPATCHED
from app.core.keeping import shipped
from app.core.telling.dictionaries import FOLDER
from app.db import db
from app.subsystems.city.city_problems import CityProblem, CityStandard
from tests.conftest import FIRST, SECOND, WANGWAN
from tests.playing import Play, offers, spelled

WORDS = {"title": "路口垃圾", "class_code": "20102", "description": "转角成堆"}
NEEDS: dict[str, dict[str, Any]] = {"verify": {"verification": "real"}, "dispatch": {"unit": "sanitation"}, "handle": {"result": "已清运"},
                                    "inspect": {"check_result": "done"}, "evaluate": {"satisfaction": "satisfied"}}
PLACES = iter(f"{number}号路口" for number in range(1, 1000))
RIGHTS = {
    "reported": {"街书员格": "accept escalate", "街书员": "reject merge assign_down"},
    "accepted": {"街书员格": "verify escalate", "街书员": "reject merge assign_down", "街": "report_outside"},
    "filed": {"街书员": "merge dispatch assign_down", "街书员格": "escalate", "街书": "park",
              "街": "report_outside"},
    "dispatched": {"街书员": "transfer", "街书员格": "handle send_back hand_over ask_extension escalate",
                   "街书": "park", "街": "report_outside"},
    "outside": {"街书员格": "handle"},
    "parked": {"街书": "resume"},
    "handled": {"街书格督": "inspect"},
    "closed": {"街书": "evaluate", "街书格督": "revisit", "街书员": "reopen"},
    "rejected": {"街书员": "reopen"},
    "merged": {},
}
PUT_RIGHT = {
    "accepted": {"街书员格": "escalate", "街书员": "file reject merge assign_down", "街": "report_outside"},
    "handled": {"街书督": "close"},
}
problems = Play(CityProblem, {**WORDS, "place": lambda: next(PLACES)}, NEEDS)
report, take, through, refused = problems.report, problems.take, problems.through, problems.refused


def test_who_may_take_which_step_of_a_city_problem(app: Flask) -> None:
    """Filed only when it is real, closed only when it is put right; until then it is verified, or done again."""
    assert offers(CityProblem) == spelled(RIGHTS)
    assert offers(CityProblem, verification="real", check_result="done") == spelled({**RIGHTS, **PUT_RIGHT})
    again = {**RIGHTS, "handled": {"街书督": "rework"}}
    assert offers(CityProblem, verification="unreal", check_result="undone") == spelled(again)


def test_nothing_is_filed_unverified_nor_closed_unchecked(app: Flask) -> None:
    row = through(report(), "accept")
    assert row.number.startswith("SR20")
    refused(row, "file")
    row = take(row, "verify", verification="unclear")
    refused(row, "file")
    row = through(row, "verify", "file", "dispatch", "handle")
    refused(row, "close")
    refused(row, "rework")
    row = take(row, "inspect", check_result="undone")
    refused(row, "close")
    row = through(row, "rework")
    assert (row.state, row.rework_count, row.check_result) == (DISPATCHED, 1, None)
    row = through(row, "handle", "inspect", "close")
    assert row.state == CLOSED
    row = through(row, "reopen")
    assert (row.state, row.verification, row.check_result) == (ACCEPTED, None, None)


@pytest.mark.parametrize(("before", "name"), [
    (("accept",), "verify"), (("accept", "verify", "file", "dispatch"), "handle"),
    (("accept", "verify", "file", "dispatch", "handle"), "inspect")])
def test_before_and_after_are_photographed(app: Flask, before: tuple[str, ...], name: str) -> None:
    assert refused(through(report(), *before), name, sent=False).field == "files"


def test_the_class_brings_its_standard_and_the_unit_it_belongs_to(app: Flask, client: Any) -> None:
    with app.app_context():
        row = report()
        assert (row.kind, row.big_class, row.proper_unit) == ("2", "201", "sanitation")
        assert row.filing_condition and row.closing_condition
        with acting_as("wangwan", WANGWAN):
            held = db.session.get_one(CityProblem, row.id)
            held.class_code = "10116"
            db.session.commit()
            assert (held.kind, held.big_class, held.proper_unit) == ("1", "101", "roads")
        row = through(row, "accept", "verify", "file")
        pk = row.id
        assert CityProblem.workflow.by_name["dispatch"].suggests(row) == {"unit": "roads"}
    page = client("wangwan").get(f"/cityproblem/step/{pk}/dispatch").get_data(as_text=True)
    assert '<option value="roads" selected>' in page
    page = client("wangwan").get(f"/cityproblem/show/{pk}").get_data(as_text=True)
    assert "灯具不亮、破损，灯杆倾斜" in page and "灯具正常照明" in page


@pytest.mark.parametrize(("code", "limit"), [
    ("20102", Limit(4, WORK_HOURS)), ("20104", Limit(2, WORK_HOURS)), ("20101", Limit(15, WORK_DAYS)), ("20105", Limit(15, WORK_DAYS)),
    ("20406", Limit(4, WORK_HOURS)), ("20103", Limit(2, WORK_DAYS)), ("20403", Limit(2, HOURS)), ("10116", Limit(2, WORK_DAYS)),
    ("10101", Limit(4, WORK_HOURS))])
def test_every_class_has_the_limit_of_the_table(app: Flask, code: str, limit: Limit) -> None:
    assert limit_of("cityproblem", DISPATCHED, code, "normal") == limit


def rows(path: Any) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_small_class_has_a_standard_a_limit_and_a_big_class() -> None:
    codes = {row["code"] for row in rows(FOLDER / "city_class.csv")}
    small = {code for code in codes if len(code) == 5}
    assert {code for code in codes if len(code) == 3} == {f"1{n:02d}" for n in range(1, 6)} | {f"2{n:02d}" for n in range(1, 7)}
    assert {code[:3] for code in small} == {code for code in codes if len(code) == 3}
    standards = rows(shipped.FILES / "city_standard.csv")
    assert {row["class_code"] for row in standards} == small and all(all(row.values()) for row in standards)
    limits = {row["class_code"] for row in rows(shipped.FILES / "case_limit.csv")
              if row["case_type"] == "cityproblem" and row["state"] == "dispatched"}
    assert limits == small
    assert {row["unit"] for row in standards} <= {row["code"] for row in rows(FOLDER / "handling_unit.csv")}


def test_what_the_office_changed_in_a_standard_stays_and_what_it_took_away_does_not_come_back(app: Flask) -> None:
    with system("standards"):
        first, second = (db.session.scalars(db.select(CityStandard).where(CityStandard.class_code == code)).one() for code in ("20501", "20502"))
        first.unit, second.deleted_at = "community", now()
        db.session.commit()
        shipped.load()
        known = dict(db.session.execute(db.select(CityStandard.class_code, CityStandard.unit)).tuples().all())
        assert known["20501"] == "community" and "20502" not in known and known["20503"] == "city_office"
        row = CityProblem(grid_code=FIRST, **{**WORDS, "class_code": "20502", "place": "市场门口"})
        db.session.add(row)
        db.session.flush()
        assert row.filing_condition is None and row.proper_unit is None and CityProblem.workflow.by_name["dispatch"].suggests(row) == {"unit": None}
        db.session.rollback()


@pytest.mark.parametrize(("second", "repeats"), [
    ({"place": "甲处"}, True), ({"place": "乙处"}, False), ({"place": "甲处", "class_code": "20103"}, False),
    ({"place": "丙处", "longitude": 110.77021, "latitude": 32.65312}, True), ({"place": "丙处", "longitude": 110.7712, "latitude": 32.6531}, False)])
def test_a_problem_of_the_same_class_and_place_within_a_month_is_a_repeat(app: Flask, second: dict[str, Any], repeats: bool) -> None:
    with system("fresh"):
        for old in db.session.scalars(db.select(CityProblem)):
            old.deleted_at = now()
        db.session.commit()
    first = report(place="甲处", longitude=110.7702, latitude=32.6531)
    row = report(**second)
    assert row.repeat_of == (first.number if repeats else None)


def test_a_repeat_ends_after_thirty_days_and_at_the_grid(app: Flask) -> None:
    with at(now() - timedelta(days=31)):
        report(place="旧处")
    with at(now() - timedelta(days=29)):
        near = report(place="近处")
    assert report(place="旧处").repeat_of is None
    assert report(place="近处").repeat_of == near.number
    assert report(SECOND, place="近处").repeat_of is None


def test_a_component_is_known_by_its_code_wherever_it_is_said_to_be(app: Flask) -> None:
    code = "4203030101000001"
    first = report(class_code="10101", component_code=code)
    assert report(class_code="10101", component_code=code).repeat_of == first.number


def test_what_was_turned_down_is_no_earlier_problem(app: Flask) -> None:
    first = report(place="误报处")
    take(first, "reject")
    assert report(place="误报处").repeat_of is None


def test_repeats_have_a_list_of_their_own(app: Flask, client: Any) -> None:
    with app.app_context():
        first, again = report(place="常发处", title="头一回"), report(place="常发处", title="又一回")
        assert again.repeat_of == first.number
    page = client("wangwan").get("/cityproblem/list/?f.repeated=1").get_data(as_text=True)
    assert "又一回" in page and "头一回" not in page and first.number in page
    assert "又一回" not in client("yangou").get("/cityproblem/list/?f.repeated=1").get_data(as_text=True)


@pytest.mark.parametrize(("change", "field"), [
    ({"class_code": "201"}, "class_code"), ({"class_code": "20102", "component_code": "4203030101000001"}, "component_code"),
    ({"class_code": "10101", "component_code": "420303"}, "component_code"),
    ({"class_code": "10101", "component_code": "420303010100000X"}, "component_code")])
def test_what_a_problem_may_not_say(app: Flask, change: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleError) as told:
        report(**change)
    assert told.value.field == field
    db.session.rollback()


@pytest.mark.parametrize(("username", "may"), [("street", True), ("admin", True), ("wangwan", False), ("clerk", False), ("inspector", False)])
def test_only_the_street_changes_a_standard_and_everybody_may_read_it(app: Flask, client: Any, username: str, may: bool) -> None:
    with app.app_context(), system("row"):
        pk = db.session.scalar(db.select(CityStandard.id).where(CityStandard.class_code == "20102"))
    browser = client(username)
    page = browser.get(f"/citystandard/show/{pk}").get_data(as_text=True)
    assert "暴露垃圾" in page and "4 工作时" in page
    assert (browser.get(f"/citystandard/edit/{pk}").status_code == 200) is may


def test_residents_use_the_event_instead(app: Flask, client: Any) -> None:
    assert CityProblem.public is None
    assert client("stranger").get("/public/report/cityproblem").status_code == 404
