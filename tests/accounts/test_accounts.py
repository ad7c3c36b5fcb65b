"""Users: the system administrator gives each a role and a grid node on the screen."""

from __future__ import annotations

from typing import Any

from flask import Flask

from tests.conftest import YANGOU


def test_the_users_screen_sets_the_node(app: Flask, client: Any) -> None:
    browser = client("admin")
    page = browser.get("/users/list/").get_data(as_text=True)
    assert "王湾社区" in page and "wangwan" in page
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


def test_a_user_needs_a_name_a_role_and_a_place_only(app: Flask, client: Any) -> None:
    browser = client("admin")
    form = browser.get("/users/add").get_data(as_text=True)
    assert 'name="email"' not in form and 'name="last_name"' not in form and "燕沟社区一网格" in form
    with app.app_context():
        role = app.appbuilder.sm.find_role("网格员").id
    person = {"username": "newcomer", "first_name": "新来", "roles": [role], "node": YANGOU, "active": "y"}
    weak = browser.post("/users/add", data={**person, "password": "12345678", "conf_password": "12345678"})
    assert "至少 8 位" in weak.get_data(as_text=True)
    answer = browser.post("/users/add", data={**person, "password": "Gewu#2026", "conf_password": "Gewu#2026"})
    assert answer.status_code == 302
    assert "您好，新来" in client("newcomer").get("/").get_data(as_text=True)
    assert "燕沟社区" in browser.get("/users/list/").get_data(as_text=True)


def test_the_password_form_refuses_weak_and_differing_ones(client: Any) -> None:
    browser = client("clerk")
    for first, second, words in (("short1A", "short1A", "至少 8 位"), ("Gewu#2027", "Gewu#2028", "两次输入的密码不一致")):
        page = browser.post("/resetmypassword/form", data={"password": first, "conf_password": second})
        assert words in page.get_data(as_text=True)


def test_a_role_is_shown_as_what_it_may_do_and_cannot_be_edited(app: Flask, client: Any) -> None:
    browser = client("admin")
    with app.app_context():
        pk = app.appbuilder.sm.find_role("领导(只读)").id
    page = browser.get(f"/roles/show/{pk}").get_data(as_text=True)
    assert "居民" in page and "查看完整信息" in page and "can_" not in page
    for method, address in (("get", "add"), ("get", f"edit/{pk}"), ("post", f"delete/{pk}")):
        assert getattr(browser, method)(f"/roles/{address}").status_code == 404
    assert browser.get("/roles/list/").status_code == 200


def test_a_refused_page_names_the_missing_right(client: Any) -> None:
    page = client("leader").get("/resident/add")
    assert page.status_code == 403 and "缺少的权限：居民 · 新增" in page.get_data(as_text=True)


def test_the_roles_are_searched_by_name_in_chinese(client: Any) -> None:
    browser = client("admin")
    page = browser.get("/roles/list/?_flt_2_name=网格员").get_data(as_text=True)
    main = page[page.index('id="main"'):]
    assert 'name="_flt_2_name" value="网格员"' in main and "督查考核员" not in main


def test_the_last_sign_in_is_told_in_the_offices_time() -> None:
    from datetime import UTC, datetime

    from app.screens.accounts import _office_time

    machine = datetime(2026, 1, 31, 20, 5, tzinfo=UTC).astimezone().replace(tzinfo=None)
    assert _office_time(machine) == "2026-02-01 04:05" and _office_time(None) == ""
