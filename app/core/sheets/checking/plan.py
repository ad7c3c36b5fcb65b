"""What a person decided about a workbook on the page: its heading rows, its columns, its place, values, single cells.

It lies beside the uploaded file and expires with it; the file itself is never changed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PLAN = "plan.json"


@dataclass
class SheetPlan:
    """The decisions about one sheet; rows and columns count from 0, as text, for that is how JSON keeps them.

    ``columns`` says which field a column means, an empty one leaves it out; in a further table of the sheet
    the column stands behind the row of its heading (7:2). ``cells`` holds what was typed, by row, then by
    column, or by field where the sheet has no column for it. ``left_out`` is None where nobody decided,
    ``place`` the code of the node its rows lie in that name no grid.
    """

    heading: int | None = None
    left_out: bool | None = None
    columns: dict[str, str] = field(default_factory=dict)
    cells: dict[str, dict[str, str]] = field(default_factory=dict)
    place: str = ""

    def leaves_out(self, hidden: bool) -> bool:
        """Whether a sheet is not read: a hidden one is not, unless somebody wants it."""
        return hidden if self.left_out is None else self.left_out

    def mended(self, number: int, row: list[Any]) -> list[Any]:
        """A row with the cells that were typed over."""
        typed = self.cells.get(str(number))
        if not typed:
            return row
        row = list(row)
        for key, text in typed.items():
            if key.isdigit():
                row.extend([""] * (int(key) + 1 - len(row)))
                row[int(key)] = text
        return row

    def added(self, number: int) -> dict[str, str]:
        """What was typed for fields the sheet has no column for."""
        return {key: text for key, text in self.cells.get(str(number), {}).items() if not key.isdigit()}

    def typed(self, row: int, key: str) -> str | None:
        return self.cells.get(str(row), {}).get(key)

    def type(self, row: int, key: str, text: str) -> None:
        self.cells.setdefault(str(row), {})[key] = text


@dataclass
class Plan:
    """The decisions about one file.

    ``remembered`` is what its owner said about headings before, ``known_values`` what the office said about
    wrong values before, ``values`` what was said about those of this file: by field, wrong value -> right one,
    an empty one leaves the cell blank.
    """

    remembered: dict[str, str] = field(default_factory=dict)
    sheets: dict[str, SheetPlan] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    known_values: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, sheet: str) -> SheetPlan:
        return self.sheets.setdefault(sheet, SheetPlan())

    @property
    def typed_cells(self) -> int:
        """How many cells and values were put right."""
        return (sum(len(row) for sheet in self.sheets.values() for row in sheet.cells.values())
                + sum(len(values) for values in self.values.values()))

    def replaced(self, name: str, sheet: str) -> dict[str, str]:
        """The wrong values of a field and what they are to be; a value said of one sheet holds in that sheet."""
        return {**self.known_values.get(name, {}), **self.values.get(name, {}),
                **self.values.get(values_key(name, sheet), {})}

    def replace(self, key: str, wrong: str, right: str) -> None:
        self.values.setdefault(key, {})[wrong] = right

    def take_back(self) -> None:
        """Forgets the cells and values that were put right."""
        self.values.clear()
        for sheet in self.sheets.values():
            sheet.cells.clear()

    def write(self, folder: Path) -> None:
        (folder / PLAN).write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")


def values_key(name: str, sheet: str) -> str:
    """Under which the values of a field are kept that hold in one sheet alone."""
    return f"{name}@{sheet}"


def plan_in(folder: Path) -> Plan:
    """The plan of a folder; an empty one where nobody decided anything."""
    path = folder / PLAN
    if not path.is_file():
        return Plan()
    found = json.loads(path.read_text(encoding="utf-8"))
    sheets = {name: SheetPlan(**sheet) for name, sheet in found.pop("sheets").items()}
    return Plan(sheets=sheets, **found)
