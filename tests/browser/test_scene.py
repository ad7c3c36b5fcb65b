"""Reporting at the scene: photos taken, seen and made small on the device; what cannot be kept is refused alone."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.test_forms import OFFER, SAVE, fill_event, new_event
from tests.browser.test_walkthrough import SIZES, address, browser, signed_in  # noqa: F401  (fixtures of that module)
from tests.core.files.test_files import heic, photo

DESK, PHONE = SIZES
GRID = "420303002001001"
CHOSEN = "[...document.querySelector('[name=files]').files].map((file) => [file.name, file.type, file.size])"

# A device that finds its proof when it is told to: what waits for no time at all is held up.
SLOW_PROOF = """{ const real = window.setTimeout; let held = [];
  window.setTimeout = (work, time, ...more) => held && time === undefined ? held.push(work) : real(work, time, ...more);
  window.goOn = () => { const all = held; held = null; all.forEach((work) => work()); }; }"""


@pytest.fixture
def pictures(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A large photo of a phone, one in its own format, a whole and a broken one."""
    noise = Image.effect_noise((3000, 2000), 90).convert("RGB")
    large = io.BytesIO()
    noise.save(large, "JPEG", quality=95)
    contents = {"井盖.jpg": large.getvalue(), "苹果.heic": heic((90, 60)), "断的.heic": heic()[:99], "二.jpg": photo((90, 60))}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    yield {name: str(tmp_path / name) for name in contents}


def settled(page: Any, count: int) -> list[Any]:
    for _try in range(100):
        found: list[Any] = page.evaluate(CHOSEN)
        if len(found) == count == page.locator(".s-shot").count():
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"{found} instead of {count}")


def test_photos_are_small_before_they_go_and_a_broken_one_stays_out_alone(
        browser: Any, address: str, pictures: dict[str, str]) -> None:  # noqa: F811
    page, faults = signed_in(browser, address, "wangwan01", PHONE)
    new_event(page, address, "现场照片")
    page.set_input_files("[data-camera]", pictures["井盖.jpg"])
    (_name, kind, size), = settled(page, 1)
    assert kind == "image/jpeg" and size < os.path.getsize(pictures["井盖.jpg"]) / 2
    sides = page.evaluate("createImageBitmap(document.querySelector('[name=files]').files[0]).then((one) => [one.width, one.height])")
    assert sides == [1600, 1067]
    page.set_input_files("[name=files]", [pictures["苹果.heic"], pictures["断的.heic"], pictures["二.jpg"]])
    assert [name for name, *_rest in settled(page, 4)] == ["井盖.jpg", "苹果.heic", "断的.heic", "二.jpg"]
    away = page.get_by_role("button", name="去掉 二.jpg")
    assert min(away.bounding_box()[side] for side in ("width", "height")) >= 44
    away.click()
    settled(page, 3)
    page.locator(SAVE).click()
    page.wait_for_url("**/event/show/*")
    assert "“断的”" in page.inner_text("body")
    assert page.locator("#files img").evaluate_all("all => all.map((one) => one.alt)") == ["井盖", "苹果"]
    assert not faults


def test_photos_come_back_with_the_draft_they_belong_to(browser: Any, address: str, pictures: dict[str, str]) -> None:  # noqa: F811
    page, _faults = signed_in(browser, address, "wangwan01", PHONE)
    new_event(page, address, "照片在草稿里")
    page.set_input_files("[name=files]", [pictures["井盖.jpg"], pictures["二.jpg"]])
    settled(page, 2)
    page.wait_for_timeout(900)
    page.goto(f"{address}/event/add")
    page.locator(OFFER).get_by_role("button", name="恢复").click()
    assert [name for name, *_rest in settled(page, 2)] == ["井盖.jpg", "二.jpg"]
    page.fill("[name=title]", "")
    page.locator(SAVE).click()
    page.locator(".s-note.bad").first.wait_for()
    settled(page, 2)  # after a form that was not taken they are still there
    page.fill("[name=title]", "照片在草稿里")
    page.locator(SAVE).click()
    page.wait_for_url("**/event/show/*")
    assert page.locator("#files img").count() == 2


def test_a_resident_sends_photos_while_they_are_still_made_small(browser: Any, address: str, pictures: dict[str, str]) -> None:  # noqa: F811
    phone = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN").new_page()
    phone.goto(f"{address}/public/report?grid={GRID}")
    phone.get_by_role("link", name="身边的问题").click()
    phone.wait_for_url("**/public/report/event?**")
    for name, value in {"title": "井盖松动", "place": "一号楼前", "description": "踩上去会响，怕人摔"}.items():
        phone.fill(f"[name={name}]", value)
    phone.wait_for_timeout(4500)  # nobody writes this faster
    chosen = [pictures["井盖.jpg"], pictures["断的.heic"], pictures["苹果.heic"]]
    with phone.expect_request(lambda request: request.method == "POST") as sent:
        phone.set_input_files("[name=files]", chosen)
        phone.get_by_role("button", name="提交").click()
    assert len(sent.value.post_data_buffer or b"") < os.path.getsize(pictures["井盖.jpg"]) / 2
    phone.locator("[data-code]").wait_for()
    assert "“断的”" in phone.inner_text("body")
    phone.add_init_script(SLOW_PROOF)
    phone.goto(f"{address}/public/report/event?grid={GRID}")
    phone.fill("[name=title]", "路边井盖松动了")
    again = phone.get_by_role("button", name="我也遇到了").first
    again.wait_for()
    assert "“井盖松动”" in phone.inner_text(".s-near") and again.bounding_box()["height"] >= 44
    again.click()
    phone.locator("[data-proof-send]:disabled").wait_for()  # the tap waits for the proof, and goes with it
    phone.evaluate("goOn()")
    phone.locator("[data-code]").wait_for()
    page, _faults = signed_in(browser, address, "wangwan", DESK)
    page.goto(f"{address}/event/list/?q=井盖松动")
    page.locator("tbody tr", has_text=re.compile("^(?!.*路边).*井盖松动", re.S)).locator("td.c-name a").first.click()
    page.wait_for_url("**/event/show/*")
    assert page.locator("#files img").evaluate_all("all => all.map((one) => one.alt)") == ["井盖", "苹果"]


def pinned(browser: Any, size: tuple[int, int], place: tuple[float, float], url: str) -> Any:  # noqa: F811
    """A page of somebody whose device knows where it is."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN", permissions=["geolocation"],
                                  geolocation={"longitude": place[0], "latitude": place[1], "accuracy": 12})
    page = context.new_page()
    page.goto(url)
    return page


def test_a_pin_is_put_where_the_device_is_and_names_its_grid(browser: Any, address: str) -> None:  # noqa: F811
    areas = pinned(browser, PHONE, (0, 0), f"{address}/public/areas").evaluate("JSON.parse(document.body.textContent).features")
    area, other = areas[0], areas[-1]
    inner = [sum(corner[axis] for corner in area["geometry"]["coordinates"][0][1:]) / (len(area["geometry"]["coordinates"][0]) - 1)
             for axis in (0, 1)]
    page = pinned(browser, PHONE, (inner[0], inner[1]), f"{address}/public/report/event")
    page.locator(".leaflet-interactive").first.wait_for()
    page.get_by_role("button", name="我在这里").click()
    page.locator("[data-pin-told]", has_text=area["properties"]["name"]).wait_for()
    assert page.input_value("[name=grid]") == area["properties"]["code"]
    assert abs(float(page.input_value("[name=longitude]")) - inner[0]) < 1e-6
    assert page.locator(".s-pin-mark").bounding_box()["width"] >= 44
    page.context.set_geolocation({"longitude": inner[0] + 5, "latitude": inner[1], "accuracy": 12})
    page.get_by_role("button", name="我在这里").click()
    page.locator("[data-pin-told]", has_text="不在任何").wait_for()
    page.get_by_role("button", name="去掉图钉").click()
    assert page.input_value("[name=longitude]") == "" and not page.locator(".s-pin-mark").count()
    page.select_option("[name=grid]", other["properties"]["code"][:12])
    page.locator("[data-pin-map]").click()  # the middle of the map, which shows the community that was chosen
    page.locator("[data-pin-told]", has_text="图钉位于").wait_for()
    assert page.input_value("[name=latitude]")
    page.wait_for_timeout(900)
    page.goto(f"{address}/public/report/event")
    page.locator(OFFER).get_by_role("button", name="恢复").click()
    page.locator(".s-pin-mark").wait_for()


def test_the_form_fits_the_phone(browser: Any, address: str) -> None:  # noqa: F811
    page, faults = signed_in(browser, address, "wangwan01", PHONE)
    page.goto(f"{address}/event/add")
    fill_event(page, "手机表单")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    heights = page.locator(".s-shoot .btn:visible, .s-pin .btn:visible").evaluate_all("all => all.map((one) => one.offsetHeight)")
    assert heights and min(heights) >= 44
    assert not faults
