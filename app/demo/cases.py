"""Invented events and what became of them: played through the engine itself, step by step, at moments of the past."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from app.core.base.moments import at, now
from app.core.base.scope import EVERYTHING, Scope, acting
from app.core.cases.records import Case
from app.db import db
from app.demo import STREET, playing
from app.demo.playing import Move
from app.subsystems.events.events import Event
from app.subsystems.grids.grids import Grid

SEED, FEW, MANY, FRESH = 20261101, 40, 5_000, 14
WEEKS_LATER = 12  # twice as many days after the end: then it is asked whether it stayed solved
MATTERS = (  # class, title, description, unit, result
    ("0101", "单元门口垃圾外溢", "垃圾桶已满，垃圾散落在门口。", "property", "已清运并冲洗地面。"),
    ("0105", "楼道堆放杂物", "二楼平台堆放纸箱和旧家具，影响通行。", "property", "已劝导住户清走，楼道畅通。"),
    ("0201", "墙面小广告", "单元外墙新贴了多处小广告。", "city_office", "已铲除并重新粉刷。"),
    ("0402", "水管爆裂", "路边自来水管破裂，正在漏水。", "utility", "已关阀抢修，恢复供水。"),
    ("0403", "路面积水", "雨后排水不畅，积水没过脚面。", "city_office", "已疏通雨水口。"),
    ("0501", "占道摆摊", "流动摊贩占用人行道。", "city_office", "已劝离到便民市场。"),
    ("0503", "车辆堵塞消防通道", "小区消防通道停有多辆汽车。", "police", "已通知车主挪车并划线。"),
    ("0601", "井盖破损", "人行道井盖开裂，有踩空危险。", "utility", "已更换井盖。"),
    ("0602", "路灯不亮", "巷内三盏路灯不亮。", "city_office", "已更换灯具。"),
    ("0703", "楼道电动车充电", "有人在楼道内给电动车充电。", "safety", "已劝导到充电棚，检查线路。"),
    ("0807", "暖气不热", "住户反映室内暖气温度低。", "utility", "已排气调压，温度正常。"),
    ("0901", "楼上漏水引起争执", "楼上卫生间漏水，两家发生争吵。", "judicial", "双方达成维修约定。"),
    ("0902", "物业收费争议", "住户对停车收费有异议。", "grid_office", "物业公示收费依据，住户认可。"),
)
WORKDAY_HOURS = ((8, 0.1), (9, 0.2), (10, 0.2), (11, 0.1), (14, 0.1), (15, 0.15), (16, 0.1), (19, 0.05))


class Year:
    """A stretch of time in which cases are reported and handled; subclasses say which."""

    def __init__(self, seed: int = SEED) -> None:
        self.chance = random.Random(seed)

    def _moments(self, count: int, since: datetime, until: datetime) -> list[datetime]:
        """Moments of report in their order, most in office hours."""
        span = (until - since).days
        hours, weights = zip(*WORKDAY_HOURS, strict=True)
        found = [(since + timedelta(days=self.chance.randrange(span + 1))).replace(
            hour=self.chance.choices(hours, weights)[0], minute=self.chance.randrange(60), second=0) - timedelta(hours=8)
            for _one in range(count)]
        return sorted(min(moment, until - timedelta(minutes=10)) for moment in found)

    def run(self, case: Case, moves: Iterable[Move], gap: timedelta | None = None) -> None:
        """Plays the steps of a case as far as time went."""
        playing.run(case, moves, gap, self.when)

    def when(self, case: Case, share: float) -> datetime:
        """The moment at which a step is taken."""
        return playing.when(case, share)

    def _share(self) -> float:
        """Most are in time, some nearly late, one in ten late."""
        return self.chance.choices((self.chance.uniform(0.05, 0.7), self.chance.uniform(0.8, 0.99),
                                    self.chance.uniform(1.02, 1.8)), (78, 12, 10))[0]


class Events(Year):
    """A stretch of time in which events are reported and handled, some late, some returned, some extended."""

    def play(self, count: int, since: datetime, within: str = STREET) -> int:
        """Plays ``count`` cases reported between a moment and now, under a node of the grid; returns how many."""
        with acting(Scope("demo", EVERYTHING)):
            grids = db.session.scalars(select(Grid.code).where(
                Grid.level == "base", Grid.code.startswith(within)).order_by(Grid.code)).all()
            for number, moment in enumerate(self._moments(count, since, now())):
                self._case(self.chance.choice(grids), moment)
                if number % 50 == 49:
                    db.session.commit()
                    db.session.expunge_all()
            db.session.commit()
        return count

    def _case(self, grid: str, moment: datetime) -> None:
        """Reports one case and plays its steps as far as time went."""
        class_code, title, description, unit, result = self.chance.choice(MATTERS)
        urgency = self.chance.choices(("normal", "urgent", "critical"), (85, 12, 3))[0]
        place = f"{self.chance.randint(1, 30)}号楼{self.chance.randint(1, 4)}单元"
        with at(moment):
            case = Event(grid_code=grid, title=title, description=description, class_code=class_code, place=place,
                         urgency=urgency, happened_at=moment - timedelta(minutes=self.chance.randint(5, 300)),
                         source=self.chance.choices(("worker", "voice", "hotline", "patrol"), (70, 10, 10, 10))[0])
            db.session.add(case)
            db.session.flush()
        self.run(case, self._moves(unit, result))

    def _moves(self, unit: str, result: str) -> Iterator[Move]:
        """The steps of one case in their order, with the byways that happen."""
        happens = self.chance.random
        yield Move("accept", "情况属实，予以受理。", {}, self._share())
        if happens() < 0.04:
            yield Move("reject", "不属于本街道职责范围，已告知。", {}, self._share())
            return
        if happens() < 0.05:
            yield Move("assign_down", "请所在网格先行处置。", {}, 0.5)
        if happens() < 0.5:
            yield Move("verify", "网格员已到现场核实。", {}, 0.3)
        yield Move("file", "", {}, self._share())
        if happens() < 0.05:
            place = f"{self.chance.randint(1, 30)}号楼{self.chance.randint(1, 4)}单元门前"
            yield Move("correct", "现场核对后更正地点，确属紧急。", {"urgency": "urgent", "place": place}, 0.3)
        yield Move("dispatch", "", {"unit": unit}, self._share())
        if happens() < 0.06:
            yield Move("send_back", "不属于本单位职责，请改派。", {}, self._share())
            yield Move("dispatch", "改派。", {"unit": "grid_office"}, self._share())
        if happens() < 0.08:
            yield Move("ask_extension", "需要等待配件。", {"extension_asked": 1}, 0.5)
            yield Move("grant_extension", "同意。", {}, 0.55)
        yield from self._done(result)
        word = self.chance.choices(("satisfied", "fair", "dissatisfied", "unreachable"), (70, 15, 10, 5))[0]
        if happens() < 0.7:
            yield Move("evaluate", "", {"satisfaction": word}, self.chance.uniform(0.2, 2))
            if word == "dissatisfied" and happens() < 0.6:
                yield Move("reopen", "居民反映问题又出现，重新办理。", {}, 3)
                yield Move("file", "", {}, self._share())
                yield Move("dispatch", "", {"unit": unit}, self._share())
                yield from self._done(result)
                yield Move("evaluate", "", {"satisfaction": "satisfied"}, 1)
        if happens() < 0.3:
            yield Move("revisit", "电话回访，问题没有反复。", {}, self.chance.uniform(1, 3))
        if happens() < 0.4:
            answer, words = self.chance.choices((("yes", ""), ("no", "过了几天又这样了。"), ("unclear", "")), (80, 12, 8))[0]
            yield Move("follow_up", words, {"solved": answer}, WEEKS_LATER)

    def _done(self, result: str) -> Iterator[Move]:
        """The work, perhaps done twice, and its check."""
        yield Move("handle", "", {"result": result}, self._share())
        if self.chance.random() < 0.08:
            yield Move("rework", "现场仍有问题，请继续处置。", {}, self._share())
            yield Move("handle", "", {"result": result}, self._share())
        yield Move("close", "现场核查合格。", {}, self._share())
