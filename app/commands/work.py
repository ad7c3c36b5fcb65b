"""run.py work: a worker for background jobs; serve keeps one by itself, large offices start several."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from app.commands.installation import settings_of
from app.commands.words import add_installation
from config import ROOT

NAMES = ("work",)
SHORTEST, LONGEST, LIVED = 1.0, 15.0, 60.0
END_SECONDS = 15


def add(commands: Any) -> None:
    about = "后台任务进程（可同时运行多个） / a worker for background jobs; run as many as you like"
    command = commands.add_parser("work", help=about, description=about)
    command.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)
    add_installation(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Works until a signal, or until the server that started it is gone."""
    from app import create_app
    from app.core.upkeep import installation, schema
    from app.core.worker import work
    from app.screens import logs

    settings = settings_of(arguments)
    installation.refuse_lost_keys(settings)
    logs.configure(settings.data_dir)
    app = create_app(settings)
    with app.app_context():
        if not schema.migration_state()["current"]:
            print("数据库结构不是最新：请先运行 run.py migrate。 / The schema is not current: run `run.py migrate` first.",
                  file=sys.stderr)
            return 2
        installation.check_keys()
    ending = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ending.set())
    if arguments.with_parent:
        threading.Thread(target=_end_with_parent, args=(ending,), daemon=True).start()
    work(app, ending)
    return 0


def _end_with_parent(ending: threading.Event) -> None:
    """The parent holds the other end of the standard input: it closes when the parent ends, however it ends."""
    while os.read(0, 1024):  # not through sys.stdin, whose lock this thread would hold at the end of the process
        pass
    ending.set()


class Crew:
    """The workers a server keeps: started again when they die, ended with it."""

    def __init__(self, count: int, environment: dict[str, str]) -> None:
        self.environment = {**environment, "GEWU_INSIDE": "1"}
        self.members = [Member(self.environment) for _place in range(count)]

    def look_after(self) -> None:
        for member in self.members:
            member.look_after()

    def end(self) -> None:
        """Lets every worker end in good order, and ends those that do not."""
        for member in self.members:
            member.dismiss()
        last = time.monotonic() + END_SECONDS
        for member in self.members:
            member.wait(max(0.0, last - time.monotonic()))


class Member:
    """One worker process."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment, self.pause = environment, SHORTEST
        self.leaving = False
        self._start()

    def _start(self) -> None:
        command = [sys.executable, str(ROOT / "run.py"), "work", "--with-parent"]
        self.process = subprocess.Popen(command, env=self.environment, stdin=subprocess.PIPE)
        self.begun, self.died = time.monotonic(), 0.0

    def look_after(self) -> None:
        """Starts a dead worker again, the later the sooner it died."""
        if self.leaving or self.process.poll() is None:
            return
        if not self.died:
            self.died = time.monotonic()
            self.pause = SHORTEST if self.died - self.begun > LIVED else min(self.pause * 2, LONGEST)
            print(f"后台任务进程已退出（{self.process.returncode}），即将重启。 / A worker ended and is started again.",
                  file=sys.stderr, flush=True)
        if time.monotonic() - self.died >= self.pause:
            self._close()
            self._start()

    def dismiss(self) -> None:
        self.leaving = True
        self._close()

    def _close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def wait(self, seconds: float) -> None:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
