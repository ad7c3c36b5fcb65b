"""The REST twin of every view: Flask-AppBuilder's routes and conventions over the core's own rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import request
from flask_appbuilder.api import ModelRestApi, expose, rison, safe
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import gettext as _
from jsonschema.exceptions import best_match
from marshmallow import Schema
from marshmallow import fields as schemas

from app.core.asking import listing
from app.core.asking.filters import known_filter
from app.core.asking.values import check_choice, reader_of, unchanged
from app.core.base.actors import actor_name
from app.core.base.fields import Field, fields_of
from app.core.base.history import History
from app.core.base.masks import masked
from app.core.base.numbers import record_id
from app.core.base.records import Record, RuleError
from app.core.base.registry import builder, record_name, security
from app.core.base.texts import InvalidValue
from app.core.keeping.saving import Conflict, discard, refuse_outrun, save
from app.core.screens.rest_queries import LIST_ARGUMENTS, OPERATORS, refuse_depth, state_of
from app.core.telling.display import named, text_of
from app.core.telling.masking import REVEAL, log_access
from app.db import db

PERMISSIONS = {"get_list": "list", "get": "show", "post": "add", "put": "edit",
               "delete": "delete", "info": "list"}


class RecordInterface(SQLAInterface):
    """Flask-AppBuilder's window on a record; it knows columns and relations, but no synonyms."""

    def __init__(self, record: type[Record]) -> None:
        super().__init__(record)
        for synonym in record.__mapper__.synonyms:
            self.list_properties.pop(synonym.key, None)


class RecordApi(ModelRestApi):
    """List, read, add, change and delete a record as JSON. Sensitive values come masked."""

    view: Any
    allow_browser_login = False
    method_permission_name = PERMISSIONS

    def _init_model_schemas(self) -> None:
        """OpenAPI's schemas come from the declaration, as everything else does."""
        words = fields_of(self.view.record)
        name = self.view.record.__name__
        whole = {"id": schemas.Integer(), **{n: _schema(w) for n, w in words.items()}}
        written = {n: _schema(w) for n, w in words.items() if n in self.view.form_columns}
        self.list_model_schema, self.show_model_schema, self.add_model_schema, self.edit_model_schema = (
            Schema.from_dict(columns, name=f"{name}{use}")()  # OpenAPI wants a name for each use
            for use, columns in (("List", whole), ("Show", whole), ("Add", written), ("Edit", written)))

    def create_blueprint(self, *args: Any, **options: Any) -> Any:
        blueprint = super().create_blueprint(*args, **options)
        blueprint.before_request(refuse_depth)
        return blueprint

    @expose("/", methods=["GET"])
    @protect()
    @safe
    @permission_name("get")
    @rison()
    def get_list(self, **kwargs: Any) -> Any:
        problem = best_match(LIST_ARGUMENTS.iter_errors(kwargs["rison"]))
        if problem:
            return self.response_400(message=_("This query cannot be read."))
        return self.get_list_headless(**kwargs)

    get_list.__doc__ = ModelRestApi.get_list.__doc__

    def get_list_headless(self, **kwargs: Any) -> Any:
        asked = kwargs.get("rison", {})
        try:
            state = state_of(self.view, asked, self._may("reveal"))
        except (KeyError, TypeError, ValueError, OverflowError):
            return self.response_400(message=_("This query cannot be read."))
        total, exact = listing.count(state, self.view)
        if hidden := state.hidden():
            try:
                log_access(REVEAL, self.view.record, str(asked.get("purpose", "")), filters=state.args(),
                           columns=",".join(hidden), rows=total)
            except RuleError as refused:
                return self.response(refused.status, message={"purpose": [str(refused)]})
        page = listing.fetch(state, self.view)
        return self.response(
            200, count=total, count_is_exact=exact, ids=[row.id for row in page.rows],
            result=[self.as_json(row, state.columns) for row in page.rows],
            next_cursor=page.next_cursor, list_columns=state.columns,
            order_columns=[n for n, w in self.words.items() if w.sortable],
            label_columns={name: str(self.words[name].label) for name in state.columns},
            list_title=self.view.title)

    @property
    def words(self) -> dict[str, Field]:
        return fields_of(self.view.record)

    def _may(self, action: str) -> bool:
        return bool(security().has_access(f"can_{action}", self.class_permission_name))

    def as_json(self, row: Record, columns: list[str]) -> dict[str, Any]:
        """A row's values as JSON: codes and dates as stored, sensitive ones masked."""
        found: dict[str, Any] = {"id": row.id}
        for name in columns:
            words = self.words[name]
            value = getattr(row, name)
            if words.mask and value:
                value = masked(words, text_of(words, value))
            found[name] = _plain(value)
            if words.relation:
                other = getattr(row, words.relation)
                found[words.relation] = None if other is None else {
                    "id": None if words.mask else other.id, "name": named(words, other)}
        return found

    def _row(self, pk: Any, held: bool = False) -> Record | None:
        """A row the user sees; ``held`` against everybody else until the end of the request."""
        number = record_id(pk)
        return None if number is None else db.session.get(self.view.record, number, with_for_update=held or None)

    def get_headless(self, pk: Any, **kwargs: Any) -> Any:
        row = self._row(pk)
        if row is None:
            return self.response_404()
        columns = list(self.words)
        return self.response(200, id=row.id, version=row.version, show_columns=columns,
                             label_columns={n: str(w.label) for n, w in self.words.items()},
                             result={**self.as_json(row, columns), "version": row.version})

    def post_headless(self) -> Any:
        return self._write(self.view.record(), 201)

    def put_headless(self, pk: Any) -> Any:
        first = self._row(pk)
        looked = first.version if first else 0
        try:
            row = self._row(pk, held=True)
        except RuleError as error:
            return self.refused(error)
        return self.response_404() if row is None else self._write(row, 200, looked)

    def refused(self, error: RuleError, row: Record | None = None, also: Sequence[str] = ()) -> Any:
        """A rule that was broken, in a sentence with its field; where somebody was faster, who changed what."""
        more: dict[str, Any] = {}
        if isinstance(error, Conflict) and row is not None and error.changes:
            more = {"version": error.changes[0].version, "changes": [self._told(entry) for entry in error.changes]}
        db.session.rollback()
        return self.response(error.status, message={error.field or "record": [str(error), *also]}, **more)

    def _told(self, entry: History) -> dict[str, Any]:
        columns = [{"label": str(label), "from": old, "to": new} for label, old, new in self.view.change_words(entry)]
        return {"at": _plain(entry.at), "by": entry.by, "name": actor_name(entry.by), "columns": columns}

    def _write(self, row: Record, code: int, looked: int = 0) -> Any:
        """Takes the JSON over; a broken rule is 422 with the field it belongs to."""
        try:
            given = request.get_json(silent=True)
        except RecursionError:  # nested deeper than anything that is meant
            given = None
        if not isinstance(given, dict):
            return self.response_400(message=_("Send a JSON object."))
        try:
            with db.session.no_autoflush:
                given = dict(given)
                seen = given.pop("version", None)
                if row.id:
                    refuse_outrun(row, seen, looked)
                self._fill(row, given)
            db.session.add(row)
            save(row)
        except RuleError as error:
            return self.refused(error, row)
        return self.response(code, id=row.id, result={**self.as_json(row, list(self.words)),
                                                      "version": row.version})

    def _fill(self, row: Record, given: dict[str, Any]) -> None:
        for name, value in given.items():
            words = self.words.get(name)
            if words is None or not words.editable or name not in self.view.form_columns:
                raise RuleError(_("There is no such field to write: %(name)s", name=name), name)
            try:
                self._take(row, words, value)
            except InvalidValue as error:
                raise RuleError(error.message, name) from error
        missing = [n for n in self.view.form_columns if self.words[n].required and not self.words[n].derived
                   and getattr(row, n) in (None, "")]
        if missing:
            raise RuleError(_("Fill this in."), missing[0])

    def _take(self, row: Record, words: Field, given: Any) -> None:
        held = getattr(row, words.name)
        if unchanged(words, given, held):
            return
        value = reader_of(words)(given)
        check_choice(words, value, held, self.view.targets.get(words.name))
        setattr(row, words.name, value)

    def delete_headless(self, pk: Any) -> Any:
        row = self._row(pk)
        if row is None:
            return self.response_404()
        try:
            held = discard(row)
        except RuleError as error:
            return self.response(error.status, message=str(error))
        if held:
            return self.response_422(message=_("Still in use: %(what)s", what="、".join(
                f"{link.label} {link.count}" for link in held)))
        return self.response(200, message=_("Moved to the recycle bin."))

    def info_headless(self, **kwargs: Any) -> Any:
        """What a client may know of the record: columns, labels, filters and its own permissions."""
        allowed, unmask = [action for action in sorted(set(PERMISSIONS.values())) if self._may(action)], self._may("reveal")
        columns = [{"name": n, "label": str(w.label), "type": w.kind, "required": w.required,
                    "description": str(w.help), "dictionary": w.dictionary or None}
                   for n, w in self.words.items() if n in self.view.form_columns]
        return self.response(
            200, permissions=[f"can_{action}" for action in allowed],
            add_columns=columns if "add" in allowed else [], add_title=self.view.title,
            edit_columns=columns if "edit" in allowed else [], edit_title=self.view.title,
            filters={name: asked for name in self.words if (asked := [
                word for word, ending in OPERATORS.items() if known_filter(self.view, name + ending, unmask)])})


def _plain(value: Any) -> Any:
    """Dates and moments as ISO 8601; a moment says that it is UTC, for one without a zone is China's time."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat()
    return value.isoformat() if hasattr(value, "isoformat") else value


SCHEMAS = {"bool": schemas.Boolean, "int": schemas.Integer, "relation": schemas.Integer,
           "decimal": schemas.Decimal, "date": schemas.Date, "datetime": schemas.DateTime,
           "json": schemas.Dict}


def _schema(words: Field) -> schemas.Field:
    about: dict[str, Any] = {"required": words.required, "allow_none": not words.required,
             "metadata": {"description": str(words.name)}}
    if words.relation and words.mask:
        return schemas.Raw(**about)  # written as a number, read by its masked name
    if words.multiple:
        return schemas.List(schemas.String(), **about)
    return SCHEMAS.get(words.kind, schemas.String)(**about)


def api_for(view: type[Any]) -> type[RecordApi]:
    """The REST twin of a view; both share their permissions."""
    record = view.record
    view.derive()
    columns = [name for name, words in fields_of(record).items() if words.kind != "json"]
    return type(f"{record.__name__}Api", (*view.api_routes, RecordApi), {
        "view": view_instance(view), "datamodel": RecordInterface(record),
        "resource_name": record_name(record), "class_permission_name": view.__name__,
        "list_columns": columns, "show_columns": columns, "add_columns": columns,
        "edit_columns": columns, "search_columns": ["id"], "openapi_spec_tag": record.__name__,
    })


def view_instance(view: type) -> Any:
    """The registered view object itself, so that both answer from one derivation."""
    return next(known for known in builder().baseviews if isinstance(known, view))
