"""Invented letter boxes, their openings week by week, and the opinions in them; one opening does not balance."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import select

from app.core.base.moments import OFFICE_HOURS_AHEAD, at, now, today
from app.core.base.scope import EVERYTHING, Scope, acting
from app.db import db
from app.demo.cases import Year
from app.demo.playing import Move
from app.subsystems.grids.grids import Grid
from app.subsystems.opinion.opinions import BoxOpening, Opinion, OpinionBox

SEED, BOXES, WEEKS = 20261103, 10, 6
MATTERS = (  # field, kind, topic, text, answer
    ("environment", "need", "广场增设分类垃圾桶", "广场晚上人多，只有两个垃圾桶。", "已在广场东西两侧各增设一组分类垃圾桶。"),
    ("facility", "need", "健身器材松动", "漫步机踏板松动，孩子容易受伤。", "器材已加固，并列入每月检查。"),
    ("traffic", "grievance", "小区门口乱停车", "接送学生时段堵得走不动。", "已划定临停区，每天早晚有人值守。"),
    ("culture", "wisdom", "活动室晚上延长开放", "上班的人只有晚上有空。", "活动室周二、周四开放至二十一点。"),
    ("elderly", "will", "开办老年助餐点", "独居老人做饭不方便。", "助餐点选址已确定，下季度试运行。"),
    ("security", "need", "后巷加装路灯", "后巷夜里太黑。", "已加装三盏太阳能路灯。"),
    ("property", "grievance", "物业维修不及时", "报修一周没人来。", "已约谈物业，公布二十四小时报修登记。"),
    ("community", "wisdom", "居民议事会定期开", "希望每月固定一天。", "每月第一个周六上午召开，提前三天公告。"),
    ("environment", "grievance", "绿化带杂草及时清理", "杂草有半人高。", "绿化带已修剪，改为每月清理两次。"),
    ("facility", "need", "单元门禁修复", "门禁坏了两个月。", "门禁已更换，钥匙卡可到物业领取。"),
    ("traffic", "wisdom", "电动车集中停放点", "车子随处停，占消防通道。", "已在西门划出六十个车位并加装充电插座。"),
    ("service", "will", "社保认证上门服务", "行动不便的老人去不了窗口。", "网格员每月十五日起上门代办。"),
    ("culture", "will", "暑期开放图书角", "孩子放假没有去处。", "图书角周一至周五九点至十七点开放。"),
    ("security", "grievance", "夜间广场音响扰民", "跳舞音响到十点还很大。", "已与领队约定二十一点前结束，音量限六十分贝。"),
    ("property", "need", "电梯轿厢通风", "夏天电梯里闷热。", "轿厢风扇已修复。"),
    ("policy", "wisdom", "垃圾分类积分兑换", "多鼓励少罚款。", "积分可在爱心超市兑换日用品。"),
    ("elderly", "need", "楼道加装扶手", "老楼没有扶手，老人上下不便。", "三个单元已加装扶手。"),
)
LEVELS = ("grid", "community", "community", "street")


class Voices(Year):
    """Two months of the residents' voice."""

    def __init__(self, seed: int = SEED) -> None:
        super().__init__(seed)
        self.told = 0

    def play(self, count: int = BOXES) -> int:
        """Sets up boxes, opens them week by week, and answers what was in them; returns how many opinions that made."""
        with acting(Scope("street", EVERYTHING)):
            grids = db.session.scalars(select(Grid.code).where(Grid.level == "base").order_by(Grid.code).limit(count)).all()
            boxes = [OpinionBox(grid_code=grid, number=f"JMZS{number:03d}", place=f"{self.chance.randint(1, 20)}号楼东墙", keeper="社区文书",
                                set_up_on=today() - timedelta(days=400)) for number, grid in enumerate(grids, 1)]
            db.session.add_all(boxes)
            db.session.flush()
            for week in range(WEEKS, 0, -1):
                for box in boxes[:-1] if week == 1 else boxes:
                    self._opened(box, week, missing=week == 1 and box is boxes[0])
            for grid in grids[:4]:
                self._case(grid, now() - timedelta(days=self.chance.randint(1, 3)))
            db.session.commit()
        return self.told

    def _opened(self, box: OpinionBox, week: int, missing: bool) -> None:
        """One opening; one letter may still wait to be registered."""
        day = today() - timedelta(days=7 * week - 2)
        moment = datetime.combine(day, time(10)) - OFFICE_HOURS_AHEAD
        letters = 2 if missing else self.chance.choices((0, 1, 2), (5, 4, 1))[0]
        with at(moment):
            opening = BoxOpening(box=box, box_id=box.id, opened_on=day, opener="网格员甲", second_opener="居民代表乙", letter_count=letters)
            db.session.add(opening)
            db.session.flush()
        for _letter in range(letters - missing):
            self._case(box.grid_code, moment, opening)
        with at(moment + timedelta(hours=1)):
            opening.is_finished = not missing
            db.session.flush()

    def _case(self, grid: str, moment: datetime, opening: BoxOpening | None = None) -> None:
        """One opinion, told and played as far as time went."""
        field, kind, topic, text, answer = MATTERS[self.told % len(MATTERS)]
        self.told += 1
        anonymous = self.chance.random() < 0.6
        person = {} if anonymous else {"writer": f"{self.chance.choice('冯陈褚卫')}某", "phone": f"1990001{self.told:04d}"}
        with at(moment):
            case = Opinion(grid_code=grid, topic=topic, content=text, life_field=field, kind=kind, opening_id=opening and opening.id,
                           source="box" if opening else "worker", is_anonymous=anonymous, **person)
            db.session.add(case)
            db.session.flush()
        self.run(case, self._steps(answer))

    def _steps(self, answer: str) -> list[Move]:
        """In turns: graded only, answered, sent back to be done again, turned down, closed and rated."""
        graded = Move("accept", "", {"level": LEVELS[self.told % len(LEVELS)]}, self._share())
        if self.told % 11 == 0:
            return [Move("reject", "与本街道无关。", {"public_answer": "不属于本街道职责，已转告有关单位。"}, 0.5)]
        ended = [graded, Move("handle", "", {"result": answer, "public_answer": answer}, self._share())]
        if self.told % 9 == 0:
            ended += [Move("rework", "答复不够具体。", {}, 0.4), Move("handle", "", {"result": answer, "public_answer": answer}, 0.5)]
        word = self.chance.choices(("satisfied", "fair", "dissatisfied"), (75, 20, 5))[0]
        ended += [Move("close", "", {"feedback_way": "posted", "public_answer": answer}, 0.5),
                  Move("evaluate", "", {"satisfaction": word}, 1.5)]
        return [graded] if self.told % 13 == 0 else ended[:2] if self.told % 7 == 0 else ended
