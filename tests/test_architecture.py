"""The shape of the code: who may import whom, and what may not be written where."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = sorted((ROOT / "app" / "core").rglob("*.py"))
SUBSYSTEMS = sorted((ROOT / "app" / "subsystems").glob("*.py"))
BASE = {"grids", "staff", "houses", "households", "residents", "organizations", "leadership",
        "addresses", "boundaries", "checkup", "memberships", "resident_import", "dwelling_import",
        "undocumented_import", "dictionaries", "grid_size", "work_calendar"}


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


@pytest.mark.parametrize("path", CORE, ids=lambda p: p.name)
def test_core_knows_no_subsystem(path: Path) -> None:
    known = {name for name in imported(path) if name.startswith("app.subsystems.")}
    assert not known, f"core must find subsystems through the registry, not import {known}"


@pytest.mark.parametrize("path", SUBSYSTEMS, ids=lambda p: p.name)
def test_subsystems_meet_only_through_the_base_records(path: Path) -> None:
    others = {name.split(".")[2] for name in imported(path)
              if name.startswith("app.subsystems.") and name.count(".") == 2}
    assert others <= BASE, f"{path.name} imports another subsystem: {others - BASE}"


@pytest.mark.parametrize("path", SUBSYSTEMS, ids=lambda p: p.name)
def test_subsystems_write_no_core_select(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "__table__" not in text and "scope_checked" not in text, (
        "a statement on the bare table does not pass the row scope: use the record class")


@pytest.mark.parametrize("path", sorted((ROOT / "app").rglob("*.py")), ids=lambda p: p.name)
def test_every_module_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), f"{path} has no first sentence"


def test_files_stay_short() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines())
               for path in (ROOT / "app").rglob("*.py")}
    long = {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > 330}
    assert not long, f"make a package of these: {long}"
