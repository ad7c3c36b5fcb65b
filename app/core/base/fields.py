"""How a column says what it is: one declaration read by list, form, sheet, chart, API and print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import JSON, Boolean, Date, DateTime, ForeignKey, Integer, Numeric, String, Text
from sqlalchemy.orm import MappedColumn, mapped_column

from app.core.base.language import in_context
from app.core.base.once import once
from app.core.base.texts import LONGEST_TEXT

# What a column can be, whatever a record calls it: what follows from the ID number of a person; how a matter is called,
# told and placed, who told it and how he is reached, what kind it is, the way it came, and where it is on the map.
MEANINGS = ("birth_date", "sex", "title", "text", "place", "person", "phone", "class", "source",
            "longitude", "latitude")
KINDS = (
    (Boolean, "bool"), (DateTime, "datetime"), (Date, "date"), (Integer, "int"),
    (Numeric, "decimal"), (JSON, "json"), (Text, "longtext"),
)

WORDS, PERSON, OPEN_END, CODE = "words", "person", "open end", "code"

NARROW = ("number", "code", "codes", "phone")  # how the name of a column ends that holds one


@dataclass(frozen=True)
class Field:
    """What the office knows about one column: its words, its code list, who may see it whole."""

    label: Any
    name: str = ""
    kind: str = ""
    help: Any = ""
    dictionary: str = ""
    mask: str = ""
    aliases: tuple[str, ...] = ()
    section: Any = ""
    listed: bool = False
    search: str = ""
    sortable: bool = False
    sorts: str = ""
    chart: bool = False
    derived: bool = False
    required: bool = False
    multiple: bool = False
    length: int | None = None
    target: str = ""
    means: str = ""
    after: str | None = None
    tones: Mapping[str, str] | None = None

    @property
    def relation(self) -> str:
        """Name of the relation a foreign key column stands for: household of household_id."""
        return self.name.removesuffix("_id") if self.kind == "relation" else ""

    @property
    def order(self) -> str:
        """Name of the column beside a sortable one that keeps its order, where the values themselves do not."""
        return f"{self.name}_order" if self.sorts else ""

    @property
    def free(self) -> bool:
        """Whether it is a text people write, kept to the letter; codes, numbers and phones are written narrow."""
        return (self.kind in ("text", "longtext") and not self.dictionary and self.search not in ("exact", "digest")
                and self.mask not in ("phone", "id_number") and not self.name.endswith(NARROW))

    def tone(self, value: Any) -> str:
        """The colour of a code that presses; none for any other value."""
        return self.tones.get(value, "") if self.tones else ""

    def fitting(self, value: Any) -> Any:
        """A value of another column as this one keeps it: cut where it is full, and never what somebody typed."""
        return value[:self.length] if isinstance(value, str) and self.length else value

    @property
    def editable(self) -> bool:
        return not self.derived


def field(
    label: Any,
    *column_args: Any,
    help: Any = "",
    dictionary: str = "",
    mask: str = "",
    aliases: tuple[str, ...] = (),
    section: Any = "",
    listed: bool = False,
    search: str = "",
    sortable: bool | str = False,
    chart: bool | None = None,
    derived: bool = False,
    required: bool | None = None,
    means: str = "",
    after: str | None = None,
    tones: Mapping[str, str] | None = None,
    **column: Any,
) -> MappedColumn[Any]:
    """A column with its words.

    ``dictionary`` names the code list whose codes it stores; ``mask`` the way a sensitive value
    is hidden (id_number, phone, address, categories); ``search`` is "text" (found by any of its
    characters), "exact" or "digest"; ``sortable`` promises an index and no empty values. Words that are found by
    their characters, names of persons (``sortable=PERSON``) and moments that may be open (``sortable=OPEN_END``)
    sort by a column of their own beside them (ordering.py); codes (``sortable=CODE``) by their signs.
    ``means`` says what it is, whatever a record calls it (one of MEANINGS); ``after`` names the column it stands
    behind on form and sheet, "" for the first place, where that is not the order of declaration. ``tones`` are the
    colours of codes that press, wherever they stand in a list: {"urgent": "yes"}; other codes are grey.
    """
    words = Field(
        label, help=help, dictionary=dictionary, mask=mask, aliases=aliases, section=section,
        listed=listed, search=search, sortable=bool(sortable), derived=derived, means=means, after=after, tones=tones,
        sorts=_sorts(sortable, search),
        chart=bool(dictionary) if chart is None else chart,
    )
    args = [_by_code_point(arg) if sortable else arg for arg in column_args]
    return mapped_column(*args, info={"field": words, "required": required}, **column)


def _sorts(sortable: bool | str, search: str) -> str:
    """By what a column beside it keeps the order; nothing where the values themselves are in order, as codes are."""
    if isinstance(sortable, str):
        return "" if sortable == CODE else sortable
    return WORDS if sortable and search == "text" else ""


def _by_code_point(type_: Any) -> Any:
    """Texts that are sorted and found by their beginning compare by code point on every database."""
    plain = isinstance(type_, String) and not isinstance(type_, Text)
    if plain and "postgresql" not in type_._variant_mapping:
        return type_.with_variant(String(type_.length, collation="C"), "postgresql")
    return type_


def reference(target: str, label: Any, ondelete: str | None = "RESTRICT", **options: Any) -> MappedColumn[Any]:
    """A foreign key column; the relation has the column's name without ``_id``.

    Without ``ondelete`` the database refuses just so: for a column that came to a table later, where SQLite keeps no more.
    """
    column = {key: options.pop(key) for key in ("nullable", "unique") if key in options}
    words = Field(label, target=target, kind="relation", **options)
    return mapped_column(
        ForeignKey(target, ondelete=ondelete), index=True,
        info={"field": words, "required": None}, **column,
    )


def kind_of(column: Any, words: Field) -> str:
    """The kind of value a column holds, in the words of the form builder."""
    if words.kind:
        return words.kind
    if words.dictionary:
        return "choice"
    return next((kind for type_, kind in KINDS if isinstance(column.type, type_)), "text")


@once
def fields_of(record: type[Any]) -> dict[str, Field]:
    """Every declared column of a record by name, in the order of its declaration."""
    found = {}
    for attribute in record.__mapper__.column_attrs:
        column = attribute.columns[0]
        words = column.info.get("field")
        if words is None:
            continue
        required = column.info["required"]
        if required is None:
            required = not column.nullable and column.default is None and not words.derived
        found[attribute.key] = replace(
            _in_words_of(record, attribute.key, words), name=attribute.key, kind=kind_of(column, words), required=required,
            multiple=bool(words.dictionary) and getattr(column.type, "multiple", False),
            target=next((key.target_fullname for key in column.foreign_keys), ""),
            length=_length(column.type),
        )
    return {name: found[name] for name in _in_order(record, found)}


def _in_words_of(record: type[Any], name: str, words: Field) -> Field:
    """A column's words as its record says them, or the class that declares it for several records."""
    speakers = []
    for base in record.__mro__:
        speakers.append(base.__name__)
        if name in base.__dict__.get("__annotations__", {}):
            break
    return replace(words, label=in_context(words.label, *speakers), help=in_context(words.help, *speakers),
                   section=in_context(words.section, *(f"{speaker}, section" for speaker in speakers)))


def meaning(record: type[Any], *means: str) -> list[str]:
    """The columns of a record that mean one of these things, in their order."""
    return [name for name, words in fields_of(record).items() if words.means in means]


def _length(type_: Any) -> int | None:
    """How many characters a value may have; a long text has its end too."""
    unbounded = LONGEST_TEXT if isinstance(type_, Text) else None
    return getattr(type_, "length", None) or getattr(type_, "limit", None) or unbounded


def _in_order(record: type[Any], found: dict[str, Field]) -> list[str]:
    """Columns of the record itself come in its own order, those of its bases after them, but for what stands ``after`` another."""
    own = list(record.__annotations__)
    behind: dict[str | None, list[str]] = {}
    for name in sorted(found, key=lambda name: own.index(name) if name in own else len(own)):
        after = found[name].after
        behind.setdefault(after if after in ("", *found) else None, []).append(name)

    def with_those_behind(name: str) -> list[str]:
        return [name, *(other for next_ in behind.get(name, ()) for other in with_those_behind(next_))]

    return [name for first in ("", None) for begins in behind.get(first, ()) for name in with_those_behind(begins)]
