"""The words by which the fields of a record are known in a heading."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask_babel import force_locale

from app.core.base.fields import Field
from app.core.base.texts import normalize_text
from app.core.telling.dictionaries import dictionary

LONGEST = 200  # what is longer is no heading, and costs the square of its length to search for brackets
REASON = "需要修改的原因"  # heads the first column of a marked workbook; known again when it comes back
SERIALS = {"序号", "no", "no.", "行号", "#", "序", "编号", "顺序号", REASON}
COMMUNITY = {"社区", "所属社区", "社区名称", "村(社区)", "社区(村)", "所在社区", "村/社区", "社区/村", "村居", "所属村居",
             "所属村(社区)", "所属社区(村)", "村(居)", "居委会", "所属居委会", "社区(村)名称", "村(社区)名称", "所在村(社区)"}
BRACKETS = re.compile(r"[（(\[【].*?[）)\]】]|[*＊:：]")
EITHER = re.compile(r"[/、,，或和及与]")
PLACE = "@community"  # a column that names the community its rows' grids are looked for in


class Words:
    """The fields of a record by their labels in both languages, their other words and their names.

    ``remembered`` is what somebody said about headings before.
    """

    def __init__(self, fields: dict[str, Field], remembered: dict[str, str] | None = None) -> None:
        self.fields = fields
        self.remembered = {heading: name for heading, name in (remembered or {}).items()
                           if not name or name == PLACE or name in fields}
        self.names: dict[str, str] = {}
        for locale in ("zh", "en"):
            with force_locale(locale):
                self._learn((str(words.label), name) for name, words in fields.items())
        self._learn((alias, name) for name, words in fields.items() for alias in words.aliases)
        self._learn((name, name) for name in fields)
        self.groups = {word: (name, code) for name, words in fields.items()
                       if words.dictionary and not words.multiple
                       for word, code in dictionary(words.dictionary).by_word.items()
                       if not word.isascii()}

    def _learn(self, pairs: Iterable[tuple[str, str]]) -> None:
        for text, name in pairs:
            self.names.setdefault(key_of(text), name)

    def field_of(self, heading: str) -> str:
        """The field a heading means, its remark in brackets aside; empty when it means none."""
        if not heading or len(heading) > LONGEST:
            return ""
        bare = key_of(BRACKETS.sub("", heading))
        return self.names.get(key_of(heading)) or self.names.get(bare) or self._either(bare)

    def _either(self, heading: str) -> str:
        """The one field that all words of 手机/固话 mean."""
        parts = EITHER.split(heading)
        found = {self.names.get(part, "") for part in parts}
        return found.pop() if len(parts) > 1 and len(found) == 1 else ""

    def knows(self, heading: str) -> bool:
        """Whether a heading means a field, by itself or by what was said about it before."""
        return bool(self.remembered.get(key_of(heading)) or self.field_of(heading))

    def is_heading(self, heading: str) -> bool:
        """Whether a text may head a column: a field, a community, or the running number of rows."""
        key = key_of(heading)
        return self.knows(heading) or key in self.remembered or key in COMMUNITY or key in SERIALS

    def group_of(self, heading: str) -> tuple[str, str]:
        """The (field, code) a group of columns stands for: 网格长 is (role, head)."""
        return self.groups.get(key_of(heading), ("", ""))


def key_of(text: str) -> str:
    """A heading as it is compared: cells come normalized, so must the words they are looked up by."""
    return re.sub(r"\s+", "", normalize_text(text)).lower()
