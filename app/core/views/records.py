"""The page of one record: what it says, what hangs on it, who changed it; delete and bring back."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, jsonify, redirect, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core import history
from app.core.display import shown, text_of
from app.core.fields import Field
from app.core.links import linked
from app.core.masking import REVEAL, log_access
from app.core.places import places
from app.core.records import Record, RuleError
from app.core.saving import discard, save
from app.db import db


class RecordPages:
    """Pages of a single record."""

    def row_or_404(self, pk: int) -> Record:
        """A row the user may see; 404 otherwise, whether it exists or not."""
        return db.session.get(self.record, pk) or abort(404)

    @expose("/show/<int:pk>")
    @has_access
    def show(self, pk: int) -> Any:
        row = self.row_or_404(pk)
        return self.page("show", row=row, sections=self.facts(row), links=linked(self, row),
                         history=history.of(row), change_words=self.change_words,
                         place=self.place_chain(row),
                         masked=any(self.words[n].mask and getattr(row, n) for n in self.show_columns))

    def facts(self, row: Record) -> list[tuple[str, list[tuple[Field, str, str]]]]:
        """The record's values in words under their headings; outside the first, empty ones are left out."""
        found: dict[str, list[tuple[Field, str, str]]] = {}
        basics = _("Basics")
        for name in self.show_columns:
            words = self.words[name]
            text, url = self._fact(row, words)
            heading = str(words.section or (_("Record") if words.derived else basics))
            if words.kind != "json" and (text or heading == basics):
                found.setdefault(heading, []).append((words, text, url))
        return list(found.items())

    def _fact(self, row: Record, words: Field) -> tuple[str, str]:
        if not words.relation:
            return shown(words, getattr(row, words.name)), ""
        other = getattr(row, words.relation)
        return (str(other), self.record_url(other)) if other is not None else ("", "")

    @staticmethod
    def record_url(row: Record) -> str:
        from app.core.registry import record_name, view_of

        return f"/{record_name(type(row))}/show/{row.id}" if view_of(type(row)) else ""

    def place_chain(self, row: Record) -> list[str]:
        """From the street down to the record's grid."""
        code = getattr(row, "grid_code", None) or ""
        return [places()[code[:digits]].name for digits in (9, 12, 15)
                if len(code) >= digits and code[:digits] in places()]

    def change_words(self, entry: history.History) -> list[tuple[str, str, str]]:
        """A history entry's changes as (label, from, to) in the user's words."""
        found = []
        for name, (old, new) in entry.changes.items():
            words = self.words.get(name)
            if words is not None:
                found.append((str(words.label), self._kept(words, old), self._kept(words, new)))
        return found

    @staticmethod
    def _kept(words: Field, value: Any) -> str:
        """A value as history keeps it; sensitive ones are masked there already."""
        if value is None or words.mask:
            return value or ""
        return text_of(words, value)

    @expose("/delete/<int:pk>", methods=["POST"])
    @has_access
    def delete(self, pk: int) -> Any:
        row = self.row_or_404(pk)
        try:
            held = discard(row)
        except RuleError as error:
            flash(str(error), "danger")
            return redirect(f"{self.route_base}/show/{pk}")
        if held:
            return self.page("in_use", row=row, links=held), 409
        flash(_("Moved to the recycle bin, from which it can be brought back."), "success")
        return redirect(f"{self.route_base}/list/")

    @expose("/restore/<int:pk>", methods=["POST"])
    @has_access
    @permission_name("delete")
    def restore(self, pk: int) -> Any:
        """Brings a record back from the recycle bin."""
        row = db.session.scalars(db.select(self.record).where(
            self.record.id == pk, self.record.deleted_at.is_not(None)
        ).execution_options(with_deleted=True)).one_or_none() or abort(404)
        row.deleted_at = row.deleted_by = None
        try:
            save(row)
        except RuleError as error:
            flash(str(error), "danger")
            return redirect(f"{self.route_base}/list/?deleted=1")
        flash(_("Brought back."), "success")
        return redirect(f"{self.route_base}/show/{pk}")

    @expose("/reveal/<int:pk>", methods=["POST"])
    @has_access
    def reveal(self, pk: int) -> Any:
        """Shows the sensitive values whole, once, after the purpose is written down."""
        row = self.row_or_404(pk)
        columns = [n for n in self.show_columns if self.words[n].mask and getattr(row, n)]
        try:
            log_access(REVEAL, self.record, request.form.get("purpose", ""), row=row,
                       columns=",".join(columns))
        except RuleError as error:
            return jsonify(error=str(error)), error.status
        return jsonify(values={n: text_of(self.words[n], getattr(row, n)) for n in columns})


