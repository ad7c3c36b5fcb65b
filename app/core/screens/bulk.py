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
from app.core.keeping import bulk
from app.core.keeping.bulk import CHANGE, DISCARD, RESTORE, Preview, Selection
from app.core.screens.inputs import form_class, input_kind
from app.core.screens.screen import Screen
from app.db import db

RIGHT = {CHANGE: "edit", DISCARD: "delete", RESTORE: "delete"}
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
            preview = bulk.run(self, selection, act, values, request.form.get("mark", ""))
        except RuleError as error:
            db.session.rollback()
            return self._bulk_page(act, selection, form, None, str(error)), 422
        if preview.mark == request.form.get("mark"):
            flash(_("Done: %(done)s records, %(refused)s could not be changed.", done=preview.done,
                    refused=len(preview.refused)), "success" if not preview.refused else "warning")
            return redirect(f"{self.route_base}/list/?{request.form.get('query', '').lstrip('?')}")
        changed = _("Something changed since the preview: look again.") if request.form.get("mark") else ""
        return self._bulk_page(act, selection, form, preview, changed), 409 if changed else 200

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
