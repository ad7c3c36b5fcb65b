"""Who saw a sensitive value whole, and who carried lists out of the house: every time is logged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import has_request_context, request
from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, Index, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base.moments import now
from app.core.base.records import Record, RuleError
from app.core.base.scope import GridCode, current, scope_column
from app.core.base.texts import InvalidValue, parse_text
from app.db import db

REVEAL, EXPORT, IMPORT = "reveal", "export", "import"
SIGN_IN, FAILED = "sign_in", "failed"


class AccessLog(db.Model):
    """One unmasking, export, import or sign-in: user, time, purpose, filter, number of rows."""

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_record", "record", "record_id", "id"), Index("ix_access_log_by", "by", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(String(10))
    record: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int | None]
    grid_code: Mapped[str | None] = mapped_column(GridCode)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(200))
    filters: Mapped[dict[str, Any]] = mapped_column(JSON)
    columns: Mapped[str | None] = mapped_column(Text)
    whole: Mapped[bool] = mapped_column(default=False)  # sensitive values left unmasked
    address: Mapped[str | None] = mapped_column(String(45))  # of the computer, where there was a request
    row_count: Mapped[int]


def checked_purpose(purpose: str) -> str:
    """What somebody needs it for, without blanks around it; RuleError when he does not say, or not in letters."""
    try:
        purpose = parse_text(purpose)
    except InvalidValue as error:
        raise RuleError(error.message, "purpose") from error
    if len(purpose) < 2:
        raise RuleError(_("Say what you need it for."), "purpose")
    return purpose


def log_access(action: str, record: type[Record], purpose: str, *, row: Record | None = None,
               filters: dict[str, Any] | None = None, columns: str = "", rows: int = 1, whole: bool = False) -> None:
    """Writes one line of the log and commits it: what is not logged is not shown."""
    purpose = checked_purpose(purpose)
    db.session.add(AccessLog(
        action=action, record=record.__tablename__, record_id=row.id if row else None,
        grid_code=getattr(row, scope_column(record)) if row else None, at=now(),
        by=current().actor or "system", purpose=purpose[:200], filters=filters or {},
        columns=columns or None, row_count=rows, whole=whole,
        address=request.remote_addr if has_request_context() else None,
    ))
    db.session.commit()


def log_sign_in(username: str, good: bool) -> None:
    """Notes a sign-in, or a try that failed; written with the caller's transaction."""
    db.session.add(AccessLog(
        action=SIGN_IN if good else FAILED, record="ab_user", at=now(), by=username[:64], purpose="", filters={},
        row_count=0, address=request.remote_addr if has_request_context() else None))


def _refuse_change(mapper: Any, connection: Any, row: AccessLog) -> None:
    raise RuleError(_("The access log cannot be changed."))


event.listen(AccessLog, "before_update", _refuse_change)
event.listen(AccessLog, "before_delete", _refuse_change)
