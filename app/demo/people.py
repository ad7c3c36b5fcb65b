"""Invented people: names, ages, families, numbers that are visibly fictitious yet check out."""

from __future__ import annotations

import random
from datetime import date, timedelta

from app.core.base.identity import check_digit

SURNAMES = ("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤")
MEN = "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢阳建国志文海峰"
WOMEN = "芳娜敏静丽艳娟霞秀英玲桂兰红梅燕萍婷雪慧莹洁倩颖琳晶丹玉珍凤琴云莉佳"
DIVISION = "420398"
SERIALS = range(700, 1000)
TODAY = date(2026, 11, 1)
NATIONS, NATION_WEIGHTS = ("01", "03", "15", "11", "06"), (94, 2, 2, 1, 1)
EDUCATION = ("10", "20", "30", "40", "60", "70", "80", "99")


class Invention:
    """A seeded source of people; the same seed gives the same street."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.used: dict[int, int] = {}
        self.phones = 0

    def name(self, sex: str, surname: str = "") -> str:
        given = MEN if sex == "1" else WOMEN
        first = surname or self.chance.choice(SURNAMES)
        return first + "".join(self.chance.sample(given, self.chance.choice((1, 2, 2))))

    def born(self, youngest: int, oldest: int) -> date:
        days = self.chance.randint(youngest * 365, oldest * 365 + 364)
        return TODAY - timedelta(days=days)

    def id_number(self, born: date, sex: str) -> tuple[str, date]:
        """A number nobody else has; a full day moves the birthday to the next one."""
        while True:
            at = self.used.get(born.toordinal(), 0)
            serial = SERIALS.start + 2 * at + (SERIALS.start + int(sex)) % 2
            if serial < SERIALS.stop:
                self.used[born.toordinal()] = at + 1
                first = f"{DIVISION}{born:%Y%m%d}{serial:03d}"
                return first + check_digit(first), born
            born += timedelta(days=1 if born < TODAY else -400)

    def phone(self) -> str:
        self.phones += 1
        return f"1900{self.phones % 10_000_000:07d}"

    def family(self) -> list[tuple[str, str, date, str]]:
        """(name, sex, birthday, relation to head) for each member, the head first."""
        chance = self.chance
        sex = chance.choice("11122")
        head = self.born(24, 82)
        age = (TODAY - head).days // 365
        surname = chance.choice(SURNAMES)
        found = [(self.name(sex, surname), sex, head, "02")]
        married = age > 26 and chance.random() < 0.78
        if married:
            other = "2" if sex == "1" else "1"
            near = head + timedelta(days=chance.randint(-1500, 1500))
            found.append((self.name(other), other, min(near, TODAY - timedelta(days=21 * 365)), "12" if other == "2" else "11"))
        if married and 27 <= age <= 55:
            found += self._children(surname if sex == "1" else found[1][0][0], age)
        if chance.random() < 0.12 and age < 55:
            parent = chance.choice("12")
            found.append((self.name(parent, surname if parent == "1" else ""), parent,
                          self.born(min(age + 21, 90), min(age + 32, 95)), "51" if parent == "1" else "52"))
        return found

    def _children(self, surname: str, age: int) -> list[tuple[str, str, date, str]]:
        found = []
        for order in range(self.chance.choice((0, 1, 1, 1, 2))):
            sex = self.chance.choice("12")
            born = self.born(0, max(0, min(age - 23, 27)))
            relation = {("1", 0): "22", ("2", 0): "32", ("1", 1): "23", ("2", 1): "33"}[sex, order]
            found.append((self.name(sex, surname), sex, born, relation))
        return found

    def pick(self, values: tuple[str, ...], weights: tuple[int, ...] | None = None) -> str:
        return self.chance.choices(values, weights)[0]
