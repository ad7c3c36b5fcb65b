"""Acts on many rows of a list: choose, see what would happen, do it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from flask import abort, flash, redirect, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core.base.numbers import record_id
from app.core.base.records import RuleError
from app.core.base.registry import record_name
from app.core.keeping import bulk
from app.core.keeping.bulk import CHANGE, DISCARD, RESTORE, Act, Preview, Selection
from app.core.screens.bulk_work import RIGHT, begin, change_many, refused_of, told_of
from app.core.screens.inputs import form_class, input_kind
from app.core.screens.jobs import own_job, told
from app.core.screens.screen import Screen
from app.db import db

LEAVE, SET, CLEAR = "", "set", "clear"


class BulkPages(Screen):
    """The pages of an act on many rows."""

    def bulk_acts(self, deleted: bool) -> list[str]:
        """The acts the user may do on this list, or on its recycle bin."""
        offered = (RESTORE,) if deleted else (CHANGE, DISCARD)
        return [act for act in offered if self.may(RIGHT[act]) and (act != CHANGE or bulk.fit_fields(self))]

    @expose("/bulk/", methods=["POST"])
    @has_access
    @permission_name("list")
    def bulk(self) -> Any:
        """First the columns (to change), then the preview, then the act; nothing is written before the last."""
        act, selection = request.form.get("act", ""), self._selection()
        if act not in RIGHT or not self.may(RIGHT[act]):
            abort(403 if act in RIGHT else 400)
        form, values = self._values() if act == CHANGE else (None, {})
        wrong = form is not None and form.errors
        if act == CHANGE and (wrong or not values):
            return self._bulk_page(act, selection, form, None, ""), 422 if wrong else 200
        try:
            found = Act.on(self, selection, act, values)
            if found.preview.mark == request.form.get("mark"):
                return self._do(found)
            preview = found.tried()
        except RuleError as error:
            db.session.rollback()
            return self._bulk_page(act, selection, form, None, str(error)), 422
        changed = _("Something changed since the preview: look again.") if request.form.get("mark") else ""
        return self._bulk_page(act, selection, form, preview, changed), 409 if changed else 200

    def _do(self, act: Act) -> Any:
        """Few rows at once; many in the background, on a page that says how far it is."""
        if not act.at_once:
            return redirect(f"{self.route_base}/bulk/{begin(self, act).id}", 303)
        preview = act.done()
        flash(told_of(preview), "success" if not preview.refused else "warning")
        return redirect(f"{self.route_base}/list/?{request.form.get('query', '').lstrip('?')}")

    @expose("/bulk/<int:number>")
    @has_access
    @permission_name("list")
    def bulk_done(self, number: int) -> str:
        """How far an act on many rows is, and what it could not do."""
        job = own_job(number)
        if job.kind != change_many.name or job.arguments.get("record") != record_name(self.record):
            abort(404)
        return self.page("bulk_done", job=job, told=told(job), refused=refused_of(job))

    def _selection(self) -> Selection:
        """The rows ticked, or everything the list of the address shows."""
        query = MultiDict(parse_qsl(request.form.get("query", "").lstrip("?")[:4000], keep_blank_values=True))
        state = self.list_state(query)
        if request.form.get("all") == "1":
            return Selection(state)
        return Selection(state, [number for text in request.form.getlist("id") if (number := record_id(text))])

    def _values(self) -> tuple[Any, dict[str, Any]]:
        """The columns to set or clear, read as the form of one record reads them."""
        names = bulk.fit_fields(self)
        modes = {name: request.form.get(f"mode.{name}", LEAVE) for name in names}
        form = form_class(self.record, names, self.targets)()
        if any(mode == SET for mode in modes.values()):
            form.validate()
        for field in form:
            if modes.get(field.name) != SET:
                field.errors = []
        form.modes = modes
        values = {name: form[name].data for name in names if modes[name] == SET}
        return form, {**values, **{name: None for name in names if modes[name] == CLEAR}}

    def _bulk_page(self, act: str, selection: Selection, form: Any, preview: Preview | None, error: str) -> str:
        count = len(selection.find(self)) if preview is None else preview.found
        return self.page("bulk", act=act, selection=selection, form=form, preview=preview, error=error, count=count,
                         most=bulk.MOST, kind_of=input_kind, query=request.form.get("query", ""),
                         fields=bulk.fit_fields(self) if act == CHANGE else [])
