"""What a person decided about a workbook on the page: its heading rows, its columns, single cells.

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

    ``columns`` says which field a column means, an empty one leaves it out; ``cells`` holds what was
    typed, by row, then by column, or by field where the sheet has no column for it.
    """

    heading: int | None = None
    left_out: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    cells: dict[str, dict[str, str]] = field(default_factory=dict)

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
    """The decisions about one file; ``remembered`` is what its owner said about headings before."""

    remembered: dict[str, str] = field(default_factory=dict)
    sheets: dict[str, SheetPlan] = field(default_factory=dict)

    def of(self, sheet: str) -> SheetPlan:
        return self.sheets.setdefault(sheet, SheetPlan())

    @property
    def typed_cells(self) -> int:
        return sum(len(row) for sheet in self.sheets.values() for row in sheet.cells.values())

    def write(self, folder: Path) -> None:
        (folder / PLAN).write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")


def plan_in(folder: Path) -> Plan:
    """The plan of a folder; an empty one where nobody decided anything."""
    path = folder / PLAN
    if not path.is_file():
        return Plan()
    found = json.loads(path.read_text(encoding="utf-8"))
    return Plan(found["remembered"], {name: SheetPlan(**sheet) for name, sheet in found["sheets"].items()})
