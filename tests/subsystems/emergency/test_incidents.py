"""应急: one valid version of a plan, the tasks a plan becomes, 迟报, and no end of a response with open tasks unexplained."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.core.base.moments import at, now
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.core.cases.timeline import timeline
from app.db import db
from app.subsystems.emergency.incidents import Incident, IncidentTask
from app.subsystems.emergency.plans import EmergencyPlan, PlanGroup, PlanStep, in_force
from app.subsystems.emergency.views import late_report
from tests.conftest import FIRST, FOREIGN, STREET, WANGWAN
from tests.playing import COMMUNITY, OFFICE, Play, offers, spelled

FLOW = Incident.workflow
STEPS = (("拨打119", "值班室", 10), ("疏散群众", "居委会", 30))
_names = iter(range(1000))


def make_plan(place: str = WANGWAN, **more: Any) -> int:
    """A plan in force with two steps."""
    with acting_as(*OFFICE):
        plan = EmergencyPlan(grid_code=place, **{
            "name": f"火灾预案{next(_names)}", "plan_version": "一", "kind": "safety", "state": "valid", "approved_by": "办事处",
            "approved_on": date(2025, 1, 1), "end_condition": "明火扑灭，人员清点完毕", "grades": ["3", "4"], **more})
        plan.steps = [PlanStep(order=n, action=action, post=post, minutes=minutes) for n, (action, post, minutes) in enumerate(STEPS)]
        db.session.add(plan)
        db.session.commit()
        return plan.id


def before(minutes: int) -> Any:
    return lambda: now() - timedelta(minutes=minutes)


incidents = Play(Incident, {
    "title": "厨房起火", "kind": "safety", "happened_at": before(20), "received_at": before(10), "place": "3栋", "brief": "浓烟",
    "reporter": "张三丰", "reporter_phone": "19000008888"})
report, take = incidents.report, incidents.take
RIGHTS = {
    "incoming": {"街书员格": "escalate", "街书员": "grade notify reject assign_down"},
    "graded": {"街书员格": "activate answer regrade escalate", "街书员": "notify assign_down"},
    "responding": {"街书员格": "activate log tasks regrade escalate", "街书员": "notify", "街书": "terminate"},
    "ended": {"街书员格": "sum_up", "街书员": "notify", "街书": "respond_again"},
    "reviewed": {"街书督": "close", "街书": "review_again"},
    "closed": {},
    "rejected": {},
}


def test_who_may_take_which_step_of_an_incident(app: Flask) -> None:
    assert offers(Incident) == spelled(RIGHTS)


def responding(**more: Any) -> Incident:
    case = take(report(**more), "grade", grade="4")
    return take(case, "activate", plan_id=make_plan(), handler="主任")


def tasks_of(case: Incident) -> list[IncidentTask]:
    with system("tasks"):
        return list(db.session.scalars(db.select(IncidentTask).where(IncidentTask.incident_id == case.id).order_by(IncidentTask.order)))


def finish_tasks(case: Incident, but: int = 0) -> None:
    with acting_as(*COMMUNITY):
        tasks = db.session.get_one(Incident, case.id).tasks
        for task in tasks[:len(tasks) - but]:
            task.done_by = "老王"
        db.session.commit()


def test_an_incident_runs_from_the_report_to_the_review(app: Flask) -> None:
    case = responding()
    assert (case.state, case.end_condition) == ("responding", "明火扑灭，人员清点完毕") and case.plan_name.startswith("火灾预案")
    for note in ("队伍到场", "明火扑灭"):
        case = take(case, "log", note, injured_count=1)
        assert case.state == "responding"
    finish_tasks(case)
    case = take(case, "terminate", "符合终止条件")
    assert (case.state, case.injured_count) == ("ended", 1) and case.ended_at
    with pytest.raises(RuleError):
        take(case, "sum_up", review="及时")
    case = take(take(case, "sum_up", review="及时", lessons="换灭火器", cause="油锅"), "close")
    assert case.state == "closed" and case.number.startswith("TF20")
    with system("timeline"):
        assert [(step.step, step.note) for step in timeline(case) if step.step == "log"] == [("log", "队伍到场"), ("log", "明火扑灭")]


def test_the_steps_of_the_plan_become_tasks_due_from_the_activation(app: Flask) -> None:
    moment = datetime(2026, 3, 1, 2, 0)
    with at(moment):
        case = responding()
    found = [(task.action, task.post, task.due_at - moment, task.done_at, task.grid_code) for task in tasks_of(case)]
    assert found == [("拨打119", "值班室", timedelta(minutes=10), None, FIRST), ("疏散群众", "居委会", timedelta(minutes=30), None, FIRST)]


def test_a_changed_plan_leaves_the_tasks_of_a_running_response_alone(app: Flask) -> None:
    case = responding()
    with acting_as(*OFFICE):
        plan = db.session.get_one(EmergencyPlan, case.plan_id)
        plan.steps[0].action, plan.end_condition = "改了", "改了"
        db.session.commit()
    with system("unchanged"):
        case = db.session.get_one(Incident, case.id, populate_existing=True)
        assert case.tasks[0].action == "拨打119" and case.end_condition == "明火扑灭，人员清点完毕"


@pytest.mark.parametrize(("plan", "words"), [
    ({"state": "draft"}, "有效"), ({"state": "void"}, "有效"), ({"valid_until": date(2025, 6, 1)}, "有效"),
    ({"kind": "health"}, "公共卫生"), ({"grades": ["1"]}, "一般"), ({"place": STREET}, "有效")])
def test_only_a_fitting_plan_in_force_is_activated(app: Flask, plan: dict[str, Any], words: str) -> None:
    case = take(report(), "grade", grade="4")
    with pytest.raises(RuleError, match=words):
        take(case, "activate", plan_id=make_plan(**plan), handler="主任")
    with system("unchanged"):
        row = db.session.get_one(Incident, case.id)
        assert row.state == "graded" and row.plan_id is None and row.tasks == []


@pytest.mark.parametrize("plan", [{"kind": "general"}, {"grades": []}, {"valid_until": date(2999, 1, 1)}])
def test_a_plan_for_every_kind_or_grade_fits(app: Flask, plan: dict[str, Any]) -> None:
    case = take(report(), "grade", grade="4")
    assert take(case, "activate", plan_id=make_plan(**plan), handler="主任").state == "responding"


def test_the_streets_plan_is_activated_by_the_street_after_the_case_went_up(app: Flask) -> None:
    case = take(take(report(), "grade", grade="3"), "escalate", "需要街道统一指挥")
    case = take(case, "activate", by=OFFICE, plan_id=make_plan(STREET), handler="主任")
    assert case.state == "responding" and case.level_code == STREET and case.plan_name


def test_no_response_ends_with_open_tasks_unless_somebody_says_why(app: Flask) -> None:
    case = responding()
    finish_tasks(case, but=1)
    with pytest.raises(RuleError, match="疏散群众") as refused:
        take(case, "terminate", "结束")
    assert refused.value.field == "open_task_reason"
    case = take(case, "terminate", "结束", open_task_reason="住户已自行撤离")
    assert (case.state, case.open_task_reason) == ("ended", "住户已自行撤离")
    case = take(case, "respond_again", "复燃")
    assert case.state == "responding" and case.ended_at is None
    finish_tasks(case)
    assert take(case, "terminate", "结束", open_task_reason="多余的话").open_task_reason is None


def test_without_a_plan_somebody_says_why_and_a_plan_may_follow(app: Flask) -> None:
    case = take(report(), "grade", grade="4")
    with pytest.raises(RuleError):
        take(case, "answer", note="", handler="主任")
    case = take(case, "answer", "现场即可处置", handler="主任")
    assert case.state == "responding" and case.plan_id is None
    case = take(case, "activate", plan_id=make_plan(), handler="主任")
    assert case.state == "responding"
    assert len(tasks_of(case)) == 2 and not FLOW.by_name["activate"].possible(case), "one plan an incident"


@pytest.mark.parametrize(("grade", "minutes", "late"), [("4", 119, False), ("4", 121, True), ("1", 59, False), ("1", 61, True)])
def test_late_is_what_was_reported_upwards_after_the_legal_hours_of_its_grade(app: Flask, grade: str, minutes: int, late: bool) -> None:
    known = now() - timedelta(hours=5)
    case = take(report(happened_at=known, received_at=known, title=f"{grade}级{minutes}分"), "grade", grade=grade)
    assert case.is_late_report, "the hours are over and nobody reported"
    case = take(case, "notify", notified_to="区应急局", notified_at=known + timedelta(minutes=minutes))
    assert case.is_late_report is late
    with system("list"):
        found = db.session.scalar(db.select(Incident.id).where(late_report(Incident), Incident.id == case.id))
    assert (found == case.id) is late and not FLOW.by_name["notify"].possible(case)


def test_reported_just_now_is_in_time_and_no_incident_is_never_late(app: Flask) -> None:
    assert take(report(), "notify", notified_to="区应急局", notified_at=None).is_late_report is False
    old = report(received_at=now() - timedelta(days=2), happened_at=now() - timedelta(days=2))
    assert old.is_late_report and not take(old, "reject", "演练").is_late_report


@pytest.mark.parametrize("wrong", [
    {"happened_at": datetime(2999, 1, 1)}, {"received_at": datetime(2999, 1, 1)}, {"received_at": datetime(2020, 1, 1)},
    {"dead_count": -1}, {"kind": "general"}])
def test_what_cannot_be_is_refused(app: Flask, wrong: dict[str, Any]) -> None:
    with pytest.raises(RuleError):
        report(**wrong)
    db.session.rollback()


def test_a_task_is_done_by_somebody_at_some_time_and_not_after_the_end(app: Flask) -> None:
    case = responding()
    with acting_as(*COMMUNITY):
        first, second = db.session.get_one(Incident, case.id).tasks
        first.done_by, second.done_at = "老王", now()
        db.session.commit()
        assert first.done_at and second.done_by
        first.done_at = datetime(2999, 1, 1)
        with pytest.raises(RuleError):
            db.session.commit()
        db.session.rollback()
    case = take(case, "terminate", "结束")
    with acting_as(*COMMUNITY):
        db.session.get_one(Incident, case.id).tasks[0].done_by = "别人"
        with pytest.raises(RuleError, match="响应|response"):
            db.session.commit()
        db.session.rollback()


def test_one_version_of_a_plan_is_valid_at_a_time(app: Flask) -> None:
    first = make_plan(name="防汛预案")
    with pytest.raises(RuleError, match="一"):
        make_plan(name="防汛预案", plan_version="二")
    db.session.rollback()
    second = make_plan(name="防汛预案", plan_version="二", state="draft")
    with acting_as(*OFFICE):
        db.session.get_one(EmergencyPlan, first).state = "void"
        db.session.commit()
        db.session.get_one(EmergencyPlan, second).state = "valid"
        db.session.commit()
        assert list(db.session.scalars(db.select(EmergencyPlan.id).where(EmergencyPlan.name == "防汛预案", in_force(EmergencyPlan)))) == [second]


def test_a_plan_is_valid_once_it_is_approved(app: Flask) -> None:
    with pytest.raises(RuleError, match="批准|approved"):
        make_plan(approved_by=None)
    db.session.rollback()
    with pytest.raises(RuleError):
        make_plan(valid_until=date(2024, 1, 1))
    db.session.rollback()


@pytest.mark.parametrize("minutes", [0, 43_201])
def test_a_step_has_a_sensible_limit(app: Flask, minutes: int) -> None:
    number = make_plan()
    with acting_as(*OFFICE), pytest.raises(RuleError):
        db.session.add(PlanStep(plan_id=number, grid_code=WANGWAN, action="x", post="y", minutes=minutes))
        db.session.commit()
    db.session.rollback()


def test_steps_and_groups_are_written_with_their_plan(app: Flask, client: Any) -> None:
    given = {"grid_code": WANGWAN, "name": "踩踏预案", "plan_version": "一", "kind": "gathering", "tier": "community", "state": "draft",
             "end_condition": "人群散去", "steps-0-action": "广播疏导", "steps-0-post": "宣传组", "steps-0-minutes": "5", "steps-0-order": "1",
             "groups-0-kind": "guard", "groups-0-lead_unit": "派出所", "groups-0-duty": "维持秩序"}
    answer = client("wangwan").post("/emergencyplan/add", data=given)
    assert answer.status_code == 302, answer.get_data(as_text=True)[:2000]
    with app.app_context(), system("written"):
        plan = db.session.scalars(db.select(EmergencyPlan).where(EmergencyPlan.name == "踩踏预案")).one()
        assert [(step.action, step.minutes, step.grid_code) for step in plan.steps] == [("广播疏导", 5, WANGWAN)]
        assert [(group.kind, type(group)) for group in plan.groups] == [("guard", PlanGroup)]


def test_the_select_of_plans_offers_those_in_force_of_ones_own_place(app: Flask, client: Any) -> None:
    with app.app_context():
        make_plan(name="选择甲")
        make_plan(name="选择乙", state="void")
        make_plan(FOREIGN[:12], name="选择丙")
        db.session.remove()
    offered = client("wangwan").get("/incident/options/plan_id?q=选择").get_json()["results"]
    assert [row["text"] for row in offered] == ["选择甲（一）"]
    steps = client("wangwan").get("/planstep/options/plan_id?q=选择").get_json()["results"]
    assert len(steps) == 2, "steps are added to plans not yet or no longer in force too"


@pytest.mark.parametrize(("language", "words"), [("zh", ("终止条件", "未完成任务")), ("en", ("Condition of termination", "Tasks still open"))])
def test_the_page_of_the_end_says_the_condition_and_what_is_open(app: Flask, client: Any, language: str, words: tuple[str, ...]) -> None:
    with app.app_context():
        pk = responding().id
        db.session.remove()
    browser = client("wangwan")
    browser.get(f"/lang/{language}")
    page = browser.get(f"/incident/step/{pk}/terminate").get_data(as_text=True)
    assert all(word in page for word in words) and "明火扑灭，人员清点完毕" in page and "疏散群众" in page


def test_tasks_are_ticked_off_and_added_on_the_page_of_their_step(app: Flask, client: Any) -> None:
    with app.app_context():
        case = responding()
        pk, version = case.id, case.version
        lines = [(task.id, task.version) for task in tasks_of(case)]
        db.session.remove()
    data: dict[str, Any] = {"version": version}
    for index, (number, seen) in enumerate(lines):
        data |= {f"tasks-{index}-row_id": number, f"tasks-{index}-version": seen, f"tasks-{index}-order": index,
                 f"tasks-{index}-action": STEPS[index][0], f"tasks-{index}-post": STEPS[index][1], f"tasks-{index}-done_by": "老王" if index else ""}
    data |= {"tasks-2-action": "清点人数", "tasks-2-post": "网格员"}
    answer = client("wangwan").post(f"/incident/step/{pk}/tasks", data=data)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    with app.app_context(), system("written"):
        assert [(task.action, bool(task.done_at)) for task in sorted(db.session.get_one(Incident, pk).tasks, key=lambda task: task.id)] == [
            ("拨打119", False), ("疏散群众", True), ("清点人数", False)]


def test_who_reported_it_is_masked_and_another_community_sees_nothing(app: Flask, client: Any, token: Any) -> None:
    with app.app_context():
        pk = report().id
        db.session.remove()
    page = client("leader").get(f"/incident/show/{pk}").get_data(as_text=True)
    assert "190****8888" in page and "19000008888" not in page and "张三丰" not in page
    assert client("yangou").get(f"/incident/show/{pk}").status_code == 404
    browser = app.test_client()
    assert browser.get(f"/api/v1/incident/{pk}/steps", headers=token("yangou")).status_code == 404
    offered = browser.get(f"/api/v1/incident/{pk}/steps", headers=token("wangwan")).get_json()["result"]
    assert {step["name"] for step in offered} == {"grade", "notify", "reject", "escalate", "assign_down"}
    answer = browser.post(f"/api/v1/incident/{pk}/steps/grade", headers=token("wangwan"), json={"grade": "4"})
    assert answer.get_json()["state"] == "graded", answer.get_json()


def test_a_late_incident_says_so_on_its_page(app: Flask, client: Any) -> None:
    with app.app_context():
        pk = report(happened_at=now() - timedelta(hours=6), received_at=now() - timedelta(hours=5), title="迟了").id
        db.session.remove()
    browser = client("wangwan")
    assert "迟报" in browser.get(f"/incident/show/{pk}").get_data(as_text=True)
    assert "迟了" in browser.get("/incident/list/?f.late_report=1").get_data(as_text=True)
