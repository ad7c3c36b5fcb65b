"""One wrong value is put right once for all rows and remembered for the office; one row is put right alone."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import delete

from app.core.base.scope import system
from app.core.sheets.checking.remembered import RememberedValue
from app.db import db
from tests.conftest import FIRST, FOREIGN, SECOND, WANGWAN, id_number
from tests.core.screens.test_import_page import (  # noqa: F401
    BIRTH,
    SignIn,
    nothing_kept,
    numbers,
    person_of,
    rows,
    seen,
    sent,
)
from tests.core.sheets.test_import import book

CASES = Path(__file__).parents[1] / "sheets" / "cases"
HEAD = ("姓名", "身份证号码", "学历", "所属网格")


def untouched(page: str) -> dict[str, Any]:
    """What a browser sends of the rows that nobody touched."""
    form = page[page.index('class="s-form s-fixes"'):]
    found = dict.fromkeys(re.findall(r'<select[^>]* name="([cv]:[^"]+)"', form), "")
    for name, value in re.findall(r'<input[^>]* name="([cwv]:[^"]+)" value="([^"]*)"', form):
        found[unescape(name)] = unescape(value)
    return found


def many(tmp_path: Path, first: int, count: int = 51) -> Path:
    people = [(f"众{at}", id_number(first + at, BIRTH), "博士后" if at % 2 else "高中", "火车站网格") for at in range(count)]
    return book(tmp_path / "a.xlsx", *people, head=HEAD)


def test_correcting_one_row_changes_that_row_alone(client: SignIn) -> None:
    browser = client("street")
    address = sent(browser, CASES / "26-page-fix-erases-grid.xlsx")
    page = seen(browser, f"{address}?show=refused")
    before = numbers(page)
    form = untouched(page)
    assert {"c:1:3:4", "c:1:4:4"} <= form.keys()
    after = browser.post(f"{address}/cells", data={**form, **({"c:1:5:3": "1931-01-03"} if "c:1:5:3" in form else {})},
                         follow_redirects=True).get_data(as_text=True)
    assert before[3] in (2, 3) and numbers(after) == [1, 0, 0, 2]
    assert "花果社区三网格" in rows(after) and "火车站网格" in rows(after)


def test_a_form_that_comes_back_untouched_changes_nothing(client: SignIn, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", ("换\n行", "4203991955050500", "博士后", "哪里", "也许"), ("乙", "123\n456", "", "", ""),
                head=(*HEAD, "人员类别"))
    browser = client("wangwan")
    address = sent(browser, path)
    page = seen(browser, address)
    page = browser.post(f"{address}/cells", data=untouched(page), follow_redirects=True).get_data(as_text=True)
    assert 'name="undo"' not in page and numbers(page)[3] == 2


def test_fifty_one_rows_with_one_wrong_grid_are_one_question(app: Flask, client: SignIn, tmp_path: Path) -> None:
    browser = client("wangwan")
    address = sent(browser, many(tmp_path, 301))
    page = seen(browser, address)
    assert numbers(page) == [0, 0, 0, 51]
    assert len(re.findall(r'<select[^>]* name="v:', page)) == 2 and "51 行" in page and "25 行" in page
    form = untouched(page)
    assert [form["w:0"], form["w:1"]] == ["grid_code|名册|火车站网格", "education||博士后"]
    after = browser.post(f"{address}/cells", data={**form, "v:0": SECOND, "v:1": "10", "c:1:3:3": FIRST}, follow_redirects=True)
    assert numbers(after.get_data(as_text=True)) == [51, 0, 0, 0]
    browser.post(f"{address}/apply")
    with app.app_context(), system("look"):
        assert [(person_of(301 + at).grid_code, person_of(301 + at).education) for at in (0, 1, 2)] == [
            (SECOND, "60"), (FIRST, "10"), (SECOND, "60")]
        assert {row.wrong: row.right for row in db.session.query(RememberedValue)} == {"火车站网格": SECOND, "博士后": "10"}


def forgotten(app: Flask) -> None:
    with app.app_context():
        db.session.execute(delete(RememberedValue))
        db.session.commit()


def test_what_the_office_decided_is_known_to_everybody_until_it_is_forgotten(app: Flask, client: SignIn, tmp_path: Path) -> None:
    forgotten(app)
    browser = client("street")
    address = sent(browser, many(tmp_path, 401, 4))
    browser.post(f"{address}/cells", data={**untouched(seen(browser, address)), "v:0": FIRST, "v:1": "-"})
    other = client("wangwan")
    page = seen(other, sent(other, many(tmp_path, 501, 4)))
    assert numbers(page) == [4, 0, 0, 0] and "已按本单位以前的决定处理" in page
    kept = seen(other, "/resident/import/")
    assert "博士后" in kept and "火车站网格" in kept
    for field, wrong in (("education", "博士后"), ("grid_code", "火车站网格")):
        other.post("/resident/import/forget", data={"field": field, "wrong": wrong})
    assert "博士后" not in seen(other, "/resident/import/")
    assert numbers(seen(other, sent(other, many(tmp_path, 601, 4))))[3] == 4


def test_a_bare_number_of_a_grid_is_remembered_for_nobody_else(app: Flask, client: SignIn, tmp_path: Path) -> None:
    forgotten(app)
    path = book(tmp_path / "a.xlsx", ("号一", id_number(701, BIRTH), "", "九网格"), ("号二", id_number(703, BIRTH), "", "九网格"), head=HEAD)
    browser = client("wangwan")
    address = sent(browser, path)
    page = browser.post(f"{address}/cells", data={**untouched(seen(browser, address)), "v:0": FIRST},
                        follow_redirects=True).get_data(as_text=True)
    assert numbers(page) == [2, 0, 0, 0]
    with app.app_context():
        assert not db.session.query(RememberedValue).count()


def test_an_answer_to_another_value_than_the_page_showed_is_not_taken(client: SignIn, tmp_path: Path) -> None:
    browser = client("wangwan")
    address = sent(browser, many(tmp_path, 801, 4))
    for form in ({"v:0": SECOND}, {"v:0": SECOND, "w:0": "grid_code|名册|别处"}, {"v:0": "999", "w:0": "grid_code|名册|火车站网格"}):
        page = browser.post(f"{address}/cells", data=form, follow_redirects=True).get_data(as_text=True)
        assert numbers(page)[3] == 4


def test_what_is_still_refused_after_the_import_can_be_put_right(app: Flask, client: SignIn, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", ("余一", id_number(811, BIRTH), "高中", FIRST), ("余二", id_number(813, BIRTH), "博士后", FIRST), head=HEAD)
    browser = client("wangwan")
    applied = str(browser.post(f"{sent(browser, path)}/apply").headers["Location"])
    assert "接着改没有收下的 1 行" in seen(browser, applied)
    again = str(browser.post(f"{applied}/check").headers["Location"])
    page = seen(browser, again)
    assert numbers(page) == [0, 0, 1, 1]
    page = browser.post(f"{again}/cells", data={**untouched(seen(browser, f"{again}?show=refused")), "c:1:3:2": "10"},
                        follow_redirects=True).get_data(as_text=True)
    assert numbers(page) == [1, 0, 1, 0]


def test_the_page_says_where_new_people_will_live(client: SignIn, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", ("住一", id_number(821, BIRTH), "", FIRST, "000777", "住一"), head=(*HEAD, "户号", "户主姓名"))
    browser = client("wangwan")
    page = rows(seen(browser, f"{sent(browser, path)}?show=new"))
    assert "王湾社区一网格" in page and "000777，户主住一（新建）" in page and "1955-05-05" in page


def test_the_page_asks_where_a_sheet_of_another_community_belongs(client: SignIn) -> None:
    browser = client("street")
    address = sent(browser, CASES / "08-sheet-per-community.xlsx", grid=FIRST)
    page = seen(browser, address)
    assert "归属待确认" in page and numbers(page) == [3, 0, 0, 6]
    places = dict(re.findall(r'name="(h:\d)"[^>]*value="(\d*)"', page))
    page = browser.post(f"{address}/columns", data={**places, "p:3": "420303002003", "p:4": WANGWAN, "out:1": "on"},
                        follow_redirects=True).get_data(as_text=True)
    assert numbers(page) == [9, 0, 0, 0]


def test_a_hidden_sheet_is_marked_and_can_be_chosen(client: SignIn) -> None:
    browser = client("wangwan")
    address = sent(browser, CASES / "x19-hidden-sheet.xlsx", grid=FIRST)
    page = seen(browser, address)
    assert "隐藏的工作表" in page and numbers(page) == [1, 0, 0, 0]
    page = browser.post(f"{address}/columns", data={"h:1": "1", "h:2": "1"}, follow_redirects=True).get_data(as_text=True)
    assert numbers(page) == [2, 0, 0, 0]


def test_what_one_community_reads_as_a_place_binds_no_other_and_not_the_street(client: SignIn, tmp_path: Path) -> None:
    """A secretary who says that 老街网格 is his own grid sends nobody else's people there."""
    browser = client("yangou")

    def check(who: Any, serial: int) -> tuple[str, str]:
        people = [(f"老街{at}", id_number(serial + at, BIRTH), "高中", "老街片网格") for at in range(6)]
        address = sent(who, book(tmp_path / "a.xlsx", *people, head=HEAD))
        return address, seen(who, address)

    address, page = check(browser, 700)
    question = next(name for name in untouched(page) if name.startswith("v:"))
    after = browser.post(f"{address}/cells", data={**untouched(page), question: FOREIGN}, follow_redirects=True)
    assert numbers(after.get_data(as_text=True)) == [6, 0, 0, 0]
    assert numbers(check(browser, 710)[1]) == [6, 0, 0, 0]
    for other in (client("wangwan"), client("street")):
        page = check(other, 720)[1]
        assert numbers(page) == [0, 0, 0, 6] and any(name.startswith("v:") for name in untouched(page))
        forgotten = {"field": "grid_code", "wrong": "老街片网格"}
        assert other.post("/resident/import/forget", data=forgotten).status_code == 302
    assert numbers(check(browser, 730)[1]) == [6, 0, 0, 0]
