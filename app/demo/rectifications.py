"""Invented security areas and the rounds of setting them right, one in every state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from app.core.base.moments import today
from app.core.cases.records import Case
from app.db import db
from app.demo.playing import Move
from app.demo.stories import Stories
from app.subsystems.security.rectifications import Rectification, SecurityArea

SEED = 20261118
AREAS = (  # name, kind, extent, issues, problem, level, unit, partners, plan
    ("便民市场及周边", "market", "东至市场东路，西至铁路围墙，南北各一个街口", ["theft", "traffic"],
     "早市时段扒窃、拎包多发，机动车乱停。", "street", "police", ["city_office", "traffic", "community"],
     "早市时段定岗巡逻，增设监控六处，规范停车。"),
    ("二巷出租房片区", "rental", "二巷 1 号至 86 号自建房", ["tenants", "fire", "theft"],
     "租住人员登记不全，楼道充电，电瓶被盗。", "street", "police", ["grid_office", "fire", "housing", "community"],
     "逐户登记，清理楼道充电，建充电棚。"),
    ("中学门口", "school", "学校正门两侧各 200 米", ["school", "traffic"],
     "放学时段闲散人员滞留，车辆拥堵。", "district", "police", ["traffic", "city_office"],
     "护学岗每日到位，取缔校门口游商。"),
    ("夜市一条街", "nightlife", "解放路中段 320 米", ["fights", "disputes"],
     "深夜酒后斗殴、扰民投诉集中。", "street", "police", ["market", "city_office", "community"],
     "夜间联勤巡逻，店家签订承诺书。"),
    ("火车站小广场", "station", "广场及公交站台", ["fraud", "traffic"],
     "拉客、兜售假票，黑车揽客。", "district", "police", ["traffic", "city_office"],
     "联合整治拉客揽客，设便民服务岗。"),
    ("无物业老旧小区", "estate", "原机械厂宿舍 12 栋", ["theft", "fire"],
     "无门禁无监控，消防设施缺失。", "community", "community", ["police", "fire", "housing"],
     "安装门禁监控，补齐灭火器，组建义务巡逻队。"),
    ("建材市场工地周边", "site", "在建楼盘三个工地", ["theft", "disputes"],
     "材料被盗，讨薪纠纷。", "community", "grid_office", ["police", "judicial", "safety"],
     "工地实名管理，设调解点。"),
    ("城郊结合部", "fringe", "外环以外两个村民小组", ["gambling", "tenants"],
     "流动赌博，外来人员底数不清。", "street", "police", ["community", "grid_office"],
     "清查流动人口，打击流动赌博。"),
)


class Rectifications(Stories):
    """One round for each area; the last ones stand in their state."""

    def __init__(self) -> None:
        super().__init__(SEED)
        self.turn = 0

    def prepare(self) -> None:
        self.areas = []
        for number, (name, kind, extent, issues, problem, level, *_plan) in enumerate(AREAS * 2):
            row = SecurityArea(
                grid_code=self.grids[number * 7 % min(10, len(self.grids))], name=name if number < len(AREAS) else f"{name}（二期）", kind=kind,
                extent=extent, issues=issues, problem=problem, level=level, leader="街道分管领导", officer="社区民警")
            db.session.add(row)
            self.areas.append(row)
        db.session.flush()

    def made(self) -> Case:
        self.area, self.plan = self.areas[self.turn], AREAS[self.turn % len(AREAS)]
        self.turn += 1
        return Rectification(area_id=self.area.id, issues=self.area.issues, problem=self.area.problem, found_on=today(),
                             grid_code=self.area.grid_code, urgency="normal")

    def _planned(self, days: int) -> Move:
        _name, _kind, _extent, _issues, _problem, _level, unit, partners, plan = self.plan
        return Move("plan", "纳入挂牌整治。", {"unit": unit, "partner_units": partners, "handler": "综治办负责人", "plan": plan,
                                       "fix_by": timedelta(days=days)}, 0.5)

    def _steps(self, days: int) -> list[Move]:
        return [self._planned(days),
                Move("rectify", "", {"result": "按方案完成，群众反映明显好转。", "solved_count": self.chance.randint(0, 4),
                                     "handled_count": self.chance.randint(1, 12)}, self._share()),
                Move("pass_inspection", "现场验收，达到整治目标。", {"effect": "marked", "evaluation": "发案数同比下降，抽样测评满意率上升。"}, 0.5),
                Move("delist", "同意摘牌。", {}, 0.5), Move("revisit", "回头看，未见反弹。", {}, 2)]

    def story(self) -> Iterable[Move]:
        yield from self._steps(self.chance.choice((12, 18, 25)))

    def standing(self) -> list[list[Move]]:
        self.plan = AREAS[0]
        first, done, passed, delisted, _look = self._steps(60)
        again = Move("rework", "验收时夜间仍有乱停，继续整治。", {"fix_by": timedelta(days=15)}, 0)
        return [[], [first], [first, done], [first, done, again], [first, done, passed], [first, done, passed, delisted],
                [Move("reject", "问题不突出，不纳入挂牌。", {}, 0)]]
