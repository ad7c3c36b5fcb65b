"""A browser of the tests that reads a page as people do: where its template breaks a line says nothing."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient

BETWEEN_TAGS = re.compile(r">\s*\n\s*<")
BROKEN = re.compile(r" *\n {2,}")  # a template goes on indented; a line break somebody typed is not followed by spaces


def flat(page: str) -> str:
    """A page as one line: breaks between elements are nothing, the others of a template one space."""
    return BROKEN.sub(" ", BETWEEN_TAGS.sub("><", page))


class Page:
    """An answer whose text is told as one line when it is a page; its bytes stay as they left the house."""

    mimetype: str

    def get_data(self, as_text: bool = False) -> Any:
        found = super().get_data(as_text)  # type: ignore[misc]
        return flat(found) if as_text and self.mimetype == "text/html" else found


class Reader(FlaskClient):
    """The test client over such answers."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.response_wrapper = type("Page", (Page, self.response_wrapper), {})
