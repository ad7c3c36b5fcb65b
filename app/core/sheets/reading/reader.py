"""The child process that reads one workbook: it may die of what it reads, the console does not.

Run as a file, by itself: ``python reader.py WORKBOOK``. Prints JSON lines: {"sheet", "merged"}
before each sheet, then lists of rows; {"error"} when the workbook cannot be read.
"""

from __future__ import annotations

import datetime
import json
import sys

MEMORY_LIMIT = 1_500_000_000
SECONDS_LIMIT = 120
ROWS_A_LINE = 500


def limit_resources() -> None:
    """Bounds memory and time where the system can."""
    try:
        import resource
    except ImportError:  # Windows has no such limit; the guard before the parser holds there
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_LIMIT, SECONDS_LIMIT))


def plain(value: object) -> object:
    """A cell as JSON holds it: days as ISO text, moments at midnight as days."""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
    return value if isinstance(value, str | float | int | bool) else str(value)


def emit(line: object) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def merged_ranges(sheet: object, left: int) -> list[list[int]]:
    """Merged cells as [first row, first column, last row, last column], columns from the first used one."""
    found = getattr(sheet, "merged_cell_ranges", None) or []
    return [[top, first - left, bottom, last - left] for (top, first), (bottom, last) in found]


def read(path: str) -> None:
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        for index, name in enumerate(workbook.sheet_names):
            sheet = workbook.get_sheet_by_index(index)
            emit({"sheet": name, "merged": merged_ranges(sheet, (sheet.start or (0, 0))[1])})
            lines: list[list[object]] = []
            for row in sheet.iter_rows() if sheet.start is not None else ():
                lines.append([plain(cell) for cell in row])
                if len(lines) == ROWS_A_LINE:
                    emit(lines)
                    lines = []
            emit(lines)
    except python_calamine.PasswordError:
        emit({"error": "password"})
    except (python_calamine.CalamineError, OSError, ValueError):
        emit({"error": "damaged"})


if __name__ == "__main__":
    limit_resources()
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    read(sys.argv[1])
