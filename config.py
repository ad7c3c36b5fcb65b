"""Every setting, one line each on what it is for; the environment overrides."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent


class Refusal(Exception):
    """What must be put right before a command can run: one sentence in both languages that says how."""


def _env(name: str, default: str = "") -> str:
    return os.environ.get(f"GEWU_{name}", default)


def _number(name: str, default: int, least: int) -> int:
    value = _env(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise Refusal(f"环境变量 GEWU_{name} 应为不小于 {least} 的整数。 / The environment variable GEWU_{name} must be a "
                      f"whole number, {least} or more.")
    return int(value)


def _address(text: str) -> str:
    """A database's address in SQLAlchemy's words; a plain postgresql:// is what most people write."""
    if text and not re.match(r"(postgres|postgresql|postgresql\+psycopg|sqlite)://", text):
        raise Refusal("数据库地址（--database-url 或 GEWU_DATABASE_URL）应以 postgresql:// 或 sqlite:/// 开头。 / The "
                      "database's address (--database-url or GEWU_DATABASE_URL) begins with postgresql:// or sqlite:///.")
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", text)


def kept_once(path: Path, make: Callable[[], str]) -> str:
    """The text of a file the first start writes, its owner's alone.

    It appears under its name whole or not at all, for several processes may start at once and one may die.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(part, path)
        finally:
            os.unlink(part)
    text = path.read_text(encoding="ascii", errors="replace")
    if not text.strip():
        raise Refusal(f"{path} 是空的：请从备份放回原来的密钥文件。 / {path} is empty: put the right key file back from a backup.")
    return text


@dataclass(frozen=True)
class Settings:
    """What one installation is told."""

    data_dir: Path = ROOT / "data"  # database, keys and files of this installation
    database_url: str = ""  # empty: the embedded SQLite in data_dir
    demo: bool = False  # demo accounts on the sign-in page; refuses to serve beyond this machine
    session_hours: int = 8  # how long a sign-in lasts without a break
    public_url: str = ""  # the address residents reach the console by, for QR codes; empty: the one in use
    backup_dir: str = ""  # a folder for a backup a day; empty: none comes by itself
    backup_keep: int = 14  # how many of those are kept
    backup_key: str = ""  # the word age1… of the key that opens backups; empty: they are not encrypted
    watch_token: str = ""  # what /metrics and /health?full ask for; empty: they are not there
    proxies: int = 0  # how many reverse proxies stand in front and tell the user's address

    @classmethod
    def load(cls, data_dir: Path | str | None = None, database_url: str | None = None) -> Settings:
        """Settings from the environment and from what the first start wrote into the data folder."""
        folder = Path(data_dir or _env("DATA") or cls.data_dir).resolve()
        return cls(
            data_dir=folder,
            database_url=database_url or _env("DATABASE_URL"),
            demo=(folder / "demo").exists(),
            session_hours=_number("SESSION_HOURS", 8, least=1),
            public_url=_env("PUBLIC_URL"),
            backup_dir=_env("BACKUP_DIR"),
            backup_keep=_number("BACKUP_KEEP", 14, least=1),
            backup_key=_env("BACKUP_KEY"),
            watch_token=_env("WATCH_TOKEN"),
            proxies=_number("PROXIES", 0, least=0),
        )

    @property
    def keys_dir(self) -> Path:
        return self.data_dir / "keys"

    @property
    def url(self) -> str:
        """The database's address for SQLAlchemy."""
        return _address(self.database_url) or f"sqlite:///{(self.data_dir / 'gewu.db').as_posix()}"

    def secret_key(self) -> str:
        """The key that signs sessions; the first start makes it."""
        return kept_once(self.keys_dir / "secret.key", lambda: secrets.token_urlsafe(48))

    def flask(self) -> dict[str, Any]:
        """The settings in the words of Flask and its extensions."""
        options: dict[str, Any] = {"pool_pre_ping": True, "hide_parameters": True}  # no personal data in logs
        if not self.url.startswith("sqlite"):
            options |= {"pool_size": 5, "max_overflow": 10}
        return {
            "SECRET_KEY": self.secret_key(),
            "SQLALCHEMY_DATABASE_URI": self.url,
            "SQLALCHEMY_ENGINE_OPTIONS": options,
            "MAX_CONTENT_LENGTH": 60 * 1024 * 1024,  # the largest workbook, with room for the form
            "PERMANENT_SESSION_LIFETIME": self.session_hours * 3600,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": _env("HTTPS") == "1",  # set behind TLS
            "WTF_CSRF_TIME_LIMIT": None,  # a form may stay open as long as the session
            "AUTH_TYPE": 1,
            "AUTH_ROLE_ADMIN": "系统管理员",
            "AUTH_RATE_LIMITED": False,  # counted per process; app/accounts/sign_in.py counts for all of them
            "RATELIMIT_ENABLED": False,
            "RATELIMIT_STORAGE_URI": "memory://",
            "SIGN_IN_LIMITED": _env("RATELIMIT", "1") == "1",
            "BABEL_DEFAULT_LOCALE": "zh",
            "LANGUAGES": {"zh": {"flag": "cn", "name": "中文"}, "en": {"flag": "gb", "name": "English"}},
            "APP_NAME": "格物",
            "FAB_BASE_TEMPLATE": "shell.html",
            "FAB_INDEX_VIEW": "app.screens.home.HomeView",
            "FAB_CREATE_DB": False,  # Alembic makes the schema
            "FAB_UPDATE_PERMS": False,  # roles come from app/roles.py
            "FAB_ADD_SECURITY_VIEWS": True,
            "FAB_ADD_SECURITY_PERMISSION_VIEW": False,
            "FAB_ADD_SECURITY_VIEW_MENU_VIEW": False,
            "FAB_ADD_SECURITY_PERMISSION_VIEWS_VIEW": False,
            "FAB_PASSWORD_COMPLEXITY_ENABLED": True,
            "FAB_API_MAX_PAGE_SIZE": 100,
            "FAB_API_SWAGGER_UI": False,
        }
