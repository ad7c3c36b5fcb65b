"""Builds the demo street in chunks: flat memory at a million people, seconds at twelve thousand."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from app.core.base import history
from app.core.base.crypto import keyring
from app.core.base.fields import fields_of
from app.core.base.identity import body_check, credit_check
from app.core.base.moments import now
from app.core.base.ordering import order_of
from app.core.base.pinyin import search_text
from app.core.base.revisions import bump
from app.core.base.scope import CHECKED, system
from app.core.base.storage import refresh_statistics
from app.db import db
from app.demo import STREET
from app.demo.boundaries import as_geojson, street_shape, tile
from app.demo.people import EDUCATION, NATION_WEIGHTS, NATIONS, TODAY, Invention
from app.subsystems.grids.grids import Grid
from app.subsystems.grids.leadership import BodyMember, LeadingBody
from app.subsystems.grids.staff import GridStaff
from app.subsystems.people.households import Household, HouseholdMember
from app.subsystems.people.houses import Building, House, RentalHouse
from app.subsystems.people.organizations import Organization
from app.subsystems.people.residents import Resident

COMMUNITIES = {
    "001": "王湾社区", "002": "周家沟社区", "003": "燕沟社区", "004": "动力新村社区", "005": "界牌社区",
    "006": "袁家沟社区", "007": "家和苑社区", "008": "凯旋社区", "009": "红河社区", "010": "健康新村社区",
    "200": "曾家村", "201": "石桥村", "202": "炉子村", "203": "牛场村",
}
NUMERALS = "一二三四五六七八九十"
PEOPLE_PER_HOUSEHOLD, HOUSEHOLDS_PER_GRID, CHUNK = 2.12, 320, 8_000
FLOORS, UNITS, PER_FLOOR = 7, 3, 2
SHOPS = ("便民超市", "理发店", "早餐店", "药房", "五金店", "幼儿园", "诊所", "汽修厂", "餐馆", "水果店")


def numeral(number: int) -> str:
    """1 to 999 in Chinese numerals, as grids are named."""
    if number <= 10:
        return NUMERALS[number - 1]
    if number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens == 1 else NUMERALS[tens - 1]) + "十" + (NUMERALS[ones - 1] if ones else "")
    hundreds, rest = divmod(number, 100)
    tail = "" if not rest else ("零" if rest < 10 else "一" if rest < 20 else "") + numeral(rest)
    return NUMERALS[hundreds - 1] + "百" + tail


class Street:
    """One build of the demo street."""

    def __init__(self, residents: int) -> None:
        self.households = max(60, round(residents / PEOPLE_PER_HOUSEHOLD))
        self.made = Invention(seed=20261101)
        self.chance = self.made.chance
        self.rows: dict[Any, list[dict[str, Any]]] = {}
        self.ids: dict[Any, int] = {}
        self.stamp = now()

    def build(self) -> None:
        """Writes the whole street in one transaction and gathers the planner's statistics."""
        with system("demo street"):
            grids = self._grids()
            self._leadership()
            each = self.households / len(grids)
            for serial, (code, place) in enumerate(grids):
                self._grid_people(code, place, round((serial + 1) * each) - round(serial * each))
                self._staff(code)
                if sum(map(len, self.rows.values())) > CHUNK:
                    self._flush()
            self._flush()
            self._sequences()
            bump("places")
            db.session.commit()
        refresh_statistics()

    def _add(self, record: Any, grid_code: str | None, found: str, **values: Any) -> int:
        """Queues a row with its stamps, its search text and its history; the row's id."""
        self.ids[record] = row_id = self.ids.get(record, 0) + 1
        place = {"grid_code": grid_code} if grid_code and record is not Grid else {}
        orders = {words.order: order_of(words, values.get(name)) for name, words in fields_of(record).items() if words.order}
        self.rows.setdefault(record, []).append({
            **values, **orders, **place, "id": row_id, "version": 1, "created_at": self.stamp, "created_by": "demo",
            "changed_at": self.stamp, "changed_by": "demo", "search_text": search_text(found)})
        entry = {"record": record.__tablename__, "record_id": row_id, "version": 1, "at": self.stamp,
                 "grid_code": grid_code, "by": "demo", "action": history.ADDED, "changes": {}}
        self.rows.setdefault(history.History, []).append({**entry, "seal": history.seal("", entry)})
        return row_id

    def _flush(self) -> None:
        order: tuple[Any, ...] = (Grid, Building, House, RentalHouse, Household, Resident, HouseholdMember, Organization,
                 GridStaff, LeadingBody, BodyMember, history.History)
        for record in order:
            rows = self.rows.pop(record, [])
            if rows:
                db.session.connection().execute(
                    record.__table__.insert().execution_options(**CHECKED), rows)

    def _grids(self) -> list[tuple[str, str]]:
        """The tree with its boundaries; (code, name of the place) of every base grid."""
        communities = tile(street_shape(), len(COMMUNITIES), seed=1)
        self._grid(STREET, "红卫街道", "street", None, street_shape())
        wanted = max(self.households / HOUSEHOLDS_PER_GRID, 48)
        per_community = min(999, math.ceil(wanted / len(COMMUNITIES)))
        found = []
        for (serial, name), shape in zip(COMMUNITIES.items(), communities, strict=True):
            code = STREET + serial
            self._grid(code, name, "community", STREET, shape)
            count = per_community if serial < "200" else max(2, per_community // 2)
            for number, part in enumerate(tile(shape, max(count, 5 if serial < "200" else 2), int(serial)), 1):
                grid = f"{code}{number:03d}"
                self._grid(grid, f"{numeral(number)}网格", "base", code, part)
                found.append((grid, name))
        return found

    def _grid(self, code: str, name: str, level: str, parent: str | None, shape: Any) -> None:
        self._add(Grid, code, f"{name} {code}", code=code, name=name, level=level, parent_code=parent,
                  kind="base" if level == "base" else "", state="active", urban_rural="220" if code[9:12] >= "200" else "111",
                  set_up_on=date(2026, 1, 1), boundary=as_geojson(shape), east="滨河路", south="车城路",
                  west="铁路线", north="山脚", has_letter=self.chance.random() < 0.8,
                  has_rules=self.chance.random() < 0.85)

    def _grid_people(self, code: str, place: str, households: int) -> None:
        """Buildings, houses, households and people of one base grid."""
        estate = place.removesuffix("社区") + ("小区" if place.endswith("社区") else "")
        first = int(code[12:]) * 40 - 39
        per_building = FLOORS * UNITS * PER_FLOOR
        for at in range(households):
            number, door = divmod(at, per_building)
            building = f"{estate}{first + number}栋"
            if door == 0:
                self._building(code, building)
            unit, rest = divmod(door, FLOORS * PER_FLOOR)
            floor, side = divmod(rest, PER_FLOOR)
            self._household(code, f"{building}{unit + 1}单元{floor + 1}0{side + 1}室", at, floor + 1)
        for kind in self.chance.sample(SHOPS, 2):
            self._organization(code, f"{estate}{numeral(int(code[12:]))}网格{kind}")

    def _building(self, code: str, address: str) -> None:
        self._add(Building, code, address, address=address, kind="flats", structure="mixed", floors=FLOORS,
                  units=UNITS, houses_per_floor=PER_FLOOR, built_year=self.chance.randint(1985, 2015),
                  has_lift=False, fire_exit_clear=self.chance.random() < 0.9,
                  head_name=self.made.name("2"), head_phone=self.made.phone())

    def _household(self, code: str, address: str, at: int, floor: int) -> None:
        chance = self.chance
        let = chance.random() < 0.12
        family = self.made.family()
        if let:
            family = family[:chance.choice((1, 2, 3))]
        placed = chance.random() < 0.97
        house = self._add(
            House, code if placed else code[:12], address, address=address, building_id=self.ids[Building],
            unit=address.split("栋")[1].split("单元")[0], room=address.split("单元")[1][:-1], floor=floor,
            area=chance.randint(48, 130), use="home", state="let" if let else "own", ownership="person",
            owner_name=self.made.name("1") if let else family[0][0], registered=True,
            danger=chance.choices(("safe", "ordinary", "serious"), (90, 9, 1))[0])
        if let:
            self._rental(code, house, len(family))
        number = f"{at + 1:06d}"
        household = self._add(
            Household, code, f"{family[0][0]} {number}", number=number, head_name=family[0][0], kind="family",
            house_id=house if chance.random() < 0.98 else None, phone=self.made.phone(),
            condition=chance.choices(("fair", "enough", "poor"), (70, 26, 4))[0])
        for member in family:
            self._resident(code, member, household, address, let)

    def _rental(self, code: str, house: int, people: int) -> None:
        lessor = self.made.name("1")
        self._add(RentalHouse, code, lessor, house_id=house, lessor_kind="person", lessor_name=lessor,
                  lessor_phone=self.made.phone(), use="home", rooms=2, people_limit=6, people_count=people,
                  rent=self.chance.randint(6, 18) * 100, has_letter=self.chance.random() < 0.8,
                  fire_exit_clear=True, danger="safe", since_on=date(2025, 6, 1))

    def _resident(self, code: str, member: tuple[str, str, date, str], household: int, address: str,
                  let: bool) -> None:
        name, sex, born, relation = member
        chance = self.chance
        number, born = self.made.id_number(born, sex)
        age = (TODAY - born).days // 365
        housed = chance.random() < 0.985
        row = self._add(
            Resident, code, name, name=name, id_number=number, document_type="111", sex=sex, birth_on=born,
            id_number_digest=keyring().digest("id_number", number), life_state="alive",
            phone=self.made.phone() if age > 13 and chance.random() < 0.9 else None,
            kind="floating" if let else chance.choices(("resident", "split"), (93, 7))[0],
            nation=self.made.pick(NATIONS, NATION_WEIGHTS), education=self._education(age),
            political_status=chance.choices(("13", "01", "03"), (86, 9, 5))[0] if age > 13 else "13",
            marital_status="20" if relation in ("11", "12") else "10" if age < 25 else "20",
            household_id=household if housed else None, relation_to_head=relation if housed else None,
            address=address, residence_status="present" if let else "together",
            categories=self._categories(age), **self._stay(let))
        if housed:
            self._add(HouseholdMember, code, "", household_id=household, resident_id=row, relation=relation,
                      since_on=date(2026, 1, 1))

    def _education(self, age: int) -> str | None:
        if age < 6:
            return None
        return "80" if age < 13 else "70" if age < 16 else self.chance.choice(EDUCATION[1:7])

    def _categories(self, age: int) -> list[str]:
        found = [code for code, share in (("low_income", 0.02), ("disabled", 0.025), ("veteran", 0.02))
                 if self.chance.random() < share and age > 18]
        return [*found, "elderly80"] if age >= 80 else found

    def _stay(self, let: bool) -> dict[str, Any]:
        """What a floating resident's register says; empty for the others."""
        names = ("inflow_on", "inflow_reason", "inflow_from", "permit_kind", "permit_number", "permit_until")
        if not let:
            return dict.fromkeys(names)
        came = TODAY - timedelta(days=self.chance.randint(20, 1500))
        return dict(zip(names, (came, self.chance.choice(("work", "trade", "family", "study")), "河南省",
                                "permit", f"4203{self.chance.randrange(10**8):08d}",
                                came + timedelta(days=365 * self.chance.choice((1, 2, 3)))), strict=True))

    def _organization(self, code: str, name: str) -> None:
        body = f"MADE{self.ids.get(Organization, 0) % 10_000:04d}"
        first = f"92420303{body}{body_check(body)}"
        self._add(Organization, code, name, name=name, credit_code=first + credit_check(first), kind="self",
                  manager=self.made.name("1"), manager_phone=self.made.phone(),
                  staff_count=self.chance.randint(1, 12), is_key=False, three_guarantees=True,
                  has_party=False, has_union=False, has_youth=False, has_women=False)

    def _staff(self, code: str) -> None:
        posts = (("head", 0.95, "community"), ("worker", 0.9, "community"), ("informant", 0.85, "building"),
                 ("volunteer", 0.7, "party"))
        for role, held, source in posts:
            if self.chance.random() < held:
                name = self.made.name(self.chance.choice("12"))
                self._add(GridStaff, code, name, name=name, role=role, phone=self.made.phone(), source=source,
                          employment="full" if role == "worker" else "part", since_on=date(2026, 1, 1))

    def _leadership(self) -> None:
        body = self._add(LeadingBody, STREET, "红卫街道网格化管理领导小组", name="红卫街道网格化管理领导小组",
                         kind="group", document_number="红街发〔2026〕1号", since_on=date(2026, 1, 5))
        posts = ("leader", "deputy", "deputy", "member", "member", "member")
        for order, post in enumerate(posts, 1):
            name = self.made.name(self.chance.choice("12"))
            self._add(BodyMember, STREET, name, body_id=body, name=name, post=post, home_post="红卫街道",
                      phone=self.made.phone(), order=order)

    def _sequences(self) -> None:
        """PostgreSQL's counters go on behind the rows that came with their numbers."""
        if db.engine.dialect.name == "postgresql":
            for record in self.ids:
                name = record.__tablename__
                db.session.execute(text(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {self.ids[record]})"), execution_options=CHECKED)
