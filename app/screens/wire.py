"""What goes over the wire: texts are compressed; styles and scripts stay with the browser under a name that changes with them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, request, send_from_directory
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_compress import Compress

YEAR, WEEK = 365 * 24 * 3600, 7 * 24 * 3600  # seconds
FOLDER = Path(__file__).parents[1] / "static"
STATIC = "/static/"
OF_LIBRARY = "appbuilder.static"  # Flask-AppBuilder's own files: its address has no version
SETTINGS = {
    "COMPRESS_ALGORITHM": ["zstd", "br", "gzip"],  # by preference; a browser says what it reads
    "COMPRESS_ZSTD_LEVEL": 3, "COMPRESS_BR_LEVEL": 4, "COMPRESS_LEVEL": 4,  # a page costs under a millisecond
    "COMPRESS_MIMETYPES": ["text/html", "text/css", "text/javascript", "application/javascript", "application/json",
                           "image/svg+xml", "application/manifest+json"],
}


def install(app: Flask) -> None:
    """Serves the static folder under its version, and compresses what is text.

    The version is a folder of the address, so that scripts which import each other and fonts which styles name
    by relative addresses stay in it.
    """
    app.static_folder = str(FOLDER)
    app.config.update(SETTINGS)
    Compress(app)
    app.session_interface = Sessions()
    app.add_url_rule(f"{STATIC}<version>/<path:filename>", "static", _static)
    app.url_defaults(lambda endpoint, values: values.setdefault("version", _version()) if endpoint == "static" else None)
    app.after_request(_keep)


class Sessions(SecureCookieSessionInterface):
    """A file that everybody gets knows nobody: else it would be kept for one cookie only."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return self.session_class() if request.path.startswith(STATIC) else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not request.path.startswith(STATIC):
            super().save_session(app, session, response)


@cache
def _version() -> str:
    """The version of our own files, read once a process."""
    return version_of(FOLDER)


def version_of(folder: Path) -> str:
    """A word that is another when any file of a folder is."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return found.hexdigest()[:12]


def _static(version: str, filename: str) -> Response:
    return send_from_directory(FOLDER, filename)


def _keep(response: Response) -> Response:
    """A year under the version of now; what an older page asks for under another is asked again each time."""
    if response.status_code not in (200, 304) or not request.endpoint:
        return response
    seconds = _seconds(request.endpoint, request.view_args or {})
    if seconds:
        response.headers["Cache-Control"] = f"public, max-age={seconds}" + (", immutable" if seconds == YEAR else "")
    return response


def _seconds(endpoint: str, values: dict[str, Any]) -> int:
    if endpoint == "static" and values.get("version") == _version():
        return YEAR
    return WEEK if endpoint == OF_LIBRARY else 0
