"""Code lists as data an administrator edits: code, words in both languages, order, active."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped

from app.core.base.fields import Field, field, fields_of
from app.core.base.language import in_english
from app.core.base.records import Record, RuleError, changes, unique_live
from app.core.base.registry import records
from app.core.base.revisions import Cached
from app.core.base.scope import current, system
from app.core.base.texts import normalize_text
from app.db import db

FOLDER = Path(__file__).parents[2] / "dictionaries"


class DictionaryEntry(Record):
    """One code of one code list, such as 01 汉族 of the nations (GB/T 3304)."""

    __tablename__ = "dictionary_entry"
    __label__ = _("Dictionary entry")
    __natural_key__ = ("kind", "code")
    __table_args__ = (unique_live("dictionary_entry", "kind", "code"),)
    __shipped__ = ("kind", "code")
    __revision__ = "dictionary"

    kind: Mapped[str] = field(_("Dictionary"), String(40), listed=True, index=True, dictionary="dictionary", chart=False,
                              aliases=("字典", "字典类别"))
    code: Mapped[str] = field(_("Code"), String(40), listed=True, search="text", aliases=("代码",))
    label: Mapped[str] = field(_("Name in Chinese"), String(80), listed=True, search="text", aliases=("中文", "名称"))
    english: Mapped[str] = field(_("Name in English"), String(120), listed=True, search="text", aliases=("英文",))
    aliases: Mapped[str | None] = field(
        _("Also written as"), String(300), listed=True, aliases=("别名", "其他写法"),
        help=_("Other words that mean this in workbooks, separated by |"))
    order: Mapped[int] = field(_("Order"), default=0, listed=True, aliases=("排序",))
    active: Mapped[bool] = field(_("Active"), default=True, listed=True, aliases=("启用",))
    locked: Mapped[bool] = field(_("Used by the program"), default=False, derived=True)

    def __str__(self) -> str:
        return self.english if in_english() else self.label

    @staticmethod
    def shipped_rows() -> list[dict[str, Any]]:
        """The entries of every code list that comes with the program, not one file but a folder of them."""
        return [{**row, "locked": row["locked"] == "1"} for row in shipped()]

    def searchable(self) -> tuple[str | None, ...]:
        return (self.label, self.code, self.kind, self.english)

    def check(self) -> None:
        self._check_words()
        dropped = self.active is False or self.deleted_at is not None
        if self.locked and dropped:
            raise RuleError(_("The program needs this entry: change its words, but keep it active."),
                            "active")
        if self.deleted_at is not None and in_use(self.kind, self.code):
            raise RuleError(_("Records use this entry: make it inactive instead, then nobody can choose it any more."),
                            "active")


    def _check_words(self) -> None:
        """Two entries with the same words could not be told apart in a workbook; the program's own rows come as they are."""
        if current().sees_all or self.deleted_at is not None or not changes(self, "label", "kind"):
            return
        words = plain_word(self.label or "")
        for entry in dictionary(self.kind or "").entries:
            if entry.code != self.code and words in map(plain_word, entry.words):
                raise RuleError(_("“%(label)s” is in this list already, with the code %(code)s: choose other words, or change that "
                                  "entry.", label=self.label, code=entry.code), "label")


def plain_word(word: str) -> str:
    """A word of a code list as it is compared."""
    return normalize_text(word).lower()


@dataclass(frozen=True)
class Entry:
    """One code in memory, apart from any session."""

    kind: str
    code: str
    label: str
    english: str
    aliases: str | None
    active: bool

    @property
    def words(self) -> list[str]:
        """All by which a workbook may name it."""
        return [word for word in (self.code, self.label, self.english, *(self.aliases or "").split("|")) if word]

    def __str__(self) -> str:
        return self.english if in_english() else self.label


def in_use(kind: str, code: str) -> bool:
    """Whether any record of the street has this code."""
    with system("is a code in use"), db.session.no_autoflush:
        return any(db.session.scalar(select(record.id).where(_has(getattr(record, words.name), words, code)).limit(1))
                   for record in records() for words in fields_of(record).values() if words.dictionary == kind)


def _has(column: Any, words: Field, code: str) -> Any:
    return column.cast(String).contains(f"|{code}|", autoescape=True) if words.multiple else column == code


class Dictionary:
    """One code list in memory."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.by_code: dict[str, Entry] = {}
        self.by_word: dict[str, str] = {}
        self.labels: dict[bool, dict[str, str]] = {True: {}, False: {}}

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.by_code[entry.code] = entry
        self.labels[True][entry.code], self.labels[False][entry.code] = entry.english, entry.label
        for word in entry.words:
            self.by_word.setdefault(word.strip().lower(), entry.code)
            self.by_word.setdefault(plain_word(word), entry.code)


def _load() -> dict[str, Dictionary]:
    found: dict[str, Dictionary] = {}
    columns = [getattr(DictionaryEntry, column.name) for column in dataclass_fields(Entry)]
    for row in db.session.execute(select(*columns).order_by(
            DictionaryEntry.kind, DictionaryEntry.order, DictionaryEntry.code)):
        found.setdefault(row.kind, Dictionary()).add(Entry(*row))
    return found


_dictionaries = Cached("dictionary", _load)


def dictionary(kind: str) -> Dictionary:
    return _dictionaries.get().get(kind) or Dictionary()


def entries(kind: str) -> list[Entry]:
    """The entries in use, in their order."""
    return [entry for entry in dictionary(kind).entries if entry.active]


def labels(kind: str) -> dict[str, str]:
    """Code to words in the user's language, retired codes too."""
    return dictionary(kind).labels[in_english()]


def label_of(kind: str, code: str | None) -> str:
    """The words for a code in the user's language; the code itself where nobody named it."""
    return labels(kind).get(code, code) if code else ""


def shipped() -> list[dict[str, Any]]:
    """The entries of the files that come with the program."""
    found = []
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for order, row in enumerate(csv.DictReader(file), 1):
                found.append({**row, "kind": path.stem, "order": order * 10})
    return found


