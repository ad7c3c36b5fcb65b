"""Adding and editing a record: sections, inline rows, and two editors who do not overwrite each other."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import abort, flash, jsonify, redirect, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.asking.values import reader_of
from app.core.base import history
from app.core.base.crypto import keyring
from app.core.base.fields import Field, meaning
from app.core.base.identity import parse_id_number
from app.core.base.nodes import Node
from app.core.base.numbers import record_id
from app.core.base.records import Record, RuleError
from app.core.base.registry import grid_record, view_of
from app.core.base.scope import current
from app.core.base.texts import InvalidValue
from app.core.files.attachments import attach
from app.core.files.reading import Sent
from app.core.keeping.duplicates import known_elsewhere
from app.core.keeping.saving import save
from app.core.screens import sending
from app.core.screens.files import FilePages, sent_files, tell
from app.core.screens.inlines import InlineTable
from app.core.screens.inputs import form_class, input_kind, renew
from app.db import db


class FormPages(FilePages):
    """Pages on which a record is written."""

    nearby_on_form: ClassVar[bool] = False  # whether its first form names others at the same place while it is filled in

    @cached_property
    def form(self) -> type:
        return form_class(self.record, self.form_columns, self.targets)

    def sections(self, form: Any) -> list[tuple[str, list[Any]]]:
        """The form's fields under the headings of the paper form."""
        found: dict[str, list[Any]] = {}
        for name in self.form_columns:
            if name in form:
                found.setdefault(str(self.words[name].section or _("Basics")), []).append(form[name])
        return list(found.items())

    @cached_property
    def pinned(self) -> list[str]:
        """(longitude, latitude): the columns of the form that a pin on the map of the grids fills in."""
        columns = [name for means in ("longitude", "latitude") for name in meaning(self.record, means) if name in self.form_columns]
        return columns if len(columns) == 2 else []

    @staticmethod
    def pin_ground() -> tuple[str, str]:
        """(address of the outlines of the grids, the node the user is held to)."""
        return f"{view_of(grid_record()).route_base}/areas", "" if current().sees_all else current().node

    @expose("/add", methods=["GET", "POST"])
    @has_access
    @sending.once
    def add(self) -> Any:
        form, inlines = self.form(), self._inlines(None)
        if request.method == "GET":
            self._prefill(form)
        elif self._valid(form, inlines) and self._agreed(form, None):
            row = self.new_row()
            if self._save(form, row, inlines):
                return redirect(self._leads_to(row))
        return self._form_page(form, None, inlines)

    def new_row(self) -> Record:
        """The empty record behind a new form."""
        return self.record()

    @expose("/edit/<int:pk>", methods=["GET", "POST"])
    @has_access
    @sending.once
    def edit(self, pk: int) -> Any:
        row = self.row_or_404(pk)
        if not self.may_now("edit", row):
            return self.stays_as_it_is(row)
        form, inlines = self.form_of(row), self._inlines(row)
        conflict: list[history.History] | None = None
        if request.method == "POST":
            conflict = self._changed_meanwhile(form, row)
            if self._valid(form, inlines) and conflict is None and self._agreed(form, row) and self._save(form, row, inlines):
                return redirect(self._leads_to(row))
        return self._form_page(form, row, inlines, conflict)

    def form_of(self, row: Any) -> Any:
        """The form of a record as that stands."""
        return self.form(obj=row)

    def consequences(self, form: Any, row: Record | None) -> list[str]:
        """What should be looked at before a form is saved; it is shown first, and done when saved again."""
        return []

    def _agreed(self, form: Any, row: Record | None) -> bool:
        """Whether the consequences, as they are now, were shown before."""
        try:
            form.consequences = self.consequences(form, row)
            if form.consequences:
                self._refuse_taken(form, row)
        except RuleError as error:
            self._show(form, error)
            return False
        form.mark = keyring().digest("consequences", *form.consequences)
        return not form.consequences or request.form.get("agreed") == form.mark

    def _refuse_taken(self, form: Any, row: Record | None) -> None:
        """Nobody is asked to agree to what is refused afterwards, since another record has this key."""
        key = {name: form[name].data if name in form else getattr(row, name, None)
               for name in self.record.__natural_key__}
        if taken := known_elsewhere(self.record, key, but=row.id if row else None):
            raise taken

    def _inlines(self, row: Record | None) -> list[InlineTable]:
        posted = request.form if request.method == "POST" else None
        return [InlineTable(self.record, name, row, posted) for name in self.record.__inlines__]

    @staticmethod
    def _valid(form: Any, inlines: list[InlineTable]) -> bool:
        """Looks at the form and at every line of it, so that one answer names all that is wrong."""
        return all([form.validate_on_submit(), *[table.validate() for table in inlines], not sending.refused(form)])

    def _form_page(self, form: Any, row: Record | None, inlines: list[InlineTable],
                   conflict: list[history.History] | None = None) -> Any:
        wrong = form.errors or any(table.errors for table in inlines)
        outrun = conflict is not None or any(table.conflict for table in inlines)
        page = self.page(
            "form", form=form, row=row, inlines=inlines, conflict=conflict,
            sections=self.sections(form), kind_of=input_kind,
            pk=row.id if row else None, version=row.version if row else 0)
        return page, 409 if outrun else 422 if wrong else 200

    def _prefill(self, form: Any) -> None:
        """Columns named in the address stand in the form already, and the base grid of who has just one:
        a whole street or community as the place of a new person would be a gap to mend later."""
        for name, words in self.words.items():
            if name not in form:
                continue
            given = request.args.get(name)
            default = self.record.__table__.c[name].default if name in self.record.__table__.c else None
            if given and words.kind in ("relation", "grid", "choice", "date"):
                form[name].data = self._given(words, given)
            elif words.kind == "grid" and Node(current().node).level == "base":
                form[name].data = current().node
            elif default is not None and default.is_scalar:
                form[name].data = default.arg

    @staticmethod
    def _given(words: Field, text: str) -> Any:
        try:
            return reader_of(words)([text] if words.multiple else text)
        except InvalidValue:
            return None

    def _changed_meanwhile(self, form: Any, row: Record) -> list[history.History] | None:
        """What others changed since the form was opened; None when nobody did."""
        seen = record_id(form.version.data)
        if seen == row.version:
            return None
        form.version.data = str(row.version)
        renew(form)
        return history.of(row, since_version=row.version if seen is None else seen)

    def _save(self, form: Any, row: Record, inlines: list[InlineTable]) -> bool:
        """Writes the form into the row, once; a broken rule goes beside its field and nothing is lost."""
        try:
            sent, refused = sent_files() if self.takes_files(row) else ([], [])
            lead = sending.claim()
            with db.session.no_autoflush:
                self._fill(form, row, inlines)
                changed = _any_change()
            if changed:
                save(row, lambda: lead(self._with_files(row, sent)))
            else:
                db.session.rollback()
        except RuleError as error:
            self._show(form, error)
            return False
        tell(refused)
        sending.note_saved()
        told = _("%(what)s is saved.") if changed else _("Nothing was changed: %(what)s stays as it was.")
        flash(told % {"what": row}, "success" if changed else "info")
        return True

    def _with_files(self, row: Record, sent: list[Sent]) -> str:
        """Keeps what came with a new record, in its transaction; where saving leads."""
        attach(row, sent)
        return self._leads_to(row)

    def _fill(self, form: Any, row: Record, inlines: list[InlineTable]) -> None:
        for name in self.form_columns:
            if name in form and getattr(row, name) != form[name].data:
                setattr(row, name, form[name].data)
        db.session.add(row)
        for table in inlines:
            table.write(row)

    @staticmethod
    def _show(form: Any, error: RuleError) -> None:
        if error.field and error.field in form:
            form[error.field].errors = [*form[error.field].errors, str(error)]
        else:
            form.form_errors.append(str(error))

    def _leads_to(self, row: Record) -> str:
        """Where one comes after saving: the record, or the next empty form."""
        if request.form.get("again"):
            kept = {**request.args, "grid_code": getattr(row, "grid_code", "")}
            return f"{self.route_base}/add?{urlencode(kept)}"
        return f"{self.route_base}/show/{row.id}"

    @expose("/check/<name>")
    @has_access
    @permission_name("list")
    def check_value(self, name: str) -> Any:
        """While somebody types an ID number: is it right, what follows, who has it already."""
        words = self.words.get(name)
        if words is None or words.search != "digest":
            abort(404)
        if not (self.may("add") or self.may("edit")):
            abort(403)
        try:
            number = parse_id_number(request.args.get("value", ""))
        except InvalidValue as error:
            return jsonify(ok=False, message=str(error.message), fill={}, matches=[])
        follows = {"sex": number.sex, "birth_date": number.birth_on.isoformat()}
        clash = known_elsewhere(self.record, {name: number.number}, but=record_id(request.args.get("pk")))
        return jsonify(
            ok=clash is None,
            message=str(clash) if clash else _("The number is right and not registered yet."),
            fill={name: follows[words.means] for name, words in self.words.items() if words.means in follows},
            matches=[])


def _any_change() -> bool:
    """Whether saving now would write any record at all."""
    return any(isinstance(row, Record) and db.session.is_modified(row)
               for row in (*db.session.new, *db.session.dirty))
