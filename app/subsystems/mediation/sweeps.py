"""排查: who looked for disputes where and when, and what was found; nothing found is said too (零报告)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import String, Text, func, select
from sqlalchemy.orm import Mapped

from app.core.base.fields import field
from app.core.base.records import RuleError, not_ahead, unique_live
from app.core.base.registry import record_by_name
from app.core.base.scope import Scoped, system
from app.core.telling.places import place_name
from app.db import db


class DisputeSweep(Scoped):
    """One look for disputes in one grid on one day (大排查): what was found is registered, or said why not."""

    __tablename__ = "dispute_sweep"
    __label__ = _("Sweep for disputes")
    __natural_key__ = ("grid_code", "swept_on")
    __table_args__ = (unique_live("dispute_sweep", "grid_code", "swept_on"),)

    swept_on: Mapped[date] = field(_("Date of the sweep"), listed=True, sortable=True, index=True, aliases=("排查日期", "日期"))
    by: Mapped[str] = field(_("Swept by"), String(80), listed=True, search="text", aliases=("排查人",))
    found_count: Mapped[int] = field(_("Disputes found"), listed=True, aliases=("发现数", "排查出纠纷数"), help=_("0 is a zero report"))
    explanation: Mapped[str | None] = field(_("Explanation"), Text, aliases=("说明",), help=_("Why fewer or more are registered than were found"))
    settled: Mapped[bool] = field(_("Checked against the register"), default=False, listed=True, aliases=("已核对",))

    def __str__(self) -> str:
        found = gettext("zero report") if self.found_count == 0 else gettext("%(count)s found", count=self.found_count)
        return f"{self.swept_on} {place_name(self.grid_code)} {found}"

    def searchable(self) -> tuple[str | None, ...]:
        return (self.by,)

    @property
    def registered(self) -> int:
        """How many disputes are registered from it."""
        return registered(self)

    @property
    def is_explained(self) -> bool:
        return bool((self.explanation or "").strip())

    def complete(self) -> None:
        """A zero report with nothing registered needs no further look."""
        if self.found_count == 0 and self.registered == 0:
            self.settled = True

    def check(self) -> None:
        not_ahead(self, "swept_on")
        if self.found_count is not None and self.found_count < 0:
            raise RuleError(gettext("Write 0 when nothing was found; it cannot be less."), "found_count")
        count = self.registered
        if self.is_explained or self.found_count is None:
            return
        if count > self.found_count:
            raise RuleError(gettext("%(count)s disputes are registered from this sweep: correct the number found, or explain.", count=count),
                            "found_count")
        if self.settled and count != self.found_count:
            raise RuleError(gettext("%(found)s were found, %(count)s are registered: register the others, or explain.",
                                    found=self.found_count, count=count), "settled")


def registered(sweep: DisputeSweep, but: Any = None) -> int:
    """How many disputes are registered from a sweep, perhaps one of them left out."""
    record: Any = record_by_name("dispute")
    if sweep.id is None:
        return 0
    with system("disputes registered from a sweep"), db.session.no_autoflush:
        others = [record.id != but.id] if but is not None and but.id is not None else []
        return db.session.scalar(select(func.count(record.id)).where(record.sweep_id == sweep.id, *others)) or 0


def check_count(dispute: Any) -> None:
    """RuleError when a dispute would make a sweep's number wrong that nobody explained."""
    was, was_gone = _as_stored(dispute)
    gone = dispute.deleted_at is not None
    left = _sweep(was) if not was_gone and (gone or was != dispute.sweep_id) else None
    joined = _sweep(dispute.sweep_id) if not gone and (was_gone or was != dispute.sweep_id) else None
    if left is not None and left.settled and not left.is_explained:
        raise RuleError(gettext("The sweep it was found in is checked already with this dispute in it: explain there first."), "sweep_id")
    if joined is None:
        return
    if not (dispute.grid_code or "").startswith(joined.grid_code):
        raise RuleError(gettext("This sweep was in another grid: choose one of the dispute's own."), "sweep_id")
    if not joined.is_explained and registered(joined, dispute) + 1 > joined.found_count:
        raise RuleError(gettext("The sweep found %(count)s disputes, and they are all registered: correct its number, or explain there.",
                                count=joined.found_count), "sweep_id")


def _as_stored(dispute: Any) -> tuple[int | None, bool]:
    """The sweep a dispute was found in as the database knows it, and whether it lies in the recycle bin there."""
    record: Any = record_by_name("dispute")
    if dispute.id is None:
        return None, False
    with system("a dispute as it is stored"), db.session.no_autoflush:
        found = db.session.execute(select(record.sweep_id, record.deleted_at).where(record.id == dispute.id)
                                   .execution_options(with_deleted=True)).one_or_none()
    return (found.sweep_id, found.deleted_at is not None) if found else (None, False)


def _sweep(number: int | None) -> DisputeSweep | None:
    if number is None:
        return None
    with db.session.no_autoflush:
        return db.session.get(DisputeSweep, number)
