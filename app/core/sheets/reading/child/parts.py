"""What the XML of an .xlsx says of its cells beyond their values: number formats, errors, formulas without a result."""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

CHUNK = 1024 * 1024
MAX_STYLES = 20 * CHUNK
PREFIX = rb"<(?:\w+:)?"
HIDDEN_ROW = re.compile(PREFIX + rb"""row\b[^>]*?\bhidden\s*=\s*["'](?:1|true)["'][^>]*>""")
ROW_NUMBER = re.compile(rb"""\br\s*=\s*["'](\d+)""")
TAG = re.compile(PREFIX + rb"""(?:row\b([^>]*)|c\b([^>]*?)(/?))>""")
END = re.compile(rb"</(?:\w+:)?c\s*>")
PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})(\d{1,7})["']""")
STYLE = re.compile(rb"""\bs\s*=\s*["'](\d{1,5})["']""")
TYPE = re.compile(rb"""\bt\s*=\s*["'](\w+)["']""")
VALUE = re.compile(PREFIX + rb"v\b[^>]*>([^<]+)<")
FORMULA = re.compile(PREFIX + rb"f\b[^>]*?(?:/>|>([^<]*)<)")
ERROR_TYPE = re.compile(rb"""\st\s?=\s?["']e["']""")
CELL_TAG = re.compile(PREFIX + rb"c(\s[^>]*)")
FORMULAS = tuple(re.compile(  # only a formula without a result
    rb"<" + prefix + rb"f\b(?:[^>]*/>|[^>]*>[^<]*</" + prefix + rb"f\s*>)\s*(?:<" + prefix + rb"v\s*/>|<" + prefix
    + rb"v\s*>\s*</" + prefix + rb"v\s*>)?\s*</") for prefix in (b"", rb"(?:\w+:)?"))
NUMBERS = (b"n", b"d")
KNOWN_ERRORS = frozenset({b"#N/A", b"#REF!", b"#VALUE!", b"#NAME?", b"#DIV/0!", b"#NUM!", b"#NULL!", b"#DATA!"})
LONGEST_FORMULA = 60
Place = tuple[int, int]


@dataclass
class Marks:
    """What is to be said of the cells of one sheet; rows and columns count from 0, in the order of the sheet.

    ``faults`` holds error codes, and formulas without a result with their "="; ``styled`` the cells whose
    number format, by its number, shows more than the value does.
    """

    hidden_rows: list[int] = field(default_factory=list)
    faults: dict[Place, str] = field(default_factory=dict)
    rows: array[int] = field(default_factory=lambda: array("I"))
    columns: array[int] = field(default_factory=lambda: array("H"))
    styles: array[int] = field(default_factory=lambda: array("H"))
    strange: bool = False

    def number(self, cell: bytes, telling: set[int], place: Place | None = None) -> None:
        """Notes the style of a cell that holds a number."""
        style, place = STYLE.search(cell), place or _place(cell)
        if style and place and int(style[1]) in telling and _type(cell) in NUMBERS:
            self.style(*place, int(style[1]))

    def style(self, row: int, column: int, number: int) -> None:
        self.rows.append(row)
        self.columns.append(column)
        self.styles.append(number)

    def fault(self, cell: bytes, inside: bytes, place: Place | None = None) -> None:
        """Notes an error, or a formula nobody has worked out; a formula may well have an empty text as its result."""
        value, formula, kind, place = VALUE.search(inside), FORMULA.search(inside), _type(cell), place or _place(cell)
        if place and kind == b"e":
            code = value[1].strip() if value else b"#N/A"
            self.strange |= code not in KNOWN_ERRORS
            self.faults[place] = code.decode(errors="replace")[:LONGEST_FORMULA]
        elif place and formula and not value and kind in (b"n", b"b"):
            self.faults[place] = f"={html.unescape((formula[1] or b'').decode(errors='replace'))}"[:LONGEST_FORMULA]

    def styled(self) -> Iterator[tuple[int, int, int]]:
        return zip(self.rows, self.columns, self.styles, strict=True)


class Parts:
    """The parts of an archive by their names, however a program wrote the slashes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.known = {part.filename.replace("\\", "/").lstrip("/").lower(): part for part in archive.infolist()}

    def read(self, name: str) -> ElementTree.Element | None:
        """A small part as XML; None where the workbook has none that can be read."""
        part = self.known.get(name.lower())
        if part is None or part.file_size > MAX_STYLES:
            return None
        try:
            return ElementTree.fromstring(self.archive.read(part))
        except ElementTree.ParseError:
            return None

    def sheets(self) -> dict[str, zipfile.ZipInfo]:
        """The part that holds each sheet, by the sheet's name."""
        book, linked = self.read("xl/workbook.xml"), self.linked("xl/_rels/workbook.xml.rels")
        found = {}
        for element in book.iter() if book is not None else ():
            link = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
            if _name(element) == "sheet" and link in linked:
                found[element.get("name", "")] = linked[link]
        return found

    def linked(self, name: str) -> dict[str, zipfile.ZipInfo]:
        """The parts a workbook points to, by what it calls them."""
        links = self.read(name)
        targets = {link.get("Id", ""): posixpath.normpath(posixpath.join("/xl", link.get("Target", "").replace("\\", "/")))
                   for link in (links if links is not None else ())}
        return {link: self.known[target.lstrip("/").lower()] for link, target in targets.items()
                if target.lstrip("/").lower() in self.known}

    def counts_from_1904(self) -> bool:
        book = self.read("xl/workbook.xml")
        return book is not None and any(element.get("date1904") in ("1", "true") for element in book.iter()
                                        if _name(element) == "workbookPr")

    def formats(self) -> tuple[dict[int, str], list[int]]:
        """The workbook's own number formats by their ids, and the id of each cell style."""
        root = self.read("xl/styles.xml")
        own: dict[int, str] = {}
        styles: list[int] = []
        for element in root.iter() if root is not None else ():
            if _name(element) == "numFmt":
                own[int(element.get("numFmtId", "0"))] = element.get("formatCode", "")
            elif _name(element) == "cellXfs":
                styles = [int(xf.get("numFmtId", "0")) for xf in element]
        return own, styles


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def marks_of(parts: Parts, part: zipfile.ZipInfo, telling: set[int]) -> Marks:
    """One pass over a sheet; ``telling`` are the cell styles that show more than the value."""
    marks = Marks()
    counting = Counting(marks, telling)
    styled = _styled(telling)
    for text in pieces(parts.archive, part):
        if b"hidden" in text:
            marks.hidden_rows += [int(number[1]) - 1 for tag in HIDDEN_ROW.findall(text) if (number := ROW_NUMBER.search(tag))]
        if not counting.addressed:
            counting.look(text)
            continue
        for cell, _inside in _cells(text, styled) if styled else ():
            marks.number(cell, telling)
        for pattern in (ERROR_TYPE, *(FORMULAS[1:] if b":f" in text else FORMULAS[:1])):
            for cell, inside in _cells(text, pattern):
                marks.fault(cell, inside)
    marks.hidden_rows = sorted(set(marks.hidden_rows))
    return marks


def _styled(telling: set[int]) -> re.Pattern[bytes] | None:
    """Finds the cells with one of these styles."""
    numbers = b"|".join(str(number).encode() for number in sorted(telling))
    return re.compile(rb"""\ss\s?=\s?["'](?:""" + numbers + rb""")["']""") if telling else None


def _cells(text: bytes, pattern: re.Pattern[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """(attributes, inside) of the cells in whose tag, or right behind it, a pattern is found."""
    for found in pattern.finditer(text):
        start = text.rfind(b"<", 0, found.start())
        end = text.find(b">", start)
        opened = CELL_TAG.match(text, start, end)
        if opened and text[end - 1:end] != b"/":
            close = END.search(text, end)
            yield opened[1], text[end + 1:close.start()] if close else b""


def pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The text of a sheet in pieces that end behind a cell."""
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK):
            text = tail + chunk
            cut = max(text.rfind(b"</c>") + 4, text.rfind(b":c>") + 3)
            cut = cut if cut > 4 else text.rfind(b"<")
            tail = text[cut:]
            yield text[:cut]
    yield tail


class Counting:
    """Cells without an address follow their neighbours; slower, and given up where cells give their own."""

    def __init__(self, marks: Marks, telling: set[int]) -> None:
        self.marks, self.telling = marks, telling
        self.row, self.column = -1, -1
        self.addressed = False

    def look(self, text: bytes) -> None:
        for tag in TAG.finditer(text):
            row, cell, closed = tag.groups()
            if cell is None:
                number = ROW_NUMBER.search(row)
                self.row, self.column = int(number[1]) - 1 if number else self.row + 1, -1
                continue
            place = _place(cell)
            self.addressed |= place is not None
            self.row, self.column = place or (self.row, self.column + 1)
            if not closed:
                end = END.search(text, tag.end())
                self._cell(cell, text[tag.end():end.start() if end else tag.end()])

    def _cell(self, cell: bytes, inside: bytes) -> None:
        place = (self.row, self.column)
        self.marks.number(cell, self.telling, place)
        if _type(cell) == b"e" or FORMULA.search(inside):
            self.marks.fault(cell, inside, place)


def _type(cell: bytes) -> bytes:
    found = TYPE.search(cell)
    return found[1] if found else b"n"


def _place(cell: bytes) -> Place | None:
    """(row, column) a cell names, counted from 0."""
    found = PLACE.search(cell)
    return (int(found[2]) - 1, _column(found[1])) if found else None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def without_errors(parts: Parts, target: zipfile.ZipFile) -> None:
    """A copy whose error cells are texts: a parser that does not know a code must not refuse the workbook."""
    sheets = {part.filename for part in parts.sheets().values()}
    for part in parts.archive.infolist():
        with target.open(part.filename, "w", force_zip64=True) as out:
            if part.filename not in sheets:
                out.write(parts.archive.read(part))
                continue
            for text in pieces(parts.archive, part):
                out.write(ERROR_TYPE.sub(b' t="str"', text))
