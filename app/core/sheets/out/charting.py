"""A chart as a workbook: the counts as a table, and beside them a chart that Excel itself draws."""

from __future__ import annotations

from typing import IO, Any

import xlsxwriter
from flask_babel import gettext as _

from app.core.asking.charts import COLOURS, Chart
from app.core.base.moments import local, now
from app.core.base.scope import current

TYPES = {"bar": {"type": "column"}, "line": {"type": "line"}, "pie": {"type": "pie"}}
DASHES = ("solid", "dash", "round_dot")
STACKED = {"type": "column", "subtype": "stacked"}
HEADING = 2  # rows above the table: title, and what was counted
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_chart(chart: Chart, kind: str, file: IO[bytes], title: str, about: str) -> int:
    """Writes the counts and a native chart of ``kind`` (bar, line or pie); the number of categories."""
    with xlsxwriter.Workbook(file, SAFE) as book:
        sheet = book.add_worksheet(_("Chart"))
        width = _table(book, sheet, chart, title, about)
        sheet.insert_chart(HEADING, width + 1, _drawn(book, sheet, chart, kind, title))
        sheet.set_footer(f"&L{current().actor} {local(now()):%Y-%m-%d %H:%M}&R&P / &N")
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
    return len(chart.categories)


def _table(book: Any, sheet: Any, chart: Chart, title: str, about: str) -> int:
    """The table under its heading; how many columns it has."""
    head = book.add_format({"bold": True, "border": 1, "align": "center", "bg_color": "#E8F1F7"})
    cell, number = book.add_format({"border": 1}), book.add_format({"border": 1, "num_format": "#,##0"})
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 16}))
    sheet.write_string(1, 0, about)
    headings = [chart.by_label, *(label for _code, label in chart.series), *([_("Total")] if chart.then else [])]
    for at, text in enumerate(headings):
        sheet.write_string(HEADING, at, text, head)
    for row, (code, label) in enumerate(chart.categories, HEADING + 1):
        counts = [chart.counts.get((code, name), 0) for name, _label in chart.series]
        sheet.write_string(row, 0, label, cell)
        for at, count in enumerate([*counts, *([chart.row_total(code)] if chart.then else [])], 1):
            sheet.write_number(row, at, count, number)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, len(headings), 12)
    sheet.freeze_panes(HEADING + 1, 1)
    return len(headings)


def _look(kind: str, place: int) -> dict[str, Any]:
    """The colour of a series, as on the page; a pie's slices have Excel's own."""
    colour = COLOURS[place % len(COLOURS)]
    line = {"color": colour, "dash_type": DASHES[place // len(COLOURS) % len(DASHES)]}
    return {"pie": {}, "line": {"line": line}}.get(kind, {"fill": {"color": colour}})


def _drawn(book: Any, sheet: Any, chart: Chart, kind: str, title: str) -> Any:
    drawn = book.add_chart(STACKED if chart.then and kind == "bar" else TYPES[kind])
    first, last = HEADING + 1, HEADING + len(chart.categories)
    shown = chart.series[:1] if kind == "pie" else chart.series
    column = len(chart.series) + 1 if kind == "pie" and chart.then else 1
    for at, _series in enumerate(shown, column):
        drawn.add_series({**_look(kind, at - column), "name": [sheet.name, HEADING, at], "categories": [sheet.name, first, 0, last, 0],
                          "values": [sheet.name, first, at, last, at],
                          "data_labels": {"value": True} if kind == "pie" else {}})
    drawn.set_title({"name": title})
    drawn.set_size({"width": 720, "height": 400})
    if kind != "pie" and not chart.then:
        drawn.set_legend({"none": True})
    return drawn
