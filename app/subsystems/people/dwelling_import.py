"""The houses and households that imported people live in: found, or made where the register lacks them."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.base.chunks import chunks
from app.core.base.fields import fields_of
from app.core.base.records import Record
from app.core.base.scope import current, system
from app.core.base.texts import InvalidValue
from app.core.sheets.checking.drafts import Draft, Pending, Say
from app.core.sheets.checking.outcome import NOTE
from app.core.sheets.checking.rules import columns_of, completed, with_defaults
from app.core.sheets.checking.zeros import with_zeros
from app.core.sheets.writing.rows import Writer
from app.core.telling.display import shown
from app.db import db
from app.subsystems.people.addresses import Address, parse_address
from app.subsystems.people.households import Household
from app.subsystems.people.houses import Building, House

NUMBER, HEAD = "household_number", "household_head"
SERIAL_DIGITS = 6
NUMBER_LENGTHS = list(range(2, 21))
LOOKUP = 500
Places = dict[str, tuple[int, str] | None]


class Dwellings:
    """The dwellings one file speaks of; ``say`` puts a message on a row."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.parsed: dict[str, Address | None] = {}
        self.houses: Places = {}
        self.buildings: Places = {}
        self.grids: list[tuple[list[str], int]] = []
        self.by_number: dict[tuple[str, str], dict[str, Any]] = {}
        self.by_head: dict[tuple[Any, str], dict[str, Any]] = {}
        self.by_id: dict[int, dict[str, Any]] = {}
        self.fills: dict[int, tuple[Any, str]] = {}
        self.filled: set[int] = set()
        self.serials: dict[str, int] = {}
        self.wanted: set[Any] = set()
        self.ids: dict[Any, int] = {}
        self.made: dict[type[Record], dict[tuple[Any, ...], dict[str, Any]]] = {
            Building: {}, House: {}, Household: {}}

    def read(self, draft: Draft, text: str) -> None:
        """The address of a row in its one form; what leads to no house is noted."""
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

    def _address(self, draft: Draft) -> Address | None:
        """The address of a row that is a dwelling: a room, a building, or a farmhouse."""
        text = draft.values.get("address")
        found = self.parsed.get(text) if text else None
        return found if found and (found.room or found.building or "村" in found.place) else None

    # A batch, before it is compared

    def settle(self, drafts: list[Draft]) -> None:
        """Puts households into the rows of a batch."""
        addresses = {address.text: address for draft in drafts if (address := self._address(draft))}
        _look_up(House, self.houses, set(addresses))
        _look_up(Building, self.buildings, {address.building_text for address in addresses.values()
                                            if address.building})
        self._load_households(drafts)
        for draft in drafts:
            house = self.house(draft)
            if house is None and self._address(draft):
                self.say(draft, "address", "house_elsewhere", _(
                    "This house is registered in another community: the person is taken in without it."), level=NOTE)
            household = self._household(draft, house)
            if household is not None:
                draft.put("household_id", household["id"])
                self._house_household(draft, household, house)

    def house(self, draft: Draft) -> int | Pending | None:
        """The house of a row's address; None where it names none, or one that is not the user's."""
        address = self._address(draft)
        if address is None:
            return None
        stored = self.houses.get(address.text)
        if stored is None:
            values = {"grid_code": draft.values["grid_code"], "address": address.text,
                      "building_id": self._building(draft, address)}
            return self._make(House, (address.text,), values)
        return stored[0] if current().covers(stored[1]) else None

    def _building(self, draft: Draft, address: Address) -> int | Pending | None:
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
        """Households of the grids concerned, by number and by house and head, and those that rows name by id."""
        known = {grid for grids, _seen in self.grids for grid in grids}
        grids = {draft.values["grid_code"] for draft in drafts if draft.extra} - known
        for part in chunks(sorted(grids), LOOKUP):
            rows = _households(Household.grid_code.in_(part))
            self.grids.append((part, hash(tuple(rows))))
            for row in rows:
                self._know(row._asdict())
        named = {number for draft in drafts if isinstance(number := draft.values.get("household_id"), int)
                 and self._address(draft)} - self.by_id.keys()
        for numbers in chunks(sorted(named), LOOKUP):
            for row in _households(Household.id.in_(numbers)):
                self.by_id[row.id] = row._asdict()

    def _know(self, household: dict[str, Any]) -> None:
        grid, number = household["grid_code"], household["number"]
        self.by_number[grid, number] = household
        if isinstance(household["id"], int):
            self.by_id[household["id"]] = household
        if household["house_id"] is not None:
            self.by_head[household["house_id"], household["head_name"]] = household
        if number.isascii() and number.isdigit():
            self.serials[grid] = max(self.serials.get(grid, 0), int(number))

    def _household(self, draft: Draft, house: int | Pending | None) -> dict[str, Any] | None:
        """The household a row names, by the relation, by its number, or by house and head."""
        number, head = draft.extra.get(NUMBER, ""), draft.extra.get(HEAD, "")
        if draft.values.get("household_id"):
            return self.by_id.get(draft.values["household_id"])
        if not draft.extra:
            return None
        if not number and not (head and house):
            self.say(draft, HEAD, "household_unknown", _(
                "Without a household number or an address the household is not known: "
                "the person is taken in without one."), level=NOTE)
            return None
        grid = draft.values["grid_code"]
        number = self._registered(grid, number)
        known = self.by_number.get((grid, number)) if number else self.by_head.get((house, head))
        if known is None:
            return self._new_household(draft, grid, number, head, house)
        if number and head and known["head_name"] != head:
            self.say(draft, HEAD, "household_head_differs", _(
                "Household %(number)s is registered under another head: check the number.", number=number), level=NOTE)
        return known

    def _registered(self, grid: str, number: str) -> str:
        """A number as its household has it, with the zeros a spreadsheet took away; itself when that is not certain."""
        if not number or (grid, number) in self.by_number:
            return number
        fits = [text for text in with_zeros(number, NUMBER_LENGTHS) if (grid, text) in self.by_number]
        return fits[0] if len(fits) == 1 else number

    def _house_household(self, draft: Draft, household: dict[str, Any], house: int | Pending | None) -> None:
        """A household without a house gets the row's; one that has another keeps it, and the row is told."""
        if house is None or household["house_id"] == house:
            return
        if household["house_id"] is not None:
            self.say(draft, "address", "household_house_differs", _(
                "Household %(number)s is registered in another house and keeps it: if the household has moved, "
                "change the house in its record.", number=household["number"]), level=NOTE)
            return
        household["house_id"] = house
        self.by_head[house, household["head_name"]] = household
        if isinstance(household["id"], Pending):
            self.made[Household][household["id"].key]["house_id"] = house
        else:
            self.fills[household["id"]] = (house, draft.values["address"])

    def brings(self, draft: Draft) -> list[tuple[str, str, str]]:
        """The house that this row, the first of its household, gives to a household without one."""
        number = draft.record.household_id
        if not self.fills or number in self.filled or not self._fills(draft) or _says_nothing_new(draft):
            return []
        household = self.by_id[number]
        self.filled.add(number)
        return [(f"{household['head_name']}（{household['number']}）", "",
                 shown(fields_of(House)["address"], self.fills[number][1]))]

    def told(self, draft: Draft) -> str:
        """The household of a row in words: its number, its head, and whether it is made; empty where it has none."""
        number = draft.record.household_id
        if isinstance(number, Pending):
            household = self.made[Household].get(number.key, {})
            return _("%(number)s, head %(name)s (new)", number=number.key[-1], name=household.get("head_name", ""))
        household = self.by_id.get(number, {})
        return _("%(number)s, head %(name)s", number=household["number"], name=household["head_name"]) if household else ""

    def _fills(self, draft: Draft) -> bool:
        address = self._address(draft)
        return address is not None and self.fills.get(draft.record.household_id, ("", ""))[1] == address.text

    def _new_household(self, draft: Draft, grid: str, number: str, head: str, house: Any) -> dict[str, Any]:
        if not number:
            number = f"{self.serials.get(grid, 0) + 1:0{SERIAL_DIGITS}d}"
        values = {"grid_code": grid, "number": number, "head_name": head or draft.values.get("name", ""),
                  "house_id": house}
        household = {**values, "id": self._make(Household, (grid, number), values)}
        self._know(household)
        return household

    def keep(self, drafts: list[Draft]) -> None:
        """The households the rows point to, and their dwellings: these are made, others are not."""
        self.wanted |= {draft.record.household_id for draft in drafts if draft.record.household_id}
        self.wanted |= {Pending(House, (address.text,)) for draft in drafts if (address := self._address(draft))}

    # In the transaction

    def moved(self) -> bool:
        """Whether a house, building or household that was looked up is another by now."""
        return (_looked_up(House, self.houses) != self.houses
                or _looked_up(Building, self.buildings) != self.buildings
                or any(hash(tuple(_households(Household.grid_code.in_(grids)))) != seen for grids, seen in self.grids))

    def write(self, writer: Writer) -> None:
        """Makes the buildings, houses and households that rows to be written point to."""
        for record, name in ((Household, "house_id"), (House, "building_id")):
            self.wanted |= {values[name] for key, values in self.made[record].items()
                            if Pending(record, key) in self.wanted}
        for record in (Building, House, Household):
            self._write(writer, record, {key: values for key, values in self.made[record].items()
                                         if Pending(record, key) in self.wanted})

    def fill(self, writer: Writer) -> None:
        """Gives stored households the house they lacked."""
        filled = [self.by_id[number] for number in sorted(self.filled)]
        writer.update(Household, [(household["id"], {**household, "house_id": None},
                                   {"house_id": self.id_of(household["house_id"])}) for household in filled])

    def _write(self, writer: Writer, record: type[Record], made: dict[tuple[Any, ...], dict[str, Any]]) -> None:
        rows = [columns_of(record, completed(record, with_defaults(record, self._resolved(values))))
                for values in made.values()]
        self.ids |= {Pending(record, key): number
                     for key, number in zip(made, writer.insert(record, rows), strict=True)}

    def _resolved(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self.id_of(value) for name, value in values.items()}

    def id_of(self, value: Any) -> Any:
        """The id of what was pending and is made now; any other value is itself."""
        return self.ids[value] if isinstance(value, Pending) else value


def _says_nothing_new(draft: Draft) -> bool:
    """Whether the register has the person at this address and in this household already: an export read back."""
    stored = draft.stored or {}
    return (stored.get("address"), stored.get("household_id")) == (draft.values.get("address"), draft.record.household_id)


def _households(condition: Any) -> list[Any]:
    return list(db.session.execute(select(
        Household.id, Household.grid_code, Household.number, Household.house_id, Household.head_name,
        Household.version).where(condition).order_by(Household.id)))


def _look_up(record: Any, known: Places, texts: set[str]) -> None:
    """(id, grid) of the records with these addresses, whoever may see them: an address is one place."""
    unknown = sorted(texts - known.keys())
    known.update(dict.fromkeys(unknown))
    with system("addresses that are registered already"):
        for part in chunks(unknown, LOOKUP):
            for row in db.session.execute(select(record.id, record.address, record.grid_code)
                                          .where(record.address.in_(part))):
                known[row[1]] = (row[0], row[2])


def _looked_up(record: Any, known: Places) -> Places:
    found: Places = {}
    _look_up(record, found, set(known))
    return found
