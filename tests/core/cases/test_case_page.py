"""The page of a case: where it stands on its way, who does what next, one main button, nothing to press at its end; by hand."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from app.core import assembly
from app.core.base.scope import acting_as
from app.core.cases import way
from app.core.cases.clock import case_records
from app.core.cases.timeline import timeline
from tests.conftest import STREET
from tests.playing import EVENTS, OFFICE, Play, stored
from tests.subsystems.mediation.test_disputes import disputes

assembly.discover()
# The way of every type, as the line on its page says it.
WAYS = {
    "ServiceRequest": "受理 办理反馈 送达结果，办结 登记评价",
    "UtilityFeedback": "转交服务单位 登记单位答复 核查通过，结案 登记评价",
    "Opinion": "受理分级 出具答复 反馈结案 登记评价",
    "Event": "受理 立案 分办 处置反馈 核查通过，结案 登记评价",
    "Dispute": "受理 立案 分办 达成协议 核查通过，结案 归档",
    "RiskAssessment": "制定评估方案 调查完成 识别风险点 评定风险等级 提交评估报告 审查决定 备案并跟踪 跟踪结束",
    "Incident": "研判定级 启动预案 终止响应 总结评估 归档结案",
    "Complaint": "受理并告知 出具答复 送达结案 登记评价",
    "Hazard": "受理 立案 分办 处置反馈 复查合格，结案 登记评价",
    "Rectification": "制定方案并挂牌 上报整治情况 验收合格 摘牌",
    "CityProblem": "受理 立案 分办 处置反馈 结案 登记评价",
}
DONE_AND_CLOSED = ("accept", "file", "dispatch", "handle", "close")
# Steps taken: the stations; ✓ done, ▶ here, ✗ passed over, … ahead.
STANDS = {
    (): "上报✓ 受理▶ 立案… 分办… 处置反馈… 核查通过，结案… 登记评价…",
    ("accept",): "上报✓ 受理✓ 立案▶ 分办… 处置反馈… 核查通过，结案… 登记评价…",
    ("accept", "file", "park"): "上报✓ 受理✓ 立案✓ 恢复办理▶ 分办… 处置反馈… 核查通过，结案… 登记评价…",
    ("accept", "file", "dispatch", "handle", "rework"): "上报✓ 受理✓ 立案✓ 分办✓ 处置反馈▶ 核查通过，结案… 登记评价…",
    ("reject",): "上报✓ 不予受理▶",
    ("accept", "escalate", "report_outside"): "上报✓ 受理✓ 立案✗ 分办✗ 处置反馈▶ 核查通过，结案… 登记评价…",
    ("accept", "escalate", "report_outside", "handle"): "上报✓ 受理✓ 立案✗ 分办✗ 处置反馈✓ 核查通过，结案▶ 登记评价…",
    DONE_AND_CLOSED: "上报✓ 受理✓ 立案✓ 分办✓ 处置反馈✓ 核查通过，结案✓ 登记评价…",
    (*DONE_AND_CLOSED, "evaluate"): "上报✓ 受理✓ 立案✓ 分办✓ 处置反馈✓ 核查通过，结案✓ 登记评价✓",
    (*DONE_AND_CLOSED, "reopen"): "上报✓ 受理✓ 立案▶ 分办… 处置反馈… 核查通过，结案… 登记评价…",
}
# Steps taken: whoever looks, the main button, those beside it, what is under “more”, what ends it early.
BUTTONS: dict[tuple[tuple[str, ...], str], tuple[str, str, str, str]] = {
    ((), "wangwan"): ("accept", "escalate assign_down", "", "reject merge"),
    ((), "wangwan01"): ("", "", "", ""),
    (("accept", "file", "dispatch"), "wangwan"): ("handle", "transfer ask_extension", "escalate hand_over send_back park correct", ""),
    (("accept", "file", "dispatch", "handle"), "wangwan"): ("close", "rework", "correct", ""),
    (DONE_AND_CLOSED, "wangwan"): ("evaluate", "revisit reopen", "", ""),
    (DONE_AND_CLOSED, "leader"): ("", "", "", ""),
}


def drawn(case: Any) -> str:
    signs = {way.DONE: "✓", way.NOW: "▶", way.SKIPPED: "✗", way.AHEAD: "…"}
    return " ".join(one.label + signs[one.place] for one in way.stations(case, timeline(case)))


def played(app: Flask, *steps: str, on: Play = EVENTS, case: int | None = None, **values: Any) -> int:
    """The number of a new case, or of the one named, that took these steps."""
    with app.app_context():
        return _taken(on, on.report().id if case is None else case, steps, values)


def _taken(on: Play, case: int, steps: tuple[str, ...], values: dict[str, Any]) -> int:
    for step in steps:
        on.take(case, step, by=OFFICE, **values)
    return case


def test_the_way_of_every_type_is_what_its_steps_say(app: Flask) -> None:
    with app.test_request_context(), force_locale("zh"):
        flows = {record.__name__: record.workflow for record in case_records()}
        assert {name: " ".join(str(step.label) for _state, step in flow.onward(flow.initial)) for name, flow in flows.items()} == WAYS


@pytest.mark.parametrize("steps", STANDS, ids="-".join)
def test_where_a_case_stands_and_what_it_passed_over(app: Flask, steps: tuple[str, ...]) -> None:
    case = played(app, *steps)
    with app.test_request_context(), force_locale("zh"), acting_as("street", STREET):
        assert drawn(stored(EVENTS.record, case)) == STANDS[steps]


@pytest.mark.parametrize(("steps", "who"), BUTTONS, ids=str)
def test_one_main_button_few_beside_it_and_apart_what_ends_it_early(app: Flask, client: Any, steps: tuple[str, ...], who: str) -> None:
    case = played(app, *steps)
    page = client(who).get(f"/event/show/{case}").get_data(as_text=True)
    head = page[page.index("s-case-head"):page.index("s-strip")]
    beside, more = head.split('class="s-more-acts"') if "s-more-acts" in head else (head, "")
    menu, _end, behind = more.partition("</details>")
    steps_in = re.compile(r'/step/\d+/(\w+)"')
    found = (" ".join(steps_in.findall(behind if more else beside)), " ".join(steps_in.findall(beside)) if more else "",
             " ".join(steps_in.findall(menu.split("<hr>")[0])), " ".join(steps_in.findall(menu.rpartition("<hr>")[2])) if "<hr>" in menu else "")
    assert found == BUTTONS[steps, who]
    assert head.count("btn-primary") == bool(found[0])


def page_of(client: Any, who: str, case: int, kind: str = "event") -> str:
    return str(client(who).get(f"/{kind}/show/{case}").get_data(as_text=True))


def test_a_dispute_has_no_button_for_what_is_lacking_yet(app: Flask, client: Any) -> None:
    case = played(app, "accept", "file", "dispatch", on=disputes)
    page = page_of(client, "wangwan", case, "dispute")
    assert f"/step/{case}/mediate" in page and f"/step/{case}/handle" not in page and f"/step/{case}/fail" not in page
    played(app, "mediate", on=disputes, case=case)
    assert f"/step/{case}/handle" in page_of(client, "wangwan", case, "dispute")


def test_what_came_to_its_end_has_no_edit_and_no_delete_and_refuses_them(app: Flask, client: Any, token: Any) -> None:
    case, browser = played(app), client("wangwan")
    address = f"/event/edit/{case}", f"/event/delete/{case}"
    assert all(one in page_of(client, "wangwan", case) for one in address)
    played(app, "reject", case=case)
    assert not any(one in page_of(client, "wangwan", case) for one in address)
    assert browser.get(address[0]).status_code == 302
    browser.post(address[1])
    assert app.test_client().delete(f"/api/v1/event/{case}", headers=token("wangwan")).status_code == 422
    with app.app_context():
        assert stored(EVENTS.record, case).deleted_at is None


def test_the_list_offers_to_edit_what_is_open_and_nothing_else(app: Flask, client: Any) -> None:
    still_open, ended = played(app), played(app, "reject")
    for query in ("cols=title", "f.state=rejected", "cols=title,state"):
        page = client("wangwan").get(f"/event/list/?size=100&{query}").get_data(as_text=True)
        offered = {pk for pk in (still_open, ended) if f"../edit/{pk}\"" in page}
        assert f"../show/{ended}\"" in page and offered == (set() if "f." in query else {still_open}), query


def test_the_page_says_who_acts_next_and_what_the_step_needs(app: Flask, client: Any) -> None:
    case = played(app)
    assert "等您办理：受理" in page_of(client, "wangwan", case)
    assert "等 wangwan（王湾社区）" in page_of(client, "leader", case)
    played(app, "accept", "file", case=case)
    assert "等您办理：分办（须填：承办单位）" in page_of(client, "wangwan", case)
    played(app, "dispatch", "handle", "close", case=case)
    assert "还可以：登记评价" in page_of(client, "wangwan", case)


def test_a_long_timeline_folds_and_a_merged_case_is_named_on_both_pages(app: Flask, client: Any) -> None:
    page = page_of(client, "wangwan", played(app, "accept", "file", "dispatch", "handle", "rework", "handle", "close"))
    shown, folded = page[page.index("s-timeline"):].split("<details>")[:2]
    assert shown.count("<li") == 4 and folded.split("</details>")[0].count("<li") == 4
    kept, other = played(app), played(app)
    with app.app_context():
        number = stored(EVENTS.record, kept).number
    played(app, "merge", case=other, merged_into=number)
    assert f"/event/show/{kept}" in page_of(client, "wangwan", other) and f"/event/show/{other}" in page_of(client, "wangwan", kept)
