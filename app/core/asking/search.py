"""One search box over name, ID number, phone and pinyin initials, each answered by an index.

Every record keeps its searchable texts one character a token (``search_text``). SQLite serves it
with an FTS5 table kept by triggers, PostgreSQL with a GIN index on the same tokens: trigram
indexes do not find two-character names.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, func, literal, or_, select, text

from app.core.base.crypto import keyring
from app.core.base.fields import Field, fields_of
from app.core.base.identity import parse_id_number
from app.core.base.pinyin import characters
from app.core.base.records import Record
from app.core.base.texts import InvalidValue, normalize_text
from app.db import db

INDEXES = MetaData()


def index_table(record: type[Record]) -> Table:
    """SQLite's FTS5 table of a record, as SQL sees it."""
    name = f"{record.__tablename__}_fts"
    if name in INDEXES.tables:
        return INDEXES.tables[name]
    return Table(name, INDEXES, Column("rowid", Integer), Column(name, String),
                 Column("search_text", String))


def matching(record: type[Record], words: str) -> Any:
    """The condition for what somebody typed into the search box."""
    words = normalize_text(words)
    digests = _digests(record, words)
    exact = digests or _exact(record, words)
    tokens = characters(words)
    if not tokens:
        return literal(False)
    if digests:
        return or_(*digests)
    start = leading_text(record, words)
    if start is not None:
        return (start >= words) & (start < words + chr(0x10FFFF))
    return or_(_containing(record, tokens), *exact)


def searched(record: type[Record]) -> list[Field]:
    """The columns the search box of a record's list looks into, in their order."""
    return [column for column in fields_of(record).values() if column.search]


def leading_text(record: type[Record], words: str) -> Any:
    """The indexed column that is to begin with what was typed: a single character is a surname. Else None."""
    words = normalize_text(words)
    if len(words) != 1 or words.isascii():
        return None
    return next((getattr(record, name) for name, column in fields_of(record).items()
                 if column.search == "text" and column.sortable), None)


def _digests(record: type[Record], words: str) -> list[Any]:
    """An ID number is found whole or not at all, by its keyed digest; blanks and hyphens between its groups do not matter."""
    joined = re.sub(r"[\s-]", "", words)
    number = joined if joined[:-1].isdigit() else words
    if len(number) not in (15, 18) or " " in number:
        return []
    with suppress(InvalidValue):
        number = parse_id_number(number).number
    return [getattr(record, f"{name}_digest") == keyring().digest(name, number.upper())
            for name, column in fields_of(record).items() if column.search == "digest"]


def _exact(record: type[Record], words: str) -> list[Any]:
    """Phones and credit codes are found whole: a prefix would tell what is masked."""
    text_ = re.sub(r"[\s-]", "", words)
    if len(text_) < 7:
        return []
    return [getattr(record, name) == value for name, column in fields_of(record).items()
            if column.search == "exact" for value in {text_, words}]


def _containing(record: type[Record], tokens: str) -> Any:
    if db.engine.dialect.name == "postgresql":
        vector = func.to_tsvector(text("'simple'"), record.search_text)
        return vector.bool_op("@@")(func.to_tsquery(text("'simple'"), _tsquery(tokens)))
    table = index_table(record)
    phrase = f'"{tokens}"' + (" *" if tokens.isascii() else "")
    hits = select(table.c.rowid).where(table.c[table.name].op("MATCH")(phrase))
    return record.id.in_(hits)


def _tsquery(tokens: str) -> str:
    quoted = [f"'{token}'" for token in tokens.replace("'", " ").replace("\\", " ").split()]
    return " <-> ".join(quoted) + (":*" if tokens.isascii() else "")


def statements(table: str, dialect: str) -> list[str]:
    """What makes the search index of a table on SQLite or PostgreSQL."""
    if dialect == "postgresql":
        return [f"CREATE INDEX ix_{table}_search ON {table} USING gin "
                f"(to_tsvector('simple', search_text))"]
    fts = f"{table}_fts"
    old = f"INSERT INTO {fts}({fts}, rowid, search_text) VALUES ('delete', old.id, old.search_text);"
    new = f"INSERT INTO {fts}(rowid, search_text) VALUES (new.id, new.search_text);"
    return [
        f"CREATE VIRTUAL TABLE {fts} USING fts5(search_text, content='{table}', content_rowid='id')",
        f"CREATE TRIGGER {table}_fts_new AFTER INSERT ON {table} BEGIN {new} END",
        f"CREATE TRIGGER {table}_fts_old AFTER DELETE ON {table} BEGIN {old} END",
        f"CREATE TRIGGER {table}_fts_changed AFTER UPDATE OF search_text ON {table} "
        f"BEGIN {old} {new} END",
    ]


def removals(table: str, dialect: str) -> list[str]:
    """What takes the search index of a table away again."""
    if dialect == "postgresql":
        return [f"DROP INDEX ix_{table}_search"]
    return [*(f"DROP TRIGGER {table}_fts_{name}" for name in ("new", "old", "changed")),
            f"DROP TABLE {table}_fts"]
