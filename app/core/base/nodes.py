"""The tree of places in its codes: a street has 9 digits, a community 12, a base grid 15, each beginning with the one above."""

from __future__ import annotations

from dataclasses import dataclass

DIGITS = {"street": 9, "community": 12, "base": 15}
LEVELS = {digits: level for level, digits in DIGITS.items()}


@dataclass(frozen=True)
class Node:
    """A street, a community or a base grid by its code; half a code is none of them, and would open what lies beside it."""

    code: str

    @property
    def level(self) -> str:
        """street, community or base; empty for what is no code of a place."""
        return LEVELS.get(len(self.code), "") if self.code.isdecimal() else ""

    @property
    def path(self) -> list[str]:
        """The codes of the street, the community and the base grid it lies in, from above, itself included."""
        return [self.code[:digits] for digits in LEVELS if digits <= len(self.code)]

    @property
    def parent(self) -> str | None:
        """The code of the place right above; None for a street."""
        above = self.path[:-1]
        return above[-1] if self.level and above else None

    @property
    def high(self) -> str:
        """The first code behind everything under it."""
        return self.code[:-1] + chr(ord(self.code[-1]) + 1)

    def contains(self, code: str | None) -> bool:
        """Whether a code is this place's own or of a place under it."""
        return code is not None and code.startswith(self.code)

    def towards(self, code: str) -> str:
        """The code one level below this place, on the way down to a place under it."""
        return next((step for step in Node(code).path if len(step) > len(self.code)), self.code)

    def at(self, level: str) -> str:
        """The code of the street, community or base grid it lies in; its own where it lies above that."""
        return self.code[:DIGITS[level]]
