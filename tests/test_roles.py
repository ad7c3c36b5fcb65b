"""Who may do what: every role on every view, asked through the security manager and kept in rights.txt as a diff to review."""

from __future__ import annotations

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


def actions(app: Flask) -> dict[str, list[str]]:
    """Every action a view knows, and the steps of its cases: name of the view -> actions."""
    found: dict[str, set[str]] = {}
    for view in app.appbuilder.baseviews:
        known = found.setdefault(view.class_permission_name, set())
        known |= {name.removeprefix("can_") for name in view.base_permissions or ()}
        record = getattr(view, "record", None)
        if record is not None and issubclass(record, Case):
            known |= set(record.workflow.by_name)
    return {name: sorted(known) for name, known in sorted(found.items()) if known}


def rights(app: Flask) -> str:
    """One line a role and view with what the security manager grants."""
    manager, lines = app.appbuilder.sm, []
    for view, known in actions(app).items():
        for role, username in ROLES.items():
            with app.test_request_context():
                g.user = manager.find_user(username)
                may = [action for action in known if manager.has_access(f"can_{action}", view)]
                db.session.remove()
            lines.append(f"{view} | {role} | {' '.join(may) or '-'}")
    return HEAD + "\n".join(lines) + "\n"


def allowed() -> dict[tuple[str, str], set[str]]:
    """What rights.txt says: (view, role) -> actions."""
    lines = RIGHTS.read_text(encoding="utf-8").splitlines()[1:]
    return {(view, role): set(may.split()) for view, role, may in (line.split(" | ") for line in lines)}


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
        granted = [(view, action) for view, known in actions(app).items() for action in known
                   if manager.has_access(f"can_{action}", view)]
        db.session.rollback()
    assert granted == []


def test_no_role_names_an_action_that_is_nowhere(app: Flask) -> None:
    """A misspelt action would grant nothing, and nobody would know."""
    known = {action for names in actions(app).values() for action in names}
    named = {action for table in roles.ROLES.values() for actions_ in table.values() for action in actions_}
    assert named - known == set()


def test_the_table_names_all_seven_roles_with_their_english(app: Flask) -> None:
    assert set(roles.ROLES) == set(ROLES) == set(roles.ENGLISH)
