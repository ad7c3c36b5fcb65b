"""One matter from a resident's phone through four roles to the rating, with nothing but what each of them sees."""

from __future__ import annotations

import re
from typing import Any

from tests.browser.test_walkthrough import SIZES, address, browser, signed_in  # noqa: F401  (fixtures of that module)

DESK, PHONE = SIZES
GRID = "420303002001001"


def step(page: Any, words: str, **fields: str) -> None:
    """Takes a step by its button on the page of the case, filling in what its form asks for."""
    page.get_by_role("link", name=words, exact=True).click()
    page.wait_for_url("**/step/**")
    for name, value in fields.items():
        element = page.locator(f"[name={name}]")
        if element.evaluate("field => field.tagName") == "SELECT":
            element.select_option(value)
        else:
            element.fill(value)
    page.locator(".s-save button.btn-primary").click()
    page.wait_for_url("**/show/*")


def opened(browser: Any, address: str, username: str, size: tuple[int, int], title: str) -> tuple[Any, list[str]]:  # noqa: F811
    page, faults = signed_in(browser, address, username, size)
    from_the_inbox(page, address, title)
    return page, faults


def from_the_inbox(page: Any, address: str, title: str) -> None:  # noqa: F811
    """Finds a matter in the inbox by what it is called, and opens it."""
    page.goto(f"{address}/todo/")
    page.fill("input[name=q] >> nth=-1", title)
    page.keyboard.press("Enter")
    page.wait_for_url("**/todo/?*")
    page.locator("main").get_by_role("link", name=re.compile(title)).first.click()
    page.wait_for_url("**/event/show/*")


def test_from_the_phone_of_a_resident_through_four_roles_to_his_rating(browser: Any, address: str) -> None:  # noqa: F811
    title = "三单元门禁坏了"
    phone = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN").new_page()
    faults: list[str] = []
    phone.on("pageerror", lambda error: faults.append(str(error)))
    phone.on("request", lambda r: faults.append(r.url) if not r.url.startswith((address, "data:")) else None)
    phone.goto(f"{address}/public/?grid={GRID}")
    phone.get_by_role("link", name=re.compile("身边的问题")).click()
    phone.locator("details.p-fold summary").click()
    for name, value in {"title": title, "place": "一号楼三单元", "description": "门关不上，外人随便进", "reporter_phone": "19000000001"}.items():
        phone.fill(f"[name={name}]", value)
    phone.wait_for_timeout(4500)  # nobody writes this faster
    phone.get_by_role("button", name="提交").click()
    code = phone.locator("[data-code]").inner_text(timeout=20_000)
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]

    page, worse = opened(browser, address, "wangwan", DESK, title)
    for words, fields in (("受理", {}), ("立案", {}), ("分办", {"unit": "community"}), ("处置反馈", {"result": "已更换闭门器"})):
        step(page, words, **fields)
    worker, more = signed_in(browser, address, "wangwan01", PHONE)
    worker.goto(page.url)
    assert "已更换闭门器" in worker.inner_text("body") and not worker.locator(".s-case-head .btn-primary").count()
    inspector, still = signed_in(browser, address, "inspector", DESK)
    inspector.goto(page.url)
    step(inspector, "核查通过，结案", public_answer="门禁已修好，感谢您的反映。")

    phone.goto(f"{address}/public/track")
    phone.fill("[name=code]", code)
    phone.get_by_role("button", name="查询").click()
    assert "门禁已修好" in phone.inner_text("body")
    phone.get_by_text("满意", exact=True).first.click()
    phone.get_by_role("button", name="提交").click()
    assert "您的评价：满意" in phone.inner_text("body")
    leader, _faults = signed_in(browser, address, "leader", PHONE)
    leader.goto(f"{address}/event/list/?f.content=1&q={title}")
    assert title in leader.inner_text("body")
    assert not [*faults, *worse, *more, *still]


def chosen(page: Any, name: str, typed: str, words: str) -> None:
    """Chooses from a list one types into."""
    page.locator(f"select[name={name}] + .ts-wrapper input").fill(typed)
    page.locator(".ts-dropdown:visible .option", has_text=words).first.click()


def test_an_event_goes_through_four_inboxes_and_is_urged(browser: Any, address: str) -> None:  # noqa: F811
    title = "楼顶水箱漏水"
    worker, faults = signed_in(browser, address, "wangwan01", PHONE)
    worker.goto(f"{address}/event/add")
    for name, value in {"title": title, "place": "二号楼顶", "description": "水从檐口往下滴"}.items():
        worker.fill(f"[name={name}]", value)
    chosen(worker, "class_code", "管道", "管道破裂")
    worker.locator(".s-save button.btn-primary").click()
    worker.wait_for_url("**/event/show/*")

    secretary, more = opened(browser, address, "wangwan", DESK, title)
    step(secretary, "受理")
    step(secretary, "立案")
    secretary.get_by_role("link", name="分办", exact=True).click()
    secretary.select_option("[name=unit]", "property")
    chosen(secretary, "handler", "wangwan01", "wangwan01")
    secretary.locator(".s-save button.btn-primary").click()
    secretary.wait_for_url("**/show/*")

    leader, worse = signed_in(browser, address, "leader", DESK)
    leader.goto(f"{address}/todo/?tab=level&q={title}")
    leader.locator("[data-check-row]").first.check()
    assert "网格员" in leader.inner_text("[data-receivers]"), "who hears of it is named before anything is sent"
    leader.locator("[data-urge] input[name=said]").fill("请今天内处理")
    leader.get_by_role("button", name="发出催办").click()
    leader.wait_for_selector(".s-note.ok")

    worker.goto(f"{address}/news/?unread=1")
    assert title in worker.inner_text("main") and "请今天内处理" in worker.inner_text("main")
    worker.goto(f"{address}/todo/")
    assert worker.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert "被催办" in worker.locator("tr", has_text=title).inner_text()
    from_the_inbox(worker, address, title)
    assert "已催办 1 次" in worker.inner_text("main")
    step(worker, "处置反馈", result="已换浮球阀")
    from_the_inbox(secretary, address, title)
    step(secretary, "核查通过，结案")
    worker.goto(f"{address}/todo/")
    assert title not in worker.inner_text("main")
    assert not [*faults, *more, *worse]
