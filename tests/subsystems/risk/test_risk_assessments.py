"""社会稳定风险评估: its guards stage by stage, the level by rule, 应评未评, and the printed sheets."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from app.core.base.moments import today
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.core.cases.timeline import timeline
from app.core.telling.dictionaries import label_of
from app.db import db
from app.subsystems.risk.records import RiskAssessment, RiskFollowUp, RiskPoint, RiskSurvey
from app.subsystems.risk.rules import HIGH, LOW, MEDIUM, Tally, proposed
from app.subsystems.risk.views import matrix, unassessed
from tests.conftest import FIRST, FOREIGN, STREET, WANGWAN
from tests.playing import COMMUNITY, OFFICE, Play, offered_to, offers, spelled

SCORES = {"legality": 5, "reasonableness": 4, "feasibility": 4, "controllability": 3}
REPORT = {"report": "总体平稳", "emergency_plan": "十分钟到场"}


RIGHTS = {
    "declared": {"街书员格": "withdraw", "街书员": "plan"},
    "surveying": {"街书员格": "note_survey survey withdraw"},
    "identifying": {"街书员格": "identify survey_again withdraw"},
    "grading": {"街书员格": "survey_again withdraw", "街书员": "grade"},
    "reporting": {"街书员格": "survey_again report withdraw"},
    "deciding": {"街书": "review", "街书督": "rework"},
    "filing": {"街书": "register"},
    "tracking": {"街书员格": "follow", "街书督": "close"},
    "postponed": {"街书员格": "withdraw", "街书": "resume"},
    "closed": {},
    "withdrawn": {},
}


class Assessments(Play):
    """Steps of assessments, with the lines their pages write first."""

    def prepare(self, row: Any, values: dict[str, Any]) -> None:
        with db.session.no_autoflush:
            for line in values.pop("rows", ()):
                {RiskSurvey: row.surveys, RiskPoint: row.points, RiskFollowUp: row.follow_ups}[type(line)].append(line)


assessments = Assessments(RiskAssessment, {
    "title": "加装电梯", "matter_field": "project", "subject_unit": "城管办", "assessing_unit": "综治办", "summary": "三栋加装电梯",
    "start_on": lambda: today() + timedelta(days=30), "contact": "张三丰", "contact_phone": "19000009999"})
declare, take = assessments.report, assessments.take


def poll(support: int = 90, against: int = 5, unclear: int = 5, method: str = "poll", **more: Any) -> RiskSurvey:
    people = support + against + unclear  # five ballots more went out than came back
    return RiskSurvey(**{"method": method, "held_on": today(), "people_count": people, "ballots_sent": people + 5,
                         "ballots_returned": people, "support_count": support, "against_count": against, "unclear_count": unclear, **more})


def point(likelihood: int = 2, impact: int = 2) -> RiskPoint:
    return RiskPoint(description="采光受影响", likelihood=likelihood, impact=impact, measure="逐户协商", person="社区书记")


def to_grading(survey: RiskSurvey | None = None, *points: RiskPoint, mass: bool = False) -> RiskAssessment:
    case = take(declare(), "plan", methods=["poll"], plan="发放测评表")
    case = take(case, "survey", rows=[survey or poll()])
    return take(case, "identify", rows=points or [point()], mass_event_likely=mass)


def to_filing(decision: str, level: str = LOW, **more: Any) -> RiskAssessment:
    reason = {"level_reason": "情况特殊"} if level != LOW else {}
    case = take(take(to_grading(), "grade", **SCORES, level=level, **reason), "report", **REPORT)
    return take(case, "review", by=OFFICE, decision=decision, decided_on=today(), **more)


def test_a_matter_runs_from_its_declaration_to_the_end_of_the_follow_up(app: Flask) -> None:
    case = to_grading()
    assert (case.state, case.support_rate, case.against_rate, case.proposed_level) == ("grading", 90, 5, LOW)
    case = take(case, "grade", **SCORES, level=LOW)
    case = take(case, "report", **REPORT)
    assert (case.state, case.level_code) == ("deciding", STREET), "the street decides"
    case = take(case, "review", by=OFFICE, decision="go", decided_on=today())
    case = take(case, "register", by=OFFICE, local_filed_on=today(), upper_filed_on=None, filing_number="1号")
    assert (case.state, case.level_code) == ("tracking", WANGWAN), "the community follows it up"
    with pytest.raises(RuleError):
        take(case, "close", result="平稳")
    case = take(case, "follow", rows=[RiskFollowUp(seen_on=today(), progress="开工")])
    case = take(case, "close", result="平稳")
    assert case.state == "closed" and case.closed_at and case.number.startswith("FX20")
    with system("timeline"):
        assert [step.step for step in timeline(case)] == ["plan", "survey", "identify", "grade", "report", "review", "register", "follow", "close"]


def test_nobody_of_the_community_decides(app: Flask) -> None:
    case = take(take(to_grading(), "grade", **SCORES, level=LOW), "report", **REPORT)
    assert not offered_to("wangwan", case)


def test_who_may_take_which_step_of_an_assessment(app: Flask) -> None:
    assert offers(RiskAssessment, decision="go") == spelled(RIGHTS)
    for decision, step in (("postpone", "register_wait"), ("refuse", "register_end")):
        assert offers(RiskAssessment, decision=decision)["filing"] == spelled({"": {"街书": step}})[""]


@pytest.mark.parametrize("rows", [[], ["visit"], ["notice", "expert"]])
def test_no_survey_is_finished_without_a_poll_a_hearing_or_a_talk(app: Flask, rows: list[str]) -> None:
    case = take(declare(), "plan", methods=["visit"], plan="走访")
    with pytest.raises(RuleError, match="测评|poll"):
        take(case, "survey", rows=[poll(method=method) for method in rows])
    with system("unchanged"):
        assert db.session.get_one(RiskAssessment, case.id).state == "surveying"


@pytest.mark.parametrize("method", ["poll", "hearing", "talk"])
def test_each_of_the_three_is_enough(app: Flask, method: str) -> None:
    case = take(declare(), "plan", methods=[method], plan="征求意见")
    assert take(case, "survey", rows=[poll(method=method)]).state == "identifying"


def test_no_level_without_a_risk_point_nor_after_its_survey_was_taken_out(app: Flask) -> None:
    case = take(take(declare(), "plan", methods=["poll"], plan="测评"), "survey", rows=[poll()])
    with pytest.raises(RuleError, match="风险点|risk point"):
        take(case, "identify", mass_event_likely=False)
    case = take(case, "identify", rows=[point()], mass_event_likely=False)
    with acting_as(*COMMUNITY):
        survey = db.session.scalars(db.select(RiskSurvey).where(RiskSurvey.assessment_id == case.id)).one()
        survey.deleted_at = db.session.get_one(RiskAssessment, case.id).since
        db.session.commit()
    with pytest.raises(RuleError, match="测评|poll"):
        take(case, "grade", **SCORES, level=LOW)


@pytest.mark.parametrize(("against", "values", "mass", "level"), [
    (0, [4], False, LOW), (9, [7], False, LOW), (10, [4], False, MEDIUM), (29, [4], False, MEDIUM), (0, [8], False, MEDIUM),
    (30, [4], False, HIGH), (0, [4, 15], False, HIGH), (0, [1], True, HIGH), (0, [], False, LOW)])
def test_the_level_by_rule(app: Flask, against: int, values: list[int], mass: bool, level: str) -> None:
    assert proposed(Tally(100 - against, against, 0), values, mass) == level


def test_rates_are_those_of_all_surveys_together(app: Flask) -> None:
    tally = Tally.of([poll(50, 30, 20), poll(10, 0, 0), RiskSurvey(method="visit", support_count=None)])
    assert (tally.total, [float(rate) for rate in tally.rates]) == (110, [54.5, 27.3, 18.2])
    assert Tally.of([]).rates == (None, None, None)


def test_whoever_sets_another_level_than_the_rule_says_why(app: Flask) -> None:
    case = to_grading(poll(60, 35, 5))
    assert case.proposed_level == HIGH
    with pytest.raises(RuleError, match="高风险"):
        take(case, "grade", **SCORES, level=MEDIUM, level_reason=" ")
    case = take(case, "grade", **SCORES, level=MEDIUM, level_reason="反对者已逐户答复")
    assert (case.level, case.level_reason) == (MEDIUM, "反对者已逐户答复")


@pytest.mark.parametrize("score", [0, 6])
def test_scores_run_from_one_to_five(app: Flask, score: int) -> None:
    with pytest.raises(RuleError, match="1"):
        take(to_grading(), "grade", **{**SCORES, "legality": score}, level=LOW)


@pytest.mark.parametrize(("level", "decision", "allowed"), [
    (HIGH, "go", False), (HIGH, "conditional", False), (HIGH, "postpone", True), (HIGH, "refuse", True),
    (MEDIUM, "go", False), (MEDIUM, "conditional", True), (MEDIUM, "postpone", True), (LOW, "go", True), (LOW, "refuse", True)])
def test_what_may_be_decided_at_which_level(app: Flask, level: str, decision: str, allowed: bool) -> None:
    if allowed:
        assert to_filing(decision, level, conditions="先公示").state == "filing"
    else:
        with pytest.raises(RuleError, match=label_of("risk_decision", decision)):
            to_filing(decision, level, conditions="先公示")


def test_conditional_needs_its_measures_and_a_decision_is_not_of_tomorrow(app: Flask) -> None:
    with pytest.raises(RuleError, match="措施|measures"):
        to_filing("conditional", MEDIUM)
    case = take(take(to_grading(), "grade", **SCORES, level=LOW), "report", **REPORT)
    with pytest.raises(RuleError, match="晚于|future"):
        take(case, "review", by=OFFICE, decision="go", decided_on=today() + timedelta(days=1))


@pytest.mark.parametrize(("decision", "step", "state"), [("go", "register", "tracking"), ("postpone", "register_wait", "postponed"),
                                                         ("refuse", "register_end", "closed")])
def test_the_filing_leads_where_the_decision_says(app: Flask, decision: str, step: str, state: str) -> None:
    case = to_filing(decision)
    assert offered_to("street", case) == {step, "correct"}
    with pytest.raises(RuleError, match="备案|filing"):
        take(case, step, by=OFFICE, local_filed_on=today() - timedelta(days=1))
    case = take(case, step, by=OFFICE, local_filed_on=today())
    assert case.state == state
    if state == "postponed":
        case = take(case, "resume", "条件已变化", by=OFFICE)
        assert (case.state, case.decision, case.level, case.level_code) == ("surveying", None, None, WANGWAN)


def test_what_a_level_was_set_by_is_not_changed_afterwards(app: Flask) -> None:
    case = take(to_grading(), "grade", **SCORES, level=LOW)
    with acting_as(*COMMUNITY):
        for line in (poll(0, 100, 0), point(5, 5)):
            line.assessment_id = case.id
            line.grid_code = FIRST
            db.session.add(line)
            with pytest.raises(RuleError, match="环节|stage"):
                db.session.commit()
            db.session.rollback()


@pytest.mark.parametrize("wrong", [
    {"ballots_returned": None}, {"ballots_returned": 106}, {"unclear_count": 6}, {"against_count": -1}, {"held_on": date(2999, 1, 1)}])
def test_ballots_add_up(app: Flask, wrong: dict[str, Any]) -> None:
    case = take(declare(), "plan", methods=["poll"], plan="测评")
    with pytest.raises(RuleError):
        take(case, "note_survey", rows=[poll(**wrong)])
    assert take(case, "note_survey", rows=[poll()]).state == "surveying"


def test_a_sign_of_trouble_says_what_was_done(app: Flask) -> None:
    case = take(to_filing("go"), "register", by=OFFICE, local_filed_on=today())
    with pytest.raises(RuleError, match="处置|done"):
        take(case, "follow", rows=[RiskFollowUp(seen_on=today(), progress="聚集", is_trouble=True)])


def test_due_for_assessment_and_not_assessed(app: Flask, client: Any) -> None:
    begun = today() - timedelta(days=1)
    with app.app_context():
        late = declare(title="已开工未评", start_on=begun)
        declare(title="尚未到期", start_on=today() + timedelta(days=1))
        declare(title="不在六个领域", start_on=begun, matter_field="policy")
        take(declare(title="已经撤回", start_on=begun), "withdraw", "不办了")
        with system("list"):
            found = set(db.session.scalars(db.select(RiskAssessment.title).where(unassessed(RiskAssessment))))
        assert found == {"已开工未评"}
        pk = late.id
        db.session.remove()
    browser = client("wangwan")
    page = browser.get("/riskassessment/list/?f.unassessed=1").get_data(as_text=True)
    assert "已开工未评" in page and "尚未到期" not in page and "不在六个领域" not in page
    assert "应评未评" in browser.get(f"/riskassessment/show/{pk}").get_data(as_text=True)


def test_the_matrix_has_each_point_in_its_cell(app: Flask) -> None:
    table = matrix([point(1, 1), point(5, 5), point(5, 5), point(2, 4)])
    assert [likelihood for likelihood, _cells in table] == [5, 4, 3, 2, 1]
    assert table[0][1][4] == (HIGH, [2, 3]) and table[4][1][0] == (LOW, [1]) and table[3][1][3] == (MEDIUM, [4])
    assert sum(len(numbers) for _likelihood, cells in table for _colour, numbers in cells) == 4


def test_the_lines_of_a_survey_are_written_on_the_page_of_its_step(app: Flask, client: Any) -> None:
    with app.app_context():
        case = take(declare(), "plan", methods=["poll"], plan="测评")
        pk, version = case.id, case.version
        db.session.remove()
    browser = client("wangwan")
    assert 'name="surveys-0-method"' in browser.get(f"/riskassessment/step/{pk}/survey").get_data(as_text=True)
    line = {"surveys-0-method": "poll", "surveys-0-held_on": today().isoformat(), "surveys-0-people_count": "10",
            "surveys-0-ballots_returned": "10", "surveys-0-support_count": "12", "version": version}
    refused = browser.post(f"/riskassessment/step/{pk}/survey", data=line)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422 and "超过了" in page and 'value="12"' in page, "what was typed stays"
    assert browser.post(f"/riskassessment/step/{pk}/survey", data={**line, "surveys-0-support_count": "x"}).status_code == 422
    assert browser.post(f"/riskassessment/step/{pk}/survey", data={**line, "surveys-0-support_count": "8"}).status_code == 302
    with app.app_context(), system("written"):
        row = db.session.get_one(RiskAssessment, pk)
        assert row.state == "identifying" and [(s.support_count, s.grid_code) for s in row.surveys] == [(8, FIRST)]


@pytest.mark.parametrize(("language", "words"), [("zh", ("社会稳定风险评估报备表", "社会稳定风险评估报告", "发生概率")),
                                                 ("en", ("Filing form of a stability risk assessment", "Likelihood"))])
def test_the_sheet_for_print_in_both_languages_masked_and_scoped(app: Flask, client: Any, language: str, words: tuple[str, ...]) -> None:
    with app.app_context():
        pk, foreign = to_grading(poll(), point(4, 4)).id, declare(FOREIGN).id
        db.session.remove()
    browser = client("wangwan")
    browser.get(f"/lang/{language}")
    page = browser.get(f"/riskassessment/sheet/{pk}").get_data(as_text=True)
    assert all(word in page for word in words) and "190****9999" in page and "19000009999" not in page and "张三丰" not in page
    assert '<td class="high">1</td>' in page and "90.0%" in page
    assert browser.get(f"/riskassessment/sheet/{foreign}").status_code == 404
    assert client("leader").get(f"/riskassessment/sheet/{foreign}").status_code == 200
    if language == "en":
        assert "评估主体" not in page


def test_what_the_step_page_says_before_one_decides(app: Flask, client: Any) -> None:
    with app.app_context():
        pk = to_grading(poll(60, 35, 5)).id
        db.session.remove()
    page = client("wangwan").get(f"/riskassessment/step/{pk}/grade").get_data(as_text=True)
    assert "初定等级" in page and "高风险" in page and "35.0%" in page


def test_another_community_neither_sees_nor_takes_a_step(app: Flask, client: Any) -> None:
    with app.app_context():
        pk = declare().id
        db.session.remove()
    browser = client("yangou")
    assert browser.get(f"/riskassessment/show/{pk}").status_code == 404
    assert browser.post(f"/riskassessment/step/{pk}/plan", data={}).status_code == 404
    assert client("leader").post(f"/riskassessment/step/{pk}/plan", data={}).status_code == 403


def test_the_stages_by_rest_with_their_lines(app: Flask, token: Any) -> None:
    with app.app_context():
        pk = take(declare(), "plan", methods=["poll"], plan="测评").id
        db.session.remove()
    browser, header, steps = app.test_client(), token("wangwan"), f"/api/v1/riskassessment/{pk}/steps"
    offered = {step["name"]: step["lines"] for step in browser.get(steps, headers=header).get_json()["result"]}
    assert offered["survey"] == ["surveys"]
    assert browser.post(f"{steps}/survey", headers=header, json={}).status_code == 422
    line = {"assessment_id": pk, "grid_code": FIRST, "method": "poll", "held_on": today().isoformat(), "people_count": 9,
            "ballots_returned": 9, "support_count": 9}
    assert browser.post("/api/v1/risksurvey/", headers=header, json=line).status_code == 201
    assert browser.post(f"{steps}/survey", headers=header, json={}).get_json()["state"] == "identifying"
    risk = {"assessment_id": pk, "grid_code": FIRST, "description": "噪声", "likelihood": 2, "impact": 3, "measure": "限时", "person": "书记"}
    assert browser.post("/api/v1/riskpoint/", headers=header, json={**risk, "likelihood": 6}).status_code == 422
    made = browser.post("/api/v1/riskpoint/", headers=header, json=risk)
    assert made.get_json()["result"]["value"] == 6, made.get_json()
    assert browser.post(f"{steps}/identify", headers=header, json={}).get_json()["state"] == "grading"
    answer = browser.post(f"{steps}/grade", headers=header, json={**SCORES, "level": "medium"})
    assert answer.status_code == 422 and "level_reason" in answer.get_json()["message"]
    assert browser.post("/api/v1/risksurvey/", headers=token("yangou"), json=line).status_code in (404, 422)


def test_figures_count_only_what_the_workflow_knows(app: Flask, client: Any) -> None:
    page = client("street").get("/riskassessment/figures/").get_data(as_text=True).split('id="main"')[1]
    assert "按期结案" in page and "立案" not in page and "按期处置" not in page
    assert "按期处置" in client("street").get("/event/figures/").get_data(as_text=True)
