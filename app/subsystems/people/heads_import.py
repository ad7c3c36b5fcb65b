"""A workbook gives a household no second head: neither beside one in the register nor twice in the file."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.base.chunks import chunks
from app.core.sheets.checking.drafts import Draft, Say
from app.db import db
from app.subsystems.people.memberships import HEAD, LEADS_BY, head_taken
from app.subsystems.people.residents import Resident

LOOKUP = 500
Heads = dict[Any, list[tuple[int, str]]]


class OneHead:
    """The heads of the households one file speaks of; the rule of ``memberships.one_head`` for rows in bulk."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.stored: Heads = {}
        self.rows: dict[Any, Draft] = {}
        self.resigned: set[int | None] = set()

    def agree(self, drafts: list[Draft]) -> None:
        """Refuses the rows of a batch that would give a household a second head.

        Whoever stops leading his household in this batch, or did in an earlier one, is in nobody's way.
        """
        self.resigned |= {draft.id for draft in drafts if _led(draft.stored) and not _unchanged(draft)}
        leading = [draft for draft in drafts if _leads(draft.record) and not _unchanged(draft)]
        self._look_up({draft.record.household_id for draft in leading})
        for draft in leading:
            self._check(draft)

    def _check(self, draft: Draft) -> None:
        household = draft.record.household_id
        registered = [name for number, name in self.stored.get(household, ()) if number not in self.resigned | {draft.id}]
        first = self.rows.setdefault(household, draft)
        if registered:
            self._refuse(draft, head_taken(registered[0]))
        elif first is not draft:
            self._refuse(draft, _("%(name)s in sheet %(sheet)s row %(row)s is head of the same household: keep one head, "
                                  "correct the relation of the other.", name=first.record.name, sheet=first.sheet, row=first.row))

    def _refuse(self, draft: Draft, text: str) -> None:
        self.say(draft, "relation_to_head", "second_head", text)

    def _look_up(self, households: set[Any]) -> None:
        unknown = sorted(number for number in households - self.stored.keys() if isinstance(number, int))
        self.stored.update(_heads(unknown))

    def moved(self) -> bool:
        """Whether one of the households has another head by now."""
        return _heads(sorted(self.stored)) != self.stored


def _leads(person: Any) -> bool:
    return bool(person.relation_to_head == HEAD and person.household_id and person.life_state == "alive")


def _led(stored: dict[str, Any]) -> bool:
    return stored.get("relation_to_head") == HEAD and stored.get("household_id") is not None


def _unchanged(draft: Draft) -> bool:
    return bool(draft.stored) and all(draft.stored.get(name) == getattr(draft.record, name) for name in LEADS_BY)


def _heads(households: list[int]) -> Heads:
    """The living heads of households by its id: [(id, name)]; an empty list where there is none."""
    found: Heads = {number: [] for number in households}
    for part in chunks(households, LOOKUP):
        for household, number, name in db.session.execute(
                select(Resident.household_id, Resident.id, Resident.name).where(
                    Resident.household_id.in_(part), Resident.relation_to_head == HEAD,
                    Resident.life_state == "alive").order_by(Resident.id)):
            found[household].append((number, name))
    return found
