"""run.py faults: kills at random moments for as long as one likes, in a street of its own, and a table of what came of it."""

from __future__ import annotations

import argparse
import secrets
import tempfile
import time
from pathlib import Path
from typing import Any

from config import Settings

NAMES = ("faults",)


def add(commands: Any) -> None:
    about = "断电演练：在随机时刻强行终止，再检查数据 / kill at random moments and look at what is left"
    command = commands.add_parser("faults", help=about, description=about)
    command.add_argument("--minutes", type=float, default=5, help="持续多少分钟 / for how many minutes")
    command.add_argument("--seed", type=int, help="随机数种子，用于重现 / the seed of an earlier run, to see it again")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 when nothing was found, 1 otherwise; its table names the seed."""
    from app import create_app
    from app.core.upkeep import schema
    from app.core.upkeep.backup import restore
    from tests.faults.rounds import FIRST, OLD, SMALL, STREET, Rounds

    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(10**6)
    for module, name, value in SMALL:
        setattr(module, name, value)
    end = time.monotonic() + arguments.minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder) / "data")
        restore(settings, OLD)
        app = create_app(settings)
        with app.app_context():
            schema.upgrade()
        rounds = Rounds(app, Path(folder), FIRST, STREET, seed)
        while time.monotonic() < end:
            for name in rounds.tallies:
                rounds.run(name)
    print(f"seed {seed}\n{rounds.table()}")
    return 1 if any(tally.faults for tally in rounds.tallies.values()) else 0
