"""Codes of places nest: nine digits a street, twelve a community, fifteen a base grid."""

from __future__ import annotations

import pytest

from app.core.base.nodes import Node

STREET, COMMUNITY, GRID = "420303002", "420303002001", "420303002001003"


@pytest.mark.parametrize(("code", "level", "parent"), [
    (STREET, "street", None), (COMMUNITY, "community", STREET), (GRID, "base", COMMUNITY),
    ("4203030020", "", None), ("nothing", "", None), ("everythin", "", None), ("", "", None),
])
def test_a_code_has_the_level_of_its_length_and_half_a_code_none(code: str, level: str, parent: str | None) -> None:
    assert (Node(code).level, Node(code).parent) == (level, parent)


def test_the_way_from_the_street_down_ends_with_the_place_itself() -> None:
    assert Node(GRID).path == [STREET, COMMUNITY, GRID]
    assert Node(STREET).path == [STREET]


def test_the_range_of_a_place_ends_before_its_neighbour() -> None:
    assert Node(COMMUNITY).high == "420303002002"
    assert COMMUNITY <= GRID < Node(COMMUNITY).high
    assert Node("420303002009").high == "42030300200:" > "420303002009999"


def test_a_place_contains_itself_and_what_lies_under_it_only() -> None:
    community = Node(COMMUNITY)
    assert community.contains(GRID) and community.contains(COMMUNITY)
    assert not community.contains(STREET) and not community.contains("420303002002001") and not community.contains(None)


def test_a_code_is_cut_to_a_level_above_and_never_lengthened() -> None:
    assert (Node(GRID).at("community"), Node(STREET).at("community")) == (COMMUNITY, STREET)


def test_on_the_way_down_comes_one_level_after_the_other_and_the_place_itself_is_the_end() -> None:
    assert (Node(STREET).towards(GRID), Node(COMMUNITY).towards(GRID), Node(GRID).towards(GRID)) == (COMMUNITY, GRID, GRID)
