"""The office's own paper forms of a record: an administrator keeps them, whoever may export fills them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import abort, flash, redirect, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.asking import listing
from app.core.asking.links import pointers
from app.core.base.fields import fields_of
from app.core.base.moments import today
from app.core.base.numbers import record_id
from app.core.base.records import RuleError
from app.core.base.registry import view_of
from app.core.paper import filling
from app.core.paper.forms import PARTS, PaperForm, paper_forms
from app.core.screens.downloads import sent_file
from app.core.screens.lists import ListPages
from app.core.telling.display import how_many
from app.core.telling.masking import EXPORT, log_access
from app.db import db


class PaperPages(ListPages):
    """Pages for paper forms."""

    @expose("/paper/")
    @has_access
    @permission_name("export")
    def paper(self) -> Any:
        return self._paper_page()

    def _paper_page(self, error: str = "", **typed: Any) -> Any:
        """The blank forms, for the record named by ``pk`` or else for the list of the address."""
        state = self.list_state(request.args)
        row = self._paper_row()
        total, exact = (1, True) if row else listing.count(state, self)
        page = self.page("paper", row=row, state=state, chips=self.chips(state), error=error, typed=typed,
                         forms=paper_forms(self.record), how_many=how_many(total, exact),
                         placeholders=self._placeholders(row), suffixes=",".join(PARTS),
                         here=request.query_string.decode(errors="replace"))
        return page, 422 if error else 200

    def _paper_row(self) -> Any:
        pk = record_id(request.args.get("pk", ""))
        return self.row_or_404(pk) if pk else None

    def _placeholders(self, row: Any) -> list[tuple[str, list[str]]]:
        """What a form may say, under what it belongs to."""
        once = [(_("Always"), [str(label) for label in filling.ALWAYS])]
        own = [str(words.label) for words in self.words.values() if words.kind != "json"]
        if row is None:
            return [*once, (_("Rows of the list"), [f"{self.title}.{label}" for label in [filling.SERIAL, *own]])]
        lists = {str(other.__label__): [f"{other.__label__}.{words.label}" for words in fields_of(other).values()
                                        if words.kind != "json"]
                 for other, _column, _key in pointers(self.record) if view_of(other)}
        return [*once, (self.title, own), *lists.items()]

    @expose("/paper/fill/<int:number>", methods=["POST"])
    @has_access
    @permission_name("export")
    def paper_fill(self, number: int) -> Any:
        """A blank form filled and sent; the purpose is written down first."""
        form = self._form_or_404(number)
        whole = bool(request.form.get("whole")) and self.may("reveal")
        row, state = self._paper_row(), self.asked_state(request.args)
        try:
            filled = filling.of_row(row, self, whole) if row else filling.of_list(state, self, whole)
            log_access(EXPORT, self.record, request.form.get("purpose", ""), row=row,
                       filters={} if row else state.args(), columns=form.name, whole=whole,
                       rows=filled.rows)
        except RuleError as error:
            return self._paper_page(str(error), purpose=request.form.get("purpose", ""))
        return sent_file(form.filled(filled), f"{form.name}_{row or today()}{form.suffix}")

    @expose("/paper/blank/<int:number>")
    @has_access
    @permission_name("export")
    def paper_blank(self, number: int) -> Any:
        form = self._form_or_404(number)
        return sent_file(form.blank(), f"{form.name}{form.suffix}")

    @expose("/paper/keep", methods=["POST"])
    @has_access
    def paperforms(self) -> Any:
        """Keeps a blank form, or drops one."""
        drop, sent = record_id(request.form.get("drop", "")), request.files.get("file")
        if drop:
            PaperForm.drop(self.record, PaperForm.id == drop)
            flash(_("The form is gone."), "success")
        elif sent is None or not sent.filename:
            return self._paper_page(_("Choose a file first."), name=request.form.get("name", ""))
        else:
            name, path = request.form.get("name", "").strip(), Path(sent.filename)
            try:
                PaperForm.keep(self.record, name or path.stem, path.suffix.lower(), sent.read())
            except RuleError as error:
                return self._paper_page(str(error), name=name)
            flash(_("The form is kept."), "success")
        return redirect(f"{self.route_base}/paper/?{request.query_string.decode(errors='replace')}")

    def _form_or_404(self, number: int) -> PaperForm:
        return db.session.scalars(db.select(PaperForm).where(
            PaperForm.record == self.record.__tablename__, PaperForm.id == number)).one_or_none() or abort(404)
