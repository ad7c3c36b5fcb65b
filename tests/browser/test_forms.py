"""Forms in a real browser: sent once however one taps, nothing typed lost whatever fails, Enter takes what was typed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_walkthrough import SIZES, address, browser, signed_in  # noqa: F401  (fixtures of that module)
from tests.core.files.test_files import photo

DESK, PHONE = SIZES
SAVE = ".s-save button.btn-primary"
OFFER = "[data-draft-offer]"


def slow_line(page: Any, milliseconds: int) -> None:
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": milliseconds, "downloadThroughput": -1, "uploadThroughput": -1})


def fill_event(page: Any, title: str) -> None:
    if not page.input_value("[name=grid_code]"):
        page.evaluate("document.querySelector('[name=grid_code]').tomselect.addOption({ id: '420303002001001', text: '一网格' })")
        page.evaluate("document.querySelector('[name=grid_code]').tomselect.setValue('420303002001001')")
    for name, value in {"title": title, "place": "一号楼门前", "description": "（十堰）①号井盖，松动"}.items():
        page.fill(f"[name={name}]", value)
    page.evaluate("""() => { const select = document.querySelector("[name=class_code]");
      const code = [...select.options].map((option) => option.value).sort((one, other) => other.length - one.length)[0];
      if (select.tomselect) select.tomselect.setValue(code); else select.value = code; }""")


def typed(page: Any) -> str:
    return str(page.input_value("[name=description]"))


def new_event(page: Any, address: str, title: str) -> None:  # noqa: F811
    page.goto(f"{address}/event/add")
    fill_event(page, title)
    page.locator("[data-draft-state]", has_text="草稿").wait_for()


def put_back(page: Any, title: str) -> None:
    """The draft is offered on the page, and puts everything back where it was typed."""
    page.locator(OFFER).get_by_role("button", name="恢复").click()
    assert page.input_value("[name=title]") == title and typed(page) == "（十堰）①号井盖，松动"
    assert page.input_value("[name=class_code]")


def chosen(page: Any) -> None:
    """The photo of the draft is chosen again."""
    for _try in range(40):
        if page.evaluate("document.querySelector('[name=files]').files.length") == 1:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the photo did not come back")


def found(page: Any, address: str, title: str) -> int:  # noqa: F811
    page.goto(f"{address}/event/list/?q={title}")
    return int(page.locator("tbody tr", has_text=title).count())


@pytest.mark.parametrize("pause", [60, 300, 800])
def test_two_clicks_on_a_slow_line_make_one_record(browser: Any, address: str, pause: int) -> None:  # noqa: F811
    page, faults = signed_in(browser, address, "wangwan", DESK)
    title = f"双击试验{pause}"
    page.goto(f"{address}/event/add")
    fill_event(page, title)
    slow_line(page, 400)
    button = page.locator(SAVE).bounding_box()
    for _click in range(2):
        page.mouse.click(button["x"] + 5, button["y"] + 5)
        page.wait_for_timeout(pause)
    page.wait_for_url("**/event/show/*")
    assert found(page, address, title) == 1
    page.goto(f"{address}/event/add")
    page.wait_for_timeout(400)
    assert not page.locator(OFFER).count()
    assert not faults


def test_a_form_whose_answer_was_lost_leads_to_its_record_when_it_is_sent_again(browser: Any, address: str) -> None:  # noqa: F811
    page, _faults = signed_in(browser, address, "wangwan", DESK)
    new_event(page, address, "回执丢失")

    def arrives_without_answer(route: Any) -> None:
        route.fetch(max_redirects=0)
        route.fulfill(status=502, body="Bad Gateway")

    page.route("**/event/add", lambda route: arrives_without_answer(route) if route.request.method == "POST" else route.continue_())
    before = page.context.cookies()
    page.locator(SAVE).click()
    page.wait_for_load_state()
    page.unroute("**/event/add")
    page.context.add_cookies(before)  # what the lost answer said is lost too
    page.goto(f"{address}/event/add")
    put_back(page, "回执丢失")
    page.locator(SAVE).click()
    page.wait_for_url("**/event/show/*")
    assert found(page, address, "回执丢失") == 1


def broken(page: Any, how: str) -> None:
    """The next save goes wrong in this way."""
    if how == "offline":
        page.context.set_offline(True)
    elif how == "502":
        page.route("**/event/add", lambda route: route.fulfill(status=502, body="Bad Gateway")
                   if route.request.method == "POST" else route.continue_())
    elif how == "signed out":
        page.context.clear_cookies()
    elif how == "signed out in another tab":
        other = page.context.new_page()
        other.goto(page.url.replace("/event/add", "/"))
        other.locator(".s-user summary").click()
        other.locator("[data-leave]").click()
        other.wait_for_load_state()
        other.close()
    else:
        page.evaluate("document.querySelector('[name=csrf_token]').value = 'x'")


@pytest.mark.parametrize("how", ["offline", "502", "signed out", "signed out in another tab", "bad token"])
def test_what_was_typed_is_offered_again_when_saving_failed(browser: Any, address: str, how: str) -> None:  # noqa: F811
    page, _faults = signed_in(browser, address, "wangwan", DESK)
    title = f"没有存上{['offline', '502', 'signed out', 'signed out in another tab', 'bad token'].index(how)}"
    new_event(page, address, title)
    page.fill("[name=reporter_phone]", "19000000001")
    broken(page, how)
    page.locator(SAVE).click()
    page.wait_for_timeout(800)
    page.context.set_offline(False)
    page.unroute("**/event/add")
    page.goto(f"{address}/event/add")
    if how.startswith("signed out"):
        page.fill("input[name=username]", "wangwan")
        page.fill("input[name=password]", "Gewu#2026")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        page.goto(f"{address}/event/add")
    put_back(page, title)
    assert page.input_value("[name=reporter_phone]") == "19000000001"
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert "19000000001" not in kept
    page.locator(SAVE).click()
    page.wait_for_url("**/event/show/*")
    assert found(page, address, title) == 1
    assert title not in page.evaluate("JSON.stringify(localStorage)")


def test_two_tabs_have_two_drafts(browser: Any, address: str) -> None:  # noqa: F811
    page, faults = signed_in(browser, address, "wangwan", DESK)
    new_event(page, address, "甲标签页")
    other = page.context.new_page()
    other.goto(f"{address}/event/add")
    other.wait_for_timeout(500)
    assert not other.locator(OFFER).count()
    fill_event(other, "乙标签页")
    other.locator("[data-draft-state]", has_text="草稿").wait_for()
    other.locator(SAVE).click()
    other.wait_for_url("**/event/show/*")
    page.close()
    other.goto(f"{address}/event/add")
    put_back(other, "甲标签页")
    assert not faults


def test_a_draft_belongs_to_its_account(browser: Any, address: str) -> None:  # noqa: F811
    page, _faults = signed_in(browser, address, "wangwan", DESK)
    new_event(page, address, "别人的草稿")
    page.context.clear_cookies()
    page.goto(f"{address}/login/")
    page.fill("input[name=username]", "street")
    page.fill("input[name=password]", "Gewu#2026")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/event/add")
    page.wait_for_timeout(400)
    assert not page.locator(OFFER).count()
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.includes('draft')).length") == 0


def test_saving_what_was_not_changed_says_so(browser: Any, address: str) -> None:  # noqa: F811
    page, faults = signed_in(browser, address, "wangwan", DESK)
    page.goto(f"{address}/household/edit/3")
    page.locator(SAVE).click()
    page.wait_for_url("**/household/show/3")
    assert "没有改动" in page.inner_text(".s-flash")
    assert not faults


@pytest.mark.parametrize("pause", [900, 0], ids=["after the list came", "before it came"])
def test_enter_in_a_filled_select_takes_what_was_typed(browser: Any, address: str, pause: int) -> None:  # noqa: F811
    page, faults = signed_in(browser, address, "street", DESK)
    page.goto(f"{address}/building/edit/3")
    before = page.locator("select[name=grid_code]").evaluate("select => select.selectedOptions[0].text")
    wanted = "燕沟社区二网格" if "二" not in before or "燕沟" not in before else "燕沟社区一网格"
    page.locator("select[name=grid_code] + .ts-wrapper").click()
    page.keyboard.type(wanted[:5] if pause else wanted)
    page.wait_for_timeout(pause)
    page.keyboard.press("Enter")
    page.locator("select[name=grid_code] + .ts-wrapper .item", has_text=wanted).wait_for()
    assert page.locator("select[name=grid_code]").evaluate("select => select.selectedOptions[0].text").endswith(wanted)
    assert not faults


def test_words_left_in_a_select_unchosen_are_told(browser: Any, address: str) -> None:  # noqa: F811
    page, _faults = signed_in(browser, address, "street", DESK)
    page.goto(f"{address}/building/edit/3")
    before = page.locator("select[name=grid_code]").input_value()
    page.locator("select[name=grid_code] + .ts-wrapper").click()
    page.keyboard.type("没有的网格")
    page.wait_for_timeout(900)
    page.locator("[name=remark]").click()
    assert "没有选中" in page.inner_text("[data-unchosen]")
    assert page.locator("select[name=grid_code]").input_value() == before


def test_a_step_keeps_its_words_and_photos(browser: Any, address: str, tmp_path: Path) -> None:  # noqa: F811
    page, _faults = signed_in(browser, address, "wangwan", DESK)
    new_event(page, address, "步骤草稿")
    page.locator(SAVE).click()
    page.wait_for_url("**/event/show/*")
    case = page.url
    page.get_by_role("link", name="受理", exact=True).click()
    page.wait_for_url("**/step/**")
    step = page.url
    picture = tmp_path / "井盖.jpg"
    picture.write_bytes(photo())
    page.fill("[name=opinion]", "收到，现场看过：①松动；②有声响。")
    page.set_input_files("[name=files]", str(picture))
    page.wait_for_timeout(900)
    page.context.set_offline(True)
    page.locator(SAVE).click()
    page.wait_for_timeout(500)
    page.context.set_offline(False)
    page.goto(step)
    page.locator(OFFER).get_by_role("button", name="恢复").click()
    chosen(page)
    assert page.input_value("[name=opinion]") == "收到，现场看过：①松动；②有声响。"
    page.locator(SAVE).click()
    page.wait_for_url(case)
    assert "①松动；②有声响。" in page.inner_text("body") and page.locator("img[alt*='井盖']").count()


def test_a_resident_who_taps_several_times_has_one_report_and_its_code(browser: Any, address: str, tmp_path: Path) -> None:  # noqa: F811
    phone = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN").new_page()
    phone.goto(f"{address}/public/report/event?grid=420303002001001")
    picture = tmp_path / "门禁.jpg"
    picture.write_bytes(photo())
    phone.locator(".p-fold summary").click()
    for name, value in {"title": "单元门坏了", "place": "二号楼", "description": "关不上，已经三天", "reporter_phone": "19000000001"}.items():
        phone.fill(f"[name={name}]", value)
    phone.set_input_files("[name=files]", str(picture))
    phone.wait_for_timeout(4500)  # nobody writes this faster
    phone.context.set_offline(True)
    phone.get_by_role("button", name="提交").click()
    phone.wait_for_timeout(800)
    phone.context.set_offline(False)
    phone.goto(f"{address}/public/report/event?grid=420303002001001")
    phone.locator(OFFER).get_by_role("button", name="恢复").click()
    chosen(phone)
    assert phone.input_value("[name=description]") == "关不上，已经三天" and phone.input_value("[name=reporter_phone]") == "19000000001"
    assert "19000000001" not in phone.evaluate("JSON.stringify(localStorage)")
    phone.wait_for_timeout(4500)
    slow_line(phone, 400)
    button = phone.locator("[data-proof-send]")
    button.scroll_into_view_if_needed()
    place = button.bounding_box()
    for _tap in range(3):
        phone.mouse.click(place["x"] + 20, place["y"] + 10)
        phone.wait_for_timeout(120)
    code = phone.locator("[data-code]").inner_text(timeout=20_000)
    assert re.fullmatch(r"[A-Z0-9]{4}(-[A-Z0-9]{4}){2}", code)
    phone.wait_for_load_state()
    assert "单元门坏了" not in phone.evaluate("JSON.stringify(localStorage)")
    page, _more = signed_in(browser, address, "wangwan", DESK)
    assert found(page, address, "单元门坏了") == 1
