"""The icons are the few the program names, drawn out of Flask-AppBuilder's font: 8 kB for a phone instead of 260."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import flask_appbuilder
import pytest
from flask import Flask
from fontTools import subset
from fontTools.ttLib import TTFont

from tests import golden

APP = Path(__file__).resolve().parent.parent / "app"
ICONS = APP / "static" / "icons"
SOURCE = Path(flask_appbuilder.__file__).parent / "static" / "appbuilder" / "css"
NAME = re.compile(r"\bfa-([a-z0-9]+(?:-[a-z0-9]+)*)\b(?!-)")
DRAWN = re.compile(r'((?:(?:\.fa)?\.fa-[a-z0-9-]+:before,?)+)\{content:"\\([0-9a-f]+)"\}')
NO_DRAWING = {"fw"}
HEAD = """/* The icons of the program, made by `run.py test tests/test_icons.py --regenerate`; see LICENSE.txt. */
@font-face { font-family: "Gewu Icons"; font-weight: 900; font-display: block; src: url(icons.woff2) format("woff2") }
.fa { display: inline-block; font: 900 1em/1 "Gewu Icons"; font-style: normal; text-rendering: auto; -webkit-font-smoothing: antialiased }
.fa-fw { width: 1.25em; text-align: center }
"""


def named(app: Flask) -> set[str]:
    """The icons that code, templates and scripts name, and those of Flask-AppBuilder's own pages in the menu."""
    files = [path for path in APP.rglob("*") if path.suffix in (".py", ".html", ".js") and "vendor" not in path.parts]
    texts = [path.read_text(encoding="utf-8") for path in files]
    texts += [item.icon or "" for entry in app.appbuilder.menu.get_list() for item in (entry, *entry.childs)]  # type: ignore[attr-defined]
    return {name for text in texts for name in NAME.findall(text)} - NO_DRAWING


def drawn() -> dict[str, str]:
    """Which sign of the font an icon is: name -> hexadecimal."""
    texts = [(SOURCE / "fontawesome" / f"{name}.min.css").read_text(encoding="utf-8") for name in ("v4-shims", "fontawesome")]
    return {name: code for text in texts for names, code in DRAWN.findall(text) for name in NAME.findall(names)}


def font_of(codes: set[str]) -> bytes:
    """The signs alone; nameless, for the licence keeps the old name for the whole."""
    options = subset.Options(flavor="woff2", name_IDs=[], notdef_outline=True, layout_features=[])
    font = TTFont(SOURCE / "webfonts" / "fa-solid-900.woff2", recalcTimestamp=False)
    cut = subset.Subsetter(options)
    cut.populate(unicodes=[int(code, 16) for code in codes])
    cut.subset(font)
    font.flavor = "woff2"
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def test_the_font_has_the_icons_the_program_names_and_no_others(app: Flask, pytestconfig: Any) -> None:
    known, names = drawn(), named(app)
    assert sorted(names - known.keys()) == [], "no such icon in the font"
    style = HEAD + "".join(f'.fa-{name}::before {{ content: "\\{known[name]}" }}\n' for name in sorted(names))
    again = pytestconfig.getoption("--regenerate")
    if again:
        (ICONS / "icons.woff2").write_bytes(font_of({known[name] for name in names}))
    golden.same(ICONS / "icons.css", style, again)
    signs = TTFont(ICONS / "icons.woff2").getBestCmap()
    assert {int(known[name], 16) for name in names} <= signs.keys() and len(signs) <= len(names) + 1
    assert (ICONS / "icons.woff2").stat().st_size < 20_000


@pytest.mark.parametrize("address", ["/login/", "/public/"])
def test_no_page_asks_for_the_whole_font(client: Any, address: str) -> None:
    text = client("stranger").get(address, follow_redirects=True).get_data(as_text=True)
    assert "icons/icons.css" in text and "fontawesome" not in text
