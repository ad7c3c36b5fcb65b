"""The form of a step: the columns it asks for, and the opinion that stands in the timeline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, TextAreaField
from wtforms.validators import ValidationError

from app.core.asking.values import EMPTY
from app.core.base.fields import fields_of
from app.core.base.records import Record
from app.core.base.texts import InvalidValue, parse_text
from app.core.cases.steps import Step
from app.core.screens.inputs import form_field


def step_form(record: type[Record], step: Step, case: Any, targets: dict[str, type[Record]],
              people: dict[str, str]) -> type:
    """The form of one step of a record, with the columns it asks for on a case now; ``people`` may be asked to look: their names by user name."""
    words, needed = fields_of(record), step.needed(case)
    members: dict[str, Any] = {
        name: form_field(replace(words[name], derived=False, required=name in needed), targets.get(name))
        for name in step.asked(case)}
    opinion = _("Opinion or reason") if step.reason else _("Opinion")
    members["opinion"] = TextAreaField(opinion, validators=[to_the_letter])
    members["asked"] = SelectMultipleField(_("Ask somebody to look"), choices=people)
    members["version"] = HiddenField()
    return type(f"{record.__name__}{step.name}Form", (FlaskForm,), members)


def to_the_letter(form: Any, field: Any) -> None:
    """A validator: the text is kept as it was typed, or refused with the reason."""
    try:
        field.data = parse_text(field.data)
    except InvalidValue as error:
        raise ValidationError(str(error.message)) from error


def fill_empty(form: Any, values: dict[str, Any]) -> None:
    """Writes suggestions where the form is still empty."""
    for name, value in values.items():
        if form[name].data in EMPTY:
            form[name].data = value
