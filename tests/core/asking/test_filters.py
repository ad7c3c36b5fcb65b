"""A filter is what it says: any one, over any record, against a slow count by hand; a page, REST and a chart agree."""

from __future__ import annotations

import operator
import os
import random
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.core import assembly
from app.core.asking import filters, listing
from app.core.asking.charts import behind, count_by
from app.core.base.dates import age_on
from app.core.base.fields import Field, fields_of
from app.core.base.moments import at, local, today
from app.core.base.registry import record_views
from app.core.base.scope import acting_as, scope_column, system
from app.core.telling.masking import AccessLog
from app.db import db
from app.subsystems.people.residents import Resident
from tests.conftest import FIRST, PASSWORD, STREET, WANGWAN, id_number
from tests.filling import fill

assembly.discover()
TRIES = 300 if os.environ.get("GEWU_DEEP") else 20
VIEWS = record_views()
SIGNS = {filters.FROM: operator.ge, filters.TO: operator.le, filters.ABOVE: operator.gt, filters.BELOW: operator.lt}


@pytest.fixture(scope="module")
def filled(app: Flask) -> Flask:
    """The test street with rows of every record in it."""
    with app.app_context(), system("rows of every record"):
        fill(12, random.Random(29))
        db.session.remove()
    return app


@pytest.fixture
def street(filled: Flask) -> Iterator[None]:
    with filled.app_context(), acting_as("wangwan", WANGWAN):
        yield
        db.session.rollback()


def written(words: Field, value: Any, chance: random.Random) -> str:
    """A stored value as somebody may type it into an address."""
    if chance.random() < 0.1:
        return chance.choice(["", "-", "x", "张", "0", "1", "3"])
    if isinstance(value, list):
        return chance.choice(value) if value else "-"
    if isinstance(value, datetime):
        return local(value).strftime(chance.choice(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S+08:00"]))
    if isinstance(value, bool):
        return str(int(value))
    return str(value)[:12] if words.kind == "grid" and chance.random() < 0.4 else str(value)


def some_filter(view: Any, rows: list[Any], chance: random.Random) -> tuple[str, list[str]] | None:
    """A filter a list knows, with values that rows of it have; None when a list has none."""
    names = [name + ending for name in view.words for ending in ("", *filters.OPERATORS)
             if filters.known_filter(view, name + ending, True) and name + ending not in view.named_filters]
    if not names:
        return None
    name = chance.choice(names)
    plain, asked = filters.parts(name)
    words = fields_of(view.record)[plain]
    if asked == filters.EMPTY:
        return name, [chance.choice(["0", "1", "maybe"])]
    if asked in (filters.AGE_FROM, filters.AGE_TO):
        return name, [chance.choice(["0", "18", "60", "80", "151", "-1", "x"])]
    held = [value for row in rows if (value := getattr(row, plain)) not in (None, "", [])] or ["0"]
    return name, [written(words, chance.choice(held), chance) for _value in range(chance.randint(1, 3))]


def fits(record: Any, row: Any, name: str, values: list[str]) -> bool:
    """Whether a row is what a filter asks for, slowly and by the words of the dialog."""
    plain, asked = filters.parts(name)
    words = fields_of(record)[plain]
    value = getattr(row, plain)
    if asked == filters.NOT:
        read = [readable(words, text) for text in values]
        return all(read) and not any(fits_one(record, words, value, "", text) for text in values)
    found = [fits_one(record, words, value, asked, text) for text in values]
    return all(found) if asked in filters.RANGES else any(found)


def readable(words: Field, text: str) -> bool:
    return text in ("", "-") or filters._typed(words, text) is not None


def fits_one(record: Any, words: Field, value: Any, asked: str, text: str) -> bool:
    nothing = value in (None, "", [])
    if asked == filters.EMPTY:
        return text in ("0", "1") and nothing == (text == "1")
    if asked in ("", filters.EXACTLY) and text in ("", "-"):
        return nothing
    if asked in (filters.AGE_FROM, filters.AGE_TO):
        if not text.isdecimal() or int(text) > 150 or nothing:
            return False
        age = age_on(value, today())
        return age >= int(text) if asked == filters.AGE_FROM else age <= int(text)
    typed = filters._typed(words, text)
    if nothing or typed is None or asked == filters.NONE_OF_NONE:
        return False
    if words.kind == "datetime":
        return during(local(value), asked, text)
    if asked in SIGNS:
        return bool(SIGNS[asked](value, typed))
    if words.multiple:
        return text in value
    if asked == "" and (words.kind == "grid" or words.name == scope_column(record)):
        return str(value).startswith(text)
    return bool(value == typed)


def during(seen: datetime, asked: str, text: str) -> bool:
    """Compared as far as somebody wrote: the day on the office's wall, the minute, or the second."""
    shape = "%Y-%m-%d %H:%M:%S"[:{10: 8, 16: 14}.get(len(text), 17)]
    written, told = text[:19].replace("T", " "), seen.strftime(shape)
    return bool({**SIGNS, "": operator.eq}[asked](told, written))


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_any_filter_is_what_a_slow_count_by_hand_says(street: None, view: Any) -> None:
    view.derive()
    known, chance = view_of_app(view), random.Random(view.__name__)
    with system("all rows"):
        rows = list(db.session.scalars(db.select(view.record).execution_options(with_deleted=True)))
        place = scope_column(view.record)
        mine = [row for row in rows if row.deleted_at is None and (
            not hasattr(row, place) or str(getattr(row, place)).startswith(WANGWAN))]
        for _try in range(TRIES):
            asked = [one for _filter in range(chance.randint(1, 3)) if (one := some_filter(known, mine, chance))]
            args = MultiDict([(f"f.{name}", value) for name, values in dict(asked).items() for value in values])
            expected = sorted(row.id for row in mine if all(fits(view.record, row, *one) for one in dict(asked).items()))
            with acting_as("wangwan", WANGWAN):
                state = listing.read_state(known, args, unmask=True)
                query = listing.narrowed(state, known).with_only_columns(view.record.id)
                assert sorted(db.session.scalars(query)) == expected, dict(asked)
                assert listing.count(state, known) == (len(expected), True)


def view_of_app(view: Any) -> Any:
    """The registered view, as pages ask it."""
    from flask import current_app

    return next(known for known in current_app.appbuilder.baseviews if isinstance(known, view))


@pytest.mark.parametrize("view", [view for view in VIEWS if view.derive() or view.charts], ids=lambda view: view.__name__)
def test_every_piece_of_a_chart_counts_the_rows_of_its_list_however_that_was_filtered(street: None, view: Any) -> None:
    known, chance = view_of_app(view), random.Random(view.__name__)
    rows = list(db.session.scalars(db.select(view.record)))
    for _try in range(TRIES // 5):
        asked = [one for _filter in range(chance.randint(0, 2)) if (one := some_filter(known, rows, chance))]
        args = MultiDict([(f"f.{name}", value) for name, values in asked for value in values])
        state = listing.read_state(known, args, unmask=True)
        by, then = chance.choice(view.charts), chance.choice(["", *view.charts])
        chart = count_by(state, known, by, "" if then == by else then)
        assert chart.total == listing.count(state, known)[0]
        for code, _label in chart.categories:
            assert listed(known, behind(state, (chart.by, code))) == chart.row_total(code)
            for other, _name in chart.series if chart.then else ():
                assert listed(known, behind(state, (chart.by, code), (chart.then, other))) == chart.counts.get((code, other), 0)


def listed(view: Any, conditions: dict[str, list[str]]) -> int:
    args = MultiDict([(f"f.{name}", value) for name, values in conditions.items() for value in values])
    return listing.count(listing.read_state(view, args, unmask=True), view)[0]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_pages_behind_each_other_are_the_whole_list_in_its_order(street: None, view: Any) -> None:
    view.derive()
    sortable = [name for name, words in fields_of(view.record).items() if words.sortable]
    total = db.session.scalar(db.select(db.func.count()).select_from(db.select(view.record.id).subquery()))
    for sort in ["", *sortable, *(f"-{name}" for name in sortable)]:
        state = listing.read_state(view, MultiDict({"sort": sort}))
        state.size, found = 3, list[Any]()
        while True:
            page = listing.fetch(state, view)
            found += page.rows
            state.after = page.next_cursor
            if not page.next_cursor:
                break
        assert len({row.id for row in found}) == len(found) == total
        if not sort and view.record.__in_order__():
            whole = db.session.scalars(listing.narrowed(state, view).order_by(*listing.ordering(state))).all()
            assert [row.id for row in found] == [row.id for row in whole]
            continue
        keys = [tuple(getattr(row, column.key) for column in listing.ordering(state)) for row in found]
        assert keys == sorted(keys, reverse=sort.startswith("-"))


def test_a_named_filter_takes_no_name_from_a_column_that_is_asked_otherwise(app: Flask) -> None:
    for view in VIEWS:
        view.derive()
        words = fields_of(view.record)
        assert [name for name in view.named_filters if name in words and words[name].kind not in ("bool", *filters.UNSEARCHED)] == [], view


BIRTHDAYS = {"八十整": "19460615", "差一天八十": "19460616", "六十整": "19660615", "差一天六十": "19660616"}


def test_who_has_his_birthday_today_is_a_year_older_in_the_bar_and_in_the_list_behind_it(filled: Flask) -> None:
    with filled.app_context(), acting_as("wangwan", WANGWAN), at(datetime(2026, 6, 14, 16, 1)):  # 00:01 of 15 June in China
        people = view_of_app(next(view for view in VIEWS if view.record is Resident))
        db.session.add_all(Resident(grid_code=FIRST, name=name, id_number=id_number(501, birth), former_name="界")
                           for name, birth in BIRTHDAYS.items())
        db.session.flush()
        state = listing.read_state(people, MultiDict({"f.former_name": "界"}))
        chart, found = count_by(state, people, "birth_on"), {}
        for code, label in chart.categories:
            conditions = behind(state, (chart.by, code)).items()
            args = MultiDict([(f"f.{name}", value) for name, values in conditions for value in values])
            rows = db.session.scalars(listing.narrowed(listing.read_state(people, args), people))
            found[label] = (chart.row_total(code), {row.name for row in rows})
        assert list(found.values()) == [(1, {"差一天六十"}), (2, {"六十整", "差一天八十"}), (1, {"八十整"})]
        db.session.rollback()


# By REST and by the page, on people one knows

@pytest.fixture(scope="module")
def people(filled: Flask) -> dict[str, int]:
    """Three persons of 一网格: one of 80 years, one of 79, one without a workplace; the first 低保."""
    with filled.app_context(), system("people"):
        made = {}
        for serial, (name, age, more) in enumerate((("甲寿", 80, {"categories": ["low_income"], "workplace": "某厂"}),
                                                    ("乙寿", 79, {"workplace": "某厂（十堰）"}), ("丙寿", 30, {}))):
            birth = today().replace(year=today().year - age, day=min(today().day, 28))
            row = Resident(grid_code=FIRST, name=name, id_number=id_number(301 + 2 * serial, f"{birth:%Y%m%d}"), former_name="筛", **more)
            db.session.add(row)
            db.session.commit()
            made[name[0]] = row.id
        return made


@pytest.fixture
def ask(filled: Flask, people: dict[str, int], token: Any) -> Any:
    """Asks the REST list of residents; the letters of the persons found, or the status."""
    browser, letters = filled.test_client(), {number: name for name, number in people.items()}

    def asked(*conditions: str, who: str = "wangwan", more: str = "") -> Any:
        query = f"(filters:!((col:former_name,opr:eq,value:筛),{','.join(conditions)}),page_size:100{more})"
        answer = browser.get("/api/v1/resident/", query_string={"q": query}, headers=token(who))
        return "".join(letters[number] for number in answer.get_json()["ids"]) if answer.status_code == 200 else answer.status_code

    return asked


@pytest.mark.parametrize(("condition", "found"), [
    ("(col:birth_on,opr:age_gte,value:80)", "甲"), ("(col:birth_on,opr:age_lte,value:79)", "乙丙"),
    ("(col:workplace,opr:empty,value:!t)", "丙"), ("(col:workplace,opr:empty,value:!f)", "甲乙"),
    ("(col:workplace,opr:neq,value:某厂)", "乙丙"), ("(col:workplace,opr:eq,value:'')", "丙"),
    ("(col:name,opr:in,value:!(甲寿,丙寿))", "甲丙"), ("(col:name,opr:in,value:!())", ""), ("(col:name,opr:not_in,value:!())", 400),
    ("(col:name,opr:not_in,value:!(甲寿,丙寿))", "乙"), ("(col:name,opr:gt,value:甲)", 400), ("(col:sex,opr:age_gte,value:8)", 400),
    ("(col:birth_on,opr:gte,value:'')", ""), ("(col:household_id,opr:empty,value:1)", "甲乙丙"),
    ("(col:name,opr:eq,value:甲寿),(col:name,opr:eq,value:乙寿)", ""), ("(col:id_number,opr:empty,value:1)", 400),
    ("(col:birth_on,opr:age_gte,value:79),(col:birth_on,opr:age_lte,value:79)", "乙")])
def test_rest_reads_every_operator_and_every_condition_narrows(ask: Any, condition: str, found: Any) -> None:
    assert ask(condition) == found


@pytest.mark.parametrize("wrong", ["page_size:-1", "page_size:0", "page:-1", "order_column:phone", "order_column:nothing"])
def test_a_page_or_an_order_that_does_not_exist_is_refused(ask: Any, wrong: str) -> None:
    assert ask("(col:name,opr:eq,value:甲寿)", more=f",{wrong}") == 400


def test_a_hidden_category_is_asked_by_with_a_purpose_and_written_down(filled: Flask, ask: Any) -> None:
    low_income = "(col:categories,opr:eq,value:low_income)"
    assert ask(low_income) == 422 and ask(low_income, more=",purpose:走访低保户") == "甲"
    with filled.app_context(), system("log"):
        line = db.session.scalars(db.select(AccessLog).where(AccessLog.action == "reveal").order_by(AccessLog.id.desc()).limit(1)).one()
        assert (line.by, line.purpose, line.row_count, line.columns) == ("wangwan", "走访低保户", 1, "categories")
    assert ask(low_income, who="leader", more=",purpose:好奇") == 400


def rows_on(page: str) -> list[str]:
    return re.findall(r'<td class="c-name"[^>]*><a [^>]*>([^<]+)</a>', page)


def test_a_page_asks_once_what_a_hidden_category_is_needed_for(filled: Flask, client: Any, people: dict[str, int]) -> None:
    browser, address = client("wangwan"), "/resident/list/?f.former_name=筛&f.categories=low_income"
    asked = browser.get(address).get_data(as_text=True)
    assert 'name="purpose"' in asked and "甲寿" not in asked
    assert browser.post("/resident/purpose", data={"purpose": " ", "back": address}).status_code == 422
    answer = browser.post("/resident/purpose", data={"purpose": "走访低保户", "back": address}, follow_redirects=True)
    assert rows_on(answer.get_data(as_text=True)) == ["甲寿"]
    chart = browser.get("/resident/chart/?by=categories&f.former_name=筛").get_data(as_text=True)
    assert re.search(r'f.categories=low_income">[^<]+</a></td>\s*<td class="num">1<', chart)


def test_a_purpose_belongs_to_who_gave_it_and_not_to_the_browser(filled: Flask, client: Any, people: dict[str, int]) -> None:
    """Two people at one computer: the second is asked anew, and his question stands in the log under his own name."""
    browser, address = client("wangwan"), "/resident/list/?f.former_name=筛&f.categories=low_income"
    browser.post("/resident/purpose", data={"purpose": "走访低保户", "back": address}, follow_redirects=True)
    assert 'name="purpose"' not in browser.get(address).get_data(as_text=True)
    browser.post("/logout/")
    browser.get("/logout/")
    assert browser.post("/login/", data={"username": "street", "password": PASSWORD}).status_code == 302
    asked = browser.get(address).get_data(as_text=True)
    assert 'name="purpose"' in asked and "甲寿" not in asked
    browser.post("/resident/purpose", data={"purpose": "街道核查", "back": address}, follow_redirects=True)
    with filled.app_context(), system("log"):
        line = db.session.scalars(db.select(AccessLog).where(AccessLog.action == "reveal").order_by(AccessLog.id.desc()).limit(1)).one()
        assert (line.by, line.purpose) == ("street", "街道核查")


@pytest.mark.parametrize("who", ["leader", "clerk", "inspector"])
def test_who_may_not_see_categories_learns_none_by_list_chart_order_or_count(filled: Flask, client: Any, people: dict[str, int],
                                                                             who: str) -> None:
    browser = client(who)
    told = {browser.get(f"/resident/list/?f.former_name=筛&f.categories={code}").get_data(as_text=True).count("<tr data-href")
            for code in ("low_income", "nobody")}
    assert told == {0}
    assert 'value="categories"' not in browser.get("/resident/chart/?by=categories").get_data(as_text=True)
    assert 'data-condition="categories"' not in browser.get("/resident/list/").get_data(as_text=True)
    plain, sorted_ = (rows_on(browser.get(f"/resident/list/?f.former_name=筛{more}").get_data(as_text=True)) for more in ("", "&sort=categories"))
    assert plain == sorted_ and browser.post("/resident/purpose", data={"purpose": "好奇"}).status_code == 403


@pytest.mark.parametrize(("query", "found"), [
    ("f.birth_on.age_from=80", ["甲寿"]), ("f.workplace.empty=1", ["丙寿"]), ("f.workplace=", ["丙寿"]),
    ("f.name.not=甲寿&f.name.not=乙寿", ["丙寿"]), ("f.name=甲寿&f.name=乙寿", ["甲寿", "乙寿"]), ("f.name=甲寿&f.name~2=乙寿", []),
    ("f.nothing=1", []), ("f.phone=1", []), ("f.name.from=1", []), ("f.elderly=1", ["甲寿", "乙寿"]), ("f.elderly=0", ["丙寿"])])
def test_the_page_narrows_by_what_the_address_says_and_by_nothing_less(client: Any, people: dict[str, int], query: str, found: list[str]) -> None:
    page = client("street").get(f"/resident/list/?f.former_name=筛&{query}").get_data(as_text=True)
    assert sorted(rows_on(page)) == sorted(found)


@pytest.mark.parametrize(("typed", "found"), [("2026-03-05", True), ("2026-03-04", False), ("2026-03-06", False),
                                              ("2026-03-05 23:59", True), ("2026-03-05 23:58", False), ("2026-03-05T15:59:59Z", True)])
def test_a_day_on_a_moment_is_the_whole_day_in_china(street: None, typed: str, found: bool) -> None:
    row = db.session.scalars(db.select(Resident).limit(1)).one()
    moment = datetime(2026, 3, 5, 23, 59, 59) - timedelta(hours=8)
    db.session.connection().execute(db.update(Resident.__table__).where(Resident.id == row.id).values(created_at=moment),
                                    execution_options={"scope_checked": True})
    said = db.select(Resident.id).where(filters.condition(Resident, "created_at", typed), Resident.id == row.id)
    assert (db.session.scalar(said) is not None) is found


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2024, 2, 29), date(2026, 11, 29)])
def test_an_age_counts_full_years_on_any_day(street: None, monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setattr("app.core.base.moments.now", lambda: datetime(day.year, day.month, day.day, 4))
    rows = list(db.session.scalars(db.select(Resident)))
    for age in (0, 1, 18, 80):
        for ending, sign in ((filters.AGE_FROM, operator.ge), (filters.AGE_TO, operator.le)):
            said = set(db.session.scalars(db.select(Resident.id).where(filters.condition(Resident, f"birth_on{ending}", str(age)))))
            assert said == {row.id for row in rows if sign(age_on(row.birth_on, day), age)}


# In words

@pytest.mark.parametrize(("query", "words"), [
    ("f.birth_on.age_from=80", "出生日期：<b>80 周岁及以上</b>"), ("f.sex=1&f.sex=2", "性别：<b>男 或 女</b>"),
    ("f.sex.not=1", "性别：<b>不是 男</b>"), ("f.workplace.empty=1", "工作单位：<b>空</b>"),
    ("f.birth_on.from=1990-01-01", "出生日期：<b>1990-01-01 起</b>"),
    ("f.birth_on.below=1990-01-01", "出生日期：<b>早于 1990-01-01</b>"), ("f.nothing=1", "无法识别的条件：<b>nothing</b>"),
    ("f.phone=1", "联系电话：<b>属敏感信息，您无权按此筛选</b>"), (f"f.grid_code.exactly={WANGWAN}", "网格：<b>王湾社区（不含下级）</b>")])
def test_a_chip_says_its_condition_in_plain_chinese(filled: Flask, client: Any, query: str, words: str) -> None:
    assert words in client("street").get(f"/resident/list/?{query}").get_data(as_text=True)


def test_every_line_of_the_dialog_has_operators_in_chinese(filled: Flask, client: Any) -> None:
    page = client("street").get("/house/list/").get_data(as_text=True)
    line = page.split('data-condition="area"', 1)[1].split("</template>", 1)[0]
    assert re.findall(r'<option value="([^"]*)">([^<]+)</option>', line) == [
        ("", "等于"), (".not", "不是"), (".from", "不小于"), (".to", "不大于"), (".above", "大于"), (".below", "小于"),
        (".empty=1", "为空"), (".empty=0", "已填写")]
    assert STREET
