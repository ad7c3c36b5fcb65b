"""Invented hazards, the informants who noticed some of them, and what became of their tips."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.core.base.moments import at, now, today
from app.core.cases.records import Case
from app.db import db
from app.demo.people import Invention
from app.demo.playing import Move
from app.demo.stories import Stories
from app.subsystems.security.hazards import Hazard, SecurityInformant, SecurityTip

SEED = 20261117
MATTERS = (  # class, title, description, place, owner, unit, measure, result, level, source, trade
    ("0401", "消防通道被货物堵塞", "市场后门消防通道堆满纸箱。", "便民市场后门", "便民市场管理处", "fire",
     "当日清空并划禁停标线。", "通道已清空，标线已划。", "larger", "informant", "cleaner"),
    ("0402", "楼道内电动车充电", "有人从窗口拉线给电动车充电。", "3号楼2单元一层", "小区物业", "property",
     "劝离并增设充电桩。", "已劝离，充电棚已启用。", "general", "worker", None),
    ("0801", "小区门禁损坏", "单元门禁失效，外人可随意进出。", "5号楼1单元", "小区物业", "property",
     "更换门禁主机。", "门禁恢复使用。", "general", "informant", "plumber"),
    ("0103", "夜间非机动车被盗频发", "一周内反映三起电动车电瓶被盗。", "老旧小区车棚", "社区居委会", "police",
     "加装监控，加密夜间巡逻。", "监控已装，巡逻排班落实。", "larger", "informant", "guard"),
    ("0201", "麻将馆疑似聚众赌博", "夜间人员频繁出入，吵闹到凌晨。", "临街门面二楼", "门面经营者", "police",
     "派出所检查处理。", "已依法处理，停业整顿。", "larger", "informant", "taxi"),
    ("0405", "餐馆使用过期燃气软管", "软管老化，未装报警器。", "美食街中段", "餐馆经营者", "safety",
     "更换软管并加装报警器。", "已更换，检测合格。", "larger", "campaign", None),
    ("0804", "外墙瓷砖脱落", "高层外墙瓷砖松动，下方为人行道。", "高层住宅北侧", "小区物业", "housing",
     "围护警戒，修缮外墙。", "外墙修缮完毕。", "major", "worker", None),
    ("0802", "背街小巷无照明", "三盏路灯不亮，夜间无法看清。", "二巷中段", "市政维护所", "roads",
     "更换灯具。", "照明恢复。", "general", "voice", None),
    ("0503", "门店违规存放瓶装液化气", "超量存放十余瓶，通风不良。", "五金店后院", "五金店", "safety",
     "清运超量气瓶。", "超量气瓶已清运。", "major", "informant", "courier"),
    ("0803", "出租房住人过多", "一套房隔成七间，住二十余人。", "城郊自建房", "房主", "police",
     "拆除隔断，登记租住人员。", "隔断拆除，人员已登记。", "larger", "worker", None),
    ("0805", "排水井无防护", "施工后井口未封闭。", "工地围挡外", "施工单位", "safety",
     "立即围护，三日内封闭。", "井口已封闭。", "larger", "patrol", None),
    ("0104", "陌生人推销“养老投资”", "以讲座名义向老人推销投资。", "小区活动室旁", "", "police",
     "派出所调查，社区宣传提醒。", "已劝阻并开展防诈宣传。", "general", "informant", "guide"),
)
TRADES = ("cleaner", "plumber", "taxi", "guide", "guard", "courier", "shop", "hotel", "agent", "recycler")
WORKPLACES = {"cleaner": "主干道保洁班", "plumber": "小区物业维修组", "taxi": "出租车公司", "guide": "旅行社", "guard": "小区值班室",
              "courier": "快递站点", "shop": "临街超市", "hotel": "连锁旅馆", "agent": "房产门店", "recycler": "回收站"}


class Hazards(Stories):
    """Hazards found, put right and rechecked; some past their day."""

    def __init__(self) -> None:
        super().__init__(SEED)
        self.people, self.turn = Invention(SEED), 0

    def prepare(self) -> None:
        """Two informants a trade, spread over the grids."""
        self.informants: dict[str, SecurityInformant] = {}
        for number in range(2 * len(TRADES)):
            trade = TRADES[number % len(TRADES)]
            row = SecurityInformant(
                grid_code=self.grids[number % len(self.grids)], number=f"X{number + 1:03d}", trade=trade, name=self.people.name("1"),
                phone=self.people.phone(), workplace=WORKPLACES[trade], liaison="社区治安联络员",
                since_on=today() - timedelta(days=120 + 15 * number), until_on=today() - timedelta(days=9) if number == 19 else None)
            db.session.add(row)
            self.informants.setdefault(trade, row)
        db.session.flush()

    def made(self) -> Case:
        self.matter = MATTERS[self.turn % len(MATTERS)]
        self.turn += 1
        code, title, story, place, owner, _unit, _measure, _result, level, source, trade = self.matter
        told = source == "informant"
        informant = self.informants[trade] if trade else None
        return Hazard(grid_code=informant.grid_code if informant else "", title=title, class_code=code,
                      description=story, place=place, severity=level, source=source, owner=owner or None,
                      reporter_trade=trade, found_at=now() - timedelta(hours=self.chance.randint(1, 9)),
                      reporter=None if told else self.people.name("2"), reporter_phone=None if told else self.people.phone())

    def reported(self, grid: str, moment: datetime) -> Case:
        """A hazard an informant pointed to has his tip behind it."""
        case = super().reported(grid, moment)
        if isinstance(case, Hazard) and case.reporter_trade:
            informant = self.informants[case.reporter_trade]
            with at(case.reported_at):
                db.session.add(SecurityTip(
                    grid_code=informant.grid_code, informant_id=informant.id, received_at=case.found_at, class_code=case.class_code,
                    content=case.description, place=case.place, outcome=("true", "partly")[self.turn % 2], verified_by="社区治安联络员",
                    hazard_id=case.id))
                db.session.flush()
        return case

    def story(self) -> Iterable[Move]:
        happens = self.chance.random
        yield Move("accept", "情况属实，予以受理。", {}, self._share())
        if happens() < 0.05:
            yield Move("reject", "现场核实不属实，已向反映人说明。", {}, self._share())
            return
        yield Move("verify", "网格员已到现场核实。", {}, 0.3)
        yield Move("file", "", {}, self._share())
        yield from self._put_right(self._share())
        if happens() < 0.15:
            yield Move("rework", "复查时仍有堆放，限期再改。", {"rechecked_by": "社区网格长", "fix_by": timedelta(days=3)}, self._share())
            yield self._handled(0.5)
        yield Move("close", "复查合格。", {"rechecked_by": "社区网格长"}, self._share())
        if happens() < 0.6:
            yield Move("evaluate", "", {"satisfaction": self.chance.choice(("satisfied", "satisfied", "fair"))}, 0.6)

    def _dispatched(self) -> Move:
        return Move("dispatch", "", {"unit": self.matter[5], "measure": self.matter[6], "handler": self.people.name("1")}, 0.4)

    def _handled(self, share: float) -> Move:
        return Move("handle", "", {"result": self.matter[7]}, share)

    def _put_right(self, share: float) -> Iterable[Move]:
        yield self._dispatched()
        yield self._handled(share)

    def standing(self) -> list[list[Move]]:
        word = "情况属实。"
        accept, file = Move("accept", word, {}, 0), Move("file", "", {}, 0)
        dispatched = Move("dispatch", "", {"unit": "safety", "measure": "限期整改。", "fix_by": timedelta(days=5)}, 0)
        soon = Move("dispatch", "", {"unit": "fire", "measure": "立即整改。", "fix_by": timedelta(days=0)}, 0)
        handled = Move("handle", "", {"result": "已整改到位。"}, 0)
        closed = Move("close", "复查合格。", {"rechecked_by": "社区网格长"}, 0)
        return [[], [accept], [accept, file], [accept, file, dispatched], [accept, file, soon], [accept, file, dispatched, handled],
                [accept, file, dispatched, handled, closed], [Move("reject", "不属实。", {}, 0)], [accept, file, Move("park", "需与产权单位协商。", {}, 0)],
                [accept, Move("escalate", "超出社区能力，请街道牵头。", {}, 0)]]
