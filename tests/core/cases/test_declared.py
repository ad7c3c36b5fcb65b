"""A type of case that would only fail later is refused at start, with its place and what to write instead."""

from __future__ import annotations

from pathlib import Path

from tests.core.test_declarations import start

HEAD = """
from app.core.cases.loop import STEPS, loop
from app.core.cases.records import Case
from app.core.cases.reported import Placed
"""
RIGHT = """
class Kiosk(Placed, Case):
    __tablename__ = "kiosk"
    __label__ = _("Kiosk")
    __natural_key__ = ("number",)
    workflow = loop("kiosk")
    prefix = "KZ"
"""
WRONG = """
class Keyless(Case):
    __tablename__ = "keyless"
    __label__ = _("Keyless")
    workflow = loop("keyless")
    prefix = "KA"

class Nameless(Case):
    __tablename__ = "nameless"
    __label__ = _("Nameless")
    __natural_key__ = ("number",)
    workflow = loop("keyless")

class Swallowed(Placed, Case):
    __tablename__ = "swallowed"
    __label__ = _("Swallowed")
    __natural_key__ = ("number",)
    workflow = loop("swallowed", STEPS["close"].at("handled", counts=("closd",)))
    prefix = "SJX"
    limit_by = "kind"
    worded = {"title": {"after": "colour"}, "place": {"means": "spot"}}

class Stepless(Case):
    __tablename__ = "stepless"
    __label__ = _("Stepless")
    __natural_key__ = ("number",)
    prefix = "KA"
"""


def test_a_type_of_case_takes_three_lines(tmp_path: Path) -> None:
    found = start(tmp_path, HEAD + RIGHT)
    assert found.returncode == 0, found.stderr


def test_every_mistake_of_a_type_is_told_with_its_remedy(tmp_path: Path) -> None:
    found = start(tmp_path, HEAD + WRONG)
    told = found.stderr.partition("DeclarationError: ")[2]
    wanted = (
        'Keyless: a workbook could not find its rows again; write __natural_key__ = ("number",).',
        'Nameless: its numbers have no letters; write prefix = "XY"',
        "Keyless is the case type keyless already; give its workflow another name.",
        "Event: its numbers begin with SJ, those of app.subsystems.booths, Swallowed with SJX; give one of them another",
        "Stepless: its numbers begin with KA, those of app.subsystems.booths, Keyless with KA; give one of them another",
        "Swallowed: its steps count closd, which is none of filed, dispatched",
        "Swallowed: limit_by names kind, which is no column of it.",
        "Swallowed.title: it stands after colour, which is no column of Swallowed.",
        "Swallowed.place: means is one of birth_date, sex, title",
        'Stepless: it has no steps; write workflow = loop("stepless")')
    assert found.returncode and [words for words in wanted if words not in told] == [], found.stderr
