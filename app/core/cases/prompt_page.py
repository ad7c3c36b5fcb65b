"""The pages of what is said on a case: 催办 of many, 领导批示, and its answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.core.base.records import RuleError
from app.core.base.texts import InvalidValue, parse_text
from app.core.cases import prompts
from app.core.cases.owners import names_of, owners
from app.core.cases.phrases import phrases_for
from app.core.cases.prompts import ANSWER, INSTRUCT, LONGEST, Prompt
from app.core.keeping.bulk import too_many
from app.core.keeping.saving import save
from app.core.screens import sending
from app.core.screens.bulk import BulkPages
from app.db import db

MOST = 100


class PromptPage(BulkPages):
    """Three more pages of a view of cases."""

    def chosen_acts(self) -> list[tuple[str, Any, str]]:
        return [("urge/", _("Urge"), "fa-bullhorn")] if self.may(prompts.URGE) else []

    @expose("/urge/", methods=["POST"])
    @has_access
    @permission_name("urge")
    def urge(self) -> Any:
        """The chosen cases of a list, on the page where whoever hears of it is named before anything is sent."""
        chosen = self._selection().find(self)
        if len(chosen) > MOST:
            flash(str(too_many(MOST)), "warning")
            return redirect(f"{self.route_base}/list/?{request.form.get('query', '').lstrip('?')}")
        numbers = db.session.scalars(select(self.record.number).where(self.record.id.in_(chosen)).order_by(self.record.id))  # type: ignore[attr-defined]
        return redirect(f"/todo/urge?{urlencode([('case', number) for number in numbers])}")

    @expose("/instruct/<int:pk>", methods=["GET", "POST"])
    @has_access
    @permission_name("instruct")
    @sending.once
    def instruct(self, pk: int) -> Any:
        """领导批示 on a case: whoever has to act must answer it."""
        row: Any = self.row_or_404(pk)
        if not prompts.may_instruct(row):
            abort(403)
        return self._said(row, INSTRUCT, None, lambda text: prompts.instruct(row, text))

    @expose("/answer/<int:pk>/<int:number>", methods=["GET", "POST"])
    @has_access
    @permission_name("show")
    @sending.once
    def answer(self, pk: int, number: int) -> Any:
        """The answer to an instruction."""
        row: Any = self.row_or_404(pk)
        found = next((one for one in prompts.prompts_of(row) if one.id == number and one.kind == INSTRUCT), None) or abort(404)
        if not prompts.may_answer(row):
            abort(403)
        return self._said(row, ANSWER, found, lambda text: prompts.answer(row, prompts.held(found), text))

    def _said(self, row: Any, kind: str, about: Prompt | None, say: Callable[[str], Any]) -> Any:
        """The form, or what was typed into it said; what does not go stands on it."""
        typed, error = request.form.get("said", ""), ""
        if request.method == "POST":
            try:
                lead = sending.claim()
                prompts.held(row)
                say(_read(typed))
                save(row, lambda: lead(f"{self.route_base}/show/{row.id}"))
            except RuleError as refused:
                db.session.rollback()
                error = str(refused)
            else:
                sending.note_saved()
                flash(gettext("It is kept with the case, and whoever it is for was told."), "success")
                return redirect(f"{self.route_base}/show/{row.id}")
        page = self.page("prompt", row=row, kind=kind, words=prompts.WORDS[kind], about=about, typed=typed, error=error,
                         to=names_of(owners(row)), most=LONGEST, phrases=phrases_for(kind))
        return page, 422 if error else 200


def _read(typed: str) -> str:
    """What was typed, to the letter; RuleError where it cannot be kept."""
    try:
        return parse_text(typed) or ""
    except InvalidValue as error:
        raise RuleError(str(error.message)) from error
