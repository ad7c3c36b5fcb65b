"""The papers of a case on sheets of A4: each alone, or the whole dossier in its order; every print is written down."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, redirect, render_template, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext

from app.core.base.fields import fields_of
from app.core.base.moments import now
from app.core.base.records import RuleError
from app.core.cases import papers
from app.core.cases.papers import ANSWER, ASSIGNMENT, Paper, Sheet
from app.core.screens.screen import Screen
from app.core.telling.masking import EXPORT, REVEAL, log_access


class PaperSheets(Screen):
    """Two more pages of a view of cases: a paper with who it names masked, and whole for a purpose."""

    papers: ClassVar[tuple[Paper, ...]] = (ASSIGNMENT, ANSWER)

    @expose("/printed/<int:pk>/<name>", methods=["GET"])
    @has_access
    @permission_name("show")
    def printed(self, pk: int, name: str) -> Any:
        """The sheets of a paper; 404 for one that has nothing to say yet."""
        row: Any = self.row_or_404(pk)
        found = papers.sheets(self.papers, row, name) or abort(404)
        log_access(EXPORT, self.record, gettext("Printed: %(paper)s", paper=papers.entitled(name, self.papers)), row=row, columns=name)
        return self._sheets(self.row_or_404(pk), name, found, whole=False)

    @expose("/printed/<int:pk>/<name>", methods=["POST"])
    @has_access
    @permission_name("reveal")
    def printed_whole(self, pk: int, name: str) -> Any:
        """The same with everybody's name, phone and number whole, once, after the purpose is written down."""
        row: Any = self.row_or_404(pk)
        papers.sheets(self.papers, row, name) or abort(404)
        try:
            for named in [row, *self.named_on(row)]:
                log_access(REVEAL, type(named), request.form.get("purpose", ""), row=named, columns=name, whole=True)
        except RuleError as error:
            flash(str(error), "danger")
            return redirect(f"{self.route_base}/printed/{pk}/{name}")
        row = self.row_or_404(pk)
        return self._sheets(row, name, papers.sheets(self.papers, row, name), whole=True)

    def named_on(self, row: Any) -> list[Any]:
        """The other records whose sensitive values stand on the papers of a case."""
        return []

    def _sheets(self, row: Any, name: str, found: list[Sheet], whole: bool) -> str:
        title = papers.entitled(name, self.papers)
        return render_template("printed/papers.html", view=self, row=row, name=name, title=title, sheets=found, whole=whole,
                               say=papers.sayer(whole), on=papers.on, printed=now(), words_of=lambda named: fields_of(type(named)))
