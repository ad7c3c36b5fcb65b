"""Invented complaints, each played so far that every state, stage and light is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.core.base.moments import OFFICE_HOURS_AHEAD, at, local, now, today
from app.core.base.scope import EVERYTHING, Scope, acting
from app.db import db
from app.demo.cases import Year
from app.demo.playing import Move
from app.subsystems.complaints.complaints import Complaint
from app.subsystems.grids.grids import Grid

SEED, ROUNDS = 20261102, 2
MATTERS: tuple[tuple[str, str, str, str, str, str], ...] = (  # category, title, content, expectation, unit, answer
    ("property", "小区电梯长期停运", "三号楼电梯停运近一个月，老人上下楼困难。", "尽快修好电梯。", "property", "电梯已更换曳引轮并通过检验，恢复运行。"),
    ("supply", "加压泵房半夜停水", "高层住户夜间经常没有水。", "保证夜间供水。", "utility", "泵房已更换变频器，夜间供水恢复正常。"),
    ("environment", "楼下餐馆油烟扰民", "餐馆排烟口对着住户窗户。", "改装排烟管道。", "city_office", "餐馆已将排烟管道引至楼顶，安装净化设备。"),
    ("demolition", "过渡费发放时间不清", "拆迁过渡费晚发两个月。", "说明发放时间。", "grid_office", "过渡费已补发，后续每季度首月十日前发放。"),
    ("city", "违法建设投诉后无人处理", "楼顶搭建阳光房，投诉多次。", "拆除违建。", "city_office", "当事户已自行拆除，现场已恢复。"),
    ("accounts", "社区公益金使用不公开", "半年没有看到收支公示。", "按季度公示。", "community", "上半年收支明细已在公示栏张贴，今后按季公示。"),
    ("relief", "临时救助申请未答复", "提交材料后没有回音。", "告知办理进度。", "civil_affairs", "经核对符合条件，救助金已发放。"),
    ("labour", "物业保洁拖欠工资", "两个月工资没有发。", "发放工资。", "social_security", "所欠工资已全部发放。"),
    ("traffic", "路口信号灯时间过短", "老人来不及过马路。", "延长绿灯时间。", "police", "已协调交管部门将绿灯延长八秒。"),
    ("safety", "楼道电动车集中充电", "夜间楼道内充电，有火灾隐患。", "清理并建充电棚。", "safety", "楼道已清理，新建充电棚投入使用。"),
    ("health", "诊所医疗废物乱放", "诊所后门堆放医疗垃圾。", "规范处置。", "family", "诊所已签订收运合同，现场清理消毒。"),
)
TELL = {"told_on": today, "told_way": "phone"}
SERVE = {"served_on": today, "served_way": "written"}


def _answer(matter: tuple[str, ...], outcome: str = "resolved") -> list[Move]:
    return [Move("handle", "", {"result": matter[5], "outcome": outcome, "public_answer": matter[5]}, 0.6),
            Move("close", "", SERVE, 0.4)]


def _plays(matter: tuple[str, ...]) -> dict[str, tuple[int, list[Move]]]:
    """What may become of a complaint: (how many days ago it came, its steps)."""
    begun = [Move("accept", "已电话告知受理。", TELL, 0.3), Move("dispatch", "", {"unit": matter[4]}, 0.05)]
    closed = [*begun, *_answer(matter)]
    happy, unhappy = (Move("evaluate", "", {"satisfaction": word}, 1.5) for word in ("satisfied", "dissatisfied"))
    review = [Move("ask_review", "对答复不服，申请复查。", {}, 3), Move("dispatch", "", {"unit": "petition"}, 0.1)]
    recheck = [Move("ask_recheck", "对复查意见不服，申请复核。", {}, 3)]
    return {
        "new": (2, []), "untold": (19, []), "begun": (25, begun), "nearly": (57, begun),
        "asked": (45, [*begun, Move("ask_extension", "需要协调产权单位。", {"extension_asked": 20}, 0.6)]),
        "extended": (70, [*begun, Move("ask_extension", "需要招标采购配件。", {"extension_asked": 30}, 0.7),
                          Move("grant_extension", "同意延期，告知投诉人。", {}, 0.75)]),
        "answered": (46, [*begun, closed[2]]), "closed": (64, closed), "happy": (75, [*closed, happy]),
        "fair": (58, [*begun, *_answer(matter, "explained"), Move("evaluate", "", {"satisfaction": "fair"}, 1),
                      Move("revisit", "电话回访，情况属实。", {}, 2)]),
        "late": (90, [Move("accept", "逾期告知，已说明原因。", TELL, 1.2), begun[1],
                      Move("handle", "", {"result": matter[5], "outcome": "partly", "public_answer": matter[5]}, 1.05),
                      Move("close", "", SERVE, 0.5), happy]),
        "back": (40, [*begun, Move("send_back", "不属于本单位职责。", {}, 0.1), Move("dispatch", "改派。", {"unit": "grid_office"}, 0.15)]),
        "rejected": (30, [Move("reject", "已进入诉讼程序，不予受理。", {**TELL, "public_answer": "已进入诉讼程序，请通过诉讼途径解决。"}, 0.5)]),
        "outside": (35, [Move("escalate", "社区无权处理。", {}, 0.2), Move("report_outside", "涉及区级职权。", TELL, 0.5)]),
        "review": (68, [*begun, *_answer(matter, "refused"), unhappy, *review]),
        "recheck": (100, [*begun, *_answer(matter, "refused"), unhappy, *review, *_answer(matter, "explained"), *recheck]),
        "final": (140, [*begun, *_answer(matter, "refused"), *review, *_answer(matter, "refused"), *recheck, *_answer(matter, "explained")]),
    }


class Complaints(Year):
    """A few dozen complaints of the last months."""

    def __init__(self, seed: int = SEED) -> None:
        super().__init__(seed)
        self.matters = list(MATTERS)

    def play(self, count: int = ROUNDS) -> int:
        """Plays every course ``count`` times, in the order of their report; returns how many complaints that made."""
        plans = [(name, self.chance.choice(self.matters)) for _round in range(count) for name in _plays(MATTERS[0])]
        dated = sorted(((_plays(matter)[name][0] + self.chance.uniform(-0.9, 0.9), matter, _plays(matter)[name][1])
                        for name, matter in plans), key=lambda plan: -plan[0])
        with acting(Scope("street", EVERYTHING)):
            grids = db.session.scalars(select(Grid.code).where(Grid.level == "base").order_by(Grid.code)).all()
            for number, (days, matter, moves) in enumerate(dated):
                case = self._reported(self.chance.choice(grids[:5] if number % 4 == 0 else grids), days, matter, number)
                self.run(case, moves)
            self._merged()
            db.session.commit()
        return len(dated)

    def _reported(self, grid: str, days: float, matter: tuple[str, ...], number: int) -> Complaint:
        category, title, content, expectation, unit, _answer = matter
        anonymous = self.chance.random() < 0.2
        person = {} if anonymous else {"petitioner": f"{self.chance.choice('赵钱孙李周吴郑王')}某{self.chance.choice('芳华军平兰')}",
                                       "phone": f"1990000{number:04d}", "address": f"{self.chance.randint(1, 30)}号楼{self.chance.randint(1, 6)}层"}
        channel = self.chance.choice(("phone", "visit", "box", "hotline", "letter", "worker", "superior", "web"))
        form = {"visit": "visit", "phone": "call", "hotline": "call", "web": "online"}.get(channel, "letter")
        with at((now() - timedelta(days=days)).replace(hour=self.chance.randint(1, 8), minute=self.chance.randrange(60))):
            case = Complaint(
                grid_code=grid, title=title, category=category, content=content, expectation=expectation, channel=channel, form=form,
                is_anonymous=anonymous, target_kind="unit" if unit in ("property", "utility") else "matter", target=title[:12],
                people_count=self.chance.choices((1, 2, 6, 12), (75, 12, 9, 4))[0],
                turn=self.chance.choices(("first", "repeat", "leapfrog"), (80, 15, 5))[0],
                urgency=self.chance.choices(("normal", "urgent"), (90, 10))[0], **person)
            db.session.add(case)
            db.session.flush()
        return case

    def when(self, case: Any, share: float) -> datetime:
        """In office hours, as the office works; never before the step that came first."""
        moment = super().when(case, share)
        morning = local(moment).replace(hour=9, minute=self.chance.randrange(60)) - OFFICE_HOURS_AHEAD
        return moment if 8 <= local(moment).hour < 18 or morning <= case.since else morning

    def _merged(self) -> None:
        """The same matter told twice becomes one."""
        known = {matter[1]: matter for matter in MATTERS}
        main = db.session.scalars(select(Complaint).where(Complaint.state == "handling", Complaint.title.in_(known)).order_by(
            Complaint.id.desc())).first()
        if main is not None:
            copy = self._reported(main.grid_code, 5, known[main.title], 9_999)
            self.run(copy, [Move("merge", "与在办事项为同一事由。", {"merged_into": main.number}, 0.1)])
