"""Addresses: routes that cost nothing until a page names them, and the numbers of records in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import IntegerConverter, Rule

from app.core.base.numbers import LARGEST


class Address(Rule):
    """A route whose builder of addresses is compiled when it is first asked for.

    The console has some 2,400 routes; compiling two builders for each took three quarters of every start.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made: Callable[..., tuple[str, str]] | None = None

        def build(rule: Rule, *args: Any, **values: Any) -> tuple[str, str]:
            nonlocal made
            if made is None:
                made = Rule._compile_builder(self, append_unknown)
            return made(rule, *args, **values)

        return build


class RecordNumber(IntegerConverter):
    """The id of a record in an address: what no integer column holds is no address of ours."""

    regex = "[0-9]{1,10}"

    def __init__(self, url_map: Any, *args: Any, **options: Any) -> None:
        super().__init__(url_map, *args, **{"max": LARGEST, **options})
