"""The page of one record: what it says, what hangs on it, who changed it; delete and bring back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import abort, flash, jsonify, redirect, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.asking import listing
from app.core.asking.links import Relation, relations
from app.core.base import history
from app.core.base.actors import actor_name
from app.core.base.fields import Field
from app.core.base.moments import now
from app.core.base.nodes import Node
from app.core.base.owned import Owned
from app.core.base.records import Record, RuleError
from app.core.base.registry import grid_record, view_of
from app.core.keeping.saving import discard, save
from app.core.screens.files import FilePages
from app.core.screens.lists import drawn
from app.core.telling.display import named, shown, text_of
from app.core.telling.masking import REVEAL, log_access
from app.core.telling.places import places
from app.db import db


class RecordPages(FilePages):
    """Pages of a single record."""

    @expose("/show/<int:pk>")
    @has_access
    def show(self, pk: int) -> Any:
        row = self.row_or_404(pk)
        return self.page(self.show_page, row=row, sections=self.facts(row), relations=self.tabs(row),
                         history=history.of(row), place=self.place_chain(row), tags=self.tags(row), printed=now(),
                         files=self.files_of(row), masked=any(self.words[n].mask and getattr(row, n) for n in self.show_columns),
                         **self.extras(row))

    def extras(self, row: Record) -> dict[str, Any]:
        """What a view's own page of a record needs besides."""
        return {}

    def summary(self, row: Record) -> list[str]:
        """What stands under the name, before the place: an age, for example."""
        return []

    def tags(self, row: Record) -> list[str]:
        """The record's kind and state in words: the coded columns of its list."""
        coded = [self.words[name] for name in self.list_columns
                 if self.words[name].dictionary and not self.words[name].mask]
        return [text for words in coded if (text := shown(words, getattr(row, words.name)))]

    def tabs(self, row: Record) -> list[Relation]:
        """The relations worth a tab: those with rows, and those the user may add a row to."""
        return [relation for relation in relations(self, row)
                if relation.count != "0" or self.may_add(relation, row)]

    def may_add(self, relation: Relation, row: Record) -> bool:
        """Whether the user may add a row that belongs to a record, as that stands now."""
        other = relation.view.record
        kept = issubclass(other, Owned) and relation.column == f"{other.owned_by}_id" and other.kept_by and other().kept_by(row)
        return bool(not kept and self.appbuilder.sm.has_access("can_add", relation.view.__name__)
                    and relation.column in relation.view.form_columns)

    @expose("/related/<int:pk>/<key>")
    @has_access
    @permission_name("show")
    def related_rows(self, pk: int, key: str) -> Any:
        """The first rows of one relation, for its tab; masked and scoped as in the list."""
        row = self.row_or_404(pk)
        relation = next((known for known in relations(self, row) if known.key == key), None) or abort(404)
        state = relation.state()
        if hidden := state.hidden():
            log_access(REVEAL, relation.view.record, _("On the page of %(record)s no. %(id)s", record=self.title, id=pk),
                       filters=state.args(), columns=",".join(hidden))
        rows = drawn(relation.view, state.columns, listing.fetch(state, relation.view).rows)
        return self.page("related", row=row, relation=relation, rows=rows,
                         words=[relation.view.words_of(name) for name in state.columns])

    def facts(self, row: Record) -> list[tuple[str, list[tuple[Field, str, str]]]]:
        """The record's values in words under their headings, who wrote it last; empty ones only among the basics."""
        basics, record = _("Basics"), _("Record")
        found: dict[str, list[tuple[Field, str, str]]] = {basics: []}
        stamps = []
        for name in self.show_columns:
            words = self.words[name]
            fact = (words, *self._fact(row, words))
            heading = basics if words.kind == "grid" else str(words.section or basics)
            if name in history.STAMPS:
                stamps.append(fact)
            elif words.kind != "json" and (fact[1] or heading == basics):
                found.setdefault(heading, []).append(fact)
        return [*found.items(), (record, stamps)]

    def _fact(self, row: Record, words: Field) -> tuple[str, str]:
        value = getattr(row, words.name)
        if words.name in ("created_by", "changed_by"):
            return actor_name(value), ""
        if words.name in row.__told__:
            return row.__told__[words.name](row), ""
        if not words.relation:
            return shown(words, value), ""
        other = getattr(row, words.relation)
        return named(words, other), "" if other is None or words.mask else self.record_url(other)

    @staticmethod
    def record_url(row: Record) -> str:
        view = view_of(type(row))
        return f"{view.route_base}/show/{row.id}" if view else ""

    def place_chain(self, row: Record) -> list[tuple[str, str]]:
        """From the street down to the record's grid: (name, page), no page above the user's own node."""
        code = getattr(row, "grid_code", None) or ""
        codes = [above for above in Node(code).path if above in places()]
        grid = grid_record()
        ids = dict(db.session.execute(
            db.select(grid.code, grid.id).where(grid.code.in_(codes))).tuples().all())
        address = view_of(grid).route_base
        return [(places()[part].name, f"{address}/show/{ids[part]}" if part in ids else "") for part in codes]

    def change_words(self, entry: history.History) -> list[tuple[str, str, str]]:
        """A history entry's changes as (label, from, to) in the user's words."""
        found = []
        for name, (old, new) in entry.changes.items():
            words = self.words.get(name)
            if words is not None:
                before, after = self._kept(words, old, _("the old drawing")), self._kept(words, new, _("a new drawing"))
                if before and before == after:
                    after = _("%(value)s (changed where it is hidden)", value=after)
                found.append((str(words.label), before, after))
        return found

    def _kept(self, words: Field, value: Any, drawing: str) -> str:
        """A value as history keeps it: sensitive ones masked already, rows by name, a boundary never point by point."""
        if words.mask and isinstance(value, int):
            return shown(words, value)
        if value is None or words.mask:
            return value or ""
        if words.kind == "json":
            return drawing
        if words.kind == "datetime":
            return text_of(words, datetime.fromisoformat(value))
        if words.relation:
            return shown(words, value)
        return text_of(words, value)

    @expose("/delete/<int:pk>", methods=["POST"])
    @has_access
    def delete(self, pk: int) -> Any:
        row = self.row_or_404(pk)
        if not self.may_now("delete", row):
            return self.stays_as_it_is(row)
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
        named_rows = {n: getattr(row, self.words[n].relation) for n in columns if self.words[n].relation}
        return jsonify(values={n: text_of(self.words[n], getattr(row, n)) for n in columns},
                       links={n: self.record_url(other) for n, other in named_rows.items() if other is not None})
