"""A roster as offices send it: titles, sections, sums, signatures, ditto signs, many spellings; and what is wrong in it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

from tests.conftest import FIRST, id_number

HEADINGS = {
    "number": ("序号", "编号"), "head": ("户主姓名", "户主"), "relation": ("家庭关系", "与户主关系", "户主关系"),
    "name": ("姓 名", "姓名", "家庭成员姓名"), "sex": ("性 别", "性别"), "id": ("公民身份号码", "身份证号", "身份证号码"),
    "nation": ("民 族", "民族"), "education": ("文化程度", "学历"), "politics": ("政治面貌", "党派"), "marriage": ("婚否", "婚姻状况"),
    "phone": ("手机/固话", "联系方式", "电话号码"), "address": ("家庭住址", "详细地址", "住址"), "grid": ("所在网格", "网格"),
    "status": ("人户状况", "人在户在情况"), "remark": ("说明", "备注"), "aid": ("是否低保",),
    "born": ("出生年月", "出生日期")}
GRIDS = ("一网格", "第一网格", "1网格", "01", "1", "Ⅰ网格", "壹网格", "1号网格", "王湾社区一网格", "王湾一网格", FIRST, "", "网格一")
VALUES = {
    "nation": ("汉族", "汉", "土家族", "01", ""), "education": ("高中/中专", "初中", "大专", "本科", "小学", "文盲", "无", ""),
    "politics": ("群众", "群", "党员", "中共党员", "共青团员", "团员", "无", "一般群众", ""),
    "marriage": ("已", "未", "是", "否", "已婚", "丧", "离", "离异", "丧偶", "再婚", "无", ""),
    "status": ("人户一致", "人户分离", "空挂", "在户", "户在人在", "人在户不在", "寄住", "外出", "无", ""),
    "remark": ("", "", "低保", "备注：外出务工", "合计三套房"), "aid": ("是", "否", "")}
PHONES = ("1300000%04d", "130 0000 %04d", "130-0000-%04d", "0719-800%04d", "无", "暂无", "/", "", "1300000%04d（儿子）",
          "1300000%04d/13100000001", "1300000%04d、13100000002", "1300000%04d张三")
BIRTHS = ("{y}.{m}", "{y}-{m:02d}", "{y}年{m}月", "{yy}.{m}", "{y}", "{y}-{m:02d}-{d:02d}", "{y}.{m}.{d}", "{y}年{m}月{d}日", "")
RELATIONS = ("妻子", "长子", "大女儿", "儿媳", "外孙", "岳母", "次子", "孙女")
NAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英兰玉珍"


@dataclass
class Roster:
    """Where the file lies, its clean rows and its wrong ones (counted from 1), and how many records it holds."""

    path: Path
    clean: list[int] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)


def roster(path: Path, seed: int, rows: int = 200, birth: str = "19520101") -> Roster:
    """A roster of one grid with about as many rows; its numbers are fictitious."""
    chance, found = random.Random(seed), Roster(path)
    columns = ["number", "head", "relation", "name", *chance.sample(sorted(HEADINGS.keys() - {
        "number", "head", "relation", "name"}), len(HEADINGS) - 4)]
    lines: list[list[Any]] = [["王湾社区居民花名册（2026年）"], ["填表单位：王湾社区", "", "填表日期：2026年6月1日"],
                              [chance.choice(HEADINGS[name]) for name in columns]]
    heading, serial, people = lines[2], seed % 7 * 100, 0
    while people < rows:
        lines += _between(chance, heading, people)
        house = f"王湾小区{chance.randint(1, 30)}栋{chance.randint(1, 3)}单元{chance.randint(1, 6)}0{chance.randint(1, 4)}室"
        head = chance.choice(NAMES) + "".join(chance.sample(GIVEN, chance.randint(1, 2)))
        for member in range(chance.randint(1, 4)):
            people, serial = people + 1, serial + 1
            line, wrong = _person(chance, columns, serial, f"{int(birth[:4]) + serial // 900}{birth[4:]}", head, house, member)
            lines.append(line)
            (found.wrong if wrong else found.clean).append(len(lines))
    lines += [["", "", ""], ["合计：", f"{people}人"], ["注：以上人员均已核实"], ["负责人签字：", "", "", "填报日期：2026年6月1日"]]
    lines += [[number] for number in range(people + 1, people + 9)]
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("花名册")
        for at, line in enumerate(lines):
            sheet.write_row(at, 0, line)
    return found


def _between(chance: random.Random, heading: list[Any], people: int) -> list[list[Any]]:
    """What stands between two households now and then."""
    kind = chance.random()
    if kind < 0.04:
        return [[chance.choice(("一、常住人口", "（二）流动人口", "3栋", "二、外来人口（租住）"))]]
    if kind < 0.08:
        return [["小  计", f"{people}人"]]
    if kind < 0.11:
        return [["王湾社区居民花名册（2026年）"], list(heading)]
    return [[]] if kind < 0.14 else []


def _person(chance: random.Random, columns: list[str], serial: int, birth: str, head: str, house: str,
            member: int) -> tuple[list[Any], bool]:
    number = id_number(serial % 900 + 1, birth)
    name = head if member == 0 else head[0] + "".join(chance.sample(GIVEN, 2))
    ditto = member > 0 and chance.random() < 0.5
    values: dict[str, Any] = {column: chance.choice(VALUES[column]) for column in VALUES}
    phone = chance.choice(PHONES)
    values |= {
        "number": chance.choice((serial, str(serial), "备注")), "name": f"{name[0]}　{name[1]}" if len(name) == 2 else name,
        "head": chance.choice(("同上", "〃", '"')) if ditto else head, "address": chance.choice(("同上", "〃")) if ditto else house,
        "relation": "户主" if member == 0 else chance.choice(RELATIONS), "id": number, "grid": chance.choice(GRIDS),
        "born": chance.choice(BIRTHS).format(y=number[6:10], m=int(number[10:12]), d=int(number[12:14]), yy=number[8:10]),
        "sex": "男" if int(number[16]) % 2 else "女", "phone": phone % serial if "%" in phone else phone}
    wrong = chance.random() < 0.06
    if wrong:
        bad, value = chance.choice((("id", number[:-1]), ("id", ""), ("phone", "12345"), ("grid", "九十九网格"),
                                    ("grid", "花果社区一网格"), ("sex", "女" if int(number[16]) % 2 else "男")))
        values[bad] = value
    return [values[column] for column in columns], wrong
