"""People who were taken in without a document: known again in a workbook, or asked about, never doubled."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.sheets.checking.drafts import Draft, Say
from app.core.telling.places import place_name
from app.db import db
from app.subsystems.people.dwelling_import import Dwellings
from app.subsystems.people.households import Household
from app.subsystems.people.residents import Resident

Who = tuple[str, Any]


class Person(NamedTuple):
    """One person in the register, or in an earlier row of the file, with what says where he lives."""

    id: int | None
    sex: str | None
    grid_code: str
    household: Any
    house: Any
    address: str | None
    sheet: str = ""
    row: int = 0
    values: int = 0

    def lives_with(self, other: Person) -> bool | None:
        """Whether both live in one dwelling; None when one of them does not say where."""
        pairs = list(zip(self[3:6], other[3:6], strict=True))
        if any(here and here == there for here, there in pairs):
            return True
        return False if any(here and there for here, there in pairs) else None

    def is_by_grid(self, other: Person) -> bool:
        """Whether both live in one dwelling or, where one does not say where, in one grid."""
        together = self.lives_with(other)
        return self.grid_code == other.grid_code if together is None else together


class Undocumented:
    """Finds the person without a document whom a row means.

    The same person has the same name, sex and date of birth, and lives in the same dwelling: the same
    household, the same house, or the same address. A row without an ID number may say nothing of the
    dwelling; then the same grid will do. A row that brings the ID number must agree in the dwelling, for
    the number is written into the record. When exactly one person fits, it is he; when somebody has the
    name, sex and birth but the dwelling does not decide, the row is refused and names him.
    """

    def __init__(self, say: Say, dwellings: Dwellings) -> None:
        self.say, self.dwellings = say, dwellings
        self.stored: dict[Who, list[Person]] | None = None
        self.documented: dict[Who, list[Person]] = {}
        self.rows: dict[Who, list[Person]] = {}
        self.taken: dict[int, Person] = {}

    def find(self, draft: Draft) -> int | None:
        """The id of the person a row means whose natural key is not registered; a doubtful row is refused."""
        who = (draft.record.name, draft.record.birth_on)
        if not all(who) or draft.key is not None and not self._namesakes(draft, who):
            return None
        here = self._here(draft)
        if draft.key is None and self._is_documented(draft, who, here) or self._is_repeated(draft, who, here):
            return None
        return self._registered(draft, who, here)

    def _namesakes(self, draft: Draft, who: Who) -> list[Person]:
        """Those without a document, in the register and in earlier rows, with the name, sex and birth of a row."""
        if self.stored is None:
            self.stored = _stored()
        people = [*self.stored.get(who, ()), *self.rows.get(who, ())]
        return [person for person in people if draft.record.sex in (None, person.sex)]

    def _here(self, draft: Draft) -> Person:
        row = draft.record
        return Person(None, row.sex, row.grid_code, row.household_id, self.dwellings.house(draft), row.address,
                      draft.sheet, draft.row, hash(frozenset((name, str(value)) for name, value in draft.values.items())))

    def _is_repeated(self, draft: Draft, who: Who, here: Person) -> bool:
        """Refuses a row whose person an earlier row has without a document."""
        for first in self._namesakes(draft, who):
            if first.id is None and first.is_by_grid(here):
                same = draft.key is None and first.values == here.values
                self._refuse_second(draft, first, same)
                return True
        if draft.key is None:
            self.rows.setdefault(who, []).append(here)
        return False

    def _refuse_second(self, draft: Draft, first: Person, same: bool) -> None:
        text = (_("Repeats sheet %(sheet)s row %(row)s: delete this row.", sheet=first.sheet, row=first.row) if same
                else _("The same as sheet %(sheet)s row %(row)s, but with other values: keep the right one.",
                       sheet=first.sheet, row=first.row))
        self.say(draft, "name", "duplicate_in_file", text, draft.record.name)

    def _is_documented(self, draft: Draft, who: Who, here: Person) -> bool:
        """Refuses a row without an ID number whose person is registered with one."""
        if who not in self.documented:
            self.documented[who] = _documented(who)
        found = next((person for person in self.documented[who]
                      if here.sex in (None, person.sex) and person.is_by_grid(here)), None)
        if found is not None:
            self.say(draft, "name", "person_documented", _(
                "%(name)s in %(place)s has the same sex and date of birth and is registered with an ID number: "
                "fill the number in here if it is the same person, else register this one on the form.",
                name=draft.record.name, place=place_name(found.grid_code)), draft.record.name)
        return found is not None

    def _registered(self, draft: Draft, who: Who, here: Person) -> int | None:
        found = [person for person in self._namesakes(draft, who) if person.id is not None]
        sure = [person for person in found
                if person.lives_with(here) or (draft.key is None and person.is_by_grid(here))]
        if len(sure) == 1 and sure[0].id is not None:
            first = self.taken.setdefault(sure[0].id, here)
            if first is here:
                return sure[0].id
            self._refuse_second(draft, first, same=False)
        elif found:
            self.say(draft, "name", "person_unsure", _(
                "%(name)s in %(place)s is registered without a document and has the same sex and date of birth, but "
                "the dwelling does not say whether it is the same person. If it is, correct the ID number and "
                "address of that record; if not, register this one on the form.",
                name=draft.record.name, place=place_name(found[0].grid_code)), draft.record.name)
        return None

    def moved(self) -> bool:
        """Whether the register has other people by now where these were looked for."""
        return (self.stored is not None and _stored() != self.stored
                or any(_documented(who) != found for who, found in self.documented.items()))


def _people() -> Any:
    return select(Resident.name, Resident.birth_on, Resident.id, Resident.sex, Resident.grid_code,
                  Resident.household_id, Household.house_id, Resident.address).outerjoin(
        Household, Resident.household_id == Household.id).order_by(Resident.id)


def _stored() -> dict[Who, list[Person]]:
    """Everybody in the user's part who has no ID number; the index of the numbers knows them."""
    found: dict[Who, list[Person]] = {}
    for name, birth_on, *rest in db.session.execute(_people().where(Resident.id_number_digest.is_(None))):
        found.setdefault((name, birth_on), []).append(Person(*rest))
    return found


def _documented(who: Who) -> list[Person]:
    return [Person(*row[2:]) for row in db.session.execute(_people().where(
        Resident.id_number_digest.is_not(None), Resident.name == who[0], Resident.birth_on == who[1]))]
