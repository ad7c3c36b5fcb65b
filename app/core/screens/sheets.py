"""Workbooks out of a list: the blank one of a record, and an export with a purpose."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from flask import flash, redirect, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.asking import listing
from app.core.base.moments import today
from app.core.base.records import RuleError
from app.core.base.registry import record_name
from app.core.base.scope import current
from app.core.jobs.kinds import enqueue
from app.core.screens.downloads import named, sent_file
from app.core.screens.lists import ListPages
from app.core.sheets.background import export_list
from app.core.sheets.out.exporting import write_list
from app.core.sheets.out.templates import blank_workbook
from app.core.telling.display import how_many
from app.core.telling.masking import checked_purpose
from app.core.telling.places import scope_name
from app.db import db

LONG_ROWS = 10_000


class SheetPages(ListPages):
    """Pages for workbooks that leave."""

    @expose("/export", methods=["GET", "POST"])
    @has_access
    def export(self) -> Any:
        """Asks for the purpose; a list of up to 10,000 rows comes at once, a longer one from 我的任务."""
        state, error = self.asked_state(request.args), ""
        if request.method == "POST":
            try:
                return self._export(state, checked_purpose(request.form.get("purpose", "")),
                                    bool(request.form.get("whole")) and self.may("reveal"))
            except RuleError as refused:
                error = str(refused)
        total, exact = listing.count(self.list_state(request.args), self)
        page = self.page("export", state=state, chips=self.chips(state), error=error, long=self._is_long(state),
                         how_many=how_many(total, exact))
        return page, 422 if error else 200

    def _export(self, state: listing.ListState, purpose: str, whole: bool) -> Any:
        about = self.filter_words(state)
        title = named(self.title, scope_name(), f"{today():%Y%m%d}", about)
        if self._is_long(state):
            enqueue(export_list, current(), title, {
                "record": record_name(self.record), "query": request.query_string.decode(), "purpose": purpose,
                "whole": whole, "about": about})
            flash(_("The workbook is being written. Fetch it here when it is ready."), "info")
            return redirect("/jobs/")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.xlsx"
            write_list(state, self, path, purpose, whole, about=about)
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
