"""run.py serve: first start, demo street, and the server a user gets."""

from __future__ import annotations

import argparse
import ipaddress
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from app.commands.backups import Daily
from app.commands.installation import forget_half_a_demo, opened, settings_of
from app.commands.words import add_installation
from app.commands.work import Crew
from app.demo import ACCOUNTS, PASSWORD
from config import ROOT, Refusal

NAMES = ("serve",)
READY_SECONDS, LOOK_SECONDS = 120, 1


def add(commands: Any) -> None:
    command = commands.add_parser("serve", help="启动控制台（默认） / start the console (default)")
    command.add_argument("--host", default="127.0.0.1", help="监听地址 / address to listen on")
    command.add_argument("--port", type=int, default=8080, help="端口 / port")
    command.add_argument("--workers", type=int, default=2, help="进程数（Linux） / processes (Linux)")
    command.add_argument("--jobs", type=int, default=1, help="后台任务进程数；0 为另行运行 run.py work / workers for "
                         "background jobs; 0 when run.py work runs elsewhere")
    command.add_argument("--no-demo", action="store_true", help="不载入演示街道 / start empty, without the demo street")
    add_installation(command)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """What cannot be served is refused before anything is made."""
    from app.core.upkeep import installation

    settings = settings_of(arguments)
    fresh = not (settings.data_dir / "keys").exists()
    demo = settings.demo or fresh and not arguments.no_demo and os.environ.get("GEWU_DEMO") != "0"
    if demo and not is_local(arguments.host):
        raise Refusal("演示模式的密码人人知道，只能在本机（127.0.0.1）使用；正式使用请加 --no-demo 和新的 --data。 / "
                      "Demo mode serves this machine only: its password is public. Use --no-demo with a new --data.")
    refuse_unfit_address(arguments.host, arguments.port)
    installation.refuse_lost_keys(settings)
    with installation.only_server(settings) as seat:
        if demo:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            (settings.data_dir / "demo").touch()  # before anything else: a start that is killed is gone on with as one
            forget_half_a_demo(arguments)
        with opened(arguments, upgrade=True):
            if demo:
                load_demo()
            lonely = not has_accounts()
        return serve(arguments, settings_of(arguments), seat, lonely)


def has_accounts() -> bool:
    from app.accounts.manager import Account
    from app.db import db

    return db.session.scalar(db.select(Account.id).where(Account.active).limit(1)) is not None


def refuse_unfit_address(host: str, port: int) -> None:
    """Refusal when nobody can listen there: the port is taken, or the address is not this machine's."""
    try:
        if not 0 <= port <= 65_535:
            raise OverflowError("0-65535")
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name != "nt":  # where a port that was just left counts as taken
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as error:
        raise Refusal(f"不能在 {host}:{port} 上启动（{error}）：请换一个 --port 或 --host。 / Cannot listen on {host}:{port}: "
                      "choose another --port or --host.") from error


def is_local(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load_demo() -> None:
    """Fills an empty database with the demo street; a filled one is left alone."""
    from app.core.upkeep import installation
    from app.demo.loading import create_accounts, is_filled, load

    if not is_filled():
        print("正在载入演示街道…… / Loading the demo street …", flush=True)
        installation.note_demo(installation.LOADING)
        load()
        installation.note_demo(installation.LOADED)
    create_accounts()


def serve(arguments: argparse.Namespace, settings: Any, seat: tuple[int, ...], lonely: bool) -> int:
    """Starts the server, says when it is ready, and stops with it."""
    environment = {**os.environ, "GEWU_DATA": str(settings.data_dir)}
    if settings.database_url:
        environment["GEWU_DATABASE_URL"] = settings.database_url
    environment["PROMETHEUS_MULTIPROC_DIR"] = str(empty_folder(settings.data_dir / "metrics"))
    child = subprocess.Popen(server_command(arguments), env=environment, cwd=ROOT, pass_fds=seat)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    crew = Crew(arguments.jobs, environment)
    daily = Daily(settings, environment)
    address = f"http://{arguments.host}:{arguments.port}/"
    if wait_until_ready(address, child):
        greet(address, settings)
        if lonely:
            print("还没有账号：请另开一个窗口运行 run.py user add 用户名 --role 系统管理员。 / There is no account yet: run `run.py user "
                  "add NAME --role 系统管理员` in another window.", flush=True)
    code = watch(child, crew, daily)
    daily.end()
    crew.end()
    return 0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else 1


def empty_folder(folder: Path) -> Path:
    """Where the processes of this server lay down what they count; what a former one left is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    return folder


def watch(child: subprocess.Popen[bytes], crew: Crew, daily: Daily) -> int:
    """Keeps the workers alive as long as the server is, and makes its backups; its exit code."""
    while True:
        try:
            return child.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            crew.look_after()
            daily.look_after()
        except KeyboardInterrupt:
            child.terminate()


def server_command(arguments: argparse.Namespace) -> list[str]:
    bind = f"{arguments.host}:{arguments.port}"
    if os.name == "nt":
        return [sys.executable, "-m", "waitress", f"--listen={bind}", "--threads=8",
                "--no-clear-untrusted-proxy-headers", "--call", "app:served"]  # GEWU_PROXIES says how many to believe
    return [sys.executable, "-m", "gunicorn", f"--bind={bind}", f"--workers={arguments.workers}",
            "--threads=8", "--worker-class=app.commands.patient.Patient", "--timeout=300", "--graceful-timeout=10",
            "--log-level=warning", "app:served()"]


def wait_until_ready(address: str, child: subprocess.Popen[bytes]) -> bool:
    """Asks /health until it answers; False when the server ended or took too long."""
    for _ in range(READY_SECONDS * 5):
        if child.poll() is not None:
            return False
        try:
            with urllib.request.urlopen(f"{address}health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    return False


def greet(address: str, settings: Any) -> None:
    print(f"\n格物已启动 / Gewu is ready:  {address}", flush=True)
    if settings.demo:
        print(f"演示账号 / demo accounts（密码 / password: {PASSWORD}）：", flush=True)
        for name, role, node, _about in ACCOUNTS:
            print(f"  {name:<12}{role}  {node or ''}", flush=True)
