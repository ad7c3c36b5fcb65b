"""The one-time key of a form on a page: a form that comes twice is saved once, and leads where it led."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import IO, Any

from flask import flash, g, redirect, request, session
from flask_babel import gettext as _
from markupsafe import Markup

from app.core.base.crypto import keyring
from app.core.base.records import RuleError
from app.core.base.scope import current
from app.core.keeping import sendings
from app.core.keeping.sendings import SentAlready, known_key, new_key
from app.db import db

KEY, SAVED = "form_key", "saved_forms"
NOT_TYPED = ("csrf_token", "proof", KEY)
TOLD_AT_MOST = 8


def form_key() -> Markup:
    """The hidden input with the key of the form on this page; what was not saved keeps its key."""
    again = "" if g.get("sent_before") else sent_key()
    return Markup('<input type="hidden" name="{}" value="{}">').format(KEY, again or new_key())


def sent_key() -> str:
    """The key that came with this request; nothing when there is none that holds."""
    return known_key(request.form.get(KEY, ""))


def content() -> str:
    """A digest of what was typed, and of the names and the bytes of the files that came with it."""
    typed = sorted((name, value) for name, value in request.form.items(multi=True) if name not in NOT_TYPED)
    files = [(one.filename or "", _digest_of(one.stream)) for one in request.files.getlist("files")]
    return keyring().digest("form content", repr((request.path, typed, files)))


def _digest_of(file: IO[bytes]) -> str:
    found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    return found


def once(page: Callable[..., Any]) -> Callable[..., Any]:
    """Answers a form that came before with where it led; one that was changed since is for the page to refuse."""
    @wraps(page)
    def answer(*args: Any, **kwargs: Any) -> Any:
        before = sendings.find(sent_key(), current().actor) if request.method == "POST" else None
        if before is not None and before.content == content():
            return _led_to(before.led_to)
        g.sent_before = before.led_to if before else ""
        try:
            return page(*args, **kwargs)
        except SentAlready as sent:
            db.session.rollback()
            if sent.content != content():
                raise RuleError(_again_words()) from sent
            return _led_to(sent.led_to)

    return answer


def _led_to(address: str) -> Any:
    note_saved()
    flash(_("It is saved; it was sent twice and counts once."), "success")
    return redirect(address)


def _again_words() -> str:
    return _("This form was saved before. What you changed in it since is not saved yet: save again if you mean it.")


def refused(form: Any) -> bool:
    """Whether a form was saved before and came back changed: that is said on it, and the next time it is taken."""
    if g.get("sent_before"):
        form.form_errors.append(Markup('{} <a href="{}">{}</a>').format(
            _again_words(), g.sent_before, _("See what was saved")))
    return bool(g.get("sent_before"))


def claim() -> Callable[[str], None]:
    """Takes the key of this request for the save that follows; see ``sendings.claim``."""
    return sendings.claim(sent_key(), current().actor, content())


def note_saved() -> None:
    """The next page tells the browser that the form of this request is saved, so that its draft may go."""
    key = sent_key()
    if key:
        session[SAVED] = [*session.get(SAVED, ()), key][-TOLD_AT_MOST:]


def saved_keys() -> str:
    """The keys of the forms that were saved since the last page."""
    return " ".join(session.pop(SAVED, ()))
