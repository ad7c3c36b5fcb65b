"""What the tables of one sheet have in common: the sheet, what was decided about it, how its cells are read."""

from __future__ import annotations

from collections import Counter

from flask_babel import gettext as _

from app.core.sheets.checking.how import CLEAR
from app.core.sheets.checking.plan import SheetPlan
from app.core.sheets.checking.rows import Checker
from app.core.sheets.checking.rules import clearable
from app.core.sheets.checking.taking import Taker
from app.core.sheets.reading.workbook import Sheet

WIDE = 3  # columns under one merged cell that make it a title


class About:
    """One sheet as its tables read it."""

    def __init__(self, checker: Checker, sheet: Sheet) -> None:
        self.checker, self.sheet = checker, sheet
        self.plan: SheetPlan = checker.how.plan.of(sheet.name)
        self.takers = {name: Taker(words, checker.readers[name], checker.how.plan.replaced(name, sheet.name))
                       for name, words in checker.fields.items()}
        self.clearable = clearable(checker.record) if checker.how.blank == CLEAR else frozenset()
        self.wide = {top for top, first, bottom, last in sheet.merged if top == bottom and last - first >= WIDE - 1}
        self.masked = 0

    def tell(self, row: int) -> None:
        """What is said once about the cells of a sheet: values hidden by stars, and values the office knows."""
        if self.masked:
            self.checker.note(self.sheet.name, row, "masked_left", _(
                "%(count)s values are hidden by stars: what is stored stays as it is.", count=self.masked))
        known = self.checker.how.plan.known_values
        for name, taker in self.takers.items():
            used = Counter({wrong: count for wrong, count in taker.used.items() if wrong in known.get(name, {})})
            for wrong, count in used.items():
                self.checker.note(self.sheet.name, row, "value_known", _(
                    "%(count)s cells “%(wrong)s” were read as the office has decided before.", count=count, wrong=wrong[:40]),
                    str(self.checker.fields[name].label), wrong[:80])
