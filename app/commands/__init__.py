"""Every command a person or script types after ``python run.py``."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence

from app.commands import accounts, backups, bench, data, faults, serve, test, work
from config import Refusal

CANNOT_NOW = 3  # the disk or the database does not let it; the same command may go through later
MODULES = (serve, work, test, data, backups, accounts, bench, faults)


class Parser(argparse.ArgumentParser):
    """Answers a wrong word with one sentence and exit code 2."""

    def error(self, message: str) -> None:  # type: ignore[override]
        print(f"{self.prog}: {message} （用 --help 查看用法 / see --help）", file=sys.stderr)
        raise SystemExit(2)


def parser() -> Parser:
    found = Parser(prog="run.py", description="格物 · 街道网格化管理控制台 / the console of a sub-district office")
    commands = found.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for module in MODULES:
        module.add(commands)
    return found


def main(words: Sequence[str]) -> int:
    """Runs a command; its exit code."""
    given = list(words)
    names = [name for module in MODULES for name in module.NAMES]
    if not given or given[0].startswith("-") and given[0] not in ("-h", "--help"):
        given.insert(0, "serve")
    if given[0] not in names and not given[0].startswith("-"):
        near = difflib.get_close_matches(given[0], names, 1)
        hint = f"；是否指 {near[0]}？ / did you mean {near[0]}?" if near else ""
        print(f"没有“{given[0]}”这个命令{hint} （用 --help 查看 / see --help）", file=sys.stderr)
        return 2
    if given[0] == "test":
        return test.run(given[1:])
    arguments = parser().parse_args(given)
    try:
        return int(arguments.run(arguments) or 0)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except Exception as error:
        from app.core.base.trouble import of_command

        told = of_command(error)
        if told is None:
            raise
        print(told, file=sys.stderr)
        return CANNOT_NOW
