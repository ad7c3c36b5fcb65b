"""Who may do what: every role on every view, asked through the security manager and kept in rights.txt as a diff to review."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g

from app import roles
from app.core.cases.records import Case
from app.db import db
from tests import golden
from tests.street import PEOPLE

RIGHTS = Path(__file__).parent / "rights.txt"
HEAD = "# view | role | what it may do; written by: run.py test tests/test_roles.py --regenerate\n"
ROLES = {PEOPLE[name][0]: name for name in ("admin", "street", "clerk", "wangwan", "wangwan01", "inspector", "leader")}
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True, scope="module")


def actions(app: Flask) -> dict[str, dict[str, str]]:
    """Every action a view knows, and the steps of its cases: name of the view -> action -> the right it asks for."""
    found: dict[str, dict[str, str]] = {}
    for view in app.appbuilder.baseviews:
        known = found.setdefault(view.class_permission_name, {})
        known |= {name.removeprefix("can_"): name.removeprefix("can_") for name in view.base_permissions or ()}
        record = getattr(view, "record", None)
        if record is not None and issubclass(record, Case):
            known |= {name: str(step.duty) for name, step in record.workflow.by_name.items()}
    return {name: dict(sorted(known.items())) for name, known in sorted(found.items()) if known}


def granted(app: Flask, view: str) -> list[str]:
    """What whoever sends this request may do on a view."""
    return [action for action, right in actions(app)[view].items() if app.appbuilder.sm.has_access(f"can_{right}", view)]


@lru_cache(maxsize=2)
def allowed(app: Flask) -> dict[tuple[str, str], list[str]]:
    """What the security manager grants: (view, role) -> actions."""
    found = {}
    for role, username in ROLES.items():
        with app.test_request_context():
            g.user = app.appbuilder.sm.find_user(username)
            found |= {(view, role): granted(app, view) for view in actions(app)}
            db.session.remove()
    return found


def rights(app: Flask) -> str:
    """One line a view and role."""
    lines = sorted(allowed(app).items(), key=lambda line: (line[0][0], list(ROLES).index(line[0][1])))
    return HEAD + "".join(f"{view} | {role} | {' '.join(may) or '-'}\n" for (view, role), may in lines)


def test_the_rights_are_those_that_were_reviewed(app: Flask, request: Any) -> None:
    golden.same(RIGHTS, rights(app), request.config.getoption("--regenerate"))


@pytest.mark.parametrize("username", ["stranger", "nobody's role"])
def test_who_has_no_role_may_do_nothing(app: Flask, username: str) -> None:
    manager = app.appbuilder.sm
    with app.app_context():
        newcomer = manager.user_model(username=username, active=True, roles=[manager.role_model(name="临时角色")])
    with app.test_request_context():
        g.user = newcomer if username != "stranger" else None
        if g.user is None:
            g.user = manager.lm.anonymous_user()
        found = {view: granted(app, view) for view in actions(app)}
        db.session.rollback()
    assert {view: may for view, may in found.items() if may} == {}


def test_no_role_names_an_action_that_is_nowhere(app: Flask) -> None:
    """A misspelt action would grant nothing, and nobody would know."""
    known = {right for rights in actions(app).values() for right in rights.values()}
    named = {str(action) for table in roles.ROLES.values() for may in table.values() for action in may}
    assert named - known == set()


def test_the_table_names_all_seven_roles_with_their_english(app: Flask) -> None:
    assert set(roles.ROLES) == set(ROLES) == set(roles.ENGLISH)
