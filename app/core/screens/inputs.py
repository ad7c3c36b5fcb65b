"""Forms from declarations: one WTForms field per column, read by the readers that REST uses."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import BooleanField, HiddenField, StringField
from wtforms import Field as FormField
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import html_params

from app.core.asking.values import EMPTY, STARS, as_list, check_choice, reader_of, unchanged
from app.core.base.fields import Field, fields_of
from app.core.base.masks import masked
from app.core.base.moments import local
from app.core.base.records import Record
from app.core.base.scope import current
from app.core.base.texts import InvalidValue
from app.core.telling.dictionaries import entries, labels
from app.core.telling.display import shown
from app.core.telling.places import place_name, places
from app.db import db

HELD = "***"  # the option of a hidden choice: what the record holds, whatever that is


class DeclaredField(FormField):
    """A field of a declared column: it reads the column's kind of value and keeps what was typed."""

    def __init__(self, *args: Any, words: Field, target: type[Record] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words
        self.target = target
        self.typed: Any = None

    def take(self, typed: Any, given: Any) -> None:
        """Reads a value; what cannot be read stays on the page with the reason beside it."""
        self.typed, self.data = typed, None
        try:
            self.data = reader_of(self.words)(given)
        except InvalidValue as error:
            raise ValueError(str(error.message)) from error

    def pre_validate(self, form: Any) -> None:
        try:
            check_choice(self.words, self.data, self.object_data, self.target)
        except InvalidValue as error:
            raise ValidationError(str(error.message)) from error


class ValueField(DeclaredField, StringField):
    """A text, number or day; a sensitive one shows masked and changes only when typed over."""

    def __init__(self, *args: Any, words: Field, **kwargs: Any) -> None:
        super().__init__(*args, words=words, **kwargs)
        if words.kind == "text" and words.length:
            self.flags.maxlength = words.length

    def _value(self) -> str:
        return self.typed if self.typed is not None else masked(self.words, _plain(self.data))

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        try:
            kept = unchanged(self.words, valuelist[0], self.object_data)
        except InvalidValue as error:
            self.typed, self.data = valuelist[0], None
            raise ValueError(str(error.message)) from error
        if kept:
            self.data = self.object_data
        else:
            self.take(valuelist[0], valuelist[0])

    def renew(self) -> None:
        """Stars of a value that was changed meanwhile are no answer: the new value shows, masked."""
        if self.words.mask and STARS in (self.typed or ""):
            self.typed, self.data = None, self.object_data
            self.process_errors: list[str] = []


def renew(form: Any) -> None:
    """After somebody else's change: what was typed stays, what only came back masked is as it is now."""
    for field in form:
        if isinstance(field, ValueField):
            field.renew()


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime):
        return local(value).isoformat(timespec="minutes")
    return "" if value is None else str(value)


class CodeSelect:
    """Draws a select of a code list in one go: a form has hundreds of such options."""

    def __call__(self, field: Any, **attributes: Any) -> Markup:
        chosen = field.chosen()
        options = "".join(
            f'<option value="{escape(code)}"{" selected" if code in chosen else ""}>{escape(label)}</option>'
            for code, label in field.offered())
        about = html_params(id=field.id, name=field.name, required="required" in field.flags,
                            multiple=field.words.multiple, **attributes)
        return Markup(f"<select {about}>{options}</select>")


class CodeField(DeclaredField):
    """One code of a dictionary, or several; what the record holds stays, retired or hidden."""

    widget = CodeSelect()

    @property
    def hidden(self) -> bool:
        return bool(self.words.mask) and self.object_data not in EMPTY

    def chosen(self) -> list[str]:
        if self.typed is not None:
            return self.typed
        return [HELD] if self.hidden else as_list(self.data)

    def offered(self) -> list[tuple[str, str]]:
        """The codes in use with their words, and those the record has though they are retired."""
        words, known = labels(self.words.dictionary), [e.code for e in entries(self.words.dictionary)]
        nothing = [] if self.words.multiple else [("", "")]
        held = [] if self.hidden else [c for c in as_list(self.object_data) if c not in known]
        kept = [(HELD, _("*** (as it is)"))] if self.hidden else []
        return [*nothing, *kept, *((code, words.get(code, code)) for code in [*known, *held])]

    def process_formdata(self, valuelist: list[str]) -> None:
        """Where several may be chosen a browser sends nothing for none; the hidden ones stand for themselves."""
        if not valuelist and not self.words.multiple:
            return
        codes = [code for given in valuelist
                 for code in (as_list(self.object_data) if self.hidden and given == HELD else [given])]
        self.take(valuelist, codes if self.words.multiple else codes[0])


class RemoteField(DeclaredField):
    """A related row or a grid node, found by typing: the page never holds the whole table."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and self.hidden and valuelist[0] == HELD:
            self.data = self.object_data
        elif valuelist:
            self.take(valuelist[0].strip(), valuelist[0])

    @property
    def hidden(self) -> bool:
        return bool(self.words.mask) and self.object_data not in EMPTY

    def chosen(self) -> tuple[str, str] | None:
        """The value with its words; what is not the user's is named no further."""
        if self.data is None:
            return (self.typed, self.typed) if self.typed else None
        if self.hidden and self.data == self.object_data:
            return (HELD, shown(self.words, self.data))
        if self.target is None:
            known = place_name(self.data) if self.data in places() and current().covers(self.data) else ""
        else:
            known = str(db.session.get(self.target, self.data) or "")
        held = _("As it is, outside your part of the grid") if self.data == self.object_data else str(self.data)
        return (str(self.data), known or held)


class Filled:
    """A required field has a value, or already an error that says why it has none."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        if field.data in EMPTY and not field.errors:
            raise StopValidation(_("Fill this in."))


def form_class(record: type[Record], columns: list[str], targets: dict[str, type[Record]]) -> type:
    """The form of a record with these columns; ``targets`` are the records its relations point to."""
    words = fields_of(record)
    members: dict[str, Any] = {name: form_field(words[name], targets.get(name))
                               for name in columns if words[name].editable}
    members["version"] = HiddenField()
    return type(f"{record.__name__}Form", (FlaskForm,), members)


def form_field(words: Field, target: type[Record] | None) -> Any:
    if words.kind == "bool":
        return BooleanField(label=words.label, description=words.help)
    common = {"label": words.label, "description": words.help, "words": words,
              "validators": [Filled()] if words.required else []}
    if words.kind in ("relation", "grid"):
        return RemoteField(target=target, **common)
    return (CodeField if words.dictionary else ValueField)(**common)


def input_kind(field: Any) -> str:
    """How the template draws a field: select, remote, multi, check, date, area, masked or text."""
    if isinstance(field, BooleanField):
        return "check"
    if isinstance(field, RemoteField):
        return "remote"
    if isinstance(field, CodeField):
        return "multi" if field.words.multiple else "select"
    if field.words.mask:
        return "masked"
    return {"longtext": "area", "json": "area", "date": "date", "datetime": "moment"}.get(field.words.kind, "text")
