"""run.py test: all the tests, in parallel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

NAMES = ("test",)
ROOT = Path(__file__).parents[2]


def add(commands: Any) -> None:
    commands.add_parser("test", help="运行全部测试（其余参数交给 pytest） / run all tests (the rest goes to pytest)",
                        add_help=False)


def run(words: list[str]) -> int:
    """Runs pytest; its exit code."""
    if words[:1] in (["-h"], ["--help"]):
        print("run.py test [pytest ...]：运行全部测试，其余参数交给 pytest / run all tests, the rest goes to pytest")
        return 0
    chosen = words or ["-q", "-n", os.environ.get("GEWU_TEST_WORKERS", "2"), "--dist", "loadfile"]
    return subprocess.run([sys.executable, "-m", "pytest", *chosen], cwd=ROOT, check=False).returncode
