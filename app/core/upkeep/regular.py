"""Backups that come by themselves: one a day into a folder, the newest kept, each proved."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from app.core.base.moments import local, now

NAME, HOUR = "gewu-%Y%m%d-%H%M%S.backup", 2  # of the office's clock


def is_due(folder: Path) -> bool:
    """Whether today's hour has passed and the folder has none since; at once where it has none at all."""
    here, last = local(now()), max(_made(folder).values(), default=None)
    due = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return last is None or last < (due if here >= due else due - timedelta(days=1))


def next_file(folder: Path) -> Path:
    return folder / local(now()).strftime(NAME)


def forget_old(folder: Path, keep: int) -> list[Path]:
    """Removes all but the newest of the regular backups; files of other names are nobody's business here."""
    found = sorted(_made(folder), reverse=True)
    for path in found[keep:]:
        path.unlink()
    return found[keep:]


def _made(folder: Path) -> dict[Path, datetime]:
    """The regular backups of a folder, and when each was made in the office's time; files of other names are none."""
    found = {}
    for path in folder.glob("gewu-*.backup"):
        with suppress(ValueError):
            found[path] = datetime.strptime(path.name, NAME)
    return found
