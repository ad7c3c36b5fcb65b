"""What every view owes, collected over all of them: a record written later is tested before its own first test."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from app.core import assembly
from app.core.base import registry
from app.core.base.fields import fields_of, meaning
from app.core.base.scope import acting_as, scope_column, system
from app.db import db
from app.subsystems.people.residents import Resident
from tests.databases import databases
from tests.street import PASSWORD, PEOPLE, WANGWAN
from tests.test_roles import allowed

assembly.discover()
VIEWS = registry.record_views()
PAGES = {"list": "list/", "add": "add", "chart": "chart/", "import": "import/", "export": "export"}
ACTS = {"change": "edit", "discard": "delete", "restore": "delete"}  # act on many rows -> right it wants
NAMES = [view.__name__ for view in VIEWS]


def first_database_only(app: Flask) -> None:
    """What asks no database is asked once."""
    if not app.extensions["settings"].url.startswith(databases()[0]):
        pytest.skip("asked on the first database")


def some_row(app: Flask, view: Any, foreign: bool) -> int | None:
    """The id of a row inside or outside 王湾."""
    record = view.record
    column = getattr(record, scope_column(record), None)
    if column is None:
        return None
    inside = column.startswith(WANGWAN)
    with app.app_context(), system("test row"):
        return db.session.scalar(db.select(record.id).where(~inside if foreign else inside))


@pytest.fixture(scope="module")
def browsers(app: Flask) -> dict[str, FlaskClient]:
    """Everybody, signed in once: what stands here only reads."""
    found = {"stranger": app.test_client()}
    for username in PEOPLE:
        found[username] = app.test_client()
        assert found[username].post("/login/", data={"username": username, "password": PASSWORD}).status_code == 302
    return found


@pytest.fixture
def client(browsers: dict[str, FlaskClient]) -> Any:
    return browsers.__getitem__


@pytest.fixture(scope="module")
def tokens(app: Flask) -> dict[str, dict[str, str]]:
    return {}


@pytest.fixture
def token(app: Flask, tokens: dict[str, dict[str, str]]) -> Any:
    def header(username: str) -> dict[str, str]:
        if username not in tokens:
            answer = app.test_client().post("/api/v1/security/login", json={
                "username": username, "password": PASSWORD, "provider": "db"})
            tokens[username] = {"Authorization": f"Bearer {answer.get_json()['access_token']}"}
        return tokens[username]
    return header


def answers(browser: FlaskClient, view: Any) -> dict[str, Any]:
    """What the pages of a view answer, and what its acts on many rows do: action -> answer."""
    view.derive()
    found = {action: browser.get(f"{view.route_base}/{page}") for action, page in PAGES.items()}
    for act in ACTS:
        found[f"bulk {act}"] = browser.post(f"{view.route_base}/bulk/", data={"act": act, "id": "1"})
    return found


def wanted(view: Any, may: set[str]) -> dict[str, int]:
    """What they should answer to somebody who may do these actions."""
    found = {action: 200 if action in may else 403 for action in PAGES}
    if not view.charts and not meaning(view.record, "birth_date") and found["chart"] == 200:
        found["chart"] = 404
    return found | {f"bulk {act}": 200 if {"list", right} <= may else 403 for act, right in ACTS.items()}


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_a_stranger_is_sent_to_the_sign_in_page(app: Flask, client: Any, view: Any) -> None:
    found = answers(client("stranger"), view)
    assert {action: (answer.status_code, answer.headers.get("Location", "").split("?")[0])
            for action, answer in found.items()} == dict.fromkeys(found, (302, "/login/"))


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
@pytest.mark.parametrize("username", sorted(set(PEOPLE) - {"nobody", "yangou"}))
def test_every_page_answers_as_the_rights_say(app: Flask, client: Any, view: Any, username: str) -> None:
    """The rights themselves are reviewed in rights.txt. They are asked of no database:
    all accounts on one, and somebody who may nearly everything on each.
    """
    if username != "street":
        first_database_only(app)
    may = set(allowed(app)[view.__name__, PEOPLE[username][0]])
    found = {action: answer.status_code for action, answer in answers(client(username), view).items()}
    assert found == wanted(view, may), username


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_a_foreign_row_is_not_found_on_any_page(app: Flask, client: Any, view: Any) -> None:
    pk = some_row(app, view, foreign=True)
    if pk is None:
        pytest.skip("the test street has no foreign row of this record")
    browser = client("wangwan")
    for page in ("show", "edit"):
        assert browser.get(f"{view.route_base}/{page}/{pk}").status_code in (403, 404)
    for page in ("edit", "delete", "restore", "reveal"):
        answer = browser.post(f"{view.route_base}/{page}/{pk}", data={"purpose": "试探"})
        assert answer.status_code in (403, 404), page


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_the_rest_twin_knows_no_foreign_row_and_asks_for_a_token(app: Flask, token: Any, view: Any) -> None:
    browser, name = app.test_client(), registry.record_name(view.record)
    assert browser.get(f"/api/v1/{name}/").status_code == 401
    header = token("wangwan")
    pk = some_row(app, view, foreign=True)
    answer = browser.get(f"/api/v1/{name}/", headers=header)
    assert answer.status_code in (200, 403)
    if pk is not None:
        if answer.status_code == 200:
            assert pk not in answer.get_json()["ids"]
        for method in ("get", "put", "delete"):
            answer = getattr(browser, method)(f"/api/v1/{name}/{pk}", headers=header,
                                              **({"json": {}} if method == "put" else {}))
            assert answer.status_code in (403, 404), method


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_a_user_without_a_node_sees_no_rows(app: Flask, view: Any) -> None:
    if not hasattr(view.record, scope_column(view.record)):
        pytest.skip("this record lies in no grid")
    with acting_as("nobody", ""):
        assert db.session.scalars(db.select(view.record)).first() is None


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_nonsense_in_the_address_is_never_a_crash(app: Flask, client: Any, view: Any) -> None:
    browser = client("admin")
    for query in ("page=x&size=-1", "sort=nosuch", "sort=-changed_at", "after=!!!", "q=%00%27%22*(",
                  "f.nosuch=1", "f.id=x", "cols=nosuch,,", "page=99999999999", "q=" + "测" * 300,
                  "before=W10", "f.grid_code=%25"):
        assert browser.get(f"{view.route_base}/list/?{query}").status_code == 200, query


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_sensitive_columns_are_masked_everywhere(app: Flask, client: Any, token: Any, view: Any) -> None:
    pk = some_row(app, view, foreign=False)
    sensitive = [n for n, w in fields_of(view.record).items() if w.mask in ("id_number", "phone")]
    if pk is None or not sensitive:
        pytest.skip("nothing sensitive in the test street")
    with app.app_context(), system("what must not show"):
        row = db.session.get(view.record, pk)
        secrets = [getattr(row, name) for name in sensitive if getattr(row, name)]
    browser = client("admin")
    texts = [browser.get(f"{view.route_base}/{page}").get_data(as_text=True)
             for page in ("list/", f"show/{pk}", f"edit/{pk}")]
    name = registry.record_name(view.record)
    texts += [app.test_client().get(f"/api/v1/{name}/{tail}", headers=token("admin")).get_data(as_text=True)
              for tail in ("", str(pk))]
    for secret in secrets:
        assert not any(secret in text for text in texts)


@pytest.mark.parametrize("view", VIEWS, ids=NAMES)
def test_every_word_of_a_record_is_chinese_for_chinese_users(app: Flask, view: Any) -> None:
    first_database_only(app)
    with app.test_request_context(), force_locale("zh"):
        words = [str(view.record.__label__)]
        for field in fields_of(view.record).values():
            words += [str(field.label), str(field.help), str(field.section)]
        words += [str(named.label) for named in view.named_filters.values()]
    allowed = {"GeoJSON", "ID"}
    for text in words:
        latin = [w for w in text.replace("/", " ").split() if w.isascii() and w.isalpha() and len(w) > 1]
        assert set(latin) <= allowed, text


def test_select_options_never_offer_foreign_rows(app: Flask, client: Any) -> None:
    browser = client("wangwan")
    offered = browser.get("/resident/options/household_id?q=测试").get_json()["results"]
    assert [row["text"] for row in offered] == ["测试1（000001）", "测试2（000002）"]
    grids = browser.get("/resident/options/grid_code").get_json()["results"]
    assert all(row["id"].startswith(WANGWAN) for row in grids)


def test_a_row_cannot_be_moved_out_nor_tied_to_a_foreign_household(app: Flask, token: Any) -> None:
    with app.app_context(), system("ids"):
        mine = db.session.scalar(db.select(Resident.id).where(Resident.grid_code.startswith(WANGWAN)))
        foreign = db.session.scalar(db.select(Resident.household_id).where(
            ~Resident.grid_code.startswith(WANGWAN)))
    browser, header = app.test_client(), token("wangwan")
    for change in ({"grid_code": "420303002003001"}, {"household_id": foreign}, {"id": 1}, {"version": 0}):
        answer = browser.put(f"/api/v1/resident/{mine}", json=change, headers=header)
        assert answer.status_code in (404, 409, 422), change
