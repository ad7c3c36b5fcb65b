"""What the server writes of itself: a line of JSON for each request and each fault, without anybody's personal data."""

from __future__ import annotations

import logging
import re
import secrets
import time
import traceback
from pathlib import Path
from typing import Any

from concurrent_log_handler import ConcurrentRotatingFileHandler
from flask import Flask, Response, g, has_request_context, request
from pythonjsonlogger.json import JsonFormatter

FILE, MOST_BYTES, KEPT_FILES = "gewu.log", 10 * 1024 * 1024, 10
HEADER = "X-Request-ID"
GIVEN = re.compile(r"[\w-]{8,64}", re.ASCII)  # an id that a proxy in front may give
UNTOLD = ("/static/", "/health", "/metrics")
log = logging.getLogger("gewu.request")


class Valueless:
    """Tells of a fault what no message of it repeats."""

    def formatException(self, exc_info: Any) -> str:  # noqa: N802 - the name of the standard library
        return without_values(exc_info[1])


class Line(Valueless, JsonFormatter):
    """One line: when, how grave, what, in which request and of whose account; never a value somebody typed."""

    def __init__(self) -> None:
        super().__init__("{asctime}{levelname}{name}{message}", style="{", json_ensure_ascii=False,
                         rename_fields={"asctime": "time", "levelname": "level"}, datefmt="%Y-%m-%dT%H:%M:%S%z")

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        if has_request_context():
            log_data.update(request=g.get("request_id"), account=getattr(g.get("_login_user"), "username", None))


class Plain(Valueless, logging.Formatter):
    """The same for the console, as lines to read."""


def without_values(error: BaseException | None) -> str:
    """What went wrong where, and because of what: classes, places and statements; a message may repeat what somebody typed."""
    told: list[str] = []
    while error is not None:
        statement = getattr(error, "statement", None)  # of SQLAlchemy; its parameters are not in it
        told.append("".join([*traceback.format_tb(error.__traceback__), f"{type(error).__module__}.{type(error).__qualname__}",
                             f"\n{statement}" if statement else ""]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nbecause of\n\n".join(told)


def configure(data_dir: Path) -> None:
    """Lets this process write into the log of its installation, beside its other processes; files turn by themselves.

    Where the disk takes no log, warnings go to the console alone: the server answers all the same.
    """
    console = logging.StreamHandler()
    console.setLevel(logging.WARNING)
    console.setFormatter(Plain("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[console], force=True)
    try:
        logging.getLogger().addHandler(_file(data_dir / "logs"))
    except OSError as error:
        log.warning("no log can be written: %s", error)
    for name in ("app", "gewu"):
        logging.getLogger(name).setLevel(logging.INFO)
    logging.getLogger("flask_appbuilder.utils.base").setLevel(logging.ERROR)  # every sign-in without a page behind it is a warning there


def _file(folder: Path) -> logging.Handler:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = ConcurrentRotatingFileHandler(str(folder / FILE), maxBytes=MOST_BYTES, backupCount=KEPT_FILES,
                                            encoding="utf-8", chmod=0o600)
    handler.setFormatter(Line())
    return handler


def install(app: Flask) -> None:
    """Gives every request an id, which its answer, its lines and the page of a fault bear."""
    app.before_request(_begin)
    app.after_request(_told)


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id, g.begun = given if GIVEN.fullmatch(given) else secrets.token_hex(6), time.monotonic()


def _told(response: Response) -> Response:
    """The address by its pattern and numbers alone: what stands in a query or an unknown address may name somebody."""
    if "request_id" not in g or request.path.startswith(UNTOLD):
        return response
    response.headers[HEADER] = g.request_id
    numbers = {name: value for name, value in (request.view_args or {}).items() if isinstance(value, int)}
    log.info("%s %s", request.method, request.url_rule or "-", extra={
        "status": response.status_code, "milliseconds": round((time.monotonic() - g.begun) * 1000), **numbers})
    return response
