"""Templates lie with what fills them, each under a name of its own, in lines a person can read."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

APP = Path(__file__).parents[1] / "app"
TEMPLATES = sorted(path for folder in APP.rglob("templates") for path in folder.rglob("*.html"))


def own_name(path: Path) -> str:
    """The name by which views and other templates call it."""
    return path.relative_to(next(above for above in path.parents if above.name == "templates")).as_posix()


def test_no_two_templates_have_the_same_name() -> None:
    twice = [name for name, count in Counter(map(own_name, TEMPLATES)).items() if count > 1]
    assert not twice, "whichever is found first would stand for both"


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.is_relative_to(APP / "subsystems")], ids=own_name)
def test_a_template_of_a_subsystem_lies_with_the_code_that_names_it(path: Path) -> None:
    folder = next(above for above in path.parents if above.name == "templates").parent
    sources = "".join(file.read_text(encoding="utf-8") for file in (*folder.glob("*.py"), *folder.rglob("*.html")))
    assert f'"{path.stem}"' in sources or own_name(path) in sources, f"no file of {folder.name} names it"


FRAME = "printed/frame.html"  # what every printed sheet of a subsystem stands in


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.is_relative_to(APP / "core")
                                  and own_name(path) != FRAME], ids=own_name)
def test_a_template_of_the_core_is_named_by_the_core(path: Path) -> None:
    core = APP / "core"
    sources = "".join(file.read_text(encoding="utf-8") for file in (*core.rglob("*.py"), *core.rglob("*.html")))
    assert f'"{path.stem}"' in sources or own_name(path) in sources, "it belongs to the part of the plan that names it"


WIDEST = 120
SENTENCE = re.compile(r"""_\(\s*(?:"[^"\n]*"|'[^'\n]*')""")  # a whole sentence stands on one line, however long it is


@pytest.mark.parametrize("path", TEMPLATES, ids=own_name)
def test_lines_of_a_template_can_be_read(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    wide = [number for number, line in enumerate(lines, 1) if len(SENTENCE.sub('_("")', line)) > WIDEST]
    assert not wide, (f"lines {wide} are wider than {WIDEST} signs: break between elements that are blocks, between "
                      "attributes, or inside {{ }} and {% %}; a break beside inline elements would show as a gap")
