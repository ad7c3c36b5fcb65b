"""A resident's row brings its surroundings: the household, the house and the building it names."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.places import place_name
from app.core.records import today
from app.core.scope import current, system
from app.core.sheets.applying import Writer, chunks
from app.core.sheets.importing import Importer, Row
from app.core.validators import InvalidValue
from app.db import db
from app.subsystems.addresses import Address, parse_address
from app.subsystems.households import Household, HouseholdMember
from app.subsystems.houses import Building, House
from app.subsystems.residents import Resident

NUMBER, HEAD = "household_number", "household_head"


class ResidentImporter(Importer):
    """Ties imported people to households and houses, made where the register lacks them."""

    record = Resident
    extras = {NUMBER: ("户号", "家庭编号", "户编号"), HEAD: ("户主姓名", "户主")}

    def gather(self, writer: Writer) -> None:
        rows = [row for row in self.rows if not row.refused]
        addresses = {id(row): self._address(row) for row in rows}
        self.houses = _known(House, House.address, {a.text for a in addresses.values() if a})
        self.buildings = _known(Building, Building.address, {a.building_text for a in addresses.values() if a})
        self._load_households(rows)
        for row in rows:
            house = self._house(writer, row, addresses[id(row)])
            self._household(writer, row, house)

    def compare(self) -> None:
        """One number, one person: a different name on a registered number is never written over."""
        for row in self.rows:
            if not row.refused and row.existing is not None and row.existing.name != row.record.name:
                self.refuse(row, row.names.get("name", ""), row.record.name, "name_differs", _(
                    "This ID number is registered for %(name)s in %(place)s: find out which is right.",
                    name=row.existing.name, place=place_name(row.existing.grid_code)))
        super().compare()

    def _address(self, row: Row) -> Address | None:
        """The address in the office's form; one that cannot be read stays as it was written."""
        text = row.values.get("address")
        if not text:
            return None
        try:
            found = parse_address(text)
        except InvalidValue as error:
            self.note(row.sheet, row.number, "address_kept", str(error.message), row.names.get("address", ""))
            return None
        row.values["address"] = row.record.address = found.text
        return found

    def _house(self, writer: Writer, row: Row, address: Address | None) -> int | None:
        if address is None or not address.room and not address.building and "村" not in address.place:
            return None
        held = self.houses.get(address.text)
        if held is not None:
            return held[0] if current().covers(held[1]) else None
        house = House(grid_code=row.values["grid_code"], address=address.text, unit=address.unit, room=address.room,
                      building_id=self._building(writer, row, address))
        self.houses[address.text] = (writer.add(house), house.grid_code)
        return house.id

    def _building(self, writer: Writer, row: Row, address: Address) -> int | None:
        if not address.building:
            return None
        held = self.buildings.get(address.building_text)
        if held is None:
            building = Building(grid_code=row.values["grid_code"], address=address.building_text)
            held = self.buildings[address.building_text] = (writer.add(building), building.grid_code)
        return held[0] if current().covers(held[1]) else None

    def _load_households(self, rows: list[Row]) -> None:
        """Households of the grids concerned, by number and by house and head."""
        self.by_number: dict[tuple[str, str], int] = {}
        self.by_head: dict[tuple[Any, str], int] = {}
        self.serials: dict[str, int] = {}
        grids = sorted({row.values["grid_code"] for row in rows
                        if row.extras.get(NUMBER) or row.extras.get(HEAD)})
        for part in chunks(grids):
            for found in db.session.execute(select(
                    Household.id, Household.grid_code, Household.number, Household.house_id, Household.head_name,
            ).where(Household.grid_code.in_(part))):
                self.by_number[found.grid_code, found.number] = found.id
                self.by_head[found.house_id, found.head_name] = found.id
                if found.number.isdigit():
                    self.serials[found.grid_code] = max(self.serials.get(found.grid_code, 0), int(found.number))

    def _household(self, writer: Writer, row: Row, house: int | None) -> None:
        number, head, grid = row.extras.get(NUMBER, ""), row.extras.get(HEAD, ""), row.values["grid_code"]
        if not number and not (head and house):
            return
        found = self.by_number.get((grid, number)) if number else self.by_head.get((house, head))
        if found is None:
            found = self._new_household(writer, row, number, head, house)
        row.record.household_id = found
        row.changes["household_id"] = (None, found)
        moved = row.existing is None or row.existing.household_id != found
        if moved:
            self._member(writer, row, found)

    def _new_household(self, writer: Writer, row: Row, number: str, head: str, house: int | None) -> int:
        grid = row.values["grid_code"]
        if not number:
            self.serials[grid] = self.serials.get(grid, 0) + 1
            number = f"{self.serials[grid]:06d}"
        household = Household(grid_code=grid, number=number, head_name=head or row.record.name, house_id=house,
                              kind="family")
        made = writer.add(household)
        self.by_number[grid, number] = self.by_head[house, household.head_name] = made
        return made

    @staticmethod
    def _member(writer: Writer, row: Row, household: int) -> None:
        """Opens the stay in the household; the person gets his number first."""
        resident = row.existing.id if row.existing else row.record.id or writer.add(row.record)
        writer.add(HouseholdMember(
            grid_code=row.values["grid_code"], household_id=household, resident_id=resident,
            relation=row.record.relation_to_head, since_on=today()))


def _known(record: Any, column: Any, texts: set[str]) -> dict[str, tuple[int, str]]:
    """(id, grid) of the records with these addresses, whoever may see them: an address is one place."""
    found: dict[str, tuple[int, str]] = {}
    with system("addresses that are registered already"):
        for part in chunks(sorted(texts)):
            for row in db.session.execute(select(record.id, column, record.grid_code).where(column.in_(part))):
                found[row[1]] = (row[0], row[2])
    return found
