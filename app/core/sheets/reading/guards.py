"""What a file must survive before anything parses it: size, ZIP ratios, sparse cells, passwords.

A workbook of a few kilobytes can claim a cell in the last row and column, or inflate to gigabytes;
readers ask for the memory first and take the whole process with them when it is refused.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _

from app.core.base.records import RuleError

MEGABYTE = 1024 * 1024
MAX_FILE = 50 * MEGABYTE
MAX_UNPACKED = 600 * MEGABYTE
MAX_RATIO = 200
RATIO_MATTERS_FROM = 8 * MEGABYTE
MAX_CELLS = 8_000_000  # a table of so many cells takes less than 600 MB to read
OVERLAP = 200
ZIP, CFB = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Most cells lie in the columns A to Z and the rows up to 99,999; only others are looked at.
WIDE = re.compile(rb"""r="([A-Z]{2,7})(?=\d)|r(?:\s+=\s*|=\s+|=')['"]?([A-Z]{2,7})(?=\d)""")
TALL = re.compile(rb"""r="[A-Z]{1,7}(\d{6,})|r(?:\s+=\s*|=\s+|=')['"]?[A-Z]{1,7}(\d{6,})""")
CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*['"]?([A-Z]{1,7})(\d+)[^>]*(?<!/)>(?!\s*</)""")  # with something in it
NARROW_COLUMNS, LOW_ROWS = 26, 99_999


class SheetError(RuleError):
    """A whole file cannot be read: a code for programs, a sentence that says what to do."""

    def __init__(self, code: str, message: Any) -> None:
        super().__init__(message)
        self.code = code


def kind_of_file(path: Path) -> str:
    """zip (xlsx), cfb (xls) or csv by content, never by name; SheetError for what is none of them."""
    if path.stat().st_size > MAX_FILE:
        raise SheetError("too_large", _("The file is larger than 50 MB: split it and import the parts."))
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise SheetError("empty", _("The file is empty."))
    if head.startswith(ZIP):
        return "zip"
    if head.startswith(CFB):
        return "cfb"
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<", b"mime-version")):
        raise SheetError("html", _("This is a web page saved under a workbook's name: open it and save it as .xlsx."))
    return "csv"


def check_file(path: Path) -> str:
    """The kind of a file that is safe to parse; SheetError for one that is not."""
    kind = kind_of_file(path)
    if kind == "zip":
        check_archive(path, "xl/workbook.xml", "xl/workbook.bin")
    elif kind == "cfb":
        _check_password(path)
    return kind


def _check_password(path: Path) -> None:
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        raise password_needed()


def password_needed() -> SheetError:
    return SheetError("encrypted", _("The workbook is protected by a password: take the password off and save it again."))


def damaged() -> SheetError:
    return SheetError("damaged", _("The workbook is damaged or incomplete: open it, save it again as .xlsx and retry."))


def too_wide() -> SheetError:
    return SheetError("too_many_cells", _("The sheet has more columns or cells than a table of the office: "
                                          "copy the table into a new workbook."))


def too_large() -> SheetError:
    return SheetError("too_large", _("Reading this workbook takes more memory or time than is safe: "
                                     "copy the table into a new workbook, or split it."))


def check_archive(path: Path, *wanted: str) -> None:
    """Refuses an office file that is damaged, lacks all ``wanted`` parts, or would swell when it is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_sizes(parts)
            if not any(_name(part) in wanted for part in parts):
                raise SheetError("not_a_workbook", _("This is not an Excel workbook: save it as .xlsx or .csv."))
            for part in parts:
                if _name(part).startswith(("xl/", "word/")) and _name(part).endswith(".xml"):
                    _check_part(archive, part)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, ValueError, NotImplementedError,
            RuntimeError) as error:
        raise damaged() from error


def _name(part: zipfile.ZipInfo) -> str:
    """The name of a part; programs of Windows write backslashes."""
    return part.filename.replace("\\", "/").lower()


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(part.file_size for part in parts)
    swollen = any(part.file_size > RATIO_MATTERS_FROM and
                  part.file_size > MAX_RATIO * max(part.compress_size, 1) for part in parts)
    if unpacked > MAX_UNPACKED or swollen:
        raise SheetError("bomb", _("The workbook unpacks to more than is safe: copy the data into a new workbook."))


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Scans one part as it is unpacked for entities and for the cell farthest out."""
    sheet = _name(part).startswith("xl/worksheets/")
    columns, rows, tail = NARROW_COLUMNS, LOW_ROWS, b""
    try:
        with archive.open(part) as stream:
            while chunk := stream.read(MEGABYTE):
                text = tail + chunk
                if b"<!ENTITY" in text:
                    raise damaged()
                if sheet:
                    columns, rows = max(columns, _widest(text)), max(rows, _tallest(text))
                tail = text[-OVERLAP:]
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise damaged() from error
    if sheet and columns * rows > MAX_CELLS:
        columns, rows = _farthest(archive, part)
    if sheet and columns * rows > MAX_CELLS:
        raise SheetError("too_many_cells", _(
            "A cell lies very far from the others (column %(column)s, row %(row)s): copy the table into a new workbook.", column=columns, row=rows))


def _farthest(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int]:
    """The exact last column and row that hold something, for formats may be painted to the end of the sheet.

    Slower, and only for a sheet that the quick look could not clear.
    """
    columns, rows, tail = 1, 1, b""
    with archive.open(part) as stream:
        while chunk := stream.read(MEGABYTE):
            text = tail + chunk
            found = CELL.findall(text)
            columns = max(columns, *(_column(letters) for letters in {cell[0] for cell in found}), 1)
            rows = max(rows, *(int(cell[1]) for cell in found), 1)
            tail = text[-OVERLAP:]
    return columns, rows


def _widest(text: bytes) -> int:
    letters = {first or second for first, second in WIDE.findall(text)}
    return max((_column(found) for found in letters), default=0)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _tallest(text: bytes) -> int:
    return max((int(first or second) for first, second in TALL.findall(text)), default=0)
