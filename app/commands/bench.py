"""run.py bench: builds a street of a million and measures every page against its floor."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from app.commands.words import add_installation

NAMES = ("bench",)


def add(commands: Any) -> None:
    command = commands.add_parser("bench", help="性能测试，每项一行 JSON / measure speed, one JSON line a measure")
    command.add_argument("--rows", type=int, default=1_000_000, help="居民数 / how many residents")
    command.add_argument("--only", help="只测这些，逗号分隔 / only these measures, separated by commas")
    add_installation(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measures in a folder of its own unless --data names one that is built already."""
    from tests.benchmarks.measures import measure

    only = set(arguments.only.split(",")) if arguments.only else set()
    if arguments.data:
        measure(Path(arguments.data), arguments.rows, arguments.database_url, only)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), arguments.rows, arguments.database_url, only)
    return 0
