"""The pages of the public door, for a phone without an account."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request
from flask_appbuilder.baseviews import BaseView, expose

from app.core.base.nodes import DIGITS
from app.core.base.records import RuleError
from app.core.telling.places import place_name, places
from app.db import db
from app.public import my_grid, proof, reporting, tracking
from app.subsystems.events.public_reports import public_types

MOST_DIGITS = DIGITS["base"]


class PublicView(BaseView):
    """Report, follow, rate, and find one's grid; nobody signs in."""

    route_base = "/public"
    default_view = "index"

    @expose("/")
    def index(self) -> str:
        """What a resident can do here; the QR code of a grid leads here with its code."""
        return _page("index", kinds=public_types(), grid=_grid(request.args.get("grid", "")))

    @expose("/report/<kind>", methods=["GET", "POST"])
    def report(self, kind: str) -> Any:
        """The form of one kind of report; what was typed stays on it until it is in."""
        form = public_types().get(kind) or abort(404)
        if request.method == "GET":
            return self._form(kind, form, {"grid": _grid(request.args.get("grid", ""))}, {})
        draft = reporting.read(kind, request.form, request.files.getlist("files"))
        if draft.errors:
            return self._form(kind, form, request.form, draft.errors), 422
        try:
            code = reporting.hand_in(draft)
        except RuleError as refused:
            db.session.rollback()
            place = refused.field if refused.field in draft.values else ""
            return self._form(kind, form, request.form, {place or "": str(refused)}), refused.status
        return _page("sent", code=code, form=form)

    @staticmethod
    def _form(kind: str, form: Any, typed: Any, errors: dict[str, str]) -> str:
        return _page("report", kind=kind, form=form, typed=typed, errors=errors, asked=reporting.asked(kind),
                     communities=reporting.communities(), named=place_name(typed.get("grid", "")), trap=reporting.TRAP, most_photos=reporting.MOST_PHOTOS,
                     challenge=proof.challenge())

    @expose("/track", methods=["GET", "POST"])
    def track(self) -> Any:
        """How a report stands, for whoever has its code; the code never stands in an address."""
        if request.method == "GET":
            return _page("track", told=None, code="", error="")
        code, error, status = request.form.get("code", "")[:40], "", 200
        try:
            _do(request.form.get("act", ""), code)
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


def _do(act: str, code: str) -> None:
    if act == "rate":
        tracking.rate(code, request.form.get("satisfaction", ""), request.form.get("words", ""))
    elif act == "reopen":
        tracking.reopen(code, request.form.get("reason", ""))


def _told_still(code: str, refused: RuleError) -> Any:
    """After a refused rating the page still shows the report; after a wrong code there is nothing to show."""
    return tracking.progress(code) if refused.field in ("satisfaction", "reason") else None


def _grid(code: str) -> str:
    return code if code in places() else ""


def _page(name: str, **context: Any) -> str:
    return render_template(f"public/{name}.html", bare=True, **context)
