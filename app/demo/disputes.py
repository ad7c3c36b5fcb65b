"""Invented disputes and what became of them: every state, every way to end, played through the engine at moments of the past."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.core.base.moments import at, local, now
from app.core.base.scope import EVERYTHING, Scope, acting
from app.core.cases.taking import take
from app.db import db
from app.demo.people import Invention
from app.demo.playing import cards
from app.subsystems.grids.grids import Grid
from app.subsystems.mediation import dossier
from app.subsystems.mediation.leads import CaseLead, PetitionAgency
from app.subsystems.mediation.records import Dispute, DisputeParty
from app.subsystems.mediation.sweeps import DisputeSweep

SEED = 20261102
MATTERS = (  # type, title, brief account, demand, agreement, people, amount
    ("02", "楼上漏水引起的邻里纠纷", "楼上卫生间防水破损，漏水浸湿楼下天花板，双方因修缮费用争执。", "要求修复漏点并赔偿粉刷费用。",
     "乙方于七日内修好漏点，一次性补偿甲方粉刷费 800 元。", 2, 800),
    ("01", "赡养老人引起的家庭纠纷", "兄弟二人对老人轮流照料及医药费分担意见不一。", "要求明确赡养费和照料时间。",
     "双方按月轮流照料，医药费各承担一半。", 3, None),
    ("03", "停车收费引起的物业纠纷", "物业调整停车收费，多名业主认为未经公示，聚集要求说明。", "要求公示收费依据并退还多收费用。",
     "物业公示收费依据，多收部分抵扣下季度物业费。", 18, 5400),
    ("05", "拖欠工资引起的劳资纠纷", "装修队完工后工资未结清，工人多次讨要未果。", "要求结清工资。", "乙方分两次结清工资，首笔当场支付。", 6, 32000),
    ("06", "宅基地边界纠纷", "两户翻建围墙时对滴水边界各执一词。", "要求按原界线复位。", "按界桩复位围墙，费用各半。", 4, 2000),
    ("07", "餐馆油烟扰民纠纷", "临街餐馆油烟直排居民窗口，居民多次投诉。", "要求加装净化设备。", "乙方十五日内加装油烟净化器并改烟道。", 9, 12000),
    ("10", "电动车碰撞引起的赔偿纠纷", "小区门口两车相撞，双方对责任和赔偿金额有争议。", "要求赔偿医药费和修车费。", "乙方赔偿医药费、修车费共 1500 元。", 2, 1500),
    ("11", "房屋租赁押金纠纷", "租期届满，房东以家具损坏为由不退押金。", "要求退还押金。", "扣除维修费 300 元，其余押金当日退还。", 2, 1700),
    ("04", "拆迁补偿分配纠纷", "兄妹对父母老屋拆迁补偿款分配有分歧。", "要求依法分割补偿款。", "三方按协议比例分配，母亲居住权予以保障。", 5, 260000),
    ("09", "诊所治疗纠纷", "患者认为诊所用药不当致病情加重。", "要求赔偿治疗费用。", "双方同意由医调委鉴定后处理。", 3, 8600),
)
PLANS = (  # the steps of each kind of dispute, how many of each are played, and how many days ago they began
    ((), 4, (0, 1)), (("accept",), 2, (1, 2)), (("accept", "file"), 2, (1, 2)), (("accept", "file", "dispatch"), 4, (2, 20)),
    (("accept", "reject"), 1, (9, 12)), (("accept", "file", "dispatch", "mediate:failed"), 3, (8, 45)), (("accept", "file", "park"), 1, (20, 40)),
    (("accept", "file", "dispatch", "escalate", "report_outside"), 1, (15, 30)),
    (("accept", "file", "dispatch", "mediate:success", "handle"), 3, (4, 9)),
    (("accept", "file", "dispatch", "mediate:failed", "mediate:success", "handle", "close"), 4, (20, 50)),
    (("accept", "verify", "file", "dispatch", "mediate:success", "handle", "close", "revisit", "archive"), 5, (40, 70)),
    (("accept", "file", "dispatch", "mediate:success", "handle", "confirm", "close", "revisit", "archive"), 2, (40, 70)),
    (("accept", "file", "dispatch", "mediate:failed", "fail", "close"), 2, (25, 60)), (("accept", "file", "withdraw"), 1, (10, 20)),
    (("accept", "file", "dispatch", "mediate:court", "refer"), 2, (20, 50)),
)
NOTES = {"accept": "符合受理条件，予以受理。", "verify": "已入户核实，情况属实。", "reject": "已向法院起诉，不予受理，已书面告知。", "park": "一方当事人外出，待其返回后继续调解。",
         "escalate": "涉及面较大，请街道协调。", "report_outside": "需区级部门协调解决。", "fail": "双方分歧较大，终止调解，已告知可申请仲裁或起诉。",
         "withdraw": "双方自行和解，申请撤回。", "refer": "经引导，当事人同意向法院起诉。", "close": "经核查，处理情况属实。", "handle": "双方自愿签字。"}
WAITS = {"accept": 6, "verify": 10, "file": 5, "dispatch": 3, "mediate": 70, "handle": 4, "close": 30, "revisit": 240, "archive": 20}  # hours
SOURCES, WAYS = ("applied", "own", "police", "petition", "government"), ("oral", "written", "joint", "written")
LEADERS = ("党工委副书记", "街道办副主任", "综治办主任")
TICKED = ("权利义务告知书", "当事人身份证明", "封底")


class Disputes:
    """A few dozen disputes of the last ten weeks, with their parties, sweeps, leaders and dossiers."""

    def __init__(self, seed: int = SEED) -> None:
        self.made = Invention(seed)
        self.chance = random.Random(seed)
        self.made.phones = 9_000_000

    def play(self) -> int:
        """Plays every plan; returns how many disputes there are."""
        with acting(Scope("street", EVERYTHING)):
            self.grids = list(db.session.scalars(select(Grid.code).where(Grid.level == "base").order_by(Grid.code)))
            plans = [(steps, days) for steps, times, days in PLANS for _one in range(times)]
            for number, (steps, days) in enumerate(plans):
                self._dispute(number, steps, now() - timedelta(days=self.chance.randint(*days), hours=self.chance.randint(3, 9)))
            self._sweeps()
            db.session.commit()
        return len(plans)

    def _dispute(self, number: int, plan: tuple[str, ...], moment: datetime) -> None:
        """Reports one dispute, takes its steps, and names a leader for the large ones."""
        kind, title, brief, demand, agreement, people, amount = MATTERS[(3 * number + number // 2) % len(MATTERS)]
        with at(moment):
            case = Dispute(grid_code=self._grid(number), title=title, class_code=kind, brief=brief, demand=demand, amount=amount,
                           source=SOURCES[number % len(SOURCES)], people_count=people, place=f"{self.chance.randint(1, 30)}号楼",
                           happened_on=local(moment).date() - timedelta(days=self.chance.randint(1, 20)),
                           urgency=self.chance.choices(("normal", "urgent"), (85, 15))[0], parties=self._parties())
            db.session.add(case)
            db.session.flush()
        for name in [name for name in plan if name != "archive"]:
            moment = self._step(case, name, agreement, moment)
        if people > 4 and case.is_open:
            self._lead(case)
        if kind in ("04", "05"):
            self._agency(case)
        if "archive" in plan:
            self._step(case, "archive", agreement, moment)
        cards(case, now())

    def _grid(self, number: int) -> str:
        """Every other dispute lies in the first community, whose people try the console."""
        near = [code for code in self.grids if code.startswith(self.grids[0][:12])]
        return near[number % len(near)] if number % 2 else self.chance.choice(self.grids)

    def _parties(self) -> list[DisputeParty]:
        found = []
        for side in ("first", "second"):
            sex = self.chance.choice("12")
            found.append(DisputeParty(side=side, name=self.made.name(sex), sex=sex, nation="01", age=self.chance.randint(26, 74),
                                      job=self.chance.choice(("职工", "个体经营者", "退休人员", "务工人员")), phone=self.made.phone(),
                                      address=f"{self.chance.randint(1, 30)}栋{self.chance.randint(1, 3)}单元{self.chance.randint(1, 7)}01室"))
        return found

    def _step(self, case: Any, name: str, agreement: str, moment: datetime) -> datetime:
        """Takes one step some hours after the last one, never in the future; the moment it was taken."""
        name, _colon, result = name.partition(":")
        if name == "archive":
            self._tick(case, moment)
        moment = min(moment + timedelta(hours=WAITS.get(name, 12) * self.chance.uniform(0.5, 1.3)), now() - timedelta(minutes=5))
        cards(case, moment)
        with at(moment):
            step = case.workflow.by_name[name]
            take(case, step, self._values(name, result, agreement, local(moment).date()), NOTES.get(name, ""))
            db.session.flush()
        return moment

    def _values(self, name: str, result: str, agreement: str, day: date) -> dict[str, Any]:
        """What the form of a step asks for."""
        asked: dict[str, dict[str, Any]] = {
            "dispatch": {"unit": "mediation", "handler": self.made.name("1")},
            "mediate": {"held_on": day, "place": "社区调解室", "way": self.chance.choice(WAYS), "result": result, "story":
                        "调解员分别听取双方意见，释明法律规定后组织面对面协商。", "mediators": f"{self.made.name('2')}、{self.made.name('1')}"},
            "handle": {"agreed_on": day, "agreement": agreement, "fulfil_by": day + timedelta(days=15), "fulfilment": "partly",
                       "agreement_number": f"调协〔{day.year}〕{self.chance.randint(10, 99)}号"},
            "confirm": {"confirmation_applied_on": day, "confirmed_on": day, "court": "区人民法院", "confirmation_number": f"（{day.year}）调确字第{self.chance.randint(10, 99)}号"},
            "revisit": {"visited_on": day, "fulfilment": "fulfilled", "satisfaction": self.chance.choices(("satisfied", "fair"), (80, 20))[0],
                        "hidden_danger": False, "story": "协议已履行，双方关系缓和。"},
            "refer": {"outcome": "court", "handed_to": "区人民法院"},
        }
        return asked.get(name, {})

    def _tick(self, case: Any, moment: datetime) -> None:
        """The papers the console does not have itself lie in the dossier."""
        with at(moment):
            for item in db.session.scalars(select(dossier.DossierItem).where(dossier.DossierItem.name.in_(TICKED))):
                dossier.tick(case, item, True, self.chance.randint(1, 4), None)
            db.session.flush()

    def _lead(self, case: Any) -> None:
        post = self.chance.choice(LEADERS)
        begun = local(case.reported_at).date()
        db.session.add(CaseLead(dispute=case, dispute_id=case.id, leader=self.made.name("1"), post=post, since_on=begun,
                                target_on=begun + timedelta(days=45), measure="每周约谈双方，协调有关单位。", progress="已入户两次，双方同意继续协商。"))
        db.session.flush()

    def _agency(self, case: Any) -> None:
        begun, settled = local(case.reported_at).date(), not case.is_open
        db.session.add(PetitionAgency(dispute=case, dispute_id=case.id, matter=f"代为反映：{case.title}", entrusted_by=self.made.name("1"),
                                      phone=self.made.phone(), agent=self.made.name("2"), since_on=begun, progress="已向有关单位递交材料。",
                                      result="settled" if settled else "underway", finished_on=begun + timedelta(days=20) if settled else None))
        db.session.flush()

    def _sweeps(self) -> None:
        """Each grid of the first community was swept lately; two found the open dispute registered that day, the others nothing."""
        near = [code for code in self.grids if code.startswith(self.grids[0][:12])]
        for number, code in enumerate(near):
            last = select(Dispute).where(Dispute.grid_code == code, Dispute.closed_at.is_(None)).order_by(Dispute.reported_at.desc()).limit(1)
            found = db.session.scalars(last).all() if number < 2 else []
            day = local(found[0].reported_at if found else now() - timedelta(days=7)).date()
            sweep = DisputeSweep(grid_code=code, swept_on=day, by=self.made.name("2"), found_count=len(found))
            db.session.add(sweep)
            db.session.flush()
            for case in found:
                case.sweep_id, case.source = sweep.id, "sweep"
            db.session.flush()
            sweep.settled = True
