"""What a request brings and what an answer says of waiting: nobody who is slow holds up the others."""

from __future__ import annotations

from flask import Flask, Response, abort, g, json, request

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
WRITING = ("POST", "PUT", "PATCH")
RETRY_SECONDS = "3"
DOOR, MOST_OF_STRANGERS = ("/public/", "/api/v1/public/"), 24 * 1024 * 1024  # bytes of a request without an account


def install(app: Flask) -> None:
    """Hangs the rules on an application; before all else that asks the database."""
    app.before_request(body_first)
    app.after_request(_say_unavailable)


def body_first() -> None:
    """The whole request is here before the database is asked: who sends slowly holds up himself alone."""
    if request.method not in WRITING or not request.endpoint:
        return
    if request.path.startswith(DOOR):
        request.max_content_length = MOST_OF_STRANGERS
    if request.mimetype in FORMS:
        request.form  # noqa: B018 - read, and kept by the request
    elif request.is_json:
        _read_json()
    else:
        request.get_data()


def _read_json() -> None:
    """A body nested deeper than any of ours is no request: 400, before a reader of it runs out of stack."""
    try:
        request.get_json(silent=True)
    except RecursionError:
        abort(400)


def _say_unavailable(response: Response) -> Response:
    """Where the database could not: 503 for programs and browsers, the form with what was typed for people."""
    trouble = g.get("unavailable")
    if trouble is None or response.status_code < 400:
        return response
    if response.status_code == 500 and response.is_json:  # Flask-AppBuilder's own answer to any fault
        response.set_data(json.dumps({"message": str(trouble)}))
    response.status_code = 503
    response.headers["Retry-After"] = RETRY_SECONDS
    return response
