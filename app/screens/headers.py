"""What every answer tells the browser: nothing comes from elsewhere, nothing is framed, nothing is kept."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request


def install(app: Flask) -> None:
    """Hangs the headers on every answer, and gives templates the mark of this page's scripts."""
    app.jinja_env.globals["csp_nonce"] = _nonce
    app.after_request(_headers)


def _nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return g.nonce


def _headers(response: Response) -> Response:
    """Nothing comes from elsewhere, nothing frames us, nothing sensitive stays in a cache."""
    policy = (f"default-src 'self'; script-src 'self' 'nonce-{_nonce()}'; "
              "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; "
              "base-uri 'self'; form-action 'self'; frame-ancestors 'none'")
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
