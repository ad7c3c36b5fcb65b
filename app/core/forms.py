"""Forms from declarations: one WTForms field per column, checked by the rules the import uses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms import Field as FormField
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import html_params

from app.core.dictionaries import dictionary, entries, labels
from app.core.display import masked
from app.core.fields import Field, fields_of
from app.core.places import place_name, places
from app.core.records import Record
from app.core.scope import current
from app.core.validators import (
    CONTROL,
    InvalidValue,
    normalize_text,
    parse_date,
    parse_decimal,
    parse_integer,
    parse_json,
    parse_phone,
    parse_text,
    record_id,
)
from app.db import db

PARSERS: dict[str, Callable[[Any], Any]] = {
    "date": parse_date, "int": parse_integer, "decimal": parse_decimal,
}


class ParsedField(StringField):
    """Text read by one of the office's parsers; what was typed stays when it cannot be read."""

    def __init__(self, *args: Any, parse: Callable[[Any], Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parse = parse
        self.typed: str | None = None

    def _value(self) -> str:
        return self.typed if self.typed is not None else _plain(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.typed = valuelist[0]
        text = normalize_text(self.typed)
        try:
            self.data = self.parse(text) if text else None
        except InvalidValue as error:
            self.data = None
            raise ValueError(str(error.message)) from error


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


class MaskedField(StringField):
    """A sensitive value: shown masked, changed only by typing a new one over it."""

    def __init__(self, *args: Any, words: Field, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words
        self.typed: str | None = None

    def _value(self) -> str:
        return self.typed if self.typed is not None else masked(self.words, self.data or "")

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        text = normalize_text(valuelist[0])
        if self.object_data and text == masked(self.words, self.object_data):
            self.data = self.object_data
            return
        self.typed = valuelist[0]
        self.data = self._parsed(text) if text else None

    def _parsed(self, text: str) -> str:
        try:
            return parse_phone(text) if self.words.mask == "phone" else parse_text(text, self.words.length)
        except InvalidValue as error:
            raise ValueError(str(error.message)) from error


def offered(kind: str, held: list[str] | None) -> list[tuple[str, str]]:
    """The codes in use with their words, and those a record already has though they are retired."""
    words = labels(kind)
    known = [entry.code for entry in entries(kind)]
    kept = [code for code in held or () if code not in known]
    return [(code, words.get(code, code)) for code in [*known, *kept]]


class CodeSelect:
    """Draws a select of a code list in one go: a form has hundreds of such options."""

    def __call__(self, field: Any, **attributes: Any) -> Markup:
        held = field.drawn()
        options = "".join(
            f'<option value="{escape(code)}"{" selected" if code in held else ""}>{escape(label)}</option>'
            for code, label in field.offered())
        about = html_params(id=field.id, name=field.name, required="required" in field.flags, **attributes)
        return Markup(f"<select {about}>{options}</select>")


KEEP = "***"


class Coded:
    """Codes of a list; of a sensitive one, what the record has is drawn as one choice, which keeps it."""

    words: Field
    object_data: Any = None
    typed: list[str] | None = None

    @property
    def veiled(self) -> bool:
        return bool(self.words.mask and self.object_data)

    def stored(self) -> list[str]:
        return self.codes_of(self.object_data)

    def offered(self) -> list[tuple[str, str]]:
        if self.veiled:
            return [(KEEP, KEEP), *offered(self.words.dictionary, None)]
        return offered(self.words.dictionary, self.stored())

    def drawn(self) -> set[str]:
        """What stands chosen on the page: as sent, so that a wrong form does not tell a good guess."""
        if self.typed is not None:
            return set(self.typed)
        return {KEEP} if self.veiled else set(self.codes_of(self.data))

    @staticmethod
    def codes_of(data: Any) -> list[str]:
        return [data] if isinstance(data, str) else list(data or ())

    def read(self, sent: list[str]) -> list[str]:
        """The codes that were sent, with the stored ones in the place of the choice that keeps them."""
        self.typed = sent
        kept = self.stored() if self.veiled and KEEP in sent else []
        return list(dict.fromkeys([*kept, *(code for code in sent if code and code != KEEP)]))

    def pre_validate(self, form: Any) -> None:
        """Retired codes stay on the records that have them."""
        known = dictionary(self.words.dictionary).by_code
        if any(code not in known for code in self.codes_of(self.data)):
            raise ValidationError(_("Choose one of the entries."))


class CodeField(Coded, SelectField):
    """One code of a dictionary."""

    widget = CodeSelect()

    def __init__(self, *args: Any, words: Field, **kwargs: Any) -> None:
        super().__init__(*args, choices=[], **kwargs)
        self.words = words

    def offered(self) -> list[tuple[str, str]]:
        return [("", ""), *super().offered()]

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = next(iter(self.read(valuelist)), None)


class CodesField(Coded, SelectMultipleField):
    """Several codes of a dictionary."""

    widget = CodeSelect()

    def __init__(self, *args: Any, words: Field, **kwargs: Any) -> None:
        super().__init__(*args, choices=[], **kwargs)
        self.words = words

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = self.read(valuelist)


class RemoteField(FormField):
    """A related row or a grid node, found by typing: the page never holds the whole table."""

    def __init__(self, *args: Any, words: Field, target: type[Record] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words
        self.target = target

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        text = valuelist[0].strip()
        if self.target is None:
            self.data = text or None
        else:
            self.data = record_id(text)

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.chosen() is None:
            raise ValidationError(_("The chosen entry does not exist or is not yours."))

    def chosen(self) -> tuple[str, str] | None:
        """The value with its words, when the user may see it."""
        if self.data is None:
            return None
        if self.target is None:
            known = self.data in places() and current().covers(self.data)
            return (self.data, place_name(self.data)) if known else None
        row = db.session.get(self.target, self.data)
        return (str(self.data), str(row)) if row else None


def form_class(record: type[Record], columns: list[str], targets: dict[str, type[Record]]) -> type:
    """The form of a record with these columns; ``targets`` are the records its relations point to."""
    words = fields_of(record)
    members: dict[str, Any] = {name: _form_field(words[name], targets.get(name))
                               for name in columns if words[name].editable}
    members["version"] = HiddenField()
    return type(f"{record.__name__}Form", (FlaskForm,), members)


def _form_field(words: Field, target: type[Record] | None) -> Any:
    rules: list[Any] = [InputRequired(_REQUIRED) if words.required else Optional()]
    if words.length and words.kind in ("text", "longtext"):
        rules.append(Length(max=words.length))
    common = {"label": words.label, "description": words.help, "validators": rules}
    if words.kind in ("relation", "grid"):
        return RemoteField(words=words, target=target, **common)
    if words.multiple:
        return CodesField(words=words, **common)
    if words.dictionary:
        return CodeField(words=words, **common)
    if words.mask:
        return MaskedField(words=words, **common)
    return _plain_field(words, common)


class _Required:
    """The sentence is translated when it is shown, not when the form class is made."""

    def __str__(self) -> str:
        return _("Fill this in.")


_REQUIRED: Any = _Required()


def _keepable(form: Any, field: Any) -> None:
    """A text has only characters that databases and documents can hold."""
    if field.data and CONTROL.search(field.data):
        raise ValidationError(_("This text holds characters that cannot be kept: type it again."))


def _plain_field(words: Field, common: dict[str, Any]) -> Any:
    if words.kind == "bool":
        return BooleanField(label=common["label"], description=common["description"])
    if words.kind in PARSERS:
        return ParsedField(parse=PARSERS[words.kind], **common)
    if words.kind == "json":
        return ParsedField(parse=parse_json, **common)
    common["validators"].append(_keepable)
    return (TextAreaField if words.kind == "longtext" else StringField)(
        filters=[lambda text: normalize_text(text) or None if text else None], **common)


def input_kind(field: Any) -> str:
    """How the template draws a field: select, remote, multi, check, date, area or text."""
    words = getattr(field, "words", None)
    if isinstance(field, RemoteField):
        return "remote"
    if isinstance(field, CodesField):
        return "multi"
    if isinstance(field, CodeField):
        return "select"
    if isinstance(field, BooleanField):
        return "check"
    if isinstance(field, TextAreaField) or getattr(field, "parse", None) is parse_json:
        return "area"
    if getattr(field, "parse", None) is parse_date:
        return "date"
    return "masked" if words is not None else "text"
