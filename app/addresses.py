"""Routes that cost nothing until a page names their address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


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
