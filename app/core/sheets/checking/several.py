"""Rows whose cells hold several people: a record for each of them, where it is clear what is whose."""

from __future__ import annotations

from typing import Any

from app.core.sheets.checking.headings import Column
from app.core.sheets.checking.values import SEVERAL, text_of_cell

SHORTEST = 15  # characters of an identity number


def people_in(row: list[Any], columns: list[Column]) -> list[dict[int, str]]:
    """The cells of a group split among the persons its first column names."""
    cells = {column.index: text_of_cell(row[column.index]) if column.index < len(row) else ""
             for column in columns}
    if not any(cells.values()):
        return []
    leading = columns[0].index
    names = [part.strip() for part in SEVERAL.split(cells[leading]) if part.strip()] or [""]
    found = [{**cells, leading: name} for name in names]
    for index, text in cells.items():
        parts = SEVERAL.split(text)
        if index != leading and len(names) > 1 and len(parts) == len(names):
            for person, part in zip(found, parts, strict=True):
                person[index] = part.strip()
    return found


def persons_in(row: list[Any], numbers: list[int], names: list[int]) -> list[list[Any]]:
    """The row once for each identity number its cells hold; nothing where there is only one.

    A name and a number must stand there for each; other cells with as many lines are split, the rest is everybody's.
    """
    at = next((index for index in numbers if index < len(row) and isinstance(row[index], str)
               and len(row[index]) > 2 * SHORTEST), None)
    parts = _parts(row[at]) if at is not None else []
    name = names[0] if names else None
    if len(parts) < 2 or any(len(part) < SHORTEST for part in parts) or name is None or name >= len(row):
        return []
    if len(_parts(row[name])) != len(parts):
        return []
    return [[_part(cell, place, len(parts), index in (at, name)) for index, cell in enumerate(row)]
            for place in range(len(parts))]


def _part(cell: Any, place: int, count: int, own: bool) -> Any:
    lines = _parts(cell) if own else [line.strip() for line in cell.split("\n")] if isinstance(cell, str) else []
    return lines[place] if len(lines) == count else cell


def _parts(cell: Any) -> list[str]:
    return [part.strip() for part in SEVERAL.split(cell) if part.strip()] if isinstance(cell, str) else []
