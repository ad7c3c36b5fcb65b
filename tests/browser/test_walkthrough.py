"""The console in a real browser, as people use it: signs in, walks every page, in Chinese, at two sizes."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from app.core.base.identity import check_digit
from app.core.screens.imports import AT_ONCE

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PASSWORD = "Gewu#2026"
SIZES = [(1366, 768), (390, 844)]
PAGES = ["/", "/checkup/", "/search/?q=王", "/resident/list/", "/resident/show/5", "/resident/edit/5", "/resident/add",
         "/resident/chart/?by=birth_on&then=sex", "/resident/export", "/household/list/", "/house/list/",
         "/grid/list/", "/grid/show/3?on=2025-06-01", "/household/show/5", "/household/add", "/users/userinfo/",
         "/resetmypassword/form", "/users/list/", "/gridstaff/list/", "/organization/list/", "/leadingbody/list/", "/jobs/",
         "/todo/", "/news/", "/event/board/?by=light", "/event/figures/", "/dispute/list/", "/dispute/add", "/complaint/list/",
         "/opinion/notice/", "/boxopening/list/", "/hazard/add", "/rectification/list/", "/cityproblem/list/", "/riskassessment/add",
         "/incident/list/", "/emergencyplan/list/", "/servicerequest/add", "/need/list/", "/utilityfeedback/league/", "/supervision/list/"]
ALLOWED = {"GeoJSON", "ID", "Excel", "English", "WPS", "JSON", "xlsx", "xls", "csv", "GB", "MADE"}

if CHROMIUM is None:
    if os.environ.get("GEWU_CI"):
        raise RuntimeError("CI must run the browser tests: install chromium")
    pytest.skip("no chromium on this machine", allow_module_level=True)


@pytest.fixture(scope="module")
def address(tmp_path_factory: Any) -> Iterator[str]:
    """The console as `run.py serve` starts it, with its demo street."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "GEWU_SKIP_BOOTSTRAP": "1", "GEWU_RATELIMIT": "0"}
    server = subprocess.Popen([sys.executable, "run.py", "serve", "--port", str(port), "--data",
                               str(tmp_path_factory.mktemp("serve"))], cwd=ROOT, env=environment,
                              stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    for line in server.stdout:
        if "ready" in line:
            break
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(90)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as engine:
        chromium = engine.chromium.launch(executable_path=CHROMIUM, args=[
            "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"])
        yield chromium
        chromium.close()


def signed_in(browser: Any, address: str, username: str, size: tuple[int, int]) -> tuple[Any, list[str]]:
    """A page of somebody, and the list of what went wrong on it."""
    page = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN").new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" and "status of 40" not in m.text else None)
    page.on("request", lambda r: faults.append(f"left the house: {r.url}")
            if not r.url.startswith((address, "data:", "blob:")) else None)
    page.goto(f"{address}/login/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    return page, faults


@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
@pytest.mark.parametrize("username", ["street", "wangwan", "wangwan01", "leader"])
def test_every_page_is_whole_in_chinese_and_inside_the_house(browser: Any, address: str, username: str,
                                                            size: tuple[int, int]) -> None:
    page, faults = signed_in(browser, address, username, size)
    for url in PAGES:
        answer = page.goto(address + url)
        assert answer.status in (200, 403, 404), url
        text = page.inner_text("body")
        assert not any(word in text for word in ("None", "False", "__None")), url
        assert page.evaluate("document.documentElement.lang") == "zh-CN"
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], f"{url} is wider than the screen"
        latin = {w for w in text.replace("\n", " ").split() if w.isascii() and w.isalpha() and len(w) > 1}
        assert latin <= ALLOWED | {username, "demo", "system"}, f"{url}: {latin - ALLOWED}"
    assert not faults
    page.context.close()


def test_a_person_is_found_opened_and_edited(browser: Any, address: str) -> None:
    page, faults = signed_in(browser, address, "wangwan", SIZES[0])
    page.goto(f"{address}/resident/list/")
    page.fill("input[data-search]", "王")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    page.locator("tbody tr td.c-name a").first.click()
    page.wait_for_load_state()
    page.goto(page.url.replace("/show/", "/edit/"))
    page.fill("textarea[name=remark]", "走访时核对")
    page.locator(".s-save button.btn-primary").click()
    page.wait_for_url("**/resident/show/*")
    assert "走访时核对" in page.inner_text("body")
    assert not faults


def test_a_record_opens_its_relations_and_leads_back_to_the_filtered_list(browser: Any, address: str) -> None:
    page, faults = signed_in(browser, address, "street", SIZES[0])
    page.goto(f"{address}/household/list/?f.kind=family&sort=number")
    page.locator("tbody tr td.c-name a").first.click()
    page.wait_for_url("**/household/show/*")
    page.locator("[data-tab*='resident.household_id']").click()
    page.wait_for_selector("[data-panel] table")
    assert not page.locator("[data-facts]").is_visible()
    page.reload()
    page.wait_for_selector("[data-panel] table")
    page.locator("[data-tab='']").or_(page.locator("[href='#facts']")).first.click()
    assert page.locator("[data-facts]").is_visible() and not page.locator("[data-panel]").is_visible()
    page.locator(".s-crumb a").first.click()
    page.wait_for_url("**/household/list/?f.kind=family&sort=number")
    assert not faults


def test_a_day_picked_beside_a_date_is_written_and_the_posts_of_that_day_are_shown(browser: Any, address: str) -> None:
    page, faults = signed_in(browser, address, "wangwan", SIZES[0])
    page.goto(f"{address}/household/add")
    page.fill("[data-pick-for=moved_in_on]", "2020-05-06")
    assert page.input_value("#moved_in_on") == "2020-05-06"
    page.goto(f"{address}/grid/show/3")
    page.fill("#on", "2025-12-31")
    page.wait_for_url("**/grid/show/3?on=2025-12-31")
    assert "网格长：2025-12-31 无人在岗" in page.inner_text("#posts")
    assert not faults


def test_a_phone_shown_whole_can_be_called(browser: Any, address: str) -> None:
    page, faults = signed_in(browser, address, "wangwan01", SIZES[1])
    page.goto(f"{address}/resident/show/5")
    page.click("[data-open='#reveal']")
    page.fill("#purpose", "上门前联系")
    page.keyboard.press("Enter")
    page.wait_for_selector("a[href^='tel:1']")
    assert not faults


def test_a_sample_workbook_is_checked_then_imported(browser: Any, address: str) -> None:
    page, faults = signed_in(browser, address, "street", SIZES[0])
    page.goto(f"{address}/resident/import/")
    page.set_input_files("input[type=file]", str(ROOT / "tests" / "samples" / "家和苑社区户籍人口.xls"))
    page.locator(".s-save button.btn-primary").click()
    page.wait_for_selector(".s-kpi")
    numbers = page.locator(".s-kpi strong").all_inner_texts()
    assert numbers == ["559", "0", "0", "26"]
    page.get_by_role("button", name="导入 559 行").click()
    page.wait_for_load_state()
    assert "已导入" in page.inner_text("body")
    assert not faults


@pytest.mark.parametrize("size", SIZES)
def test_columns_are_chosen_and_cells_put_right_on_the_page(browser: Any, address: str, tmp_path: Path, size: tuple[int, int]) -> None:
    path, first = tmp_path / "名册.xlsx", f"420399195808{size[0] % 28 + 1:02d}00"
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet("名册")
        sheet.write_row(0, 0, ("姓名", "身份证号码", "常用号码", "学历", "出生日期", "所属网格"))
        for row in (1, 2):
            sheet.write_row(row, 0, (f"页{row}", f"{first}{row}{check_digit(f'{first}{row}')}", "12", "博士后", "某日", "九十九网格"))
    page, faults = signed_in(browser, address, "wangwan", size)
    page.goto(f"{address}/resident/import/")
    page.set_input_files("input[type=file]", str(path))
    page.locator(".s-save button.btn-primary").click()
    page.wait_for_selector(".s-kpi")
    page.locator(".s-sheet > summary").first.click()
    page.select_option("[name='f:1:2']", "phone")
    page.get_by_role("button", name="按此对应重新检查").click()
    page.wait_for_selector("input[name='c:1:2:2']")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    for row in (2, 3):
        page.fill(f"[name='c:1:{row}:2']", f"1901112{size[0]:04d}")
        page.select_option(f"[name='c:1:{row}:3']", "20")
        page.fill(f"[name='c:1:{row}:4']", "某月")
        page.locator(f"select[name='c:1:{row}:5'] + .ts-wrapper input").fill("王湾社区一网格")
        page.locator(".ts-dropdown:visible .option", has_text="一网格").first.click()
    page.get_by_role("button", name="保存并重新检查").click()
    page.wait_for_load_state()
    assert page.input_value("[name='c:1:2:4']") == "某月"  # still no day: it stays to be put right
    for row in (2, 3):
        page.fill(f"[name='c:1:{row}:4']", f"1958.8.{size[0] % 28 + 1}")
    page.get_by_role("button", name="保存并重新检查").click()
    page.get_by_role("button", name="导入 2 行").click()
    page.wait_for_selector(".s-note.ok")
    assert "页1" in page.inner_text("#rows")
    page.goto(f"{address}/resident/import/")
    page.get_by_role("button", name="不再记住").click()
    page.wait_for_load_state()
    assert "常用号码" not in page.inner_text("main")
    assert not faults


def test_a_large_workbook_shows_its_progress_and_can_be_read_later(browser: Any, address: str, tmp_path: Path) -> None:
    path = tmp_path / "大名册.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet("名册")
        sheet.write_row(0, 0, ("姓名", "身份证号码", "所属网格", "备注"))
        for n in range(3000):
            first = f"420399{1960 + n // 1000}0909{n % 1000:03d}"
            sheet.write_row(n + 1, 0, (f"试{n}", first + check_digit(first), "王湾社区一网格", secrets.token_hex(60)))
    assert path.stat().st_size > AT_ONCE
    page, faults = signed_in(browser, address, "wangwan", SIZES[1])
    page.goto(f"{address}/resident/import/")
    page.set_input_files("input[type=file]", str(path))
    page.locator(".s-save button.btn-primary").click()
    page.wait_for_selector("[data-poll] progress, .s-kpi")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[1][0]
    page.wait_for_selector(".s-kpi", timeout=60_000)
    page.get_by_role("button", name="导入 3000 行").click()
    page.wait_for_selector("[data-poll] progress", timeout=60_000)
    page.wait_for_selector(".s-note.ok", timeout=60_000)
    page.goto(f"{address}/jobs/")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[1][0]
    page.get_by_role("link", name="查看").first.click()
    assert "新增 3000" in page.inner_text("body").replace(",", "")
    assert not faults


def test_health_answers_json(address: str) -> None:
    with urllib.request.urlopen(f"{address}/health") as answer:
        assert answer.status == 200 and b'"status":"ok"' in answer.read()
