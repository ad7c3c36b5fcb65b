"""Invented emergency plans, and incidents answered by them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.core.base.moments import at, now, today
from app.core.base.scope import EVERYTHING, Scope, acting
from app.db import db
from app.demo import STREET
from app.demo.playing import Move, reached, run
from app.subsystems.emergency.incidents import Incident
from app.subsystems.emergency.plans import EmergencyPlan, PlanGroup, PlanStep
from app.subsystems.grids.grids import Grid

SEED = 20261103
FIRST_STEPS = (("值班员核实情况并报告街道主要领导", "街道值班室", 10), ("通知应急队伍集结", "综治（网格）办", 20))
LAST_STEPS = (("统计伤亡和损失，续报上级", "街道值班室", 120), ("安抚群众，发布权威信息", "宣传组", 180))
PLANS: tuple[tuple[str, str, str, tuple[tuple[str, str, int], ...]], ...] = (
    ("health", "突发公共卫生事件应急预案", "病例清零且超过一个最长潜伏期无新发", (("划定管控范围，引导就近就医", "卫生健康办", 40), ("开展流调和消杀", "卫生健康办", 90))),
    ("pollution", "环境污染事件应急预案", "污染源切断，连续两次监测达标", (("切断污染源，设置警戒", "城市管理办", 30), ("通知下风向居民关窗或转移", "社区居委会", 45))),
    ("safety", "安全生产事故应急预案", "现场搜救完毕，隐患消除", (("拨打119、120并引导进场", "安监（应急）办", 10), ("疏散周边人员，拉设警戒线", "派出所", 25))),
    ("disaster", "防汛抢险应急预案", "上级解除预警，积水退去，人员得到安置", (("转移低洼处居民", "社区居委会", 60), ("封闭积水路段，抢排积水", "城市管理办", 60))),
    ("terror", "暴力恐怖事件处置预案", "嫌疑人得到控制，现场勘查结束", (("拨打110，组织群众避险", "派出所", 5), ("封控现场，配合公安处置", "派出所", 15))),
    ("general", "突发事件总体应急预案", "现场处置完毕，社会秩序恢复正常", (("成立现场指挥部", "街道主要领导", 30),)),
)
GROUPS = (("command", "街道办事处", "各科室", "统一指挥，作出决定"), ("rescue", "应急办", "消防站、物业", "搜救、抢险"), ("medical", "卫生服务中心", "卫健办", "救治伤员"),
          ("guard", "派出所", "网格员", "警戒和交通疏导"), ("evacuation", "社区居委会", "网格员、志愿者", "转移和安置群众"))
MATTERS = (  # kind, title, brief, grade
    ("disaster", "强降雨内涝", "短时强降雨，地下车库进水，部分居民被困。", "4"), ("safety", "餐馆燃气泄漏", "后厨燃气泄漏，无人受伤，已关阀。", "4"),
    ("health", "学校聚集性腹泻", "多名学生腹痛腹泻，疑似食源性。", "3"), ("pollution", "河道油污", "河面出现油污带，来源待查。", "4"),
    ("safety", "高层住宅火情", "住户厨房起火，浓烟进入楼道。", "3"), ("disaster", "山体小型滑坡", "滑坡阻断村道，无人员伤亡。", "4"),
    ("terror", "持刀扰乱秩序", "一男子在市场持刀威胁他人。", "3"), ("other", "大面积停水", "主管爆裂，两千户停水。", "4"),
)
ENDED, REVIEWED, CLOSED = 3, 4, 5


def play() -> None:
    """Writes the plans of the street, and plays two incidents of each kind, each left at another stage."""
    chance = random.Random(SEED)
    with acting(Scope("street", EVERYTHING)):
        plans = {kind: _plan(kind, name, condition, steps) for kind, name, condition, steps in PLANS}
        grids = db.session.scalars(select(Grid.code).where(Grid.level == "base").order_by(Grid.code)).all()
        db.session.flush()
        for number in range(2 * len(MATTERS)):
            _one(chance, number, chance.choice(grids), plans)
        db.session.commit()


def _plan(kind: str, name: str, condition: str, own: tuple[tuple[str, str, int], ...]) -> EmergencyPlan:
    """A plan in force with its steps and groups, and the void version before it; one of them will end soon."""
    day = today()
    made = {"grid_code": STREET, "kind": kind, "name": f"红卫街道{name}", "tier": "street", "end_condition": condition,
            "compiled_by": "街道应急办", "approved_by": "街道办事处", "filed_with": "区应急管理局"}
    old = EmergencyPlan(**made, plan_version="2022年版", state="void", grades=["3", "4"], approved_on=date(day.year - 4, 3, 1),
                        valid_until=date(day.year - 1, 3, 1))
    plan = EmergencyPlan(**made, plan_version=f"{day.year - 1}年修订版", state="valid", grades=["2", "3", "4"],
                         compiled_on=date(day.year - 1, 1, 10), approved_on=date(day.year - 1, 2, 20), filed_on=date(day.year - 1, 3, 5),
                         valid_until=day + timedelta(days=40 if kind == "terror" else 700))
    plan.steps = [PlanStep(order=order, action=action, post=post, minutes=minutes)
                  for order, (action, post, minutes) in enumerate((*FIRST_STEPS, *own, *LAST_STEPS), 1)]
    plan.groups = [PlanGroup(kind=group, lead_unit=lead, units=units, duty=duty) for group, lead, units, duty in GROUPS]
    db.session.add_all([old, plan])
    return plan


def _one(chance: random.Random, number: int, grid: str, plans: dict[str, EmergencyPlan]) -> None:
    """Reports one incident and plays its response as far as it goes."""
    kind, title, brief, grade = MATTERS[number % len(MATTERS)]
    stage = number if number < 5 else CLOSED
    ago = (timedelta(minutes=25), timedelta(minutes=50), timedelta(hours=7), timedelta(days=3), timedelta(days=6))
    received = now() - (ago[number] if number < 5 else timedelta(days=20 + 9 * number, minutes=chance.randint(0, 600)))
    with at(received + timedelta(minutes=chance.randint(2, 8))):
        case = Incident(
            grid_code=grid, title=title, kind=kind, happened_at=received - timedelta(minutes=chance.randint(5, 40)), received_at=received,
            place=f"{chance.randint(1, 60)}号附近", brief=brief, reporter="热心居民", reporter_phone=f"190080{number:05d}",
            urgency="critical" if grade == "3" else "urgent", injured_count=chance.choice((0, 0, 0, 1, 2)))
        db.session.add(case)
        db.session.flush()
    moves, moment_of = reached(_turns(chance, stage, grade, plans.get(kind, plans["general"]).id, number))
    run(case, moves, moment_of=moment_of)


def _turns(chance: random.Random, stage: int, grade: str, plan: int, number: int) -> Iterator[Move]:
    """From the grade to the end; one in eight was no incident at all."""
    if number % 8 == 7:
        yield Move("reject", "核实为计划性检修，不属于突发事件。", {}, 0.3)
        return
    if stage < 1:
        return
    yield Move("grade", "", lambda day: {"grade": grade}, 0.3)
    if number % 4 != 3:
        yield Move("notify", "", lambda day: {"notified_to": "区应急管理局", "notified_at": None}, 0.3 if number % 3 else 2.5)
    if stage < 2:
        return
    yield Move("activate", "", lambda day: {"plan_id": plan, "handler": "街道办事处主任"}, 0.4 if number % 3 else 3.0)
    for share, note in ((0.005, "应急队伍已到达现场。"), (0.02, "现场得到控制，正在核对人员。"), (0.05, "群众情绪稳定，续报上级。")):
        yield Move("log", note, lambda day: {"moved_count": chance.randint(0, 30)}, share)
    yield Move("tasks", "", {}, 0.06, write=lambda case, day: _done(case, all_of_them=stage >= ENDED))
    if stage < ENDED:
        return
    yield Move("terminate", "符合终止条件，终止响应。", lambda day: {"open_task_reason": None}, 0.5)
    if stage < REVIEWED:
        return
    yield Move("sum_up", "", lambda day: {
        "cause": "设施老化，日常巡查未及时发现。", "review": "响应及时，各组到位，处置得当。", "lessons": "补充抽水设备，两周内完成全部点位排查。"}, 0.3)
    if stage >= CLOSED:
        yield Move("close", "", {}, 0.4)


def _done(case: Any, all_of_them: bool) -> None:
    """The tasks are done, or all but the last two."""
    tasks = case.open_tasks()
    for task in tasks if all_of_them else tasks[:-2]:
        task.done_at = min(now(), task.due_at - timedelta(minutes=2)) if task.due_at else now()
        task.done_by = task.post
