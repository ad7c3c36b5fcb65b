"""run.py test: the whole suite on every database, or the files that are named on SQLite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

NAMES = ("test",)
ROOT = Path(__file__).parents[2]
HELP = ("run.py test [--databases sqlite,postgresql] [pytest ...]：不带参数运行全部测试（两种数据库、两个进程）；给出文件则只在 SQLite 上"
        "运行，其余参数交给 pytest / without words the whole suite on both databases in two processes; with words only what "
        "they name, on SQLite; the rest goes to pytest")


def add(commands: Any) -> None:
    commands.add_parser("test", help="运行全部测试或指定文件（其余参数交给 pytest） / run all tests or some (the rest goes to "
                        "pytest)", add_help=False)


def run(words: list[str]) -> int:
    """Runs pytest; its exit code."""
    if words[:1] in (["-h"], ["--help"]):
        print(HELP)
        return 0
    chosen, databases = asked_for(words, os.environ.get("GEWU_TEST_DATABASES", ""))
    return subprocess.run([sys.executable, "-m", "pytest", *chosen], cwd=ROOT, check=False,
                          env={**os.environ, "GEWU_TEST_DATABASES": databases}).returncode


def asked_for(words: list[str], databases: str) -> tuple[list[str], str]:
    """What pytest is told, and the databases, which ``--databases`` says before the environment does."""
    rest = list(words)
    if "--databases" in rest:
        place = rest.index("--databases")
        databases = ",".join(rest[place + 1:place + 2])
        del rest[place:place + 2]
    if rest:
        return rest, databases or "sqlite"
    workers = os.environ.get("GEWU_TEST_WORKERS", "2")
    return ["-q", "-n", workers, "--dist", "loadfile", "--no-loadscope-reorder"], databases or "sqlite,postgresql"
