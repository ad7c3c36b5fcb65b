"""Search by characters and by pinyin initials: 张建国 is found by 建国 and by zjg."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

SURNAMES = {
    "单": "s", "仇": "q", "曾": "z", "查": "z", "解": "x", "朴": "p", "区": "o", "盖": "g", "尉迟": "yc",
    "任": "r", "华": "h", "纪": "j", "宁": "n", "覃": "q", "乐": "y", "翟": "z", "种": "c", "繁": "p",
    "万俟": "mq", "长孙": "zs", "秘": "b", "召": "s", "折": "s", "员": "y", "黑": "h", "洗": "x", "冼": "x",
    "隗": "w", "祭": "z", "阚": "k", "粘": "n", "乜": "n", "么": "y", "句": "g", "藏": "z", "郇": "x", "蔚": "y",
    "佴": "n", "澹台": "tt", "单于": "cy",
}
TOKENS = re.compile(r"[A-Za-z0-9]+|[^\W_a-zA-Z0-9]")


@lru_cache(maxsize=30_000)
def _letter(character: str) -> str:
    """First letter of a character's commonest reading."""
    found: list[str] = lazy_pinyin(character, style=Style.FIRST_LETTER, errors="ignore")
    return found[0].lower() if found else ""


@lru_cache(maxsize=100_000)
def initials(name: str) -> str:
    """The initials of a name, surnames read as surnames: 单立人 is slr, not dlr."""
    head = next((surname for surname in (name[:2], name[:1]) if surname in SURNAMES), "")
    rest = name[len(head):]
    return SURNAMES.get(head, "") + "".join(_letter(c) if ord(c) > 127 else c.lower() for c in rest if c.isalnum())


def characters(text: str) -> str:
    """One token a character, Latin and digit runs whole: what a search asks for."""
    return " ".join(token.lower() for token in TOKENS.findall(unicodedata.normalize("NFKC", text)))


def search_text(*texts: str) -> str:
    """One token a character, Latin and digit runs whole, and the initials of Chinese names."""
    tokens: list[str] = []
    for text in texts:
        found = characters(text).split()
        tokens += found
        if 1 < len(found) <= 6 and not any(token.isascii() for token in found):
            tokens.append(initials("".join(found)))
    return " ".join(token for token in tokens if token)
