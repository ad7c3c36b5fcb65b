"""The import page: columns decided and remembered, rows looked at, cells put right, drafts kept to their owner."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from app import create_app
from app.core import worker as working
from app.core.base.moments import now
from app.core.base.scope import acting_as, system
from app.core.jobs.records import Job
from app.core.screens import imports
from app.core.sheets.background import found_of
from app.core.sheets.checking.how import CLEAR, ONLY_NEW, How
from app.core.sheets.checking.plan import plan_in
from app.core.sheets.checking.preview import REFUSED
from app.core.sheets.checking.remembered import RememberedHeading
from app.core.sheets.writing.importing import import_file
from app.db import db
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, PASSWORD, SECOND, WANGWAN, id_number
from tests.core.sheets.test_import import book, person

BIRTH = "19550505"
HEAD = ("姓名", "身份证号码", "联系电话", "学历", "所属网格")
SignIn = Callable[[str], FlaskClient]


@pytest.fixture(autouse=True)
def nothing_kept(app: Flask) -> None:
    with app.app_context():
        db.session.execute(delete(RememberedHeading))
        db.session.execute(delete(Job))
        db.session.commit()


def sent(browser: FlaskClient, path: Path, **form: str) -> str:
    answer = browser.post("/resident/import/", data={"file": (BytesIO(path.read_bytes()), path.name), **form})
    assert answer.status_code == 303, answer.get_data(as_text=True)[:800]
    return str(answer.headers["Location"])


def seen(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def rows(page: str) -> str:
    """The part of the page that shows rows; the columns above it show values too."""
    return page[page.index('id="rows"'):]


def numbers(page: str) -> list[int]:
    """New, changed, the same, refused."""
    return [int(n.replace(",", "")) for n in re.findall(r"<strong>([\d,]+)</strong></a>", page)[:4]]


def chosen(page: str, name: str) -> str:
    """What the select of a column says."""
    select_of = re.search(f'<select[^>]*name="{name}".*?</select>', page, re.S)
    assert select_of, name
    found = re.search(r'value="([^"]*)" selected', select_of[0])
    return found[1] if found else ""


def columns(browser: FlaskClient, address: str, **more: str) -> Any:
    return browser.post(f"{address}/columns", data={"h:1": "1", **{name.replace("_", ":"): value for name, value in more.items()}},
                        follow_redirects=True)


def strange(tmp_path: Path, name: str, serial: int) -> Path:
    """A workbook whose phone column nobody knows."""
    return book(tmp_path / f"{name}.xlsx", (f"映{serial}", id_number(serial, BIRTH), "19011117001", "某", FIRST),
                head=("姓名", "身份证号码", "常用号", "照片", "所属网格"))


def test_a_column_is_decided_once_and_the_next_workbook_of_the_same_person_is_read_that_way(
        client: SignIn, tmp_path: Path) -> None:
    browser = client("wangwan")
    address = sent(browser, strange(tmp_path, "a", 11))
    page = seen(browser, address)
    assert chosen(page, "f:1:2") == "" and "列名认不出" in page and "常用号、照片" in page
    assert "190****7001" in page and "19011117001" not in page  # nobody knows yet that it is a phone number
    page = columns(browser, address, f_1_2="phone").get_data(as_text=True)
    assert chosen(page, "f:1:2") == "phone" and "您选的" in page and numbers(page) == [1, 0, 0, 0]
    assert "映11" in seen(browser, browser.post(f"{address}/apply").headers["Location"])

    again = seen(browser, sent(browser, strange(tmp_path, "b", 13)))
    assert chosen(again, "f:1:2") == "phone" and "1 列按您上次的选择" in again
    others = seen(client("street"), sent(client("street"), strange(tmp_path, "c", 15)))
    assert chosen(others, "f:1:2") == ""

    kept = seen(browser, "/resident/import/")
    assert "常用号" in kept
    assert "常用号" not in browser.post("/resident/import/forget", data={"heading": "常用号"},
                                     follow_redirects=True).get_data(as_text=True)
    assert chosen(seen(browser, sent(browser, strange(tmp_path, "d", 17))), "f:1:2") == ""


def test_the_imported_phone_is_the_one_of_the_decided_column(app: Flask, client: SignIn, tmp_path: Path) -> None:
    browser = client("wangwan")
    address = sent(browser, strange(tmp_path, "a", 19))
    columns(browser, address, f_1_2="phone")
    browser.post(f"{address}/apply")
    with app.app_context(), system("look"):
        assert person_of(19).phone == "19011117001"
        outcome = import_file(Resident, strange(tmp_path, "cli", 21), dry_run=True)
        assert [m.column for m in outcome.messages] == ["常用号", "照片"]  # the command line remembers nobody's choices


def person_of(serial: int) -> Resident:
    from app.core.base.crypto import keyring

    digest = keyring().digest("id_number", id_number(serial, BIRTH))
    return db.session.scalars(select(Resident).where(Resident.id_number_digest == digest)).one()


def test_a_choice_that_agrees_with_the_heading_again_is_no_longer_remembered(app: Flask, client: SignIn, tmp_path: Path) -> None:
    browser = client("wangwan")
    address = sent(browser, strange(tmp_path, "a", 23))
    columns(browser, address, f_1_0="")
    assert chosen(seen(browser, address), "f:1:0") == "" and "缺少：姓名" in seen(browser, address)
    columns(browser, address, f_1_0="name")
    assert chosen(seen(browser, address), "f:1:0") == "name" and "缺少" not in seen(browser, address)
    with app.app_context():
        assert db.session.scalar(select(func.count(RememberedHeading.id))) == 0


def test_two_columns_for_one_field_are_refused_and_the_choices_stay_on_the_page(app: Flask, client: SignIn, tmp_path: Path) -> None:
    browser = client("wangwan")
    address = sent(browser, strange(tmp_path, "a", 25))
    answer = columns(browser, address, f_1_2="phone", f_1_3="phone")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "“常用号、照片”这几列都对应" in page
    assert chosen(page, "f:1:3") == "phone"
    with app.app_context():
        assert db.session.scalar(select(func.count(RememberedHeading.id))) == 0
    assert columns(browser, address, f_1_2="created_by").status_code == 200
    assert chosen(seen(browser, address), "f:1:2") == ""


def test_the_heading_is_moved_and_a_sheet_left_out(client: SignIn, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet, other = workbook.add_worksheet("名册"), workbook.add_worksheet("旧表")
        sheet.write_row(0, 0, ("称呼", "号码一", "所在"))
        sheet.write_row(1, 0, ("移一", id_number(27, BIRTH), FIRST))
        for at, row in enumerate((HEAD, ("旧一", id_number(29, BIRTH), "", "", FIRST))):
            other.write_row(at, 0, row)
    browser = client("wangwan")
    address = sent(browser, path)
    page = seen(browser, address)
    assert "没找到表头" in page and numbers(page) == [1, 0, 0, 0]
    answer = browser.post(f"{address}/columns", data={"h:1": "0", "h:2": "1", "out:2": "on"})
    assert answer.status_code == 422 and 'value="0"' in answer.get_data(as_text=True)
    browser.post(f"{address}/columns", data={"h:1": "1", "h:2": "1", "out:2": "on"})
    page = browser.post(f"{address}/columns", data={
        "h:1": "1", "f:1:0": "name", "f:1:1": "id_number", "f:1:2": "grid_code", "h:2": "1", "out:2": "on"},
        follow_redirects=True).get_data(as_text=True)
    assert numbers(page) == [1, 0, 0, 0]
    new = rows(seen(browser, f"{address}?show=new"))
    assert "移一" in new and "旧一" not in new


def test_a_workbook_without_any_known_heading_can_still_be_read_once_its_columns_are_chosen(client: SignIn, tmp_path: Path) -> None:
    browser = client("wangwan")
    address = sent(browser, book(tmp_path / "a.xlsx", ("无一", id_number(31, BIRTH), FIRST), head=("甲", "乙", "丙")))
    assert "没找到表头" in seen(browser, address)
    browser.post(f"{address}/columns", data={"h:1": "1"})
    page = columns(browser, address, f_1_0="name", f_1_1="id_number", f_1_2="grid_code").get_data(as_text=True)
    assert numbers(page) == [1, 0, 0, 0]


def bad(tmp_path: Path, first: int = 133) -> Path:
    return book(tmp_path / "bad.xlsx",
                ("改一", id_number(first, BIRTH), "123", "博士后", FIRST),
                ("改二", id_number(first + 2, BIRTH), "19011117035", "高中", "九十九网格"),
                ("改三", id_number(first + 4, BIRTH), "19011117037", "高中", FIRST), head=HEAD)


def test_bad_cells_are_put_right_on_the_page_one_after_the_other(app: Flask, client: SignIn, tmp_path: Path) -> None:
    browser = client("wangwan")
    address = sent(browser, bad(tmp_path, 33))
    page = seen(browser, address)
    assert numbers(page) == [1, 0, 0, 2]
    assert 'name="c:1:2:2" value="123"' in page and '<select class="form-control" name="c:1:2:3"' in page
    assert "改二" not in rows(seen(browser, f"{address}?show=refused&code=phone"))
    page = browser.post(f"{address}/cells", data={
        "c:1:2:2": "12345", "c:1:2:3": "20", "c:1:3:4": SECOND, "c:1:4:0": "不许改", "c:9:9:9": "x"},
        follow_redirects=True).get_data(as_text=True)
    assert numbers(page) == [2, 0, 0, 1]
    assert 'name="c:1:2:2" value="12345"' in page and "博士后" not in rows(page)  # still wrong: what was typed stays
    page = browser.post(f"{address}/cells", data={"c:1:2:2": "１９０１１１１７０３３"}, follow_redirects=True).get_data(as_text=True)
    assert numbers(page) == [3, 0, 0, 0]
    browser.post(f"{address}/apply")
    with app.app_context(), system("look"):
        assert (person_of(33).phone, person_of(33).education) == ("19011117033", "20")
        assert person_of(35).grid_code == SECOND and person_of(37).name == "改三"


def test_what_no_page_of_ours_sends_changes_nothing(app: Flask, client: SignIn, tmp_path: Path) -> None:
    browser = client("wangwan")
    address = sent(browser, bad(tmp_path))
    wrong = {f"c:1:{'9' * 30}:2": "1", "c:²:2:2": "1", "c:1:2": "1", "c:1:2:created_by": "1", "c:1:2:0": "别人", "c:": "1",
             "code": "' OR 1"}
    assert browser.post(f"{address}/cells", data=wrong).status_code == 303
    assert browser.post(f"{address}/cells", data={"go": "9" * 5000}).status_code == 303
    assert browser.post(f"{address}/columns", data={"h:1": "9" * 5000}).status_code == 422
    assert numbers(seen(browser, f"{address}?show=x&code=%27&page={'9' * 40}")) == [1, 0, 0, 2]
    with app.app_context():
        assert plan_in(db.session.get_one(Job, int(address.rsplit("/", 1)[1])).folder).typed_cells == 0


def test_a_cell_that_speaks_of_two_people_is_typed_once(client: SignIn, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet("队伍")
        for at, row in enumerate((("所属网格", "网格员", "", "网格长", ""), ("", "姓名", "电话", "姓名", "电话"),
                                  (FIRST, "队一、队二", "12、13", "队三", "19011117003"))):
            sheet.write_row(at, 0, row)
    browser = client("wangwan")
    address = str(browser.post("/gridstaff/import/", data={"file": (BytesIO(path.read_bytes()), "a.xlsx")}).headers["Location"])
    page = seen(browser, address)
    assert numbers(page) == [1, 0, 0, 2] and page.count('name="c:1:3:2" value="12、13"') == 1
    page = browser.post(f"{address}/cells", data={"c:1:3:2": ["19011117001、19011117002", "12、13"]},
                        follow_redirects=True).get_data(as_text=True)
    assert numbers(page) == [3, 0, 0, 0]
    assert "队二" in rows(seen(browser, f"{address}?show=new")) and "19011117002" in rows(seen(browser, f"{address}?show=new"))


def test_corrections_are_taken_back_together(client: SignIn, tmp_path: Path) -> None:
    browser = client("wangwan")
    address = sent(browser, bad(tmp_path))
    browser.post(f"{address}/cells", data={"c:1:2:2": "19011117033", "c:1:2:3": "20"})
    assert numbers(seen(browser, address)) == [2, 0, 0, 1]
    page = browser.post(f"{address}/cells", data={"undo": "1"}, follow_redirects=True).get_data(as_text=True)
    assert numbers(page) == [1, 0, 0, 2] and 'value="123"' in page


def test_what_a_sheet_has_no_column_for_is_filled_in_too(app: Flask, client: SignIn, tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", ("缺一", id_number(39, BIRTH)), ("缺二", id_number(41, BIRTH)), head=("姓名", "身份证号码"))
    browser = client("wangwan")
    address = sent(browser, path)
    assert numbers(seen(browser, address)) == [0, 0, 0, 2]
    page = browser.post(f"{address}/cells", data={"c:1:2:grid_code": FIRST}, follow_redirects=True).get_data(as_text=True)
    assert numbers(page) == [1, 0, 0, 1]
    browser.post(f"{address}/apply")
    with app.app_context(), system("look"):
        assert person_of(39).grid_code == FIRST


def test_turning_the_page_keeps_what_was_typed_without_a_check(client: SignIn, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(imports, "PAGE", 1)
    browser = client("wangwan")
    address = sent(browser, bad(tmp_path))
    first = rows(seen(browser, address))
    assert "改一" in first and "改二" not in first and "第 1 / 2 页" in first
    page = browser.post(f"{address}/cells", data={"c:1:2:2": "77", "go": "2"}, follow_redirects=True).get_data(as_text=True)
    assert "改二" in rows(page) and "改一" not in rows(page) and "还没有检查" in page and f"{address}/apply" not in page
    assert 'value="77"' in seen(browser, f"{address}?show=refused&page=1")
    assert "改二" in rows(seen(browser, f"{address}?show=refused&page=999999"))
    assert "改一" in rows(seen(browser, f"{address}?show=refused&page=-4"))


def test_changes_are_shown_cell_by_cell_and_masked(app: Flask, client: SignIn, tmp_path: Path) -> None:
    with app.app_context(), acting_as("wangwan", WANGWAN):
        import_file(Resident, book(tmp_path / "a.xlsx", ("变一", id_number(43, BIRTH), "19011117043", "高中", FIRST), head=HEAD))
    browser = client("wangwan")
    page = seen(browser, sent(browser, book(tmp_path / "b.xlsx", (
        "变一", id_number(43, BIRTH), "19011119943", "高中", SECOND), head=HEAD)))
    assert numbers(page) == [0, 1, 0, 0]
    assert "<del>190****7043</del>" in page and "<ins>190****9943</ins>" in page and "王湾社区二网格" in page
    assert "19011117043" not in page


def test_a_row_that_names_no_grid_moves_nobody_within_the_community_of_its_file(app: Flask, tmp_path: Path) -> None:
    head = ("姓名", "身份证号码", "联系电话")
    with acting_as("wangwan", WANGWAN):
        assert import_file(Resident, book(tmp_path / "a.xlsx", ("留一", id_number(47, BIRTH), "", "", SECOND), head=HEAD)).new == 1
        outcome = import_file(Resident, book(tmp_path / "b.xlsx", ("留一", id_number(47, BIRTH), "19011117047"), head=head),
                              grid=WANGWAN)
        assert [(c.label, c.new) for c in outcome.changes] == [("联系电话", "190****7047")]
        outcome = import_file(Resident, book(tmp_path / "c.xlsx", ("留一", id_number(47, BIRTH), "19011117047"), head=head),
                              grid=FIRST)
        assert [(c.label, c.new) for c in outcome.changes] == [("网格", "王湾社区一网格")]
    with system("look"):
        assert person_of(47).grid_code == FIRST


def test_the_rules_are_said_and_can_be_changed_after_the_check(client: SignIn, tmp_path: Path) -> None:
    browser = client("wangwan")
    address = sent(browser, bad(tmp_path), mode="new")
    assert "只新增" in seen(browser, address) and "空单元格不改动已有内容" in seen(browser, address)
    page = browser.post(f"{address}/rules", data={"mode": "known", "blank": "clear"}, follow_redirects=True).get_data(as_text=True)
    assert "空单元格会清空已有内容" in page and numbers(page)[0] == 0
    assert numbers(browser.post(f"{address}/rules", data={"mode": "nonsense"}, follow_redirects=True).get_data(as_text=True))[0] == 1


def test_a_blank_cell_empties_only_where_that_was_asked_for(app: Flask, tmp_path: Path) -> None:
    head = (*HEAD, "户号", "户主姓名", "备注")
    number = id_number(45, "19770707")
    with acting_as("wangwan", WANGWAN):
        import_file(Resident, book(tmp_path / "a.xlsx", (
            "清一", number, "19011117045", "高中", FIRST, "930001", "清一", "有备注"), head=head))
        blank = book(tmp_path / "b.xlsx", ("清一", number, "", "", "", "", "", ""), head=head)
        assert import_file(Resident, blank, grid=FIRST).same == 1
        assert import_file(Resident, blank, grid=FIRST, how=How(ONLY_NEW, CLEAR)).same == 1
        outcome = import_file(Resident, blank, grid=FIRST, how=How(blank=CLEAR))
        assert (outcome.changed, outcome.messages) == (1, [])
        assert {(c.label, c.new) for c in outcome.changes} == {("联系电话", ""), ("学历", ""), ("备注", "")}
        assert import_file(Resident, blank, grid=FIRST, how=How(blank=CLEAR)).same == 1
        nameless = book(tmp_path / "c.xlsx", ("", number, FIRST), head=("姓名", "身份证号码", "所属网格"))
        assert import_file(Resident, nameless, how=How(blank=CLEAR)).refused == 1
    with system("look"):
        row = person(45)
        assert (row.phone, row.education, row.remark) == (None, None, None)
        assert (row.name, row.grid_code, row.sex, row.document_type) == ("清一", FIRST, "1", "111")
        assert row.household.number == "930001"


def test_a_draft_is_its_owners_alone_and_expires(app: Flask, client: SignIn, tmp_path: Path) -> None:
    mine = client("wangwan")
    address = sent(mine, bad(tmp_path))
    with app.app_context():
        job = db.session.get_one(Job, int(address.rsplit("/", 1)[1]))
        folder, found = job.folder, found_of(job)
        assert found is not None and found.count(REFUSED) == 2
    for other in ("yangou", "street", "admin"):
        browser = client(other)
        assert browser.get(address).status_code == 404
        for step in ("cells", "columns", "rules", "check", "apply"):
            assert browser.post(f"{address}/{step}", data={"c:1:2:2": "19011117033"}).status_code == 404
    assert plan_in(folder).typed_cells == 0
    assert mine.get(address.replace("/resident/", "/house/")).status_code == 404
    with app.app_context():
        db.session.execute(update(Job).values(expires_at=now() - timedelta(seconds=1)))
        db.session.commit()
    page = seen(mine, address)
    assert "改一" not in page and "123" not in re.sub(r"<[^>]*>", "", page) and "不再显示" in page
    for step in ("cells", "columns", "rules", "check", "apply"):
        assert "重新上传" in mine.post(f"{address}/{step}", follow_redirects=True).get_data(as_text=True)
    with app.app_context():
        working.sweep()
    assert not folder.exists()


def test_a_draft_survives_a_restart_with_everything_that_was_typed(app: Flask, client: SignIn, tmp_path: Path) -> None:
    mine = client("wangwan")
    address = sent(mine, bad(tmp_path))
    mine.post(f"{address}/cells", data={"c:1:2:2": "77", "go": "1"})
    restarted = create_app(app.extensions["settings"])
    restarted.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    browser = restarted.test_client()
    browser.post("/login/", data={"username": "wangwan", "password": PASSWORD})
    assert 'name="c:1:2:2" value="77"' in seen(browser, address)


def test_a_reader_of_other_records_finds_no_words_of_the_draft_in_the_database(app: Flask, client: SignIn, tmp_path: Path) -> None:
    browser = client("wangwan")
    address = sent(browser, bad(tmp_path))
    browser.post(f"{address}/cells", data={"c:1:2:2": "19011117033"})
    with app.app_context():
        job = db.session.get_one(Job, int(address.rsplit("/", 1)[1]))
        assert "19011117033" not in f"{job.arguments}{job.result}{job.words}{job.title}"


@pytest.mark.parametrize(("name", "record", "told"), [
    ("家和苑社区户籍人口.xls", "resident", "户籍"), ("流动人口台账_GBK.csv", "resident", "流动人口台账_GBK"),
    ("网格管理队伍一览表.xlsx", "gridstaff", "网格长 姓名"), ("王湾社区居民花名册.xlsx", "resident", "身份证")])
def test_the_page_shows_every_kind_of_workbook(client: SignIn, monkeypatch: Any, name: str, record: str, told: str) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 10_000_000)
    browser, path = client("street"), Path(__file__).parents[2] / "samples" / name
    answer = browser.post(f"/{record}/import/", data={"file": (BytesIO(path.read_bytes()), path.name)})
    address = str(answer.headers["Location"])
    page = seen(browser, address)
    assert told in page and 'name="h:1"' in page and "缺少：" not in page
    for state in ("refused", "changed", "new", "same"):
        assert 'id="rows"' in seen(browser, f"{address}?show={state}")


def test_of_two_who_write_one_workbook_at_the_same_moment_one_does(app: Flask, client: SignIn, tmp_path: Path,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    browser, move, faster = client("wangwan"), imports.move_draft, tmp_path / "faster"
    address = sent(browser, book(tmp_path / "a.xlsx", ("同时写", id_number(871), FIRST), head=("姓名", "身份证号码", "所属网格")))
    faster.mkdir()

    def second(source: Path, target: Path) -> None:
        move(source, faster)
        move(source, target)

    monkeypatch.setattr(imports, "move_draft", second)
    answer = browser.post(f"{address}/apply")
    assert answer.status_code == 303 and "重新上传" in seen(browser, answer.headers["Location"])
    with app.app_context():
        assert not db.session.scalars(select(Job).where(Job.state == "queued")).all()
