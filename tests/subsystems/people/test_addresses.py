"""One dwelling has one address, however the register wrote it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
import python_calamine

from app.core.base.texts import InvalidValue
from app.subsystems.people.addresses import Address, parse_address

SAMPLES = Path(__file__).parents[2] / "samples"
HEADINGS = {"现居住地址", "住址", "暂住地址"}


@pytest.mark.parametrize("written", [
    "王湾小区10栋3-401", "王湾小区 10#楼 3单元 401", "十堰市张湾区红卫街道王湾小区10号楼3单元401室",
    "王湾小区10幢3单元401室", "湖北省十堰市张湾区红卫街办王湾小区10栋3-401", "王湾小区１０栋３－４０１",
    "王湾小区10栋3—401", "红卫街道办事处王湾小区10栋3单元4层401室",
])
def test_the_same_door_is_the_same_address(written: str) -> None:
    assert parse_address(written) == Address("王湾小区", "10", "3", "401")


@pytest.mark.parametrize(("written", "place", "text"), [
    ("动力新村 7#楼 2单元 601", "动力新村", "动力新村7栋2单元601室"),
    ("界牌小区12栋2-101", "界牌小区", "界牌小区12栋2单元101室"),
    ("车城路8号8栋4单元1704室", "车城路8号", "车城路8号8栋4单元1704室"),
    ("张湾区车城路8号8栋4-1704", "车城路8号", "车城路8号8栋4单元1704室"),
    ("王湾小区10栋", "王湾小区", "王湾小区10栋"),
    ("曾家村3组12号", "曾家村3组12号", "曾家村3组12号"),
    ("石桥村2组", "石桥村2组", "石桥村2组"),
    ("商铺街5号103室", "商铺街5号", "商铺街5号103室"),
    ("红卫街道红卫小区3栋1-201", "红卫小区", "红卫小区3栋1单元201室"),
])
def test_the_form_the_office_keeps(written: str, place: str, text: str) -> None:
    found = parse_address(written)
    assert (found.place, found.text) == (place, text)
    assert parse_address(found.text) == found


def test_a_house_number_does_not_run_into_the_building() -> None:
    assert parse_address("车城路8号18栋4-101") != parse_address("车城路81号8栋4-101")


def test_the_building_is_shared_by_its_doors() -> None:
    assert parse_address("王湾小区10栋3-401").building_text == parse_address("王湾小区10幢1单元101室").building_text


@pytest.mark.parametrize("written", ["", "不详", "王湾小区", "10栋3-401", "3组"])
def test_what_names_no_door_is_refused(written: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_address(written)
    assert caught.value.code == "address_form"


def tables() -> Iterator[list[list[object]]]:
    for path in sorted(SAMPLES.glob("*.xls*")):
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        yield from (workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names)
    with (SAMPLES / "流动人口台账_GBK.csv").open(encoding="gb18030", newline="") as file:
        yield [list(row) for row in csv.reader(file)]


def written_addresses() -> Iterator[str]:
    for table in tables():
        head = next((place for place, row in enumerate(table) if HEADINGS & {str(cell) for cell in row}), None)
        if head is not None:
            column = next(place for place, cell in enumerate(table[head]) if str(cell) in HEADINGS)
            yield from (str(row[column]) for row in table[head + 1:] if row[column])


def test_every_address_of_the_sample_registers_is_read() -> None:
    written = list(written_addresses())
    assert len(written) > 3000
    assert len({parse_address(text) for text in written}) < len(set(written))
