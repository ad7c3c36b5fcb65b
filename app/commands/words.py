"""The words every command takes."""

from __future__ import annotations

import argparse


def add_installation(command: argparse.ArgumentParser) -> None:
    """The words every command takes: which installation it works on."""
    command.add_argument("--data", metavar="DIR", help="数据目录 / folder of database, keys and files")
    command.add_argument("--database-url", metavar="URL", help="数据库地址 / another database than the embedded one")
