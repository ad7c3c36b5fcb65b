"""What the records of an .xls and of an .xlsb say of their cells: where they lie, their number formats, their errors.

[MS-XLS] 2.4 (BIFF8 inside the compound file of [MS-CFB] 2), [MS-XLSB] 2.4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from parts import Marks, Parts

ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
END_OF_CHAIN = 0xFFFFFFFA  # this and what is above are no sectors
SECTORS_OF_FAT = 109
XLS_BOF, XLS_SHEET, XLS_FORMAT, XLS_XF, XLS_1904 = 0x0809, 0x0085, 0x041E, 0x00E0, 0x0022
XLS_FORMULA, XLS_BLANK, XLS_MULBLANK, XLS_BOOLERR, XLS_NUMBER, XLS_RK, XLS_MULRK, XLS_LABEL, XLS_SST, XLS_RSTRING = (
    0x0006, 0x0201, 0x00BE, 0x0205, 0x0203, 0x027E, 0x00BD, 0x0204, 0x00FD, 0x00D6)
XLS_CELLS = (XLS_FORMULA, XLS_BOOLERR, XLS_NUMBER, XLS_RK, XLS_MULRK, XLS_LABEL, XLS_SST, XLS_RSTRING)
XLSB_ROW, XLSB_NUMBERS, XLSB_ERRORS, XLSB_LAST_CELL, XLSB_END = 0, (2, 5, 9), (3, 11), 11, 146
XLSB_FORMAT, XLSB_XF, XLSB_PROPERTIES, XLSB_SHEET, XLSB_CELL_STYLES = 44, 47, 153, 156, 617


class Compound:
    """The streams of a compound file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = 1 << struct.unpack_from("<H", data, 30)[0]
        first, count = struct.unpack_from("<2I", data, 68)
        sectors = list(struct.unpack_from(f"<{SECTORS_OF_FAT}I", data, 76))
        for _more in range(min(count, len(data) // self.size)):
            if first >= END_OF_CHAIN:
                break
            table = struct.unpack(f"<{self.size // 4}I", self._sector(first))
            sectors += table[:-1]
            first = table[-1]
        self.fat = [entry for sector in sectors if sector < END_OF_CHAIN
                    for entry in struct.unpack(f"<{self.size // 4}I", self._sector(sector))]

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        return self.data[start:start + self.size].ljust(self.size, b"\0")

    def _chain(self, first: int) -> bytes:
        found, seen = [], 0
        while first < len(self.fat) and seen <= len(self.fat):
            found.append(self._sector(first))
            first, seen = self.fat[first], seen + 1
        return b"".join(found)

    def stream(self, *names: str) -> bytes:
        """A stream by one of its names; empty where it is not there, or too small to lie in sectors of its own."""
        entries = self._chain(struct.unpack_from("<I", self.data, 48)[0])
        for start in range(0, len(entries) - 127, 128):
            length = struct.unpack_from("<H", entries, start + 64)[0]
            name = entries[start:start + max(length - 2, 0)].decode("utf-16-le", "replace")
            if name.lower() in names:
                first, size = struct.unpack_from("<2I", entries, start + 116)
                return self._chain(first)[:size] if size >= 4096 else b""
        return b""


def xls_records(stream: bytes, start: int = 0) -> Iterator[tuple[int, int, int]]:
    """(kind, place of its data, length) of each record."""
    end = len(stream) - 4
    while start <= end:
        kind, size = struct.unpack_from("<2H", stream, start)
        yield kind, start + 4, size
        start += 4 + size


class Xls:
    """The workbook stream of an .xls or .et."""

    def __init__(self, path: str) -> None:
        self.stream = Compound(Path(path).read_bytes()).stream("workbook", "book")
        self.own: dict[int, str] = {}
        self.styles: list[int] = []
        self.sheets: list[int] = []
        self.from_1904 = False
        self.wide = True  # BIFF8; texts of BIFF5 have one byte a character
        for kind, at, size in xls_records(self.stream):
            if kind == 0x000A:
                break
            self._globals(kind, self.stream[at:at + size])

    def _globals(self, kind: int, data: bytes) -> None:
        if kind == XLS_BOF:
            self.wide = data[:2] == b"\0\6"
        elif kind == XLS_FORMAT and self.wide and len(data) > 5:
            number, length, wide = struct.unpack_from("<HHB", data)
            text = data[5:5 + length * (2 if wide & 1 else 1)]
            self.own[number] = text.decode("utf-16-le" if wide & 1 else "latin-1", "replace")
        elif kind == XLS_FORMAT and len(data) > 3:
            self.own[struct.unpack_from("<H", data)[0]] = data[3:3 + data[2]].decode("latin-1")
        elif kind == XLS_XF and len(data) > 3:
            self.styles.append(struct.unpack_from("<H", data, 2)[0])
        elif kind == XLS_SHEET and len(data) > 4:
            self.sheets.append(struct.unpack_from("<I", data)[0])
        elif kind == XLS_1904:
            self.from_1904 = data[:1] == b"\1"

    def marks(self, index: int, telling: set[int]) -> tuple[Marks, int, int]:
        """What is to be said of one sheet's cells, and how many rows and columns they take."""
        marks, rows, columns, depth = Marks(), 0, 0, 0
        for kind, at, size in xls_records(self.stream, self.sheets[index]) if index < len(self.sheets) else ():
            depth += (kind == XLS_BOF) - (kind == 0x000A)
            if depth == 0:
                break
            if kind in XLS_CELLS and size >= 6 and depth == 1:
                row, column, style = struct.unpack_from("<3H", self.stream, at)
                last = struct.unpack_from("<H", self.stream, at + size - 2)[0] if kind == XLS_MULRK else column
                rows, columns = max(rows, row + 1), max(columns, last + 1)
                self._cell(marks, telling, kind, at, row, column, style, last)
        return marks, rows, columns

    def _cell(self, marks: Marks, telling: set[int], kind: int, at: int, row: int, column: int, style: int, last: int) -> None:
        if kind == XLS_MULRK:
            for place in range(column, last + 1):
                style = struct.unpack_from("<H", self.stream, at + 4 + 6 * (place - column))[0]
                if style in telling:
                    marks.style(row, place, style)
        elif kind == XLS_BOOLERR and self.stream[at + 7:at + 8] == b"\1":
            marks.faults[row, column] = ERRORS.get(self.stream[at + 6], "#N/A")
        elif kind == XLS_FORMULA and self.stream[at + 12:at + 14] == b"\xff\xff" and self.stream[at + 6] == 2:
            marks.faults[row, column] = ERRORS.get(self.stream[at + 8], "#N/A")
        elif kind in (XLS_NUMBER, XLS_RK, XLS_FORMULA) and style in telling:
            marks.style(row, column, style)


def xlsb_records(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(kind, place of its data, length) of each record; both numbers come in bytes of seven bits."""
    at, end = 0, len(data)
    while at < end - 1:
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = kind & 0x7F | (data[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while at < end:
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift > 21:
                break
        yield kind, at, size
        at += size


class Xlsb:
    """The parts of an .xlsb."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.own: dict[int, str] = {}
        self.styles: list[int] = []
        self.sheets: list[str] = []
        self.from_1904 = in_cells = False
        for kind, data in self._records("xl/workbook.bin"):
            if kind == XLSB_SHEET:
                self.sheets.append(_wide_text(data, 8))
            elif kind == XLSB_PROPERTIES:
                self.from_1904 = bool(data[0] & 1)
        for kind, data in self._records("xl/styles.bin"):
            in_cells = kind == XLSB_CELL_STYLES or in_cells and kind != XLSB_CELL_STYLES + 1
            if kind == XLSB_FORMAT:
                self.own[struct.unpack_from("<H", data)[0]] = _wide_text(data, 2)
            elif kind == XLSB_XF and in_cells:
                self.styles.append(struct.unpack_from("<H", data, 2)[0])

    def _records(self, name: str) -> Iterator[tuple[int, bytes]]:
        part = self.parts.known.get(name)
        data = self.parts.archive.read(part) if part else b""
        return ((kind, data[at:at + size]) for kind, at, size in xlsb_records(data))

    def marks(self, index: int, telling: set[int]) -> tuple[Marks, int, int]:
        """What is to be said of one sheet's cells, and how many rows and columns they take."""
        part = self.parts.linked("xl/_rels/workbook.bin.rels").get(self.sheets[index])
        marks, rows, columns, row, data = Marks(), 0, 0, 0, self.parts.archive.read(part) if part else b""
        for kind, at, size in xlsb_records(data):
            if kind == XLSB_ROW and size >= 16:
                row = struct.unpack_from("<I", data, at)[0]
                if data[at + 11] & 0x10:
                    marks.hidden_rows.append(row)
            elif 2 <= kind <= XLSB_LAST_CELL and size >= 8:
                column, style = struct.unpack_from("<2I", data, at)
                rows, columns = max(rows, row + 1), max(columns, column + 1)
                if kind in XLSB_ERRORS:
                    marks.faults[row, column] = ERRORS.get(data[at + 8], "#N/A")
                elif kind in XLSB_NUMBERS and style & 0xFFFFFF in telling:
                    marks.style(row, column, style & 0xFFFFFF)
            elif kind == XLSB_END:
                break
        return marks, rows, columns


def _wide_text(data: bytes, start: int) -> str:
    length = struct.unpack_from("<I", data, start)[0]
    return data[start + 4:start + 4 + 2 * length].decode("utf-16-le", "replace")
