"""The smallest application: answers with the length and digest of what it was sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any


def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    body = environ["wsgi.input"].read()
    told = f"{len(body)} {hashlib.sha256(body).hexdigest()}".encode()
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(told)))])
    return [told]
