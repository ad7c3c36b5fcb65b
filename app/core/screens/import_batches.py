"""The imports of a list, and taking one back as a whole."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.core.base.records import RuleError
from app.core.base.registry import record_by_name, record_name, view_of
from app.core.base.scope import current
from app.core.jobs.kinds import enqueue
from app.core.jobs.records import DONE, Job
from app.core.jobs.running import run_now
from app.core.screens.jobs import told
from app.core.screens.screen import Screen
from app.core.sheets.background import undo_import
from app.core.sheets.writing.batches import ImportBatch, batch_of, batches
from app.core.sheets.writing.undoing import REASONS
from app.db import db

AT_ONCE = 500


class ImportBatchPages(Screen):
    """Pages on what came in earlier."""

    @expose("/imports/")
    @has_access
    @permission_name("import")
    def imports(self) -> str:
        """What was imported lately, by whom, and whether it can still be taken back."""
        return self.page("imports", batches=batches(self.record), batch=None)

    @expose("/imports/<int:number>")
    @has_access
    @permission_name("import")
    def import_batch(self, number: int) -> str:
        """One import: taken back or not, how far that is, and what had to be left."""
        batch = self._batch(number)
        job = self._undoing(batch)
        return self.page("imports", batches=[batch], batch=batch, job=job, told=told(job) if job else "",
                         left=[self._left(*entry) for entry in batch.left or []])

    @expose("/imports/<int:number>/undo", methods=["POST"])
    @has_access
    @permission_name("import")
    def undo_import(self, number: int) -> Any:
        """Takes an import back; a small one at once."""
        batch = self._batch(number)
        arguments = {"record": record_name(self.record), "base": self.route_base, "batch": number}
        if not batch.can_be_undone:
            flash(_("This import was taken back already, or its time is over."), "warning")
        elif (job := self._undoing(batch)) is None or job.is_over:
            try:
                job = enqueue(undo_import, current(), f"{self.title}：{batch.file}", arguments)
            except RuleError as refused:
                flash(str(refused), "warning")
                return redirect(f"{self.route_base}/imports/{number}", 303)
            if batch.new + batch.changed <= AT_ONCE:
                run_now(job.id)
        return redirect(f"{self.route_base}/imports/{number}", 303)

    def _batch(self, number: int) -> ImportBatch:
        return batch_of(self.record, number) or abort(404)

    def _undoing(self, batch: ImportBatch) -> Job | None:
        """The user's own undo of this import that has not ended yet, or did not do it."""
        query = select(Job).where(Job.kind == undo_import.name, Job.owner == current().actor).order_by(Job.id.desc())
        found = next((job for job in db.session.scalars(query.limit(20)) if job.arguments.get("batch") == batch.id), None)
        return found if found and found.state != DONE else None

    @staticmethod
    def _left(name: str, number: int, why: str) -> tuple[str, str, str]:
        """(what, address, reason) of a row that was left; without words where the user may not see it."""
        record = record_by_name(name)
        reason = str(REASONS.get(why, why))
        if record is None:
            return name, "", reason
        row, label = db.session.scalar(select(record).where(record.id == number)), str(record.__label__)
        if row is None or view_of(record) is None:
            return label, "", reason
        return f"{label} {row}", f"/{record_name(record)}/show/{number}", reason
