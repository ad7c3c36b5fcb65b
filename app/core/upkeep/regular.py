"""Backups that come by themselves: one a day into a folder, the newest kept, each proved."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from app.core.base.moments import local, now
from app.core.upkeep.condition import backed_up_at

NAME, HOUR = "gewu-%Y%m%d-%H%M%S.backup", 2  # of the office's clock


def is_due(data_dir: Path) -> bool:
    """Whether today's hour has passed and nothing was backed up since; at once where nothing ever was."""
    last, here = backed_up_at(data_dir), local(now())
    due = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return last is None or local(last) < (due if here >= due else due - timedelta(days=1))


def next_file(folder: Path) -> Path:
    return folder / local(now()).strftime(NAME)


def forget_old(folder: Path, keep: int) -> list[Path]:
    """Removes all but the newest of the regular backups; files of other names are nobody's business here."""
    found = sorted((path for path in folder.glob("gewu-*.backup") if _is_ours(path)), reverse=True)
    for path in found[keep:]:
        path.unlink()
    return found[keep:]


def _is_ours(path: Path) -> bool:
    try:
        return bool(datetime.strptime(path.name, NAME))  # noqa: DTZ007 - only whether it is such a name
    except ValueError:
        return False
