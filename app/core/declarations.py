"""Looks over what the subsystems declare, at start: a mistake is one sentence that says where and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from app.core.base.fields import MEANINGS, Field
from app.core.base.masks import MASKS
from app.core.base.records import Record
from app.core.cases import declared
from app.core.telling.dictionaries import FOLDER
from app.db import db
from app.menu import HEADINGS

SEARCHES = ("", "text", "exact", "digest")


class DeclarationError(Exception):
    """A subsystem's file says something that cannot work."""


def check_declarations(records: list[type[Record]], views: Sequence[Any]) -> None:
    """Raises DeclarationError with every mistake in the records' declarations, one a line."""
    found = list(_twins(records)) or [mistake for record in records for mistake in _mistakes(record)]
    found += [mistake for view in views for mistake in _view_mistakes(view)]
    found += declared.mistakes(records)
    if found:
        raise DeclarationError("\n".join(found))


def _twins(records: list[type[Record]]) -> Iterator[str]:
    """Two records over one table, or of one name: everything said of them afterwards would be nonsense."""
    for told, what in (("__tablename__", "table"), ("__name__", "class")):
        known: dict[str, type[Record]] = {}
        for record in records:
            name = getattr(record, told)
            other = known.setdefault(name.lower(), record)
            if other is not record:
                yield (f"{record.__module__}, {record.__name__}: {other.__module__}, {other.__name__} has the "
                       f"{what} {name} already; give one of them another name.")


def _view_mistakes(view: Any) -> Iterator[str]:
    where, known = f"{view.__module__}, {view.__name__}", view.record.__table__.columns
    menus = [name for name, *_words in HEADINGS]
    if view.menu and view.menu not in menus:
        yield f'{where}: menu is one of {", ".join(menus)}, or "" for no place in the menu.'
    for words in ("list_columns", "form_columns", "show_columns", "charts"):
        unknown = [name for name in getattr(view, words) if name not in known]
        if unknown:
            yield f"{where}: {words} names {', '.join(unknown)}, which is no column of {view.record.__name__}."


def _mistakes(record: type[Record]) -> Iterator[str]:
    where = f"{record.__module__}, {record.__name__}"
    if not str(record.__label__):
        yield f'{where}: it has no name for people; write __label__ = _("...").'
    taken = set(dir(Record)) & set(record.__annotations__)
    yield from (f"{where}.{name}: every record has a {name} of its own already; choose another name."
                for name in sorted(taken) if not name.startswith("__"))
    yield from _key_mistakes(record, where)
    for column in record.__table__.columns:
        yield from _column_mistakes(record, column, f"{where}.{column.name}")


def _key_mistakes(record: type[Record], where: str) -> Iterator[str]:
    key = record.__natural_key__
    unknown = [name for name in key if name not in record.__table__.columns]
    if unknown:
        yield f"{where}: __natural_key__ names {', '.join(unknown)}, which is no column of it."
    if len(set(key)) < len(key):
        yield f"{where}: __natural_key__ names a column twice."


def _column_mistakes(record: type[Record], column: Any, where: str) -> Iterator[str]:
    for key in column.foreign_keys:
        target = key.target_fullname
        table = db.Model.metadata.tables.get(target.split(".")[0])
        if table is None or target.split(".")[-1] not in table.columns:
            yield f'{where}: there is no column {target} to point to; write "table.id" with a table that exists.'
    words = column.info.get("field")
    if words is not None:
        yield from _word_mistakes(record, column, words, where)


def _word_mistakes(record: type[Record], column: Any, words: Field, where: str) -> Iterator[str]:
    if not str(words.label):
        yield f'{where}: it has no name for people; its first word is the label, field(_("..."), ...).'
    if words.dictionary and not (FOLDER / f"{words.dictionary}.csv").exists():
        yield f"{where}: there is no code list {words.dictionary}; make app/dictionaries/{words.dictionary}.csv."
    if words.mask and words.mask not in MASKS:
        yield f"{where}: mask is one of {', '.join(MASKS)}."
    if words.search not in SEARCHES:
        yield f"{where}: search is one of text, exact, digest."
    if words.means and words.means not in MEANINGS:
        yield f"{where}: means is one of {', '.join(MEANINGS)}."
    if words.after and words.after not in record.__table__.columns:
        yield f"{where}: it stands after {words.after}, which is no column of {record.__name__}."
    if words.sortable and column.nullable and not words.sorts:
        yield f"{where}: a sortable column has no empty values; take sortable away, or Mapped[... | None]."
    if words.target and words.kind == "relation" and not hasattr(record, column.name.removesuffix("_id")):
        relation = column.name.removesuffix("_id")
        yield f"{where}: write {relation}: Mapped[...] = relationship(foreign_keys=...) beside it, for its page to show."
