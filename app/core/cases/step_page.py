"""The page of one step: what it asks, the opinion, and who does it next."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, jsonify, redirect, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext

from app.core.base.fields import Field, fields_of
from app.core.base.numbers import record_id
from app.core.base.records import RuleError
from app.core.base.scope import current
from app.core.cases import charge
from app.core.cases.forms import fill_empty, step_form
from app.core.cases.phrases import phrases_for
from app.core.cases.steps import Step
from app.core.cases.takers import may_take
from app.core.cases.taking import take, taken_before
from app.core.keeping.saving import save
from app.core.screens import sending
from app.core.screens.files import sent_files, tell
from app.core.screens.forms import FormPages
from app.core.screens.inlines import InlineTable
from app.core.screens.inputs import input_kind
from app.core.telling.dictionaries import label_of
from app.db import db


class StepPage(FormPages):
    """One more page of a view of cases."""

    @expose("/step/<int:pk>/<name>", methods=["GET", "POST"])
    @has_access
    @permission_name("show")
    @sending.once
    def step(self, pk: int, name: str) -> Any:
        """Shows the page of a step, or takes the step; 403 for whoever may not."""
        row: Any = self.row_or_404(pk)
        step = row.workflow.by_name.get(name)
        if step is None or not may_take(row, step):
            abort(403 if step else 404)
        people = {person.username: person.full_name for person in charge.colleagues(row) if person.username != current().actor}
        form = self._step_form(row, step, people)
        posted, case_page = request.form if request.method == "POST" else None, f"{self.route_base}/show/{pk}"
        tables = [InlineTable(self.record, relation, row, posted) for relation in step.rows]
        if posted is not None and self._valid(form, tables) and _taken(form, row, step, tables, case_page):
            sending.note_saved()
            flash(gettext("Done: %(step)s.", step=step.label), "success")
            return redirect(case_page)
        page = self.page("step", row=row, step=step, asks=step.asked(row), form=form, kind_of=input_kind, possible=step.fits(row),
                         people=people, phrases=phrases_for(step.name), tables=tables, told=step.tells(row),
                         state=label_of("case_state", row.state), limit=row.step_limit,
                         person=_person_on(form, row))
        return page, 200 if request.method == "GET" else 422

    @expose("/people/<int:pk>")
    @has_access
    @permission_name("show")
    def people(self, pk: int) -> Any:
        """The accounts that may be put in charge of a case, as somebody types their names."""
        row: Any = self.row_or_404(pk)
        return jsonify(results=charge.offered_people(row, request.args.get("q", "").strip()[:60]))

    def _step_form(self, row: Any, step: Step, people: dict[str, str]) -> Any:
        """The form as sent; on the first look with what the address, the step or the case suggests."""
        asks, record = step.asked(row), step.record_of(row)
        form = step_form(record, step, row, self.targets, people)(obj=None if step.adds else row)
        if request.method == "GET":
            fill_empty(form, {**step.suggests(row), **_named_in_address(asks, fields_of(record))})
        return form


def _taken(form: Any, row: Any, step: Step, tables: list[InlineTable], case_page: str) -> bool:
    """Takes the step, once; what does not go stands on the form, and nothing typed is lost."""
    refused: list[str] = []
    try:
        sent, refused = sent_files()
        lead = sending.claim()
        values = {name: form[name].data for name in step.asked(row)}
        seen = record_id(form.version.data) or 0 if form.version.data else None
        if not taken_before(row, step, values, form.opinion.data or "", sent, seen):
            with db.session.no_autoflush:
                for table in tables:
                    table.write(row)
            take(row, step, values, form.opinion.data or "", sent, form.asked.data or ())
        save(row, lambda: lead(case_page))
    except RuleError as error:
        db.session.rollback()
        _say(form, error)
        form.form_errors.extend(refused)
        return False
    tell(refused)
    return True


def _person_on(form: Any, row: Any) -> tuple[str, str] | None:
    """Whom the form names as in charge: (user name, or the name without an account; name)."""
    if "handler" not in form:
        return None
    known = charge.in_charge(row) if request.method == "GET" else None
    return known or charge.known_as(form.handler.data)


def _say(form: Any, error: RuleError) -> None:
    """Puts what was refused beside its column, or above the form."""
    place = form[error.field] if error.field and error.field in form else None
    if place is None:
        form.form_errors.append(str(error))
    else:
        place.errors = [*place.errors, str(error)]


def _named_in_address(asks: tuple[str, ...], words: dict[str, Field]) -> dict[str, str]:
    """The texts an address brings for a form, such as the case this one is the same as."""
    return {name: request.args[name][:words[name].length] for name in asks
            if words[name].kind == "text" and name in request.args}
