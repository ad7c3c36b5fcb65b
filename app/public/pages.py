"""The pages of the public door, for a phone without an account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, g, render_template, request
from flask_appbuilder.baseviews import BaseView, expose
from flask_babel import gettext as _

from app.core.base.nodes import DIGITS
from app.core.base.records import RuleError
from app.core.keeping.sendings import SentAlready
from app.core.screens import sending
from app.core.telling.areas import areas
from app.core.telling.places import place_name, places
from app.db import db
from app.public import my_grid, nearby, proof, reporting, tracking
from app.subsystems.events.public_reports import code_of, public_types

MOST_DIGITS = DIGITS["base"]


class PublicView(BaseView):
    """Report, follow, rate, and find one's grid; nobody signs in."""

    route_base = "/public"
    default_view = "index"

    @expose("/")
    def index(self) -> str:
        """What a resident can do here; the QR code of a grid leads here with its code."""
        return _page("index", kinds=public_types(), grid=_grid(request.args.get("grid", "")))

    @expose("/report")
    def kinds(self) -> str:
        """What may be reported, for whoever comes without having chosen."""
        return _page("kinds", kinds=public_types(), grid=_grid(request.args.get("grid", "")))

    @expose("/report/<kind>", methods=["GET", "POST"])
    def report(self, kind: str) -> Any:
        """The form of one kind of report; what was typed stays on it until it is in."""
        form = public_types().get(kind) or abort(404)
        if request.method == "GET":
            return self._form(kind, form, {"grid": _grid(request.args.get("grid", ""))}, {})
        key = sending.sent_key()
        code, same = reporting.before(key, sending.content)
        if code:
            return self._sent(code, form) if same else self._sent_before(kind, form, code)
        draft = reporting.read(kind, request.form)
        if draft.errors:
            return self._form(kind, form, request.form, draft.errors), 422
        try:
            return self._taken_in(draft, form, key)
        except SentAlready as again:
            db.session.rollback()
            code = code_of(key)
            return self._sent(code, form) if again.content == draft.form[1] else self._sent_before(kind, form, code)
        except RuleError as refused:
            db.session.rollback()
            place = refused.field if refused.field in draft.values else ""
            return self._form(kind, form, request.form, {place or "": str(refused)}), refused.status

    def _taken_in(self, draft: reporting.Draft, form: Any, key: str) -> str:
        """Limits and proof come first, then the photos, and the writing last."""
        reporting.admit(draft)
        draft.form = (key, sending.content())
        reporting.look_at(draft, request.files.getlist("files"))
        return self._sent(reporting.hand_in(draft), form, draft.refused)

    @staticmethod
    def _sent(code: str, form: Any, refused: Sequence[str] = ()) -> str:
        sending.note_saved()
        return _page("sent", code=code, form=form, refused=refused)

    def _sent_before(self, kind: str, form: Any, code: str) -> Any:
        """Somebody went back to a form he had sent and changed it: that may be another matter, or a slip."""
        g.sent_before = request.path
        told = _("You sent this form before; its code is %(code)s. What you changed since is not sent: "
                 "send it again only if it is another matter.", code=code)
        return self._form(kind, form, request.form, {"": told}), 409

    @staticmethod
    def _form(kind: str, form: Any, typed: Any, errors: dict[str, str]) -> str:
        return _page("report", kind=kind, form=form, typed=typed, errors=errors, parts=reporting.parts(kind),
                     communities=reporting.communities(), named=place_name(typed.get("grid", "")),
                     trap=reporting.TRAP, most_photos=reporting.MOST_PHOTOS,
                     challenge=proof.challenge())

    @expose("/nearby/<kind>", methods=["POST"])
    def nearby(self, kind: str) -> Any:
        """The part of a form that names what others reported at this place; nothing when there is none."""
        if kind not in public_types():
            abort(404)
        try:
            found = nearby.found(kind, request.form)
        except tracking.TooMany:
            found = []
        return _page("nearby", found=found) if found else ("", 204)

    @expose("/areas")
    def areas(self) -> Response:
        """Every grid with its outline, for the map a pin is put on; its names hang at every door."""
        return Response(areas(), mimetype="application/json")

    @expose("/track", methods=["GET", "POST"])
    def track(self) -> Any:
        """How a report stands, for whoever has its code; the code never stands in an address."""
        if request.method == "GET":
            return _page("track", told=None, code="", error="")
        code, error, status = request.form.get("code", "")[:40], "", 200
        try:
            _do_once(request.form.get("act", ""), code)
            told = tracking.progress(code)
        except RuleError as refused:
            db.session.rollback()
            error, status = str(refused), refused.status
            told = _told_still(code, refused)
        return _page("track", told=told, code=code, error=error), status

    @expose("/grid")
    @expose("/grid/<code>")
    def grid(self, code: str = "") -> Any:
        """One's grid and who is responsible for it, by address or by the code on the board."""
        card = my_grid.card(code[:MOST_DIGITS]) if code else None
        if code and card is None:
            abort(404)
        address = request.args.get("address", "")[:160]
        found = [card] if card else my_grid.find(address)
        return _page("grid", found=found, address=address, asked=bool(address or code))


def _do_once(act: str, code: str) -> None:
    """Rates, says whether it stayed solved, or has the case opened again; a second tap finds it done."""
    key = sending.sent_key()
    if not act or tracking.done(key):
        return
    try:
        if act == "rate":
            tracking.rate(code, request.form.get("satisfaction", ""), request.form.get("words", ""), key)
        elif act == "follow":
            tracking.follow(code, request.form.get("solved", ""), request.form.get("words", ""), key)
        elif act == "reopen":
            tracking.reopen(code, request.form.get("reason", ""), key)
    except SentAlready:
        db.session.rollback()
    sending.note_saved()


def _told_still(code: str, refused: RuleError) -> Any:
    """After a refused rating the page still shows the report; after a wrong code there is nothing to show."""
    return tracking.progress(code) if refused.field in ("satisfaction", "solved", "reason") else None


def _grid(code: str) -> str:
    return code if code in places() else ""


def _page(name: str, **context: Any) -> str:
    return render_template(f"public/{name}.html", bare=True, **context)
