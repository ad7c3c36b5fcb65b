"""A workbook of invented people, as an office would send it."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from app.core.base.identity import check_digit

HEADINGS = ("姓名", "身份证号码", "性别", "出生日期", "民族", "文化程度", "联系电话", "所属网格", "人户状态", "备注")
DAYS = 3_000


def write_people(path: Path, count: int) -> None:
    """Writes people the demo street does not have: their serials begin at 001."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("居民")
        sheet.write_row(0, 0, HEADINGS)
        for row in range(1, count + 1):
            sheet.write_row(row, 0, _person(row))


def _person(row: int) -> tuple[str, ...]:
    from datetime import date, timedelta

    born = date(1970, 1, 1) + timedelta(days=row % DAYS)
    serial = 1 + row // DAYS
    first = f"420399{born:%Y%m%d}{serial:03d}"
    grid = f"420303002{1 + row % 10:03d}{1 + row % 3:03d}"
    return (f"测{chr(0x4E00 + row % 2000)}{chr(0x4E00 + row % 777)}", first + check_digit(first),
            "男" if serial % 2 else "女", born.isoformat(), "汉族", "高中", f"1900{row:07d}", grid, "人户同在", "")
