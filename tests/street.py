"""The small street every test begins with: two communities, three base grids, a household in each, and every account."""

from __future__ import annotations

from datetime import date

from flask import current_app

from app.accounts import manager as accounts
from app.core.base.identity import check_digit
from app.core.base.scope import system
from app.core.keeping import shipped
from app.core.upkeep import schema
from app.db import db
from app.roles import ADMIN
from app.subsystems.grids.grids import Grid
from app.subsystems.people.households import Household
from app.subsystems.people.houses import House
from app.subsystems.people.residents import Resident

STREET, WANGWAN, YANGOU = "420303002", "420303002001", "420303002003"
FIRST, SECOND, FOREIGN = WANGWAN + "001", WANGWAN + "002", YANGOU + "001"
PASSWORD = "Gewu#2026"
PEOPLE = {
    "admin": (ADMIN, STREET), "street": ("街道管理员", STREET), "clerk": ("街道业务员", STREET),
    "wangwan": ("社区书记/社区管理员", WANGWAN), "wangwan01": ("网格员", FIRST),
    "yangou": ("社区书记/社区管理员", YANGOU), "inspector": ("督查考核员", STREET),
    "leader": ("领导(只读)", STREET), "nobody": ("社区书记/社区管理员", None),
}
CHEAP_HASH = "scrypt:1024:8:1"  # every test signs in; how dear a real password is, the tests of the sign-in say


def id_number(serial: int, birth: str = "19900101") -> str:
    """A fictitious number with a right check digit; odd serials are men."""
    first = f"420399{birth}{serial:03d}"
    return first + check_digit(first)


def build_street() -> None:
    """Migrates the database of the application in use and fills it."""
    current_app.config["FAB_PASSWORD_HASH_METHOD"] = CHEAP_HASH
    schema.upgrade()
    with system("test street"):
        shipped.load()
        for code, name in ((STREET, "红卫街道"), (WANGWAN, "王湾社区"), (YANGOU, "燕沟社区"),
                           (FIRST, "一网格"), (SECOND, "二网格"), (FOREIGN, "一网格")):
            db.session.add(Grid(code=code, name=name))
            db.session.flush()
        for serial, place in enumerate((FIRST, SECOND, FOREIGN), 1):
            add_family(place, serial)
        db.session.commit()
        accounts.ensure_roles(db.session)
        for username, (role, node) in PEOPLE.items():
            accounts.add_account(username, PASSWORD, role, node)


def add_family(place: str, serial: int) -> Resident:
    """A house, a household in it, and its head."""
    house = House(grid_code=place, address=f"测试小区{serial}栋1单元101室")
    household = Household(grid_code=place, number=f"{serial:06d}", head_name=f"测试{serial}", house=house)
    person = Resident(grid_code=place, name=f"测试{serial}", id_number=id_number(901 + 2 * serial),
                      phone=f"1900000000{serial}", household=household, relation_to_head="02",
                      birth_on=date(1990, 1, 1), sex="1")
    db.session.add_all([house, household, person])
    db.session.flush()
    return person
