"""What a request gets that cannot be answered: a plain page, or a sentence for programs."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Flask, current_app, g, jsonify, render_template, request, session
from flask_babel import force_locale, lazy_gettext
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from app.core.base import registry
from app.core.base.records import RuleError
from app.core.keeping.saving import Conflict
from app.db import db
from app.screens.accounts import action_words

TITLES = {
    400: lazy_gettext("This request cannot be understood"),
    401: lazy_gettext("Please sign in"),
    403: lazy_gettext("You have no right to this page"),
    404: lazy_gettext("Nothing here for you"),
    405: lazy_gettext("This cannot be done that way"),
    413: lazy_gettext("The file is too large"),
    429: lazy_gettext("Too many tries"),
    500: lazy_gettext("Something went wrong here"),
    503: lazy_gettext("Not at this moment"),
}
SENTENCES = {
    403: lazy_gettext("Your role lacks the right to do this. The system administrator can give you another role."),
    404: lazy_gettext("The page does not exist, or it belongs to another part of the grid."),
    413: lazy_gettext("Send less at once: split the file, or leave some photos out. What you typed is still there when you go back."),
    429: lazy_gettext("Wait a minute and try again."),
    500: lazy_gettext("Nothing was changed. Try again; if it happens again, tell the administrator the number below."),
}


def install(app: Flask) -> None:
    """Every error becomes a page of ours."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(RuleError, _rule_error)
    app.register_error_handler(StaleDataError, lambda error: _rule_error(Conflict()))
    app.register_error_handler(Exception, _crash)


def _wants_json() -> bool:
    return request.path.startswith("/api/") or request.path == "/health"


def _page(code: int, sentence: str = "") -> Any:
    title = str(TITLES.get(code, TITLES[400]))
    sentence = sentence or str(SENTENCES.get(code, "")) + (_missing_right() if code == 403 else "")
    if _wants_json():
        return jsonify(message=sentence or title), code
    words = {"code": code, "title": title, "sentence": sentence, "number": g.get("crash_number")}
    try:
        return (_plain if code == 503 else render_template)("error.html", **words), code
    except Exception:  # the frame of a page asks the database, too
        current_app.logger.exception("the page of error %s", code)
        return _plain("error.html", **words), code


def _plain(_template: str, **words: Any) -> str:
    """A page that asks nobody for anything: no account, no menu, no database."""
    language = "en" if session.get("locale") == "en" else "zh"
    with force_locale(language):
        return current_app.jinja_env.get_template("plain.html").render(language=language, **words)


def _missing_right() -> str:
    """The right a page asks for, in words, so that one knows what to ask the administrator for."""
    view, _dot, method = (request.endpoint or "").partition(".")
    known = next((found for found in registry.record_views() if found.__name__ == view), None)
    action = action_words(getattr(getattr(known, method, None), "_permission_name", "").removeprefix("can_"))
    if known is None or not action:
        return ""
    return " " + _("The missing right: %(action)s, %(record)s.", action=action, record=known.record.__label__)


def _http_error(error: HTTPException) -> Any:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    return _page(error.code or 500)


def _csrf_error(error: CSRFError) -> Any:
    return _page(400, _("The page was open too long. Go back, reload it and send again; "
                        "what you typed is still there."))


def _rule_error(error: RuleError) -> Any:
    with suppress(Exception):
        db.session.rollback()
    return _page(error.status, str(error))


def _crash(error: Exception) -> Any:
    """A fault of ours: logged under a number the user can quote."""
    with suppress(Exception):
        db.session.rollback()
    g.crash_number = g.get("request_id")
    current_app.logger.exception("crash on %s", request.url_rule or "-")
    return _page(500)
