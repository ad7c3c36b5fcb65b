"""The parts of the office's plan, each a folder of app/subsystems: they enter themselves when they are declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_systems: dict[str, System] = {}


@dataclass(frozen=True)
class System:
    """A part of the plan: what its clause asks for, who leads it, and where it stands in the menu.

    ``lead`` is a code of the dictionary handling_unit, ``menu`` a heading of app/menu.py. A view's
    own ``menu_order`` is added to ``order``.
    """

    package: str
    label: Any
    clause: str
    lead: str
    menu: str
    order: int

    def __post_init__(self) -> None:
        _systems[self.package] = self

    @property
    def code(self) -> str:
        """The name of its folder."""
        return self.package.rpartition(".")[2]


def systems() -> list[System]:
    """Every part that was declared, in the order of the menu."""
    return sorted(_systems.values(), key=lambda system: (system.order, system.code))


def system_of(module: str) -> System | None:
    """The part whose folder a module lies in; None for a subsystem that is a file alone."""
    while module and module not in _systems:
        module = module.rpartition(".")[0]
    return _systems.get(module)
