"""What the browser loads: vendored packages are the published ones, and nothing is asked of the internet."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parent.parent / "app"
STATIC = APP / "static"
VENDOR = STATIC / "vendor"
PACKAGES = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
OUTSIDE = re.compile(r"(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
NAMESPACE = "http://www.w3.org"
SCRIPT = re.compile(r"<script\b[^>]*>", re.IGNORECASE)
HANDLER = re.compile(r"<[^>{}]*\son[a-z]+\s*=", re.IGNORECASE)
LOADED = re.compile(r"@import|url\(\s*['\"]?(?:https?:)?//", re.IGNORECASE)
LINE_CAP = 300


def own_files() -> list[Path]:
    """Templates, scripts and style sheets written here."""
    found = [path for folder in (*APP.rglob("templates"), STATIC) for path in folder.rglob("*")
             if path.suffix in (".html", ".js", ".css", ".svg") and VENDOR not in path.parents]
    assert len(found) > 20
    return sorted(found)


def templates() -> list[Path]:
    return [path for path in own_files() if path.suffix == ".html"]


def name_of(path: Path) -> str:
    return path.relative_to(APP).as_posix()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["name"])
def test_a_vendored_package_is_what_its_manifest_says(package: dict[str, object]) -> None:
    folder = VENDOR / str(package["name"])
    found = {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
             for path in folder.rglob("*") if path.is_file()}
    assert found == package["files"]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["name"])
def test_a_vendored_package_carries_its_licence(package: dict[str, str]) -> None:
    text = (VENDOR / package["name"] / package["licence_file"]).read_text(encoding="utf-8")
    assert package["licence"] and package["version"]
    assert {"Apache-2.0": "Apache License", "BSD-2-Clause": "BSD 2-Clause", "MIT": "MIT License"}[package["licence"]] in text


def test_every_vendored_folder_is_in_the_manifest() -> None:
    folders = {path.name for path in VENDOR.iterdir() if path.is_dir()}
    assert folders == {package["name"] for package in PACKAGES}


@pytest.mark.parametrize("path", sorted(VENDOR.rglob("*.css")), ids=lambda path: path.name)
def test_vendored_style_sheets_load_nothing_from_elsewhere(path: Path) -> None:
    assert not LOADED.search(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", own_files(), ids=name_of)
def test_no_page_names_another_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace(NAMESPACE, "")
    assert not OUTSIDE.findall(text)


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_scripts_carry_the_nonce_and_no_markup_has_handlers(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [tag for tag in SCRIPT.findall(text) if "csp_nonce()" not in tag] == []
    assert not HANDLER.search(text)


@pytest.mark.parametrize("path", own_files(), ids=name_of)
def test_a_script_or_style_sheet_stays_readable(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINE_CAP
