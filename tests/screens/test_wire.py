"""Texts travel compressed, styles and scripts once a version; what is somebody's own is kept nowhere."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

from flask import Flask

from app.screens.wire import version_of


def test_a_page_is_the_same_page_in_fewer_bytes_and_is_kept_nowhere(app: Flask, client: Any) -> None:
    browser = client("street")
    plain, packed = browser.get("/grid/list/"), browser.get("/grid/list/", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and len(packed.data) < len(plain.data) / 3
    without = [re.sub(rb'nonce(-|=")[\w-]+|value="[^"]{40,}"|content="[^"]{40,}"', b"", page)
               for page in (plain.data, gzip.decompress(packed.data))]
    assert without[0] == without[1]
    assert "no-store" in packed.headers["Cache-Control"] and "Content-Encoding" not in plain.headers


def test_a_style_is_kept_for_a_year_under_its_version_for_everybody_alike(app: Flask, client: Any) -> None:
    browser = client("street")
    address = re.search(r'href="(/static/(\w+)/gewu\.css)"', browser.get("/").get_data(as_text=True))
    assert address
    style = browser.get(address[1])
    assert style.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Cookie" not in style.headers.get("Vary", "") and "Set-Cookie" not in style.headers
    assert browser.get(f"/static/{address[2]}/js/drafts.js").status_code == 200  # as a script beside it is asked for
    older = browser.get("/static/0123456789ab/gewu.css")
    assert older.status_code == 200 and "max-age" not in older.headers["Cache-Control"]
    missing = browser.get(f"/static/{address[2]}/nothing.css")
    assert missing.status_code == 404 and "max-age" not in missing.headers.get("Cache-Control", "")
    assert browser.get(f"/static/{address[2]}/../../config.py").status_code == 404


def test_another_file_another_name_or_another_byte_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a{}")
    first = version_of(tmp_path)
    (tmp_path / "a.css").write_text("b{}")
    second = version_of(tmp_path)
    (tmp_path / "a.css").rename(tmp_path / "b.css")
    third = version_of(tmp_path)
    (tmp_path / "c.css").write_text("")
    assert len({first, second, third, version_of(tmp_path)}) == 4
    assert version_of(tmp_path) == version_of(tmp_path)
