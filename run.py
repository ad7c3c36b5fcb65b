"""The one door: makes the environment at the first start, then runs a command.

    python run.py            start the console
    python run.py test       run all the tests
    python run.py --help     everything else

Only the standard library is used until the virtual environment stands.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
HOME = Path(os.environ.get("GEWU_VENV", ROOT / ".venv"))
PYTHON = HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
INSIDE = "GEWU_INSIDE"
LOCK_SECONDS = 900


def main() -> int:
    """Makes sure of the environment and goes on inside it."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts it may have an older one
        print("需要 Python 3.11 或更新版本。 / Python 3.11 or newer is needed.", file=sys.stderr)
        return 2
    if os.environ.get(INSIDE) or os.environ.get("GEWU_SKIP_BOOTSTRAP"):
        os.umask(0o077)  # what an installation writes is its user's alone
        sys.path.insert(0, str(ROOT))
        from app.commands import main as command

        return command(sys.argv[1:])
    testing = sys.argv[1:2] == ["test"]
    prepare("requirements-test.lock" if testing else "requirements.lock")
    return enter(sys.argv[1:])


def prepare(lock: str) -> None:
    """Installs the locked packages unless exactly these are there; one process at a time."""
    wanted = hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()
    stamp = HOME / f"{lock}.installed"
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    HOME.mkdir(parents=True, exist_ok=True)
    turn = HOME / "installing"
    wait_for_turn(turn)
    try:
        if not PYTHON.exists():
            say("正在创建运行环境…… / Making the virtual environment …")
            venv.create(HOME, with_pip=True)
        say("正在安装依赖（首次约一两分钟）…… / Installing packages (a minute or two at first) …")
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
               "--require-hashes", "-r", str(ROOT / lock)]
        if subprocess.run(pip, check=False).returncode:
            raise SystemExit("依赖安装失败，请检查网络后重试。 / Installing failed: check the network, try again.")
        stamp.write_text(wanted, encoding="ascii")
    finally:
        turn.unlink(missing_ok=True)


def wait_for_turn(turn: Path) -> None:
    """Two starts at once must not break the environment; a turn left by a crash runs out."""
    while True:
        try:
            os.close(os.open(turn, os.O_CREAT | os.O_EXCL))
            return
        except FileExistsError:
            if time.time() - turn.stat().st_mtime > LOCK_SECONDS:
                turn.unlink(missing_ok=True)
            time.sleep(1)


def enter(words: list[str]) -> int:
    """Runs this file again inside the environment and hands on its exit code; whoever ends this one ends that one."""
    environment = {**os.environ, INSIDE: "1", "PYTHONUTF8": "1"}
    child = subprocess.Popen([str(PYTHON), str(ROOT / "run.py"), *words], env=environment)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
