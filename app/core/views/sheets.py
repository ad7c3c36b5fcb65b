"""Workbooks in and out of a list: template, preview before anything is written, export with a purpose."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import abort, flash, redirect, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core import listing
from app.core.jobs.kinds import Kind, enqueue
from app.core.jobs.records import DONE, Job
from app.core.jobs.running import run_now
from app.core.masking import checked_purpose
from app.core.places import place_name, visible_places
from app.core.records import RuleError, today
from app.core.registry import record_name
from app.core.scope import current
from app.core.sheets.background import (
    SHOWN_MESSAGES,
    UPLOAD,
    apply_import,
    check_import,
    export_list,
    outcome_of,
)
from app.core.sheets.comparing import BOTH, ONLY_KNOWN, ONLY_NEW
from app.core.sheets.exporting import write_list
from app.core.sheets.templates import blank_workbook
from app.core.views.downloads import sent_file
from app.core.views.jobs import own_job, told
from app.db import db

SUFFIXES = (".xlsx", ".xls", ".xlsm", ".csv")
AT_ONCE = 256 * 1024
LONG_ROWS = 10_000
STEPS = {"check": check_import, "apply": apply_import}


class SheetPages:
    """Pages for workbooks."""

    @expose("/export", methods=["GET", "POST"])
    @has_access
    def export(self) -> Any:
        """Asks for the purpose; a list of up to 10,000 rows comes at once, a longer one from 我的任务."""
        state, error = listing.read_state(self, request.args), ""
        if request.method == "POST":
            try:
                return self._export(state, checked_purpose(request.form.get("purpose", "")),
                                    bool(request.form.get("whole")) and self.may("reveal"))
            except RuleError as refused:
                error = str(refused)
        total, exact = listing.count(state, self)
        page = self.page("export", state=state, chips=self.chips(state), error=error, long=self._is_long(state),
                         total=f"{total:,}" + ("" if exact else "+"))
        return page, 422 if error else 200

    def _export(self, state: listing.ListState, purpose: str, whole: bool) -> Any:
        title = f"{self.title}_{today():%Y%m%d}"
        if self._is_long(state):
            enqueue(export_list, current(), title, {
                "record": record_name(self.record), "query": request.query_string.decode(), "purpose": purpose,
                "whole": whole})
            flash(_("The workbook is being written. Fetch it here when it is ready."), "info")
            return redirect("/jobs/")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.xlsx"
            write_list(state, self, path, purpose, whole)
            return sent_file(path.open("rb"), f"{title}.xlsx")

    def _is_long(self, state: listing.ListState) -> bool:
        beyond = listing.narrowed(state, self).with_only_columns(self.record.id).offset(LONG_ROWS).limit(1)
        return db.session.scalar(beyond) is not None

    @expose("/template")
    @has_access
    @permission_name("import")
    def template(self) -> Any:
        """The blank workbook of this record."""
        return sent_file(blank_workbook(self), f"{self.title}.xlsx")

    @expose("/import/", methods=["GET", "POST"])
    @has_access
    @permission_name("import")
    def import_page(self) -> Any:
        """Takes a workbook and has it checked; nothing is written yet."""
        if request.method == "GET":
            return self._import_page()
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            return self._import_page(error=_("Choose a file first.")), 422
        if Path(sent.filename).suffix.lower() not in SUFFIXES:
            return self._import_page(error=_("This is not a workbook: xlsx, xls and csv files are read.")), 422
        mode = request.form.get("mode", BOTH)
        arguments = {"record": record_name(self.record), "base": self.route_base,
                     "name": Path(sent.filename).name[:120], "grid": request.form.get("grid", "")[:15],
                     "mode": mode if mode in (ONLY_NEW, ONLY_KNOWN) else BOTH}
        try:
            return self._begin(check_import, arguments, lambda folder: sent.save(folder / UPLOAD))
        except RuleError as refused:
            return self._import_page(error=str(refused)), refused.status

    def _begin(self, kind: Kind, arguments: dict[str, Any], bring: Callable[[Path], object]) -> Any:
        """Puts a workbook in the queue; a small one is done at once, so that nobody waits behind a large one."""
        job = enqueue(kind, current(), f"{self.title}：{arguments['name']}", arguments, bring)
        if (job.folder / UPLOAD).stat().st_size <= AT_ONCE:
            run_now(job.id)
        return redirect(kind.address(job), 303)

    def _import_page(self, **context: Any) -> str:
        places = [(place.code, place_name(place.code)) for place in visible_places()]
        modes = ((BOTH, _("Add new records and change known ones")), (ONLY_NEW, _("Only add new records")),
                 (ONLY_KNOWN, _("Only change known records")))
        return self.page("import", places=places, modes=modes, shown=SHOWN_MESSAGES, own=current().node, **context)

    @expose("/import/<int:number>")
    @has_access
    @permission_name("import")
    def import_result(self, number: int) -> Any:
        """How far a check or an import is; its result once it is over, to be read again later."""
        job = self._own_import(number)
        return self._import_page(job=job, told=told(job), outcome=outcome_of(job),
                                 done=job.kind == apply_import.name, waiting=job.file(UPLOAD) is not None)

    def _own_import(self, number: int) -> Job:
        job = own_job(number)
        if job.arguments.get("base") != self.route_base:
            abort(404)
        return job

    @expose("/import/<int:number>/<any(check, apply):step>", methods=["POST"])
    @has_access
    @permission_name("import")
    def import_step(self, number: int, step: str) -> Any:
        """Writes a workbook that was checked, or checks once more one that was not written."""
        job = self._own_import(number)
        ready = job.is_over and (step == "check" or (job.kind, job.state) == (check_import.name, DONE))
        upload = job.file(UPLOAD) if ready else None
        if upload is None:
            flash(_("The uploaded file is gone: send it again."), "warning")
            return redirect(f"{self.route_base}/import/")
        return self._begin(STEPS[step], job.arguments, lambda folder: upload.rename(folder / UPLOAD))
