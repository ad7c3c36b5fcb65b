"""How long each step of a case may take: rows an administrator edits, the most particular one counts."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped

from app.core.base.fields import field, fields_of
from app.core.base.records import Record, RuleError, unique_live
from app.core.base.registry import records
from app.core.base.revisions import Cached
from app.core.base.workdays import LONGEST, Limit
from app.core.telling.dictionaries import label_of, labels
from app.db import db

WHOLE = "whole"  # the state that stands for the case from its report to its end
SMALL_CLASS_DIGITS = 4  # of a class in two steps: two of the big one, two of its own


def class_name(limit: CaseLimit) -> str:
    """The class a limit is for, in the words of its type's own code list; the code of one that has left the list."""
    flows = {flow.case_type: record for record in records() if (flow := getattr(record, "workflow", None)) is not None}
    words = fields_of(flows[limit.case_type]).get("class_code") if limit.case_type in flows else None
    return label_of(words.dictionary, limit.class_code) if words and words.dictionary and limit.class_code else limit.class_code


class CaseLimit(Record):
    """One limit: of a type of case, in a state, perhaps for one class or urgency (GB/T 30428: 立案条件, 时限, 结案条件)."""

    __tablename__ = "case_limit"
    __label__ = _("Limit of a step")
    __natural_key__ = ("case_type", "state", "class_code", "urgency")
    __table_args__ = (unique_live("case_limit", "case_type", "state", "class_code", "urgency"),)
    __shipped__ = ("case_type",)  # a type whose limits the office has set keeps them all
    __revision__ = "case_limit"
    __told__ = {"class_code": class_name}

    case_type: Mapped[str] = field(_("Case type"), String(20), dictionary="case_type", listed=True, aliases=("事项类型",))
    state: Mapped[str] = field(_("In the state"), String(20), dictionary="case_state", listed=True, aliases=("环节",))
    class_code: Mapped[str] = field(_("Class"), String(10), listed=True, default="", required=False, aliases=("类别", "小类"),
                                    help=_("The code of a class, or its first digits; empty for all"))
    urgency: Mapped[str] = field(_("Urgency"), String(10), dictionary="urgency", listed=True, default="", required=False,
                                 aliases=("紧急程度",))
    amount: Mapped[int] = field(_("Limit"), listed=True, aliases=("时限", "时限数"))
    unit: Mapped[str] = field(_("Counted in"), String(12), dictionary="limit_unit", listed=True, aliases=("单位", "时限单位"))
    extension: Mapped[int | None] = field(_("Extension at most"), listed=True, aliases=("可延期", "最多可延期"),
                                          help=_("Counted as the limit is; empty: no more than the limit itself; 0: none"))

    def __str__(self) -> str:
        return f"{labels('case_type').get(self.case_type, self.case_type)} · {labels('case_state').get(self.state, self.state)}"

    def complete(self) -> None:
        self.class_code, self.urgency = self.class_code or "", self.urgency or ""

    def check(self) -> None:
        if self.amount is not None and not 1 <= self.amount <= LONGEST.days:
            raise RuleError(gettext("A limit is a whole number from 1 to %(most)s.", most=LONGEST.days), "amount")
        if self.extension is not None and not 0 <= self.extension <= LONGEST.days:
            raise RuleError(gettext("Write a whole number from 0 to %(most)s, or leave it empty.", most=LONGEST.days), "extension")


Rows = dict[tuple[str, str], list[tuple[str, str, Limit, int | None]]]


def _load() -> Rows:
    found: Rows = {}
    for row in db.session.execute(select(CaseLimit.case_type, CaseLimit.state, CaseLimit.class_code, CaseLimit.urgency,
                                         CaseLimit.amount, CaseLimit.unit, CaseLimit.extension)):
        found.setdefault((row.case_type, row.state), []).append((row.class_code, row.urgency, Limit(row.amount, row.unit), row.extension))
    return found


_limits = Cached("case_limit", _load)


def limit_of(case_type: str, state: str, class_code: str | None, urgency: str | None) -> Limit | None:
    """The limit of a state; of several that fit, the one with the longest class, then the one with the urgency."""
    return next((limit for limit, _most in _fitting(case_type, state, class_code, urgency)), None)


def extension_of(case_type: str, state: str, class_code: str | None, urgency: str | None) -> int | None:
    """How much may be granted on top of the limit of a state: as the most particular row says that says something in its unit."""
    fitting = _fitting(case_type, state, class_code, urgency)
    return next((most for limit, most in fitting if most is not None and limit.unit == fitting[0][0].unit), None)


def _fitting(case_type: str, state: str, class_code: str | None, urgency: str | None) -> list[tuple[Limit, int | None]]:
    """The limits that fit and what may be granted on top of each, the most particular one first."""
    fitting = [((len(known), bool(wanted)), limit, most) for known, wanted, limit, most in _limits.get().get((case_type, state), [])
               if (class_code or "").startswith(known) and wanted in ("", urgency)]
    return [(limit, most) for _rank, limit, most in sorted(fitting, key=lambda entry: entry[0], reverse=True)]


def check_small_class(row: Any, name: str, digits: int = SMALL_CLASS_DIGITS) -> None:
    """RuleError when the class in a column is not one of the smallest: limits are set by those."""
    code = getattr(row, name)
    if code and len(code) != digits:
        raise RuleError(gettext("Choose a small class: limits are set by it."), name)
