"""A wrong declaration in a subsystem's file is told at start, in a sentence that says where and what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAD = """
from flask_babel import lazy_gettext as _
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from app.core import assembly
from app.core.base.fields import field, reference
from app.core.base.scope import Scoped
from app.core.screens import RecordView

class Booth(Scoped):
    __tablename__ = "booth"
    __label__ = _("Booth")
    name: Mapped[str] = field(_("Name"), String(20), listed=True)
    kind: Mapped[str] = field(_("Kind"), String(9), dictionary="grid_kind")
"""
WRONG = """
    __natural_key__ = ("name", "name", "nothing")
    list: Mapped[str] = field(_("List"), String(9), dictionary="nosuch")
    plain: Mapped[str] = field("", String(9))
    shop_id: Mapped[int] = reference("shop.id", _("Shop"))
    house_id: Mapped[int] = reference("house.id", _("House"))
    version: Mapped[str] = field(_("Version"), String(9))
    phone: Mapped[str] = field(_("Phone"), String(9), mask="blur", search="guess")
    street: Mapped[str | None] = field(_("Street"), String(9), sortable=True)

class Shed(Scoped):
    __tablename__ = "shed"

class BoothView(RecordView):
    record = Booth
    menu = "kiosks"
    charts = ["colour"]
"""
TWIN = """
class Twin(Scoped):
    __tablename__ = "house"
    __label__ = _("Twin")
"""
START = """
import sys
import app.subsystems
app.subsystems.__path__.append(sys.argv[1])
from app.core import assembly
assembly.discover()
"""


def start(folder: Path, more: str) -> subprocess.CompletedProcess[str]:
    (folder / "booths.py").write_text(HEAD + more, encoding="utf-8")
    return subprocess.run([sys.executable, "-c", START, str(folder)], capture_output=True, text=True, check=False)


def test_a_right_declaration_starts(tmp_path: Path) -> None:
    assert start(tmp_path, "").returncode == 0


def test_every_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    found = start(tmp_path, WRONG)
    told = found.stderr.partition("DeclarationError: ")[2]
    wanted = ("Booth: __natural_key__ names nothing, which is no column", "__natural_key__ names a column twice",
              "Booth.list: there is no code list nosuch; make app/dictionaries/nosuch.csv",
              "Booth.plain: it has no name for people", "Booth.shop_id: there is no column shop.id to point to",
              "Booth.house_id: write house: Mapped", "Booth.version: every record has a version of its own",
              "Booth.phone: mask is one of id_number, phone", "Booth.phone: search is one of text, exact, digest",
              "Booth.street: a sortable column has no empty values", "Shed: it has no name for people",
              "BoothView: menu is one of base, grids", "BoothView: charts names colour, which is no column of Booth")
    assert found.returncode and [words for words in wanted if words not in told] == [], found.stderr
    assert all(line.startswith("app.subsystems.booths") for line in told.strip().splitlines())


def test_two_records_over_one_table_are_told(tmp_path: Path) -> None:
    told = start(tmp_path, TWIN).stderr
    assert "has the table house already; give one of them another name" in told
