"""Reads one workbook in a process of its own: whatever the file does, the server lives on.

Run as a script: ``reader.py FILE`` writes a pickle of sheets to standard output. It imports
nothing of the application, so that it starts fast and its memory can be bounded.
"""

from __future__ import annotations

import csv
import io
import pickle
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

MEGABYTE = 1024 * 1024
FILE_LIMIT, UNPACKED_LIMIT, RATIO_LIMIT = 50 * MEGABYTE, 600 * MEGABYTE, 300
ROW_LIMIT, COLUMN_LIMIT, MEMORY_LIMIT = 300_000, 300, 2_000 * MEGABYTE
LAST_CELLS = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"')


class Refused(Exception):
    """The file is not read; the code names the sentence the user is told."""


def read(path: Path) -> list[dict[str, Any]]:
    """The sheets of a file: name, rows, and merged areas as ((row, column), (row, column))."""
    head = path.open("rb").read(8)
    if path.stat().st_size > FILE_LIMIT:
        raise Refused("too_large")
    if head.startswith(b"PK"):
        _guard_zip(path)
        return _workbook(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _workbook(path)
    if path.suffix.lower() in (".csv", ".txt"):
        return [{"name": path.stem, "rows": _csv(path), "merged": []}]
    raise Refused("html" if head.lstrip()[:1] == b"<" else "not_a_workbook")


def _guard_zip(path: Path) -> None:
    """Refuses zip bombs and sheets whose last cell lies absurdly far out, before any parsing."""
    try:
        archive = zipfile.ZipFile(path)
        entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise Refused("damaged") from error
    names = {entry.filename for entry in entries}
    if sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
        raise Refused("too_large")
    if any(entry.file_size > MEGABYTE and entry.file_size > RATIO_LIMIT * max(entry.compress_size, 1)
           for entry in entries):
        raise Refused("bomb")
    if "xl/workbook.xml" not in names:
        raise Refused("not_a_workbook")
    for entry in entries:
        if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
            _guard_cells(archive, entry)


def _guard_cells(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """The readers reserve the whole rectangle up to the last cell: it must not be absurd."""
    rest = b""
    try:
        with archive.open(entry) as file:
            while chunk := file.read(4 * MEGABYTE):
                for letters, row in LAST_CELLS.findall(rest + chunk):
                    if int(row) > ROW_LIMIT or _column(letters) > COLUMN_LIMIT:
                        raise Refused("too_many_cells")
                rest = chunk[-40:]
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise Refused("damaged") from error


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _workbook(path: Path) -> list[dict[str, Any]]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        return [_sheet(book, name) for name in book.sheet_names]
    except python_calamine.PasswordError as error:
        raise Refused("encrypted") from error
    except (python_calamine.CalamineError, python_calamine.ZipError, python_calamine.XmlError, OSError,
            ValueError) as error:
        raise Refused("damaged") from error


def _sheet(book: Any, name: str) -> dict[str, Any]:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height > ROW_LIMIT or sheet.total_width > COLUMN_LIMIT:
        raise Refused("too_many_cells")
    return {"name": name, "rows": sheet.to_python(skip_empty_area=False),
            "merged": list(getattr(sheet, "merged_cell_ranges", None) or [])}


def _csv(path: Path) -> list[list[Any]]:
    """Byte order mark, then strict UTF-8, then strict GB18030; guessing fails on short GBK files."""
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Refused("encoding")
    if "\x00" in text:
        raise Refused("not_a_workbook")
    csv.field_size_limit(MEGABYTE)
    try:
        rows = [list(row) for row in csv.reader(io.StringIO(text))]
    except csv.Error as error:
        raise Refused("damaged") from error
    if len(rows) > ROW_LIMIT:
        raise Refused("too_many_cells")
    return rows


def main() -> int:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    except ImportError:
        pass  # Windows: the time limit of the caller is the only bound
    try:
        answer: Any = read(Path(sys.argv[1]))
    except Refused as error:
        answer = str(error)
    except MemoryError:
        answer = "too_large"
    sys.stdout.buffer.write(pickle.dumps(answer, protocol=5))
    return 0


if __name__ == "__main__":
    sys.exit(main())
