"""Invented utilities, services and needs, played through the engine at moments of the past."""

from __future__ import annotations

from datetime import timedelta
from itertools import cycle
from typing import Any

from sqlalchemy import select

from app.core.base.moments import at, now, today
from app.core.base.scope import EVERYTHING, Scope, acting
from app.db import db
from app.demo.cases import Year
from app.demo.playing import Move
from app.subsystems.grids.grids import Grid
from app.subsystems.people.residents import Resident
from app.subsystems.work.needs import Need
from app.subsystems.work.services import ServiceItem, ServiceRequest
from app.subsystems.work.utilities import UtilityFeedback, UtilityUnit

SEED = 20261104
UNITS = (("红卫供水营业所", "water", "96800"), ("红卫供电所", "power", "95598"), ("红卫燃气服务站", "gas", "96777"),
         ("红卫热力服务站", "heat", "96111"), ("红卫环卫所", "cleaning", ""), ("红卫园林所", "green", ""))
REPORTS = (  # unit, title, problem, description, answer
    (0, "三号院水压低", "quality", "六楼以上早晚没有水压。", "已更换加压泵，水压恢复。"),
    (1, "巷内经常跳闸", "outage", "用电高峰跳闸，一周三次。", "已更换变压器分接开关。"),
    (2, "燃气表更换拖延", "repair", "报修半个月没有上门。", "已上门更换。"),
    (3, "暖气不热", "quality", "室内温度十四度。", "已排气调压，温度达标。"),
    (4, "垃圾桶清运不及时", "upkeep", "周末垃圾桶满溢。", "周末增加一次清运。"),
    (5, "行道树枯枝未修剪", "danger", "枯枝悬在人行道上方。", "已修剪清运。"),
    (0, "水费抄表有误", "charge", "连续两月读数不符。", "已核实退费。"),
    (3, "管道井漏水", "danger", "管道井渗水结冰。", "已更换阀门。"),
)
ITEMS = (  # code, name, domain, unit, days, papers
    ("DB001", "高龄津贴申领", "elderly", "civil_affairs", 10, "身份证、户口簿、银行卡复印件"),
    ("DB002", "城乡居民养老保险参保登记", "insurance", "social_security", 3, "身份证、户口簿"),
    ("DB003", "城乡居民医疗保险登记", "insurance", "social_security", 3, "身份证、户口簿"),
    ("DB004", "最低生活保障申请", "aid", "civil_affairs", 22, "申请书、身份证、户口簿、收入和财产声明"),
    ("DB005", "临时救助申请", "aid", "civil_affairs", 5, "申请书、身份证、困难证明材料"),
    ("DB006", "残疾人证办理", "disabled", "civil_affairs", 15, "身份证、户口簿、照片"),
    ("DB007", "失业登记", "employment", "social_security", 1, "身份证、解除劳动关系证明"),
    ("DB008", "公共租赁住房申请", "housing", "community", 30, "申请表、身份证、收入和住房证明"),
    ("DB009", "生育登记", "health", "family", 1, "身份证、结婚证"),
    ("DB010", "居住证申领", "migrants", "police", 15, "身份证、居住证明"),
    ("DB011", "党组织关系转接咨询", "party", "party", 5, "介绍信"),
    ("DB012", "退役军人优待证申领", "other", "civil_affairs", 20, "身份证、退役证件、照片"),
)
NEEDS = (  # kind, topic, description, answer
    ("need", "想学用智能手机", "独居，想学手机挂号。", None),
    ("condition", "楼上装修噪声大", "午休时间电钻声。", "已与施工方约定午休停工。"),
    ("grievance", "停车费上涨没有通知", "物业直接提价。", None),
    ("idea", "建议增设公共晾衣架", "楼下空地可以利用。", "已列入下月议事会议题。"),
    ("opinion", "希望社区食堂延长供餐", "周末不开餐不方便。", None),
    ("need", "高龄津贴怎么办", "刚满八十岁。", None),
)


class Services(Year):
    """Utilities, requests and needs of the last weeks in every state."""

    def play(self) -> int:
        with acting(Scope("demo", EVERYTHING)):
            grids = cycle(db.session.scalars(select(Grid.code).where(Grid.level == "base").order_by(Grid.code).limit(12)).all())
            units = self._catalogue()
            for number, report in enumerate(REPORTS * 3):
                self._report(next(grids), units[report[0]], report, number)
            people = db.session.scalars(select(Resident).order_by(Resident.grid_code, Resident.id).limit(40)).all()
            for number, (item, person) in enumerate(zip(
                    db.session.scalars(select(ServiceItem).order_by(ServiceItem.id)).all() * 2, cycle(people), strict=False)):
                self._request(person, item, number)
            for number, (need, person) in enumerate(zip(NEEDS * 2, cycle(reversed(people)), strict=False)):
                self._need(person, need, number)
            db.session.commit()
        return len(REPORTS) + len(ITEMS) + len(NEEDS)

    def _catalogue(self) -> list[UtilityUnit]:
        units = [UtilityUnit(name=name, service=service, liaison="值班室", hotline=hotline or None) for name, service, hotline in UNITS]
        db.session.add_all(units)
        db.session.add_all(ServiceItem(code=code, name=name, domain=domain, unit=unit, promised_days=days, papers=papers)
                           for code, name, domain, unit, days, papers in ITEMS)
        db.session.flush()
        return units

    def _report(self, grid: str, unit: UtilityUnit, report: tuple[Any, ...], number: int) -> None:
        _unit, title, problem, description, answer = report
        with at(self._morning(2 + number)):
            case = UtilityFeedback(grid_code=grid, utility_id=unit.id, title=title, problem=problem, place="小区内",
                                   description=description, households=5 + number)
            db.session.add(case)
            db.session.flush()
        slow = 1.4 if number % 5 == 3 else 0.5
        moves = [Move("dispatch", "请尽快处理并回复。", {"forwarded_on": today}, 0.4),
                 Move("handle", "", {"result": answer, "answered_on": today}, slow), Move("close", "现场查看，问题已解决。", {}, 0.5),
                 Move("evaluate", "", {"satisfaction": "dissatisfied" if number % 7 == 5 else "satisfied"}, 1)]
        if number % 8 == 6:
            moves = [Move("reject", "不属于该单位服务范围。", {}, 0.5)]
        self.run(case, moves[:1 + number % 4] if number < 12 else moves)

    def _request(self, person: Resident, item: ServiceItem, number: int) -> None:
        with at(self._morning(1 + number * 2)):
            case = ServiceRequest(grid_code=person.grid_code, item_id=item.id, item=item, resident_id=person.id, resident=person,
                                  applicant=person.name, way="visit" if number % 2 else "office", proxy="网格员代办" if number % 2 else None,
                                  papers_received=item.papers)
            db.session.add(case)
            db.session.flush()
        done = [Move("accept", "材料齐全。", {"unit": item.unit}, 0.5), Move("handle", "", {"result": "已办理完毕。"}, 0.7),
                Move("close", "", {"delivered_on": today, "delivered_way": "door" if number % 2 else "collected"}, 0.5),
                Move("evaluate", "", {"satisfaction": "satisfied"}, 1)]
        if number % 6 == 4:
            done[1:1] = [Move("ask_papers", "请补交材料。", {"papers_missing": "照片一张"}, 0.2), Move("resume", "材料已补齐。", {}, 1)]
        self.run(case, done[:1 + number % 4] if number < 8 else done)

    def _need(self, person: Resident, need: tuple[Any, ...], number: int) -> None:
        kind, topic, description, answer = need
        with at(self._morning(1 + number)):
            row = Need(grid_code=person.grid_code, kind=kind, topic=topic, description=description, answer=answer, resident_id=person.id,
                       resident=person, heard_by="王湾网格员", way="door", proactive=number % 3 > 0)
            db.session.add(row)
            db.session.flush()
            if number == 5:
                item = db.session.scalars(select(ServiceItem).where(ServiceItem.code == ITEMS[0][0])).one()
                case = ServiceRequest(grid_code=row.grid_code, item_id=item.id, item=item, resident_id=person.id, resident=person,
                                      applicant=person.name)
                case.grow_from(row)
                db.session.add(case)
                db.session.flush()

    @staticmethod
    def _morning(days_ago: int) -> Any:
        return (now() - timedelta(days=days_ago)).replace(hour=1, minute=30, second=0)
