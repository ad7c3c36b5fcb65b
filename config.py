"""Every setting, one line each on what it is for; the environment overrides."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent


def _env(name: str, default: str = "") -> str:
    return os.environ.get(f"GEWU_{name}", default)


@dataclass(frozen=True)
class Settings:
    """What one installation is told."""

    data_dir: Path = ROOT / "data"  # database, keys and files of this installation
    database_url: str = ""  # empty: the embedded SQLite in data_dir
    demo: bool = False  # demo accounts on the sign-in page; refuses to serve beyond this machine
    session_hours: int = 8  # how long a sign-in lasts without a break

    @classmethod
    def load(cls, data_dir: Path | str | None = None, database_url: str | None = None) -> Settings:
        """Settings from the environment and from what the first start wrote into the data folder."""
        folder = Path(data_dir or _env("DATA") or cls.data_dir).resolve()
        return cls(
            data_dir=folder,
            database_url=database_url or _env("DATABASE_URL"),
            demo=(folder / "demo").exists(),
            session_hours=int(_env("SESSION_HOURS", "8")),
        )

    @property
    def keys_dir(self) -> Path:
        return self.data_dir / "keys"

    @property
    def url(self) -> str:
        """The database's address for SQLAlchemy."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'gewu.db').as_posix()}"

    def secret_key(self) -> str:
        """The key that signs sessions; the first start makes it."""
        path = self.keys_dir / "secret.key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                return path.read_text(encoding="ascii")
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text(encoding="ascii")

    def flask(self) -> dict[str, Any]:
        """The settings in the words of Flask and its extensions."""
        options: dict[str, Any] = {"pool_pre_ping": True}
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
            "AUTH_RATE_LIMITED": True,
            "AUTH_RATE_LIMIT": "20 per minute",
            "RATELIMIT_STORAGE_URI": "memory://",  # counted per process
            "RATELIMIT_ENABLED": _env("RATELIMIT", "1") == "1",
            "BABEL_DEFAULT_LOCALE": "zh",
            "BABEL_TRANSLATION_DIRECTORIES": "../translations",
            "LANGUAGES": {"zh": {"flag": "cn", "name": "中文"}, "en": {"flag": "gb", "name": "English"}},
            "APP_NAME": "格物",
            "FAB_BASE_TEMPLATE": "shell.html",
            "FAB_INDEX_VIEW": "app.home.HomeView",
            "FAB_CREATE_DB": False,  # Alembic makes the schema
            "FAB_UPDATE_PERMS": False,  # roles come from app/roles.py
            "FAB_ADD_SECURITY_VIEWS": True,
            "FAB_ADD_SECURITY_PERMISSION_VIEW": False,
            "FAB_ADD_SECURITY_VIEW_MENU_VIEW": False,
            "FAB_ADD_SECURITY_PERMISSION_VIEWS_VIEW": False,
            "FAB_PASSWORD_COMPLEXITY_ENABLED": True,
            "FAB_PASSWORD_COMPLEXITY_VALIDATOR": _check_password,
            "FAB_API_MAX_PAGE_SIZE": 100,
            "FAB_API_SWAGGER_UI": False,
        }


def _check_password(password: str) -> None:
    from app.account_screens import check_password

    check_password(password)
