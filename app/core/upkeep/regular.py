"""Backups that come by themselves: one a day into a folder, the newest kept, each proved."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from app.core.base.moments import local, now

NAME, HOUR = "gewu-%Y%m%d-%H%M%S.backup", 2  # of the office's clock


def is_due(folder: Path) -> bool:
    """Whether today's hour has passed and the folder has none since; at once where it has none at all."""
    here, last = local(now()), max((when for path in _files(folder) if (when := _when(path))), default=None)
    due = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return last is None or last < (due if here >= due else due - timedelta(days=1))


def next_file(folder: Path) -> Path:
    return folder / local(now()).strftime(NAME)


def forget_old(folder: Path, keep: int) -> list[Path]:
    """Removes all but the newest of the regular backups; files of other names are nobody's business here."""
    found = sorted((path for path in _files(folder) if _when(path)), reverse=True)
    for path in found[keep:]:
        path.unlink()
    return found[keep:]


def _files(folder: Path) -> list[Path]:
    return list(folder.glob("gewu-*.backup"))


def _when(path: Path) -> datetime | None:
    """When a regular backup was made, in the office's time; None for a file of another name."""
    try:
        return datetime.strptime(path.name, NAME)
    except ValueError:
        return None
