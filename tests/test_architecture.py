"""The shape of the code: which room stands on which, and what may not be written where."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "app").rglob("*.py"))
SUBSYSTEMS = [path for path in FILES if path.is_relative_to(ROOT / "app" / "subsystems")]
# From the ground up: a room imports those before it, never one after it.
FLOORS = (
    "app/db.py", "app/menu.py", "app/core/__init__.py",
    "app/core/base", "app/core/telling", "app/core/asking", "app/core/keeping", "app/core/files", "app/core/jobs",
    "app/core/sheets/reading", "app/core/sheets/checking", "app/core/sheets/writing", "app/core/sheets/out",
    "app/core/sheets", "app/core/paper", "app/core/screens", "app/core/cases", "app/core/upkeep",
    "app/core/declarations.py", "app/core/assembly.py", "app/core/worker.py",
    "app/roles.py", "app/accounts",
    "app/subsystems/grids", "app/subsystems/people", "app/subsystems/office",  # the base registers
    "app/subsystems",  # all other parts, which do not know each other
    "app/screens", "app/public", "app/demo", "app/__init__.py", "app/commands",
)
OTHERS = FLOORS.index("app/subsystems")
# The only file that looks up: it walks the folder of the subsystems.
LOOKS_UP = {("app/core/assembly.py", "app/subsystems/__init__.py")}


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def modules() -> dict[str, Path]:
    """Every module and package of the program by its dotted name."""
    return {place(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in FILES}


def imported(tree: ast.AST) -> Iterator[str]:
    """What a file imports, wherever the line stands: at its top, in a function, for the type checker alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, "imports are written whole here"
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                yield inner if inner in modules() else node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def graph() -> dict[str, set[str]]:
    """Which file imports which files of the program."""
    known = modules()
    return {place(path): {place(known[name]) for name in imported(parsed(path)) if name in known} - {place(path)}
            for path in FILES}


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Files that import each other, on however long a way (Kosaraju's two walks)."""
    order: list[str] = []
    seen: set[str] = set()
    for start in edges:
        _walk(start, edges, seen, order)
    back: dict[str, set[str]] = {name: set() for name in edges}
    for name, targets in edges.items():
        for target in targets:
            back[target].add(name)
    seen, found = set(), []
    for start in reversed(order):
        together: list[str] = []
        _walk(start, back, seen, together)
        if len(together) > 1:
            found.append(sorted(together))
    return found


def _walk(start: str, edges: dict[str, set[str]], seen: set[str], order: list[str]) -> None:
    if start in seen:
        return
    seen.add(start)
    for target in edges[start]:
        _walk(target, edges, seen, order)
    order.append(start)


def floor(file: str) -> int:
    """The floor a file stands on: that of the smallest declared room around it."""
    if file in FLOORS:
        return FLOORS.index(file)
    around = [room for room in FLOORS if file.startswith(f"{room}/")]
    assert around, f"{file} stands in no room: name its room in FLOORS and in docs/architecture.md"
    return FLOORS.index(max(around, key=len))


def part(file: str) -> str:
    """The part of the plan a file of a subsystem belongs to: its folder, or the file itself."""
    return file.split("/")[2]


def test_a_circle_is_seen_on_a_long_way_too() -> None:
    """The tool itself can be wrong: this is what it must find."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    inside = ast.parse("def f():\n    from app.db import db\nif TYPE_CHECKING:\n    import app.menu")
    assert set(imported(inside)) == {"app.db", "app.menu"}


def test_no_files_import_each_other_in_a_circle() -> None:
    assert not circles(graph()), "cut the circle: what both need belongs into a file below both"


@pytest.mark.parametrize("file", graph())
def test_imports_go_down_only(file: str) -> None:
    up = sorted(other for other in graph()[file]
                if floor(other) > floor(file) and (file, other) not in LOOKS_UP)
    assert not up, f"{file} ({FLOORS[floor(file)]}) imports from a floor above it: {', '.join(up)}"


@pytest.mark.parametrize("file", [place(path) for path in SUBSYSTEMS])
def test_subsystems_meet_only_through_the_base_registers(file: str) -> None:
    others = {other for other in graph()[file] if floor(other) == OTHERS and part(other) != part(file)
              and other != "app/subsystems/__init__.py"}
    assert floor(file) < OTHERS or not others, (
        f"{file} imports another part of the plan: {', '.join(sorted(others))}; what both need belongs to a base "
        "register (grids, people, office) or to the core")


BARE = {"__table__", "scope_checked", "metadata"}


def core_selects(tree: ast.AST) -> list[str]:
    """Words by which a file gets at a table instead of a record, each with its line."""
    found = []
    for node in ast.walk(tree):
        words = {ast.Attribute: lambda n: [n.attr], ast.Name: lambda n: [n.id], ast.keyword: lambda n: [n.arg],
                 ast.Constant: lambda n: [n.value] if isinstance(n.value, str) else [],
                 ast.ImportFrom: lambda n: [name.name for name in n.names]}.get(type(node), lambda n: [])(node)
        found += [f"line {getattr(node, 'lineno', '?')}: {word}" for word in words if word in BARE | tables()]
    return found


@cache
def tables() -> set[str]:
    """``Table``, and every name a bare table was given anywhere in the program."""
    found = {"Table"}
    for path in FILES:
        for node in parsed(path).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call | ast.Attribute):
                made = node.value.func if isinstance(node.value, ast.Call) else node.value
                if (getattr(made, "attr", "") or getattr(made, "id", "")) in ("Table", "__table__"):
                    found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


@pytest.mark.parametrize("line", [
    "select(Resident.__table__)", "from sqlalchemy import Table", "run(q, execution_options={'scope_checked': True})",
    "from sqlalchemy.schema import Table as T", "q.execution_options(scope_checked=True)", "db.metadata.tables['x']"])
def test_a_core_select_is_seen(line: str) -> None:
    assert core_selects(ast.parse(line))


@pytest.mark.parametrize("path", SUBSYSTEMS, ids=place)
def test_subsystems_write_no_core_select(path: Path) -> None:
    found = core_selects(parsed(path))
    assert not found, (
        f"{place(path)}: {'; '.join(found)}. A statement on the bare table does not pass the row scope, and is refused "
        "when it runs: select the record class, or its columns (select(Resident.id)); what must see every row runs "
        "in `with system(reason)`, from the core")


@pytest.mark.parametrize("path", FILES, ids=place)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(parsed(path)), f"{place(path)} has no first sentence"


@pytest.mark.parametrize("path", FILES, ids=place)
def test_files_stay_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 300, f"{place(path)} has {lines} lines: make a package of it, one job a file"


def rooms() -> set[str]:
    """Every folder of code, and every file that stands alone beside folders."""
    folders = {place(path.parent) for path in FILES if path.name == "__init__.py" and path.parent != ROOT / "app"}
    alone = {place(path) for path in FILES
             if place(path.parent) in ("app", "app/core") and path.name != "__init__.py"}
    return folders - {"app/core", "app/subsystems"} | alone | {"app/__init__.py"}


def test_the_page_on_the_house_names_every_room_in_the_order_of_the_floors() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"^- `(app/[^`]*)`", page, re.MULTILINE)
    assert set(named) == rooms()
    assert len(named) == len(set(named)), "a room stands there twice"
    heights = [floor(room if room.endswith(".py") else f"{room}/__init__.py") for room in named]
    assert heights == sorted(heights, reverse=True), "the page goes from the roof to the ground, as FLOORS does upwards"


def lengths(trees: list[ast.Module]) -> list[int]:
    """The lines of every function, shortest first; one inside another counts for both."""
    return sorted((node.end_lineno or node.lineno) - node.lineno + 1 for tree in trees for node in ast.walk(tree)
                  if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_most_files_and_functions_are_short() -> None:
    """The whole may grow, its parts may not: a file by the middle 110 lines, a function 6, of twenty only one over 18."""
    files = [len(text.splitlines()) for path in FILES if (text := path.read_text(encoding="utf-8"))]
    functions = lengths([parsed(path) for path in FILES])
    assert median(files) <= 110 and median(functions) <= 6, "split what does more than one thing"
    assert functions[len(functions) * 95 // 100] <= 18, "too many functions are long: take them apart at their comments"


def test_the_length_of_a_function_is_its_lines() -> None:
    assert lengths([ast.parse("def a():\n    def b():\n        return 1\n    return b")]) == [2, 4]
