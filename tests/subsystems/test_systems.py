"""The folders of the subsystems are the plan's table of contents, and the menu follows them."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace

import pytest

import app.subsystems
from app.core.base import systems as known
from app.core.base.registry import heading_of, place_in_menu
from app.core.base.systems import System, system_of
from app.core.telling.dictionaries import FOLDER
from app.menu import HEADINGS

FOLDERS = sorted(path.parent for path in Path(app.subsystems.__file__).parent.glob("*/__init__.py"))
PARTS = {folder.name: importlib.import_module(f"app.subsystems.{folder.name}") for folder in FOLDERS}


def view(module: str, menu: str | None = None, menu_order: int = 100) -> SimpleNamespace:
    return SimpleNamespace(__module__=module, menu=menu, menu_order=menu_order)


@pytest.mark.parametrize("name", PARTS)
def test_every_folder_says_its_clause_its_lead_and_its_heading(name: str) -> None:
    system, folder = PARTS[name].SYSTEM, PARTS[name]
    assert system.code == name
    assert all(clause in (folder.__doc__ or "") for clause in system.clause.split("、")), "its first sentence names its clause"
    units = (FOLDER / "handling_unit.csv").read_text(encoding="utf-8")
    assert f"\n{system.lead}," in units, "its lead is an entry of the dictionary handling_unit"
    assert system.menu in {heading for heading, *_words in HEADINGS}


def test_every_service_system_and_every_mechanism_of_the_plan_has_a_folder() -> None:
    named = {clause for part in PARTS.values() for clause in part.SYSTEM.clause.split("、")}
    assert named >= {f"六(四){n}" for n in range(1, 9)} | {f"机制{n}" for n in range(1, 5)}


def test_no_two_parts_stand_at_the_same_place() -> None:
    orders = [part.SYSTEM.order for part in PARTS.values()]
    assert len(orders) == len(set(orders))


def test_a_view_stands_under_the_heading_of_its_folder_unless_it_says_another() -> None:
    inside = "app.subsystems.security.hazards"
    assert heading_of(view(inside)) == "services"
    assert heading_of(view(inside, menu="settings")) == "settings"
    assert heading_of(view(inside, menu="")) == ""
    assert heading_of(view("app.subsystems.notices")) == "base"


def test_views_of_a_folder_stand_together_and_a_heading_of_its_own_has_its_own_numbers() -> None:
    inside = "app.subsystems.security.hazards"
    assert place_in_menu(view(inside, menu_order=7)) == PARTS["security"].SYSTEM.order + 7
    assert place_in_menu(view(inside, menu="", menu_order=7)) == PARTS["security"].SYSTEM.order + 7
    assert place_in_menu(view(inside, menu="settings", menu_order=7)) == 7
    assert place_in_menu(view("app.subsystems.notices")) == 100


def test_the_part_of_a_module_is_the_smallest_folder_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_systems", dict(known._systems))
    inner = System("app.subsystems.security.play", "Play", clause="", lead="", menu="base", order=1)
    assert system_of("app.subsystems.security.play.rows") is inner
    assert system_of("app.subsystems.security.hazards") is PARTS["security"].SYSTEM
    assert system_of("app.screens.home") is None
