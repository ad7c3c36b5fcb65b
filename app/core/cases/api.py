"""The steps of a case for programs: which the user may take now, and taking one, by the rules of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_appbuilder.api import expose, safe
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import gettext as _

from app.core.asking.values import check_choice, reader_of
from app.core.base.fields import Field, fields_of
from app.core.base.numbers import record_id
from app.core.base.records import RuleError
from app.core.base.texts import InvalidValue
from app.core.cases.steps import Step
from app.core.cases.takers import may_take, offered
from app.core.cases.taking import take, taken_before
from app.core.files.reading import Sent
from app.core.keeping.saving import save
from app.core.screens.files import sent_files


class StepApi:
    """Two more routes on the REST twin of a type of case."""

    view: Any

    @expose("/<pk>/steps", methods=["GET"])
    @protect()
    @safe
    @permission_name("show")
    def steps(self, pk: str) -> Any:
        """The steps the user may take on a case now, the columns each asks for, and the lines it wants (written by their own routes).
        ---
        get:
          parameters:
          - {in: path, name: pk, schema: {type: integer}}
          responses:
            200: {description: The steps}
            404: {description: No such case, or not the user's}
        """
        case: Any = self._row(pk)  # type: ignore[attr-defined]
        if case is None:
            return self.response_404()  # type: ignore[attr-defined]
        return self.response(200, version=case.version, state=case.state, result=[  # type: ignore[attr-defined]
            {"name": step.name, "label": str(step.label), "asks": list(step.asked(case)), "must": list(step.needed(case)),
             "lines": list(step.rows), "suggests": {column: _plain(value) for column, value in step.suggests(case).items()},
             "opinion_required": step.reason, "photo_required": step.photo} for step in offered(case)])

    @expose("/<pk>/steps/<name>", methods=["POST"])
    @protect()
    @safe
    @permission_name("show")
    def take_step(self, pk: str, name: str) -> Any:
        """Takes one step: the columns it asks for, opinion, version (what the sender saw), and tell (user names).

        Without a version the same step from the same hand a moment later is the same step; from another it is refused.
        With photos or files it is a form (multipart/form-data) with the same names, and any number of ``files``;
        ``refused`` says of each that is not kept why.
        ---
        post:
          parameters:
          - {in: path, name: pk, schema: {type: integer}}
          - {in: path, name: name, schema: {type: string}}
          responses:
            200: {description: Taken}
            403: {description: Not this user's step}
            404: {description: No such case or step}
            409: {description: "Somebody changed the case meanwhile, or its state has no such step"}
            422: {description: Something is missing or wrong}
        """
        case: Any = self._row(pk)  # type: ignore[attr-defined]
        step = case.workflow.by_name.get(name) if case is not None else None
        if step is None:
            return self.response_404()  # type: ignore[attr-defined]
        if not may_take(case, step):
            return self.response_403()  # type: ignore[attr-defined]
        refused: list[str] = []
        try:
            given, files, refused = _sent(fields_of(type(case)))
            self._take_step(case, step, given, files)
        except RuleError as error:
            return self.refused(error, case, refused)  # type: ignore[attr-defined]
        return self.response(200, id=case.id, version=case.version, state=case.state, refused=refused)  # type: ignore[attr-defined]

    def _take_step(self, case: Any, step: Step, given: Any, files: Sequence[Sent]) -> None:
        if not isinstance(given, dict):
            raise RuleError(_("Send a JSON object."))
        seen = given.pop("version", None)
        note, people, asked = given.pop("opinion", ""), given.pop("tell", []), step.asked(case)
        if not isinstance(people, list) or not all(isinstance(one, str) for one in people):
            raise RuleError(_("Send a list of user names."), "tell")
        strange = next((name for name in given if name not in asked), None)
        if strange is not None:
            raise RuleError(_("There is no such field to write: %(name)s", name=strange), strange)
        words, values = fields_of(step.record_of(case)), {}
        for name in asked:
            try:
                held = None if step.adds else getattr(case, name)
                values[name] = held if name not in given and words[name].editable else reader_of(words[name])(given.get(name))
                check_choice(words[name], values[name], held, self.view.targets.get(name))
            except InvalidValue as error:
                raise RuleError(error.message, name) from error
        words_given = note if isinstance(note, str) else ""
        if not taken_before(case, step, values, words_given, files, None if seen is None else record_id(seen) or 0):
            take(case, step, values, words_given, files, people)
            save(case)


def _sent(words: dict[str, Field]) -> tuple[Any, list[Sent], list[str]]:
    """What stands in the request, as JSON would say it, the photos and files it brings, and why some are not kept."""
    if request.mimetype != "multipart/form-data":
        return request.get_json(silent=True), [], []
    given = {name: values if name in words and words[name].multiple else values[0] for name, values in request.form.lists()}
    return given, *sent_files()


def _plain(value: Any) -> Any:
    """A suggested value as JSON holds it."""
    return value if value is None or isinstance(value, str | int | list) else str(value)
