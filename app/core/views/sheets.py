"""Workbooks in and out of a list: template, preview before anything is written, export with a purpose."""

from __future__ import annotations

import secrets
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import abort, current_app, flash, redirect, request, send_file, session
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core import listing
from app.core.crypto import keyring
from app.core.places import place_name, visible_places
from app.core.records import RuleError, today
from app.core.scope import current
from app.core.sheets.exporting import write_list
from app.core.sheets.importing import BOTH, ONLY_KNOWN, ONLY_NEW, import_file
from app.core.sheets.outcome import Outcome
from app.core.sheets.templates import blank_workbook

SUFFIXES = (".xlsx", ".xls", ".xlsm", ".csv")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEPT_SECONDS, KEPT_FILES = 24 * 3600, 10
SHOWN_MESSAGES = 500


class SheetPages:
    """Pages for workbooks."""

    @expose("/export", methods=["GET", "POST"])
    @has_access
    def export(self) -> Any:
        state = listing.read_state(self, request.args)
        error = ""
        if request.method == "POST":
            whole = bool(request.form.get("whole")) and self.may("reveal")
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "export.xlsx"
                try:
                    write_list(state, self, path, request.form.get("purpose", ""), whole)
                except RuleError as refused:
                    error = str(refused)
                else:
                    name = f"{self.title}_{today():%Y%m%d}.xlsx"
                    answer = send_file(path.open("rb"), mimetype=XLSX, as_attachment=True, download_name="export.xlsx")
                    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
                    return answer
        total, exact = listing.count(state, self)
        page = self.page("export", state=state, chips=self.chips(state), error=error,
                         total=f"{total:,}" + ("" if exact else "+"))
        return page, 422 if error else 200

    @expose("/template")
    @has_access
    @permission_name("import")
    def template(self) -> Any:
        """The blank workbook of this record."""
        answer = send_file(blank_workbook(self), mimetype=XLSX, as_attachment=True, download_name="template.xlsx")
        answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(self.title)}.xlsx"
        return answer

    @expose("/import/", methods=["GET", "POST"])
    @has_access
    @permission_name("import")
    def import_page(self) -> Any:
        """Takes a workbook and shows what it would do; nothing is written yet."""
        if request.method == "GET":
            return self._import_page()
        sent = request.files.get("file")
        suffix = Path(sent.filename or "").suffix.lower() if sent else ""
        if sent is None or not sent.filename:
            return self._import_page(error=_("Choose a file first.")), 422
        if suffix not in SUFFIXES:
            return self._import_page(error=_("This is not a workbook: xlsx, xls and csv files are read.")), 422
        token = secrets.token_urlsafe(18)
        folder = uploads()
        path = folder / f"{token}{suffix}"
        sent.save(path)
        for old in sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime)[:-KEPT_FILES]:
            old.unlink(missing_ok=True)
        session["upload"] = {"path": path.name, "name": Path(sent.filename).name[:120], "actor": current().actor,
                             "grid": request.form.get("grid", ""), "mode": request.form.get("mode", BOTH),
                             "record": self.route_base}
        return self._import_page(outcome=self._run(session["upload"], dry_run=True), token=token)

    def _import_page(self, **context: Any) -> str:
        places = [(place.code, place_name(place.code)) for place in visible_places()]
        modes = ((BOTH, _("Add new records and change known ones")), (ONLY_NEW, _("Only add new records")),
                 (ONLY_KNOWN, _("Only change known records")))
        return self.page("import", places=places, modes=modes, shown=SHOWN_MESSAGES, own=current().node, **context)

    def _run(self, upload: dict[str, str], dry_run: bool) -> Outcome:
        grid = upload["grid"] if current().covers(upload["grid"] or None) else None
        return import_file(self.record, uploads() / upload["path"], grid=grid, dry_run=dry_run,
                           mode=upload["mode"], name=upload["name"])

    @expose("/import/<token>/apply", methods=["POST"])
    @has_access
    @permission_name("import")
    def import_apply(self, token: str) -> Any:
        """Writes the previewed workbook; its sender alone can do so, within a day."""
        upload = session.get("upload") or {}
        mine = upload.get("record") == self.route_base and upload.get("actor") == current().actor
        if not mine or not upload["path"].startswith(f"{token}."):
            abort(404)
        if not (uploads() / upload["path"]).exists():
            flash(_("The uploaded file is gone: send it again."), "warning")
            return redirect(f"{self.route_base}/import/")
        try:
            outcome = self._run(upload, dry_run=False)
        except RuleError as error:
            return self._import_page(error=str(error)), error.status
        session.pop("upload")
        (uploads() / upload["path"]).unlink(missing_ok=True)
        flash(_("Imported: %(new)s new, %(changed)s changed, %(same)s the same, %(refused)s not taken.",
                new=outcome.new, changed=outcome.changed, same=outcome.same, refused=outcome.refused), "success")
        return self._import_page(outcome=outcome, done=True)


def uploads() -> Path:
    """The folder of the user's uploads waiting to be applied; all that are older than a day are swept out."""
    root: Path = current_app.extensions["settings"].data_dir / "uploads"
    folder = root / keyring().digest("uploads", current().actor)
    folder.mkdir(parents=True, exist_ok=True)
    for path in root.rglob("*"):
        if path.is_file() and time.time() - path.stat().st_mtime > KEPT_SECONDS:
            path.unlink(missing_ok=True)
    return folder
