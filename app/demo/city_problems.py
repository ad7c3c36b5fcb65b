"""Invented problems of the town's appearance, verified, filed, put right and checked; some come back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from app.core.base.moments import now
from app.core.cases.records import Case
from app.demo.people import Invention
from app.demo.playing import Move
from app.demo.stories import Stories
from app.subsystems.city.city_problems import CityProblem

SEED, COME_BACK = 20261119, 3
MATTERS = (  # class, title, description, place, component code, result
    ("20102", "路口堆放垃圾", "路口转角堆有生活垃圾。", "市场东路口", None, "已清运冲洗。"),
    ("10102", "污水井盖破损", "井盖开裂，有踩空危险。", "三巷 12 号门前", "4203030102000126", "已更换井盖。"),
    ("20502", "水果摊占道", "摊点占满人行道。", "便民市场西门", None, "已劝离到市场内。"),
    ("20201", "墙面小广告", "围墙上新贴多处小广告。", "机械厂宿舍围墙", None, "已铲除粉刷。"),
    ("10116", "路灯不亮", "连续三盏不亮。", "二巷中段", "4203030116000051", "已更换灯具。"),
    ("20504", "车辆占用盲道", "三辆小车停在盲道上。", "中学门口", None, "已通知驶离。"),
    ("20103", "渣土堆积", "装修渣土堆在绿化带旁。", "5 号楼西侧", None, "已清运。"),
    ("10402", "行道树枝条低垂", "枝条压到通信线。", "解放路中段", "4203030402000317", "已修剪。"),
    ("20406", "低洼处积水", "雨后积水没过脚面。", "铁路桥下", None, "已疏通雨水口。"),
    ("20302", "工地裸土未覆盖", "大风天扬尘明显。", "在建楼盘南侧", None, "已全部覆盖。"),
    ("20503", "超市出店经营", "货架摆到门外三米。", "临街超市", None, "货架已收回。"),
    ("10305", "果皮箱满溢", "果皮箱脏污、满溢。", "公交站台", "4203030305000088", "已清掏清洗。"),
)


class CityProblems(Stories):
    """Problems found on patrol; some places come round again within the month."""

    def __init__(self) -> None:
        super().__init__(SEED)
        self.people, self.turn = Invention(SEED), 0

    def made(self) -> Case:
        self.matter = MATTERS[self.turn % len(MATTERS)]
        grid = self.grids[0] if self.turn % len(MATTERS) < COME_BACK else ""
        self.turn += 1
        code, title, story, place, component, _result = self.matter
        return CityProblem(title=title, class_code=code, description=story, place=place, component_code=component, grid_code=grid,
                           found_at=now() - timedelta(minutes=self.chance.randint(5, 90)), reporter=self.people.name("1"),
                           source=self.chance.choices(("patrol", "worker", "hotline", "video"), (60, 25, 10, 5))[0])

    def story(self) -> Iterable[Move]:
        happens = self.chance.random
        yield Move("accept", "", {}, self._share())
        if happens() < 0.06:
            yield Move("verify", "到场未见该问题。", {"verification": "unclear"}, 0.4)
            yield Move("reject", "现场未找到，不予立案。", {}, self._share())
            return
        yield Move("verify", "现场核实属实，符合立案条件。", {"verification": "real"}, 0.4)
        yield Move("file", "", {}, self._share())
        yield Move("dispatch", "", {}, self._share())
        if happens() < 0.06:
            yield Move("send_back", "不属本单位管养范围。", {}, 0.5)
            yield Move("dispatch", "按属地改派。", {"unit": "city_office"}, 0.5)
        yield Move("handle", "", {"result": self.matter[5]}, self._share())
        if happens() < 0.12:
            yield Move("inspect", "现场仍有残留。", {"check_result": "undone"}, 0.5)
            yield Move("rework", "请彻底处置。", {}, 0.6)
            yield Move("handle", "", {"result": self.matter[5]}, 0.5)
        yield Move("inspect", "现场核查合格。", {"check_result": "done"}, 0.4)
        yield Move("close", "", {}, self._share())

    def standing(self) -> list[list[Move]]:
        accept = Move("accept", "", {}, 0)
        verified = [accept, Move("verify", "核实属实。", {"verification": "real"}, 0)]
        filed = [*verified, Move("file", "", {}, 0)]
        sent = [*filed, Move("dispatch", "", {}, 0)]
        handled = [*sent, Move("handle", "", {"result": "已处置。"}, 0)]
        checked = [*handled, Move("inspect", "核查合格。", {"check_result": "done"}, 0)]
        return [[], [accept], verified, filed, sent, handled, checked, [*checked, Move("close", "", {}, 0)],
                [Move("reject", "不属本街道管辖。", {}, 0)], [*filed, Move("park", "权属不清，提请协调。", {}, 0)]]
