"""Role x action truth table for the records that matter most."""

from __future__ import annotations

import pytest

from app import roles
from app.core import assembly

assembly.discover()
ALL = {"list", "show", "chart", "add", "edit", "delete", "import", "export", "reveal"}
TRUTH = {
    "系统管理员": ALL, "街道管理员": ALL, "社区书记/社区管理员": ALL,
    "街道业务员": {"list", "show", "chart", "add", "edit", "export"},
    "网格员": {"list", "show", "chart", "add", "edit", "reveal"},
    "督查考核员": {"list", "show", "chart", "export"},
    "领导(只读)": {"list", "show", "chart"},
}


@pytest.mark.parametrize("role", sorted(TRUTH))
@pytest.mark.parametrize("action", sorted(ALL))
def test_what_a_role_may_do_with_residents(role: str, action: str) -> None:
    assert roles.allows(role, action, "ResidentView") == (action in TRUTH[role])


@pytest.mark.parametrize("role", sorted(set(TRUTH) - {"系统管理员", "街道管理员"}))
def test_only_administrators_edit_dictionaries(role: str) -> None:
    assert not roles.allows(role, "edit", "DictionaryEntryView")


@pytest.mark.parametrize("role", sorted(set(TRUTH) - {"系统管理员"}))
def test_only_the_system_administrator_reaches_users_and_roles(role: str) -> None:
    assert not roles.allows(role, "list", "UserDBModelView")
    assert not roles.allows(role, "list", "RoleModelView")


def test_an_unknown_role_may_do_nothing() -> None:
    assert not any(roles.allows("临时角色", action, "ResidentView") for action in ALL)


def test_the_table_names_all_seven_roles_with_their_english() -> None:
    assert set(roles.ROLES) == set(TRUTH) == set(roles.ENGLISH)
