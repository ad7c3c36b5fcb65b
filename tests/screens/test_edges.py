"""Bodies nobody sends in good faith: a refusal, never a fault of ours."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask


@pytest.mark.parametrize("path", ["/api/v1/public/track", "/api/v1/security/login", "/api/v1/resident/", "/public/track"])
def test_a_body_nested_without_end_is_refused(app: Flask, client: Any, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = app.test_client().post(path, data="[" * 100_000, content_type="application/json")
    assert answer.status_code in (400, 401, 422)
