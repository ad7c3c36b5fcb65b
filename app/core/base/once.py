"""Answers that are worked out once and kept: what a declaration says does not change while the program runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])


def once(function: Function) -> Function:
    """``functools.cache`` for functions that are asked about a record's class, which typing does not take as a key."""
    return cast(Function, cache(function))
