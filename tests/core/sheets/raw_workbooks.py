"""An .xlsx of cells as some program might write them, to the letter."""

from __future__ import annotations

import zipfile
from pathlib import Path

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
TYPES = ('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" '
         'ContentType="application/xml"/></Types>')


def raw(path: Path, head: tuple[str, ...], *rows: str, formats: tuple[str, ...] = (), from_1904: bool = False) -> Path:
    """``rows`` are the cells of each row as XML; the style of a cell is the place of its format, from 1."""
    own = "".join(f'<numFmt numFmtId="{at}" formatCode="{code}"/>' for at, code in enumerate(formats, 164))
    styles = "".join(f'<xf numFmtId="{number}"/>' for number in (0, *range(164, 164 + len(formats))))
    heading = "".join(text(column, 1, name) for column, name in zip("ABCDEFGHIJ", head, strict=False))
    lines = "".join(f'<row r="{at}">{cells}</row>' for at, cells in enumerate((heading, *rows), 1))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", TYPES)
        book.writestr("_rels/.rels", f'<Relationships {PACKAGE}><Relationship Id="r1" Type="{OFFICE}/officeDocument" '
                      'Target="xl/workbook.xml"/></Relationships>')
        book.writestr("xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{OFFICE}"><workbookPr date1904="{int(from_1904)}"/>'
                      '<sheets><sheet name="名册" sheetId="1" r:id="r1"/></sheets></workbook>')
        book.writestr("xl/_rels/workbook.xml.rels", f'<Relationships {PACKAGE}><Relationship Id="r1" Type="{OFFICE}/worksheet" '
                      f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/>'
                      "</Relationships>")
        book.writestr("xl/styles.xml", f"<styleSheet {MAIN}><numFmts>{own}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>")
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet {MAIN}><sheetData>{lines}</sheetData></worksheet>")
    return path


def text(column: str, row: int, value: str) -> str:
    return f'<c r="{column}{row}" t="inlineStr"><is><t>{value}</t></is></c>'


def number(column: str, row: int, value: float, style: int = 0) -> str:
    return f'<c r="{column}{row}" s="{style}"><v>{value}</v></c>'
