"""The blank workbook an office fills in: its own words, dropdowns, text columns for long numbers."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from app.core.base.fields import Field
from app.core.telling.dictionaries import entries

ROWS = 5_000


def blank_workbook(view: Any) -> BytesIO:
    """A workbook with the headings of a record's form and a sheet that says how to fill it."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet, guide, lists = (book.add_worksheet(name) for name in (view.title, _("How to fill in"), _("Lists")))
        lists.hide()
        head = book.add_format({"bold": True, "border": 1, "bg_color": "#E8F1F7"})
        text = book.add_format({"num_format": "@"})
        guide.set_column(0, 0, 24)
        guide.set_column(1, 1, 80)
        for at, name in enumerate(view.form_columns):
            words = view.words[name]
            sheet.set_column(at, at, 18, text)
            sheet.write_string(0, at, str(words.label), head)
            guide.write_row(at, 0, (str(words.label), _advice(words)))
            _dropdown(sheet, lists, at, words)
        sheet.freeze_panes(1, 0)
    target.seek(0)
    return target


def _advice(words: Field) -> str:
    must = _("Required.") + " " if words.required else ""
    if words.kind == "date":
        return must + _("A date such as 2026-01-31.")
    if words.mask == "id_number":
        return must + _("As text, 18 characters.")
    if words.kind == "grid":
        return must + _("Name or code of the grid, for example 王湾社区一网格.")
    return must + str(words.help)


def _dropdown(sheet: Any, lists: Any, at: int, words: Field) -> None:
    if words.multiple:
        return
    labels = [str(entry) for entry in entries(words.dictionary)] if words.dictionary else []
    if words.kind == "bool":
        labels = [_("Yes"), _("No")]
    if not labels:
        return
    lists.write_column(0, at, labels)
    letter = xlsxwriter.utility.xl_col_to_name(at)
    sheet.data_validation(1, at, ROWS, at, {
        "validate": "list", "source": f"='{lists.get_name()}'!${letter}$1:${letter}${len(labels)}"})
