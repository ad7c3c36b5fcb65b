"""What a database says when it cannot: busy, full, read-only, damaged, gone. Each becomes one sentence for people.

The engine raises it in place of its own error, so that a form keeps what was typed, a program gets 503 with a moment to
try again, a command ends in a sentence, and a worker waits.
"""

from __future__ import annotations

import errno
import sqlite3
import time
from typing import Any

from flask import g, has_request_context
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import OperationalError

from app.core.base.records import RuleError

BUSY, FULL, READ_ONLY, DAMAGED, GONE = "busy", "full", "read-only", "damaged", "gone"
SENTENCES = {
    BUSY: _("Others are saving at this moment. Nothing of yours is lost: wait a few seconds and save again."),
    FULL: _("The disk of the server is full: nothing can be saved until the administrator makes room. What you typed is "
            "not saved yet: leave this page open and save again later."),
    READ_ONLY: _("The server may not write to its disk: nothing can be saved until the administrator has put that right. "
                 "What you typed is not saved yet: leave this page open and save again later."),
    DAMAGED: _("The database of the server is damaged: tell the administrator at once. Nothing was saved."),
    GONE: _("The database does not answer. Nothing was saved: go back, leave the form open, and save again in a minute. "
            "Tell the administrator when it lasts."),
}
COMMAND = {  # the same for whoever typed a command
    BUSY: "数据库正被其他程序写入，请稍后再试。 / Others are writing to the database: try again in a while.",
    FULL: "磁盘已满，未写入：请腾出空间后再试。 / The disk is full, nothing was written: make room and try again.",
    READ_ONLY: "数据目录或数据库只读，不能写入：请检查磁盘和权限。 / The data folder or the database is read-only: look at the "
               "disk and the rights.",
    DAMAGED: "数据库文件已损坏：请从备份恢复（run.py restore）。 / The database is damaged: restore a backup (run.py restore).",
    GONE: "数据库无法连接或打开：请检查地址、服务和权限。 / The database cannot be reached or opened: look at its address, its "
          "server and the rights.",
}
OF_SQLITE = {5: BUSY, 6: BUSY, 13: FULL, 8: READ_ONLY, 11: DAMAGED, 26: DAMAGED, 10: GONE, 14: GONE}
OF_DISK = {errno.ENOSPC: FULL, errno.EDQUOT: FULL, errno.EFBIG: FULL, errno.EROFS: READ_ONLY, errno.EACCES: READ_ONLY,
           errno.EPERM: READ_ONLY, errno.EIO: GONE}
OF_POSTGRESQL = {"53100": FULL, "25006": READ_ONLY, "XX001": DAMAGED, "XX002": DAMAGED, "40001": BUSY, "40P01": BUSY,
                 "55P03": BUSY, "53300": GONE}


class Unavailable(RuleError):
    """The database cannot do it now, whoever asks; nothing was written."""

    status = 503

    def __init__(self, why: str) -> None:
        super().__init__(SENTENCES[why])
        self.why = why
        if why in (FULL, READ_ONLY, DAMAGED):
            _note(why)
        if has_request_context():
            g.unavailable = self


class Busy(Unavailable):
    """Others write for too long; nothing was written, and what was typed is still there."""

    def __init__(self) -> None:
        super().__init__(BUSY)


refused: tuple[float, str] = (0.0, "")  # when this process was last refused a write, and why


def _note(why: str) -> None:
    global refused
    refused = (time.monotonic(), why)


def wrote() -> None:
    """A write went through: what was refused before is over."""
    global refused
    refused = (0.0, "")


CANNOT_WRITE = (OperationalError, Unavailable)


def why(error: BaseException | None, disconnected: bool = False) -> str | None:
    """What kind of trouble an error of a database's driver is; None when it is the statement's own fault."""
    if isinstance(error, sqlite3.Error):
        return OF_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    state = getattr(error, "sqlstate", None) or ""
    lost = disconnected or state[:2] in ("08", "57")
    return OF_POSTGRESQL.get(state) or (GONE if lost else None)


def of_command(error: BaseException) -> str | None:
    """The sentence for whoever typed a command; None for a fault of ours."""
    if isinstance(error, Unavailable):
        return COMMAND[error.why]
    found = OF_DISK.get(error.errno or 0) if isinstance(error, OSError) else why(getattr(error, "orig", None) or error)
    return COMMAND[found] if found else None


def of_engine(context: Any) -> Unavailable | None:
    """The engine's own error in our words; it goes on raising its own where that says nothing of the server."""
    if context.is_pre_ping:
        return None
    unreachable = context.connection is None and context.execution_context is None and context.statement is None
    found = why(context.original_exception, context.is_disconnect or unreachable)
    return None if found is None else Busy() if found == BUSY else Unavailable(found)
