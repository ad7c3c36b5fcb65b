"""The screens of households and of the stays in them."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.core.screens import NamedFilter, RecordView
from app.subsystems.people import moving
from app.subsystems.people.households import Household, HouseholdMember


class HouseholdView(RecordView):
    record = Household
    menu_order = 20
    icon = "fa-people-roof"
    named_filters = {"houseless": NamedFilter(
        _("Without a house"), lambda household: household.house_id.is_(None))}

    def consequences(self, form: Any, row: Any) -> list[str]:
        """Who moves along when another grid or another house is chosen."""
        if row is None:
            return []
        return moving.told(moving.move_of(row, form.grid_code.data, form.house_id.data, row.grid_code, row.house_id))


class HouseholdMemberView(RecordView):
    record = HouseholdMember
    menu = ""  # reached from the household and the resident it belongs to
    menu_order = 90
    icon = "fa-clock-rotate-left"
