"""Users: the system administrator gives each a role and a grid node on the screen."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.conftest import YANGOU


def test_the_users_screen_sets_the_node(app: Flask, client: Any) -> None:
    browser = client("admin")
    page = browser.get("/users/list/").get_data(as_text=True)
    assert "网格编码" in page and "wangwan" in page
    edit = browser.get("/users/edit/1").get_data(as_text=True)
    assert 'name="node"' in edit and "Groups" not in edit
    with app.app_context():
        user = app.appbuilder.sm.find_user(username="nobody")
        roles = [role.id for role in user.roles]
        pk = user.id
    answer = browser.post(f"/users/edit/{pk}", data={
        "username": "nobody", "last_name": "无", "first_name": "名", "email": "nobody@localhost.invalid",
        "roles": roles, "node": YANGOU, "active": "y"})
    assert answer.status_code == 302
    assert "燕沟社区一网格" in client("nobody").get("/resident/list/").get_data(as_text=True)


def test_only_the_system_administrator_reaches_it(app: Flask, client: Any) -> None:
    for username in ("street", "wangwan", "leader"):
        assert client(username).get("/users/list/").status_code == 403
