"""The public door as JSON, for a mini-program or a machine at the counter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import request
from flask_appbuilder.api import BaseApi, expose, safe
from flask_babel import gettext as _

from app.core.base.crypto import keyring
from app.core.base.records import RuleError
from app.core.keeping.sendings import SentAlready, known_key, new_key
from app.db import db
from app.public import my_grid, proof, reporting, tracking
from app.subsystems.events.public_reports import code_of, public_types


class PublicApi(BaseApi):
    """Report, follow, rate and find a grid, without an account."""

    resource_name = "public"
    class_permission_name = "PublicApi"
    allow_browser_login = False
    openapi_spec_tag = "Public door"

    @expose("/challenge", methods=["GET"])
    @safe
    def challenge(self) -> Any:
        """The work a device does before it may report.
        ---
        get:
          responses:
            200: {description: "An ALTCHA challenge, and beside it the key of one report (form_key)"}
        """
        return self.response(200, result=proof.challenge(), form_key=new_key())

    @expose("/kinds", methods=["GET"])
    @safe
    def kinds(self) -> Any:
        """What may be reported, and the columns each kind asks for.
        ---
        get:
          responses:
            200: {description: The kinds of report}
        """
        return self.response(200, result=[
            {"kind": kind, "label": str(form.words), "about": str(form.about), "asks": [
                {"name": words.name, "label": str(words.label), "required": must, "length": words.length}
                for words, must in reporting.asked(kind)]} for kind, form in public_types().items()])

    @expose("/reports", methods=["POST"])
    @safe
    def report(self) -> Any:
        """Hands in a report: kind, grid, the columns of the kind, proof (the solved challenge), and form_key.

        Sent again with the same form_key, after an answer that did not arrive, it gives the same code.
        ---
        post:
          responses:
            201: {description: The code by which the report is followed}
            409: {description: Another report was sent with this key}
            422: {description: What is wrong with which column}
            429: {description: Too many reports from this network}
        """
        given = _given()

        def hand_in() -> Any:
            form = (known_key(str(given.get("form_key", ""))), _digest(given))
            code, same = reporting.before(form[0], lambda: form[1])
            if code:
                return self._again(code, same)
            draft = reporting.read(_kind(given), given)
            draft.form = form
            if draft.errors:
                return self.response(422, message=" ".join(draft.errors.values()), errors=draft.errors)
            try:
                reporting.admit(draft)
                return self.response(201, result={"code": reporting.hand_in(draft)})
            except SentAlready as sent:
                db.session.rollback()
                return self._again(code_of(form[0]), sent.content == form[1])

        return self._answer(hand_in)

    @expose("/track", methods=["POST"])
    @safe
    def track(self) -> Any:
        """How the report of a code stands.
        ---
        post:
          responses:
            200: {description: Stage, dates and the answer}
            422: {description: No report has this code}
        """
        return self._answer(lambda: self.response(200, result=_plain(tracking.progress(_given().get("code", "")))))

    @expose("/rate", methods=["POST"])
    @safe
    def rate(self) -> Any:
        """Rates a finished report: code, satisfaction (satisfied, fair, dissatisfied), words.
        ---
        post:
          responses:
            200: {description: Noted}
            422: {description: Not possible now}
        """
        return self._take(tracking.rate, "code", "satisfaction", "words")

    @expose("/follow", methods=["POST"])
    @safe
    def follow(self) -> Any:
        """Says some weeks after the end whether it stayed solved: code, solved (yes, no, unclear), words.
        ---
        post:
          responses:
            200: {description: Noted}
            422: {description: Not possible now}
        """
        return self._take(tracking.follow, "code", "solved", "words")

    @expose("/reopen", methods=["POST"])
    @safe
    def reopen(self) -> Any:
        """Has a finished report opened again, once: code, reason.
        ---
        post:
          responses:
            200: {description: Opened again}
            422: {description: Not possible now}
        """
        return self._take(tracking.reopen, "code", "reason")

    @expose("/grids", methods=["GET"])
    @safe
    def grids(self) -> Any:
        """The grids an address may lie in, with who is responsible.
        ---
        get:
          responses:
            200: {description: At most five grids}
        """
        found = my_grid.find(request.args.get("address", "")[:160])
        return self.response(200, result=[{"code": card.code, "name": card.name, "staff": [
            dict(zip(("name", "role", "phone"), person, strict=True)) for person in card.staff]} for card in found])

    def _again(self, code: str, same: bool) -> Any:
        if same:
            return self.response(201, result={"code": code})
        return self.response(409, message=_("Another report was sent with this form key: ask for a new challenge."))

    def _take(self, act: Any, *names: str) -> Any:
        """What a resident does with his code, with what these names give."""
        given = _given()

        def take() -> Any:
            act(*(given.get(name, "") for name in names))
            return self.response(200, message="OK")

        return self._answer(take)

    def _answer(self, work: Any) -> Any:
        try:
            return work()
        except RuleError as refused:
            db.session.rollback()
            return self.response(refused.status, message=str(refused))


def _digest(given: dict[str, str]) -> str:
    """A digest of what stands in a report, without the proof, which is another for every try."""
    return keyring().digest("form content", repr(sorted(item for item in given.items() if item[0] != "proof")))


def _kind(given: dict[str, str]) -> str:
    kind = given.get("kind", "")
    reporting.known_type(kind)
    return kind


def _given() -> dict[str, str]:
    """The body's words; what is no text is read as what it looks like."""
    body = request.get_json(silent=True)
    return {str(name): "" if value is None else str(value) for name, value in body.items()} if isinstance(body, dict) else {}


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    """Moments in UTC with their zone, as the other APIs give them."""
    def text(value: Any) -> Any:
        return value.replace(tzinfo=UTC).isoformat() if isinstance(value, datetime) else value

    return {name: [[text(part) for part in pair] for pair in value] if name == "steps" else text(value)
            for name, value in told.items()}
