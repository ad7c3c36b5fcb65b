"""A resident's row brings its surroundings: the household, the house and the building it names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.core.base.chunks import chunks
from app.core.base.fields import Field, fields_of
from app.core.base.identity import parse_id_number
from app.core.base.moments import today
from app.core.base.texts import InvalidValue, normalize_text
from app.core.sheets.checking.drafts import Draft, Gathering, Say, gathers
from app.core.sheets.checking.matching import find_by_id
from app.core.sheets.checking.rules import columns_of, completed
from app.core.sheets.checking.spool import Ready
from app.core.sheets.checking.values import PartialDay
from app.core.sheets.writing.rows import Writer
from app.core.telling.places import place_name
from app.subsystems.people.dwelling_import import HEAD, NUMBER, Dwellings
from app.subsystems.people.heads_import import OneHead
from app.subsystems.people.households import HouseholdMember
from app.subsystems.people.memberships import HEAD as THE_HEAD
from app.subsystems.people.memberships import open_stays, stay
from app.subsystems.people.residents import IDENTITY_CARD, Resident
from app.subsystems.people.undocumented_import import Undocumented

LOOKUP = 500
STAY = ("grid_code", "household_id", "relation_to_head")


@gathers(Resident)
class ResidentGathering(Gathering):
    """Ties imported people to households and houses, which are made where the register lacks them."""

    columns: ClassVar[dict[str, Field]] = {
        NUMBER: Field(lazy_gettext("Household number"), name=NUMBER, kind="text", length=20,
                      aliases=("户号", "家庭编号", "户编号", "家庭户号", "户口编号")),
        HEAD: Field(lazy_gettext("Head of household"), name=HEAD, kind="text", length=60, aliases=("户主姓名", "户主", "家庭户主", "户主名")),
    }
    shared = ("address",)

    def __init__(self, say: Say) -> None:
        super().__init__(say)
        self.dwellings = Dwellings(say)
        self.undocumented = Undocumented(say, self.dwellings)
        self.heads = OneHead(say)

    # One row

    def row(self, draft: Draft) -> None:
        """ID number, sex and birth agree; another document is no ID number; the address has one form."""
        values = draft.values
        if draft.card:
            self._lead(draft)
        if values.get("document_type", IDENTITY_CARD) != IDENTITY_CARD:
            self._other_document(draft)
        elif "id_number" in values:
            self._agree(draft)
        elif "id_number" not in draft.problems and not values.get("no_document_reason"):
            draft.problems["id_number"] = (InvalidValue("id_missing", _(
                "The ID number is missing: fill it in, or add a column 无证原因 with the reason.")), "",
                draft.heading("id_number"))
        address = values.get("address")
        if address:
            self.dwellings.read(draft, address)

    @staticmethod
    def _lead(draft: Draft) -> None:
        """A household card speaks of the head: his name stands as the head's, his relation nowhere."""
        head = draft.extra.get(HEAD)
        if head and draft.values.setdefault("name", head) == head:
            draft.values.setdefault("relation_to_head", THE_HEAD)

    @staticmethod
    def _other_document(draft: Draft) -> None:
        error, text, _heading = draft.problems.get("id_number", (None, "", ""))
        if error is not None and len(normalize_text(text)) <= 18:
            del draft.problems["id_number"]
            draft.values["id_number"] = normalize_text(text).upper()

    @staticmethod
    def _agree(draft: Draft) -> None:
        identity = parse_id_number(draft.values["id_number"])
        if draft.values.get("sex", identity.sex) != identity.sex:
            draft.problems["sex"] = (InvalidValue("sex_mismatch", _(
                "The sex differs from the one in the ID number: correct one of them.")),
                "男" if draft.values["sex"] == "1" else "女", draft.heading("sex"))
        part = draft.problems.get("birth_on", (None,))[0]
        if isinstance(part, PartialDay) and part.part.agrees(identity.birth_on):
            del draft.problems["birth_on"]  # the ID number knows the day
        if draft.values.get("birth_on", identity.birth_on) != identity.birth_on:
            draft.problems["birth_on"] = (InvalidValue("birth_mismatch", _(
                "The date of birth differs from the one in the ID number: correct one of them.")),
                draft.values["birth_on"].isoformat(), draft.heading("birth_on"))

    # All rows, before they are compared

    def settle(self, drafts: list[Draft]) -> None:
        self.dwellings.settle(drafts)

    def seek(self, draft: Draft) -> None:
        """Somebody who was taken in without a document may be meant."""
        draft.id = self.undocumented.find(draft)

    def known(self, draft: Draft, stored: dict[str, Any]) -> None:
        """One number, one person: another name on a registered number is never written over."""
        name = draft.values.get("name", stored["name"])
        if _unpadded(name) == _unpadded(stored["name"]):
            draft.values.pop("name", None)  # 王　芳 is 王芳 beside a name of three characters
        else:
            self.say(draft, "name", "name_differs", _(
                "This ID number is registered for %(name)s in %(place)s: find out which is right.",
                name=stored["name"], place=place_name(stored["grid_code"])), draft.values["name"])

    def facts(self, draft: Draft) -> list[tuple[str, str]]:
        """The household somebody new comes into, and the day of birth."""
        household = self.dwellings.told(draft)
        born = draft.record.birth_on
        return [*([(str(fields_of(Resident)["household_id"].label), household)] if household else []),
                *([(str(fields_of(Resident)["birth_on"].label), born.isoformat())] if born else [])]

    def brings(self, draft: Draft) -> list[tuple[str, str, str]]:
        return self.dwellings.brings(draft)

    def agree(self, drafts: list[Draft]) -> None:
        self.heads.agree(drafts)

    def keep(self, drafts: list[Draft]) -> None:
        self.dwellings.keep(drafts)

    # In the transaction

    def moved(self) -> bool:
        return self.dwellings.moved() or self.undocumented.moved() or self.heads.moved()

    def write(self, writer: Writer) -> None:
        self.dwellings.write(writer)

    def fill(self, writer: Writer) -> None:
        self.dwellings.fill(writer)

    def tie(self, rows: list[Ready]) -> None:
        for row in rows:
            if "household_id" in row.columns:
                row.columns["household_id"] = self.dwellings.id_of(row.columns["household_id"])

    def after(self, writer: Writer, rows: list[tuple[int, Ready]]) -> None:
        """Stays of those who have a household now, and the end of the stays they left."""
        moved = [(number, row) for number, row in rows if row.columns.get("household_id")]
        left = [row.id for _number, row in rows if row.id is not None and "household_id" in row.columns]
        for part in chunks(left, LOOKUP):
            stays = find_by_id(HouseholdMember, [member.id for member in open_stays(part)])
            writer.update(HouseholdMember, [(number, stored, {"until_on": today()}) for number, stored in stays.items()])
        begun = [stay(SimpleNamespace(**{name: row.columns.get(name, row.stored.get(name)) for name in STAY}), number)
                 for number, row in moved]
        writer.insert(HouseholdMember, [columns_of(HouseholdMember, completed(HouseholdMember, row)) for row in begun])


def _unpadded(name: str) -> str:
    """A name without the blanks that line it up with longer ones."""
    return "".join(name.split())
