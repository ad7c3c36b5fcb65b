"""Fills a document: paragraphs said once, and rows of tables repeated, each word in the blank's own style."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import IO, Any

from docx import Document
from docx.table import _Row

from app.core.paper.filling import PLACEHOLDER, Filling, Words, nothing


def fill(blank: IO[bytes], filling: Filling, file: IO[bytes]) -> None:
    """Writes the filled document, headers and footers included."""
    document = Document(blank)
    frames = [part for section in document.sections for part in (section.header, section.footer)]
    for part in (document, *frames):
        _fill_part(part, filling)
    document.save(file)


def _fill_part(part: Any, filling: Filling) -> None:
    for paragraph in part.paragraphs:
        _fill_paragraph(paragraph, filling, None)
    for table in part.tables:
        _fill_table(table, filling)


def _fill_table(table: Any, filling: Filling) -> None:
    for row in list(table.rows):
        texts = [cell.text for cell in _cells(row)]
        rows = filling.repeated(texts)
        if rows is None:
            _fill_row(row, filling, None)
            continue
        rows = rows or [nothing(texts)]
        copies = [row, *(_copied(row) for _more in rows[1:])]
        for copy, words in zip(copies, rows, strict=True):
            _fill_row(copy, filling, words)
        for copy in reversed(copies[1:]):
            row._tr.addnext(copy._tr)


def _copied(row: Any) -> Any:
    return _Row(deepcopy(row._tr), row._parent)


def _cells(row: Any) -> Iterator[Any]:
    """The cells of a row, each merged one once."""
    seen: list[Any] = []
    for cell in row.cells:
        if cell._tc not in seen:
            seen.append(cell._tc)
            yield cell


def _fill_row(row: Any, filling: Filling, words: Words | None) -> None:
    for cell in _cells(row):
        for paragraph in cell.paragraphs:
            _fill_paragraph(paragraph, filling, words)
        for table in cell.tables:
            _fill_table(table, filling)


def _fill_paragraph(paragraph: Any, filling: Filling, words: Words | None) -> None:
    """Fills the placeholders of a paragraph from the last to the first, whatever runs they are split over."""
    if "{{" not in paragraph.text:
        return
    text = "".join(run.text for run in paragraph.runs)
    for found in reversed(list(PLACEHOLDER.finditer(text))):
        _put(paragraph.runs, found.start(), found.end(), filling.text(found[0], words))


def _put(runs: list[Any], start: int, end: int, text: str) -> None:
    """Writes ``text`` over the characters start..end: into the first run they touch, out of the others."""
    place = 0
    for run in runs:
        first, last = place, place + len(run.text)
        place = last
        if last <= start or first >= end:
            continue
        before, behind = run.text[:max(start - first, 0)], run.text[max(min(end, last) - first, 0):]
        run.text = before + (text if first <= start else "") + behind
