"""One cell into one value, by the kind of its field: the parsers of the forms, with a memory."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.core.base.dates import (
    PartOfDay,
    day_of_serial,
    moment_of_serial,
    parse_date,
    parse_moment,
    part_of_day,
)
from app.core.base.fields import Field
from app.core.base.identity import parse_id_number, parse_phone
from app.core.base.numbers import parse_decimal, parse_integer
from app.core.base.texts import InvalidValue, normalize_text, parse_bool, parse_json, parse_text
from app.core.sheets.reading.cells import (
    DAY_OF_YEAR,
    ERRORS,
    FULL_DAY,
    TIME,
    UNCLOSED,
    YEAR,
    Broken,
    Moment,
    Number,
)
from app.core.telling.dictionaries import dictionary, entries

BLANKS = {"", "-", "--", "—", "——", "/", "\\"}
NO_NUMBER = BLANKS | {"无", "没有", "暂无", "无证", "无身份证", "未办理", "不详", "none"}
NAMED_CHOICES = 12
REMEMBERED = 20_000
SHELL = re.compile(r'="((?:[^"]|"")*)"')  # how a CSV keeps a number text: ="0123"
PLAIN = frozenset({str, float, int})
SEVERAL = re.compile(r"[、,，;；/|\n]+")


class PartialDay(InvalidValue):
    """A cell that tells only ``part`` of a day: whoever knows the day otherwise may ask whether the two agree."""

    def __init__(self, part: PartOfDay) -> None:
        super().__init__("date_part", _("A month or a year is not enough: write the whole day, or leave the cell blank."))
        self.part = part


def text_of_cell(value: Any) -> str:
    """A cell as it is compared: what shows, in narrow digits and letters, without stray blanks."""
    return normalize_text(seen_of_cell(value))


def seen_of_cell(value: Any) -> str:
    """A cell as the person who typed it saw it: whole numbers without a decimal point, formats as they show."""
    if type(value) is str and value[:1] != "=":
        return value
    if isinstance(value, float):
        if isinstance(value, Number) and value.shown:
            return value.shown
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
    if isinstance(value, Moment) and value.shown:
        return value.shown
    if isinstance(value, str) and value[:1] == "=" and (shell := SHELL.fullmatch(value)):
        return shell[1].replace('""', '"')
    return "" if value is None else str(value)


def check_cell(cell: Any) -> None:
    """InvalidValue when a cell holds an error, a formula nobody worked out or a quote that is never closed."""
    if not isinstance(cell, str):
        return
    if isinstance(cell, Broken) and cell.kind == UNCLOSED:
        raise InvalidValue("quote_unclosed", _("A quotation mark opens here and is never closed: close it or take it away."))
    if isinstance(cell, Broken) and cell.startswith("="):
        raise InvalidValue("formula_unknown", _("This cell holds a formula without a result: open the workbook in Excel or "
                                                "WPS, save it and try again, or type the value."))
    if isinstance(cell, Broken) or cell[:1] == "#" and cell.strip() in ERRORS:
        raise InvalidValue("cell_error", _("This cell shows the error %(text)s: mend the formula, or type the value.",
                                           text=cell.strip()))


def day_of_cell(cell: Any) -> date:
    """The day of a cell; PartialDay when it tells only a part of one."""
    if isinstance(cell, float) and (day := day_of_serial(cell.serial if isinstance(cell, Number) else cell)):
        return day
    if isinstance(cell, Moment) and cell.kind != FULL_DAY:
        raise _part_that_shows(cell)
    text = text_of_cell(cell)
    try:
        return parse_date(text)
    except InvalidValue as error:
        if part := part_of_day(text):
            raise PartialDay(part) from error
        raise


def _part_that_shows(cell: Moment) -> InvalidValue:
    """What is wrong with a day of which the spreadsheet shows only a part: it filled in the rest by itself."""
    if cell.kind == TIME:
        return InvalidValue("date_format", _("Write the date as 2026-01-31."))
    day = date.fromisoformat(cell[:10])
    return PartialDay(PartOfDay(None if cell.kind == DAY_OF_YEAR else day.year, None if cell.kind == YEAR else day.month,
                                day.day if cell.kind == DAY_OF_YEAR else None))


def _as_counted(cell: Any) -> Any:
    """A number as people read it: what shows as 85% is neither 0.85 nor 85."""
    return text_of_cell(cell) if isinstance(cell, Number) and "%" in (cell.shown or "") else cell


def moment_of_cell(cell: Any) -> datetime:
    """The moment of a cell, as the database keeps it."""
    if isinstance(cell, float) and (moment := moment_of_serial(cell.serial if isinstance(cell, Number) else cell)):
        return moment
    return parse_moment(text_of_cell(cell))


class CellReader:
    """Reads the cells of one field; equal cells are read once."""

    def __init__(self, words: Field, scale: int | None = None) -> None:
        self.words = words
        self.scale = scale
        self.is_phone = words.mask == "phone" or words.name.endswith("phone")
        self.parse = self._parser()
        self.blanks = NO_NUMBER if words.search == "digest" else BLANKS
        self.known: dict[Any, Any] = {}
        self.unique = words.search in ("digest", "exact") or self.is_phone

    def read(self, cell: Any) -> Any:
        """The value, None for an empty cell; InvalidValue says what is wrong."""
        if self.unique or type(cell) not in PLAIN:
            return self._read(cell)
        if cell not in self.known:
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            self.known[cell] = self._remember(cell)
        value = self.known[cell]
        if isinstance(value, InvalidValue):
            raise value.with_traceback(None)
        return value

    def _remember(self, cell: Any) -> Any:
        try:
            return self._read(cell)
        except InvalidValue as error:
            return error

    def _read(self, cell: Any) -> Any:
        if cell is None or cell == "":
            return None
        if type(cell) not in PLAIN or cell.__class__ is str and cell[0] == "#":
            check_cell(cell)
        text = text_of_cell(cell)
        if text.lower() in self.blanks:
            return None
        if self.words.mask and "**" in text:
            raise InvalidValue("masked", _("This value is hidden by stars: enter it whole, or leave the cell empty."))
        return self.parse(cell if self.words.free or isinstance(cell, float | Moment) else text)

    def _parser(self) -> Callable[[Any], Any]:
        words = self.words
        if words.search == "digest":
            return lambda cell: parse_id_number(cell).number
        if words.dictionary:
            return self._codes if words.multiple else self._code
        if self.is_phone:
            return parse_phone
        return {"date": day_of_cell, "datetime": moment_of_cell, "int": lambda cell: parse_integer(_as_counted(cell)),
                "decimal": self._decimal, "bool": parse_bool,
                "json": lambda cell: parse_json(text_of_cell(cell))}.get(words.kind, self._text)

    def _text(self, cell: Any) -> str:
        if isinstance(cell, Number | Moment) and cell.shown is None:
            raise InvalidValue("format_unknown", _("The spreadsheet shows this cell in a way that is not known here: "
                                                   "format the cell as text and type it again."))
        if isinstance(cell, Moment) and self.words.kind != "longtext" and (
                cell.kind == DAY_OF_YEAR or self.words.mask == "address"):
            raise InvalidValue("became_date", _("The spreadsheet made a day of this cell (it shows %(text)s): "
                                                "format the cell as text and type it again.", text=cell.shown))
        return parse_text((seen_of_cell if self.words.free else text_of_cell)(cell), self.words.length)

    def _decimal(self, cell: Any) -> Decimal:
        number = parse_decimal(_as_counted(cell))
        return number if self.scale is None else round(number, self.scale)

    def _code(self, cell: Any) -> str:
        text = text_of_cell(cell)
        code = self._known_code(text)
        if code is None:
            raise InvalidValue("choice_unknown", _("“%(text)s” is not in the list. Allowed: %(allowed)s.",
                                                   text=text[:40], allowed=self._allowed()))
        return code

    def _known_code(self, text: str) -> str | None:
        """The code of a code, a label in either language or another word; spreadsheets take zeros from a code's front."""
        known = dictionary(self.words.dictionary)
        code = known.by_word.get(text.lower())
        if code is None and text.isdecimal():
            longer = [code for code in known.by_code if code.isdecimal() and len(code) > len(text) and int(code) == int(text)]
            code = longer[0] if len(longer) == 1 else None
        return code

    def _codes(self, cell: Any) -> list[str]:
        """Several words behind one another; a label may hold a separator, or be written with blanks between them."""
        text = text_of_cell(cell)
        if (whole := self._known_code(text)) is not None:
            return [whole]
        parts = [part.strip() for part in SEVERAL.split(text) if part.strip()]
        words = [word for part in parts for word in ([part] if self._known_code(part) else part.split())]
        return list(dict.fromkeys(self._code(word) for word in words))

    def _allowed(self) -> str:
        labels = [str(entry) for entry in entries(self.words.dictionary)]
        more = " …" if len(labels) > NAMED_CHOICES else ""
        return "、".join(labels[:NAMED_CHOICES]) + more

