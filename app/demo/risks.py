"""Invented matters whose risk is assessed, at every stage from the declaration to the end of the follow-up."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from app.core.base.moments import at, now, today
from app.core.base.scope import EVERYTHING, Scope, acting
from app.core.cases.records import Case
from app.db import db
from app.demo.playing import Move, reached, run
from app.subsystems.grids.grids import Grid
from app.subsystems.risk.records import RiskAssessment, RiskFollowUp, RiskPoint, RiskSurvey
from app.subsystems.risk.rules import CONDITIONAL, DECISIONS, GO, HIGH, LOW, MEDIUM, POSTPONE, REFUSE

SEED = 20261102
# matter, field, unit answerable, how many of a hundred are against, risk points (risk, likelihood, impact, measure)
MATTERS: tuple[tuple[str, str, str, int, tuple[tuple[str, int, int, str], ...]], ...] = (
    ("老旧小区加装电梯", "project", "街道城市管理办", 14, (("一楼住户认为采光受影响", 4, 2, "逐户协商，公示日照分析和补偿办法"), ("施工噪声扰民", 3, 2, "限定施工时间，公布监督电话"))),
    ("片区拆迁安置补偿", "demolition", "街道征收办", 36, (("对补偿标准不满聚集上访", 4, 4, "公开评估结果，设政策咨询点，律师驻点"), ("过渡安置房源不足", 3, 3, "提前落实周转房和过渡费"))),
    ("垃圾中转站选址", "sanitation", "街道城市管理办", 24, (("周边住户担心臭味", 4, 3, "采用密闭压缩设备，组织实地参观同类站点"), ("运输车辆早晚扰民", 3, 2, "调整清运时段和路线"))),
    ("社区食堂招标运营", "food_drug", "社区居委会", 4, (("食材质量引起投诉", 2, 3, "明厨亮灶，每周公示采购台账"),)),
    ("小学学区划片调整", "education", "区教育局驻街道工作组", 19, (("家长担心入学资格变化", 4, 3, "设两年过渡期，逐校召开家长会"), ("学位不足", 2, 4, "协调周边学校扩班"))),
    ("燃气管道集中改造", "safety", "燃气公司", 5, (("停气影响居民生活", 3, 2, "分片停气，提前三天通知"), ("施工安全", 2, 3, "旁站监理，设置围挡"))),
    ("背街小巷停车收费", "policy", "街道城市管理办", 22, (("居民反对收费", 4, 2, "本小区居民免费时段和月卡优惠"),)),
    ("社区文化广场大型演出", "gathering", "街道文化站", 3, (("人员拥挤", 2, 4, "限流，设置疏散通道和应急队伍"),)),
)


def play() -> None:
    """Plays three rounds of the matters, each case stopped at another stage."""
    chance = random.Random(SEED)
    with acting(Scope("street", EVERYTHING)):
        grids = db.session.scalars(select(Grid.code).where(Grid.level == "base").order_by(Grid.code)).all()
        for number in range(3 * len(MATTERS)):
            _one(chance, number, chance.choice(grids))
        db.session.commit()


# How many days ago a matter was declared that stands at the stage of this place now.
DAYS_AGO = (1, 8, 75, 14, 17, 19, 23, 27, 160, 60, 62, 110)


def _one(chance: random.Random, number: int, grid: str) -> None:
    """Declares one matter and plays its stages as far as it goes."""
    title, matter_field, unit, against, points = MATTERS[3 * number % len(MATTERS)]
    stop = number % len(DAYS_AGO)
    declared = now() - timedelta(days=DAYS_AGO[stop] + chance.randint(0, 1))
    people = chance.randint(120, 900)
    start = today() + timedelta(days=chance.randint(20, 60)) if number % 5 else today() - timedelta(days=3)
    with at(declared):
        case = RiskAssessment(
            grid_code=grid, title=f"{title}（第{number // len(MATTERS) + 1}批）", matter_field=matter_field, subject_unit=unit,
            assessing_unit="街道综治（网格）办", lead=f"{chance.choice('王李张刘陈')}主任", contact="评估联络员", contact_phone=f"190070{number:05d}",
            summary=f"{title}，涉及群众{people}人。实施前按照社会稳定风险评估要求开展评估。", region="所在网格及相邻楼栋", household_count=people // 3,
            people_count=people, start_on=start, end_on=start + timedelta(days=120), methods=["visit", "talk", "poll"])
        db.session.add(case)
        db.session.flush()
    moves, moment_of = reached(list(_turns(chance, people, against, points, stop))[:_length(stop)])
    run(case, moves, moment_of=moment_of)


def _length(stop: int) -> int:
    """The steps a case takes until the stage at which it is left; the last four, and the third, take all of theirs."""
    return stop if stop < 8 and stop != 2 else 99


def _turns(chance: random.Random, people: int, against: int, points: Any, stop: int) -> Iterator[Move]:
    """The stages in their order; which decision follows is the level's matter."""
    share = lambda: chance.uniform(0.4, 0.55)  # noqa: E731 - drawn anew for each step
    level = HIGH if against >= 30 or any(a * b >= 15 for _, a, b, _m in points) else MEDIUM if against >= 10 or any(
        a * b >= 8 for _, a, b, _m in points) else LOW
    yield Move("plan", "", lambda day: {"methods": ["visit", "talk", "poll"], "plan": "走访重点户，召开居民座谈会，发放民意测评表，汇总后识别风险点。"}, share())
    if stop == 9:
        yield Move("withdraw", "责任主体撤回该事项，另行研究。", {}, 0.3)
        return
    yield Move("note_survey", "", {}, 0.3, write=lambda case, day: case.surveys.append(_survey(case, "visit", day, 24, against)))
    yield Move("survey", "", {}, share(), write=lambda case, day: case.surveys.extend(
        [_survey(case, "talk", day, 36, against), _survey(case, "poll", day, people // 2, against)]))
    yield Move("identify", "", lambda day: {"mass_event_likely": False}, share(), write=lambda case, day: case.points.extend(
        RiskPoint(description=risk, likelihood=likely, impact=bad, measure=measure, person="社区书记") for risk, likely, bad, measure in points))
    yield Move("grade", "", lambda day: {"legality": 5, "reasonableness": 4 if against < 20 else 3, "feasibility": 4,
                                                     "controllability": 4 if level == LOW else 3, "level": level}, share())
    yield Move("report", "", lambda day: {
        "report": f"经走访、座谈和民意测评，多数群众理解支持，约{against}%的群众有不同意见，主要集中在补偿和生活影响上，已逐条提出防范措施。",
        "emergency_plan": "成立应急小组，发现聚集苗头十分钟内到场，先劝导、后疏散，同步上报。"}, share())
    if stop == 11:
        yield Move("rework", "座谈对象偏少，请补充调查后再报。", {}, 0.5)
        yield Move("survey", "", {}, 0.4, write=lambda case, day: case.surveys.append(_survey(case, "hearing", day, 30, against)))
        yield Move("identify", "", lambda day: {"mass_event_likely": False}, 0.4)
        yield Move("grade", "", lambda day: {"legality": 5, "reasonableness": 4, "feasibility": 4, "controllability": 3, "level": level}, 0.4)
        yield Move("report", "", lambda day: {"report": "补充听证后，意见集中的问题已有答复。", "emergency_plan": "同前。"}, 0.4)
    decision = POSTPONE if stop == 10 else {HIGH: REFUSE, MEDIUM: CONDITIONAL, LOW: GO}[level]
    assert decision in DECISIONS[level]
    yield Move("review", "", lambda day: {"decision": decision, "decided_on": day, "conditions": (
        "落实全部防范措施并公示后实施。" if decision == CONDITIONAL else None)}, share())
    filing = {POSTPONE: "register_wait", REFUSE: "register_end"}.get(decision, "register")
    yield Move(filing, "", lambda day: {"local_filed_on": day, "upper_filed_on": day, "filing_number": f"红卫稳评〔{day.year}〕{stop + 1}号"}, share())
    if filing != "register":
        return
    for turn, (progress, trouble, measure) in enumerate((
            ("已开工，现场秩序正常。", False, None), ("个别住户到现场询问进度。", True, "社区书记当场解释，次日上门回访。"), ("按计划推进，未再出现苗头。", False, None))):
        yield Move("follow", "", {}, 0.04 * (turn + 1), write=partial(_follow, progress, trouble, measure))
    if stop == 8:
        yield Move("close", "", lambda day: {"result": "实施平稳，未发生群体性事件，跟踪结束。"}, 0.2)


def _follow(progress: str, trouble: bool, measure: str | None, case: Any, day: date) -> None:
    case.follow_ups.append(RiskFollowUp(
        seen_on=day, progress=progress, is_trouble=trouble, measure=measure, person="网格长"))


def _survey(case: Case, method: str, day: date, asked: int, against: int) -> RiskSurvey:
    """A survey in which that many of a hundred are against, and some have no view."""
    no, unclear = round(asked * against / 100), asked // 12
    ballots = {"ballots_sent": asked + 15, "ballots_returned": asked} if method == "poll" else {}
    return RiskSurvey(method=method, held_on=day, place="社区会议室", people_count=asked, support_count=asked - no - unclear,
                      against_count=no, unclear_count=unclear, opinions="希望提前公示，减少对生活的影响。", recorder="社区工作者", **ballots)
