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
    page.goto(f"{address}/todo/")
    page.get_by_role("link", name=re.compile(title)).first.click()
    page.wait_for_url("**/event/show/*")
    return page, faults


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
