"""No word without its Chinese."""

from __future__ import annotations

from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "translations" / "zh" / "LC_MESSAGES"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None}


def catalogue() -> dict[str, str]:
    with (FOLDER / "messages.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and not m.fuzzy}


def test_every_message_has_its_chinese() -> None:
    known = catalogue()
    used = {str(found[2]) for found in extract_from_dir(str(ROOT / "app"), METHODS, keywords=KEYWORDS)}
    missing = sorted(text for text in used if not known.get(text))
    assert not missing, f"add these to translations/zh: {missing[:10]}"


def test_placeholders_are_the_same_in_both_languages() -> None:
    import re

    for english, chinese in catalogue().items():
        wanted, given = (set(re.findall(r"%\((\w+)\)s", text)) for text in (english, chinese))
        assert wanted == given, english
