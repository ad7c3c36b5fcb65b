"""run.py backup, restore: copies of an installation, by hand, by the clock, and tried out."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from app.commands.installation import opened, settings_of
from app.commands.words import add_installation
from config import ROOT, Refusal, Settings

NAMES = ("backup", "restore")
LOOK_SECONDS = 60


def add(commands: Any) -> None:
    about = "备份（可在使用中进行） / back up, while in use too"
    command = commands.add_parser("backup", help=about, description=about)
    command.add_argument("file", nargs="?", help="备份文件 / the file")
    command.add_argument("--into", metavar="FOLDER", help="每日备份：写入该目录并只留最新几份 / into a folder, of which the newest are kept")
    command.add_argument("--verify", action="store_true", help="演练：在临时目录里恢复并检查 / a drill: restored aside and checked")
    command.add_argument("--make-key", metavar="KEYFILE", help="生成备份密钥 / make the key that opens encrypted backups")
    command.add_argument("--key", metavar="KEYFILE", help="打开加密备份的密钥文件 / the key of an encrypted backup")
    add_installation(command)
    command.set_defaults(run=run_backup)
    about = "恢复备份 / restore a backup"
    command = commands.add_parser("restore", help=about, description=about)
    command.add_argument("file")
    command.add_argument("--force", action="store_true", help="覆盖现有数据 / write over existing data")
    command.add_argument("--key", metavar="KEYFILE", help="打开加密备份的密钥文件 / the key of an encrypted backup")
    add_installation(command)
    command.set_defaults(run=run_restore)


def run_backup(arguments: argparse.Namespace) -> int:
    """One of four: a key, a drill, a file, or the next one of a folder."""
    if arguments.make_key:
        return _make_key(Path(arguments.make_key))
    if bool(arguments.file) == bool(arguments.into) or arguments.verify and arguments.into:
        raise Refusal("请写一个备份文件，或用 --into 指定目录。 / Name a file, or a folder with --into.")
    settings = settings_of(arguments)
    if arguments.verify:
        return _drill(settings, Path(arguments.file), _key(arguments))
    return _write(settings, arguments)


def _make_key(path: Path) -> int:
    from app.core.upkeep.sealed import make_key

    print(make_key(path))
    print(f"请把 {path} 存放到服务器以外的安全处（没有它，加密备份无法打开），并设置 GEWU_BACKUP_KEY 为上面一行。 / Keep that file away from "
          "the server: without it encrypted backups stay shut. Set GEWU_BACKUP_KEY to the line above.")
    return 0


def _write(settings: Settings, arguments: argparse.Namespace) -> int:
    """The database is copied as it stands, whatever its schema: a backup comes before a migration."""
    from app import create_app
    from app.core.upkeep import installation, regular
    from app.core.upkeep.backup import backup
    from app.core.upkeep.condition import note_backup

    installation.refuse_lost_keys(settings)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what is half made, and in clear, is removed
    app = create_app(settings)
    target = Path(arguments.file) if arguments.file else regular.next_file(_folder(arguments.into))
    with app.app_context():
        installation.check_keys()
        backup(app, target, settings.backup_key)
    note_backup(settings.data_dir)
    print(target)
    for path in regular.forget_old(target.parent, settings.backup_keep) if arguments.into else ():
        print(f"已删除旧备份 / removed: {path}")
    return 0


def _folder(name: str) -> Path:
    folder = Path(name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _key(arguments: argparse.Namespace) -> Path | None:
    return Path(arguments.key) if arguments.key else None


def _drill(settings: Settings, source: Path, key: Path | None) -> int:
    """Restores a backup of the embedded database aside and looks for damage; 0 when there is none."""
    from app.core.upkeep.backup import PREFIX, restore
    from app.core.upkeep.integrity import check
    from app.db import db

    if not settings.url.startswith("sqlite"):
        raise Refusal("PostgreSQL 的备份请恢复到另一个空库来演练：run.py restore 文件 --data 新目录 --database-url 空库地址。"
                      " / Restore it into another, empty database: run.py restore FILE --data FOLDER --database-url ADDRESS.")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=PREFIX) as folder:  # where clear data lie anyway
        aside = Settings(data_dir=Path(folder) / "data")
        restore(aside, source, key=key)
        with opened(argparse.Namespace(data=aside.data_dir, database_url=aside.url, command="backup")):
            faults = check()
            db.session.remove()
            db.engine.dispose()  # Windows removes no file that is open
    for fault in faults:
        print(fault)
    print(f"{source}：可以恢复，没有发现问题 / restored aside, no faults found" if not faults else f"{len(faults)} 处问题 / faults")
    return 1 if faults else 0


def run_restore(arguments: argparse.Namespace) -> int:
    from app.core.upkeep.backup import restore

    restore(settings_of(arguments), Path(arguments.file), force=arguments.force, key=_key(arguments))
    return 0


class Daily:
    """The backup a day of a server (GEWU_BACKUP_DIR): a process of its own, which holds up nobody."""

    def __init__(self, settings: Settings, environment: dict[str, str]) -> None:
        self.settings, self.environment = settings, {**environment, "GEWU_INSIDE": "1"}
        self.process: subprocess.Popen[bytes] | None = None
        self.looked = float("-inf")

    def look_after(self) -> None:
        """Begins the backup when it is due; one that failed is tried again at the next look, an hour later."""
        from app.core.upkeep.regular import is_due

        running = self.process is not None and self.process.poll() is None
        if not self.settings.backup_dir or running or time.monotonic() - self.looked < self._pause():
            return
        self.looked = time.monotonic()
        if is_due(Path(self.settings.backup_dir)):
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "run.py"), "backup", "--into", self.settings.backup_dir], cwd=ROOT,
                env=self.environment, stdout=subprocess.DEVNULL)

    def _pause(self) -> float:
        failed = self.process is not None and self.process.poll() not in (None, 0)
        return 3600 if failed else LOOK_SECONDS

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
