"""The smallest .xls and .xlsb that hold given cells, made record by record, for no library writes them."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import Any

SECTOR, FREE, END, FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Cells = list[tuple[int, int, Any, int]]  # row, column, value, which of the formats


def xls(path: Path, cells: Cells, formats: tuple[str, ...] = ("General",)) -> Path:
    """BIFF8 in a compound file; an error is written as ``#`` and its number, other texts as labels."""
    stream = b""
    globals_ = _record(0x0809, struct.pack("<4H2I", 0x0600, 5, 0x0DBB, 0x07CC, 0, 6))
    for number, code in enumerate(formats, 164):
        globals_ += _record(0x041E, struct.pack("<HHB", number, len(code), 1) + code.encode("utf-16-le"))
        globals_ += _record(0x00E0, struct.pack("<HH", 0, number) + bytes(16))
    sheet = _record(0x0809, struct.pack("<4H2I", 0x0600, 16, 0x0DBB, 0x07CC, 0, 6))
    sheet += b"".join(_xls_cell(*cell) for cell in cells) + _record(0x000A, b"")
    at = len(globals_) + len(_sheet_record(0)) + 4
    stream = globals_ + _sheet_record(at) + _record(0x000A, b"") + sheet
    path.write_bytes(_compound(stream.ljust(max(len(stream), 4096), b"\0")))
    return path


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<2H", kind, len(data)) + data


def _sheet_record(at: int) -> bytes:
    return _record(0x0085, struct.pack("<IBBBB", at, 0, 0, 2, 1) + "名册".encode("utf-16-le"))


def _xls_cell(row: int, column: int, value: Any, style: int) -> bytes:
    head = struct.pack("<3H", row, column, style)
    if isinstance(value, str) and value.startswith("#"):
        return _record(0x0205, head + bytes([int(value[1:]), 1]))
    if isinstance(value, str):
        return _record(0x0204, head + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
    return _record(0x0203, head + struct.pack("<d", value))


def _compound(stream: bytes) -> bytes:
    count = -(-len(stream) // SECTOR)
    chain = [*range(3, 2 + count), END] if count > 1 else [END]
    table = struct.pack(f"<{SECTOR // 4}I", *([FAT, END, *chain] + [FREE] * SECTOR)[:SECTOR // 4])
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack(
        "<5H6x8I", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, END, 0, END)
    head = (head + struct.pack("<I", 0) + struct.pack("<109I", 0, *[FREE] * 108))[:SECTOR]
    folder = _entry("Root Entry", 5, 1, END, 0) + _entry("Workbook", 2, FREE, 2, len(stream)) + bytes(256)
    return head + table + folder + stream.ljust(count * SECTOR, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return text.ljust(64, b"\0") + struct.pack("<HBB3I36xIII", len(text), kind, 1, FREE, FREE, child, start, size, 0)


def xlsb(path: Path, cells: Cells, formats: tuple[str, ...] = ("General",)) -> Path:
    """BIFF12 in a ZIP."""
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/_rels/workbook.bin.rels", '<Relationships><Relationship Id="r1" Type="http://schemas.openxml'
                      'formats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.bin"/></Relationships>')
        book.writestr("xl/workbook.bin", _bin(131) + _bin(143) + _bin(156, struct.pack("<2I", 0, 1) + _text("r1") + _text("名册"))
                      + _bin(144) + _bin(132))
        own = b"".join(_bin(44, struct.pack("<H", number) + _text(code)) for number, code in enumerate(formats, 164))
        styles = b"".join(_bin(47, struct.pack("<2H", 0xFFFF, number) + bytes(12)) for number in range(164, 164 + len(formats)))
        book.writestr("xl/styles.bin", _bin(278) + _bin(615, struct.pack("<I", len(formats))) + own + _bin(616)
                      + _bin(617, struct.pack("<I", len(formats))) + styles + _bin(618) + _bin(279))
        rows = sorted({row for row, *_rest in cells})
        lines = b"".join(_bin(0, struct.pack("<II", row, 0) + bytes(9)) + b"".join(
            _bin_cell(*cell[1:]) for cell in cells if cell[0] == row) for row in rows)
        ends = [max(cell[at] for cell in cells) for at in (0, 1)]
        book.writestr("xl/worksheets/sheet1.bin", _bin(129) + _bin(148, struct.pack("<4I", 0, ends[0], 0, ends[1]))
                      + _bin(145) + lines + _bin(146) + _bin(130))
    return path


def _bin_cell(column: int, value: Any, style: int) -> bytes:
    head = struct.pack("<2I", column, style)
    if isinstance(value, str) and value.startswith("#"):
        return _bin(3, head + bytes([int(value[1:])]))
    return _bin(6, head + _text(value)) if isinstance(value, str) else _bin(5, head + struct.pack("<d", value))


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _bin(kind: int, data: bytes = b"") -> bytes:
    size = len(data)
    lengths = bytes([size & 0x7F | 0x80, size >> 7]) if size > 127 else bytes([size])
    return (bytes([kind & 0x7F | 0x80, kind >> 7]) if kind > 127 else bytes([kind])) + lengths + data
