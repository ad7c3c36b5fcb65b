"""How a file is to be taken in: what may happen to records, what a blank cell means, what a person decided."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _

from app.core.sheets.checking.plan import Plan
from app.core.sheets.checking.preview import Preview

BOTH, ONLY_NEW, ONLY_KNOWN = "both", "new", "known"
LEAVE, CLEAR = "leave", "clear"
MODES = {BOTH: _("Add new records and change known ones"), ONLY_NEW: _("Only add new records"),
         ONLY_KNOWN: _("Only change known records")}
BLANKS = {LEAVE: _("A blank cell leaves what is stored"), CLEAR: _("A blank cell empties what is stored")}


@dataclass
class How:
    """The choices for one import; ``preview`` is told everything that is found, row by row."""

    mode: str = BOTH
    blank: str = LEAVE
    plan: Plan = field(default_factory=Plan)
    preview: Preview | None = None
