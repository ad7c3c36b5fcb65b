"""The child process that reads one workbook: it may die of what it reads, the console does not.

Run as a file, by itself: ``python reader.py WORKBOOK``. Prints JSON lines: {"sheet", "merged", "hidden",
"hidden_rows"} before each sheet, then lists of rows; {"error"} when the workbook cannot be read.
"""

from __future__ import annotations

import datetime
import json
import posixpath
import re
import sys
import zipfile
from xml.etree import ElementTree

MEMORY_LIMIT = 1_500_000_000
SECONDS_LIMIT = 120
ROWS_A_LINE = 500
CHUNK = 1024 * 1024
HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\b[^>]*?\bhidden\s*=\s*["'](?:1|true)["'][^>]*>""")
ROW_NUMBER = re.compile(rb"""\br\s*=\s*["'](\d+)""")


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


def hidden_rows(path: str) -> dict[str, list[int]]:
    """The rows, counted from 0, that each sheet of an .xlsx hides; other kinds do not say it here."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: _hidden_in(archive, part) for name, part in _parts_of(archive).items()}
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, ElementTree.ParseError):
        return {}


def _parts_of(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of the archive that holds each sheet, by the sheet's name."""
    targets = {link.get("Id"): posixpath.normpath(posixpath.join("/xl", link.get("Target", ""))).lstrip("/")
               for link in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))}
    found = {}
    for element in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():
        link = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
        if element.tag.rpartition("}")[2] == "sheet" and link in targets:
            found[element.get("name", "")] = targets[link]
    return found


def _hidden_in(archive: zipfile.ZipFile, part: str) -> list[int]:
    found, tail = [], b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            text = tail + chunk
            if b"hidden" in text:
                found += [int(number[1]) - 1 for tag in HIDDEN_ROW.findall(text) if (number := ROW_NUMBER.search(tag))]
            tail = text[text.rfind(b"<"):][:CHUNK]
    return sorted(set(found))


def read(path: str) -> None:
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        visible, hidden = python_calamine.SheetVisibleEnum.Visible, hidden_rows(path)
        for index, about in enumerate(workbook.sheets_metadata):
            name, sheet = about.name, workbook.get_sheet_by_index(index)
            emit({"sheet": name, "merged": merged_ranges(sheet, (sheet.start or (0, 0))[1]),
                  "hidden": about.visible != visible, "hidden_rows": hidden.get(name, [])})
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
