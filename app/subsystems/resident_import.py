"""A resident's row brings its surroundings: the household, the house and the building it names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from app.core.fields import Field
from app.core.places import place_name
from app.core.records import Record, today
from app.core.scope import current, system
from app.core.sheets.drafts import Draft, Gathering, Pending, gathers
from app.core.sheets.outcome import NOTE
from app.core.sheets.rules import columns_of, completed, with_defaults
from app.core.sheets.spool import Ready
from app.core.sheets.writing import Writer, chunks
from app.core.validators import InvalidValue, normalize_text, parse_id_number
from app.db import db
from app.subsystems.addresses import Address, parse_address
from app.subsystems.households import Household, HouseholdMember
from app.subsystems.houses import Building, House
from app.subsystems.memberships import open_stays, stay
from app.subsystems.residents import IDENTITY_CARD, Resident

NUMBER, HEAD = "household_number", "household_head"
SERIAL_DIGITS = 6
LOOKUP = 500
STAY = ("grid_code", "household_id", "relation_to_head")


@gathers(Resident)
class ResidentGathering(Gathering):
    """Ties imported people to households and houses, which are made where the register lacks them."""

    columns: ClassVar[dict[str, Field]] = {
        NUMBER: Field(lazy_gettext("Household number"), name=NUMBER, kind="text", length=20,
                      aliases=("户号", "家庭编号", "户编号")),
        HEAD: Field(lazy_gettext("Head of household"), name=HEAD, kind="text", length=60, aliases=("户主姓名", "户主")),
    }
    shared = ("address",)

    def __init__(self, say: Any) -> None:
        super().__init__(say)
        self.parsed: dict[str, Address | None] = {}
        self.houses: dict[str, tuple[int, str] | None] = {}
        self.buildings: dict[str, tuple[int, str] | None] = {}
        self.grids: set[str] = set()
        self.by_number: dict[tuple[str, str], dict[str, Any]] = {}
        self.by_head: dict[tuple[Any, str], dict[str, Any]] = {}
        self.serials: dict[str, int] = {}
        self.wanted: set[Any] = set()
        self.ids: dict[Any, int] = {}
        self.made: dict[type[Record], dict[tuple[Any, ...], dict[str, Any]]] = {
            Building: {}, House: {}, Household: {}}

    # One row

    def row(self, draft: Draft) -> None:
        """ID number, sex and birth agree; another document is no ID number; the address has one form."""
        values = draft.values
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
            self._address(draft, address)

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
        if draft.values.get("birth_on", identity.birth_on) != identity.birth_on:
            draft.problems["birth_on"] = (InvalidValue("birth_mismatch", _(
                "The date of birth differs from the one in the ID number: correct one of them.")),
                draft.values["birth_on"].isoformat(), draft.heading("birth_on"))

    def _address(self, draft: Draft, text: str) -> None:
        if text not in self.parsed:
            try:
                self.parsed[text] = parse_address(text)
            except InvalidValue:
                self.parsed[text] = None
        found = self.parsed[text]
        if found is None:
            self.say(draft, "address", "address_kept", _(
                "The address is kept as written and leads to no house: write it as on the door plate, "
                "for example 王湾小区10栋3单元401室."), level=NOTE)
        else:
            draft.values["address"] = found.text
            self.parsed.setdefault(found.text, found)

    # All rows, before they are compared

    def settle(self, drafts: list[Draft]) -> None:
        addresses = {address.text: address for draft in drafts if (address := self._house_of(draft))}
        _look_up_addresses(House, self.houses, set(addresses))
        _look_up_addresses(Building, self.buildings, {address.building_text for address in addresses.values()
                                                      if address.building})
        self._load_households(drafts)
        for draft in drafts:
            self._settle_household(draft, self._settle_house(draft))

    def _house_of(self, draft: Draft) -> Address | None:
        """The address of a row that is a dwelling: a room, a building, or a farmhouse."""
        found = self.parsed.get(draft.values.get("address", ""))
        return found if found and (found.room or found.building or "村" in found.place) else None

    def _settle_house(self, draft: Draft) -> int | Pending | None:
        address = self._house_of(draft)
        if address is None:
            return None
        stored = self.houses.get(address.text)
        if stored is None:
            values = {"grid_code": draft.values["grid_code"], "address": address.text,
                      "building_id": self._settle_building(draft, address)}
            return self._make(House, (address.text,), values)
        if current().covers(stored[1]):
            return stored[0]
        self.say(draft, "address", "house_elsewhere", _(
            "This house is registered in another community: the person is taken in without it."), level=NOTE)
        return None

    def _settle_building(self, draft: Draft, address: Address) -> int | Pending | None:
        if not address.building:
            return None
        stored = self.buildings.get(address.building_text)
        if stored is None:
            return self._make(Building, (address.building_text,), {
                "grid_code": draft.values["grid_code"], "address": address.building_text})
        return stored[0] if current().covers(stored[1]) else None

    def _make(self, record: type[Record], key: tuple[Any, ...], values: dict[str, Any]) -> Pending:
        self.made[record].setdefault(key, values)
        return Pending(record, key)

    def _load_households(self, drafts: list[Draft]) -> None:
        """Households of the grids concerned, by number and by house and head."""
        grids = {draft.values["grid_code"] for draft in drafts if draft.extra} - self.grids
        self.grids |= grids
        for part in chunks(sorted(grids), LOOKUP):
            for row in db.session.execute(select(
                    Household.id, Household.grid_code, Household.number, Household.house_id, Household.head_name,
            ).where(Household.grid_code.in_(part))).mappings():
                self._know(dict(row))

    def _know(self, household: dict[str, Any]) -> None:
        grid, number = household["grid_code"], household["number"]
        self.by_number[grid, number] = household
        if household["house_id"] is not None:
            self.by_head[household["house_id"], household["head_name"]] = household
        if number.isascii() and number.isdigit():
            self.serials[grid] = max(self.serials.get(grid, 0), int(number))

    def _settle_household(self, draft: Draft, house: int | Pending | None) -> None:
        number, head = draft.extra.get(NUMBER, ""), draft.extra.get(HEAD, "")
        if not draft.extra or draft.values.get("household_id"):
            return
        if not number and not (head and house):
            self.say(draft, HEAD, "household_unknown", _(
                "Without a household number or an address the household is not known: "
                "the person is taken in without one."), level=NOTE)
            return
        grid = draft.values["grid_code"]
        known = self.by_number.get((grid, number)) if number else self.by_head.get((house, head))
        if known is None:
            known = self._new_household(draft, grid, number, head, house)
        elif number and head and known["head_name"] != head:
            self.say(draft, HEAD, "household_head_differs", _(
                "Household %(number)s is registered under another head: check the number.", number=number), level=NOTE)
        draft.put("household_id", known["id"])

    def _new_household(self, draft: Draft, grid: str, number: str, head: str, house: Any) -> dict[str, Any]:
        if not number:
            number = f"{self.serials.get(grid, 0) + 1:0{SERIAL_DIGITS}d}"
        values = {"grid_code": grid, "number": number, "head_name": head or draft.values.get("name", ""),
                  "house_id": house}
        household = {**values, "id": self._make(Household, (grid, number), values)}
        self._know(household)
        return household

    def seek(self, draft: Draft) -> None:
        """Without an ID number a person is known by grid, name and date of birth."""
        if draft.values.get("id_number"):
            return
        draft.id = db.session.scalar(select(Resident.id).where(
            Resident.id_number_digest.is_(None), Resident.grid_code == draft.values["grid_code"],
            Resident.name == draft.values.get("name"), Resident.birth_on == draft.values.get("birth_on")).limit(1))

    def known(self, draft: Draft, stored: dict[str, Any]) -> None:
        """One number, one person: another name on a registered number is never written over."""
        if stored["name"] != draft.values.get("name", stored["name"]):
            self.say(draft, "name", "name_differs", _(
                "This ID number is registered for %(name)s in %(place)s: find out which is right.",
                name=stored["name"], place=place_name(stored["grid_code"])), draft.values["name"])

    def keep(self, drafts: list[Draft]) -> None:
        """The households the rows point to, and their dwellings: these are made, others are not."""
        self.wanted |= {draft.record.household_id for draft in drafts if draft.record.household_id}
        self.wanted |= {Pending(House, (address.text,)) for draft in drafts if (address := self._house_of(draft))}

    # In the transaction

    def write(self, writer: Writer) -> None:
        """Makes the buildings, houses and households that rows to be written point to."""
        for record, name in ((Household, "house_id"), (House, "building_id")):
            self.wanted |= {values[name] for key, values in self.made[record].items()
                            if Pending(record, key) in self.wanted}
        for record in (Building, House, Household):
            self._write(writer, record, {key: values for key, values in self.made[record].items()
                                         if Pending(record, key) in self.wanted})

    def _write(self, writer: Writer, record: type[Record], made: dict[tuple[Any, ...], dict[str, Any]]) -> None:
        rows = [columns_of(record, completed(record, with_defaults(record, self._resolved(values))))
                for values in made.values()]
        self.ids |= {Pending(record, key): number
                     for key, number in zip(made, writer.insert(record, rows), strict=True)}

    def _resolved(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self.ids[value] if isinstance(value, Pending) else value for name, value in values.items()}

    def tie(self, rows: list[Ready]) -> None:
        for row in rows:
            household = row.columns.get("household_id")
            if isinstance(household, Pending):
                row.columns["household_id"] = self.ids[household]

    def after(self, writer: Writer, rows: list[tuple[int, Ready]]) -> None:
        """Stays of those who have a household now, and the end of the stays they left."""
        moved = [(number, row) for number, row in rows if row.columns.get("household_id")]
        left = [row.id for _number, row in rows if row.id is not None and "household_id" in row.columns]
        for part in chunks(left, LOOKUP):
            for member in open_stays(part):
                member.until_on = today()
        if left:
            db.session.flush()
        stays = [stay(SimpleNamespace(**{name: row.columns.get(name, row.stored.get(name)) for name in STAY}), number)
                 for number, row in moved]
        writer.insert(HouseholdMember, [columns_of(HouseholdMember, completed(HouseholdMember, row)) for row in stays])


def _look_up_addresses(record: Any, known: dict[str, tuple[int, str] | None], texts: set[str]) -> None:
    """(id, grid) of the records with these addresses, whoever may see them: an address is one place."""
    unknown = sorted(texts - known.keys())
    known.update(dict.fromkeys(unknown))
    with system("addresses that are registered already"):
        for part in chunks(unknown, LOOKUP):
            for row in db.session.execute(select(record.id, record.address, record.grid_code)
                                          .where(record.address.in_(part))):
                known[row[1]] = (row[0], row[2])
