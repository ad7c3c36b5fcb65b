"""A captcha without the internet: the sender's device does some work for each report (ALTCHA, SHA-256)."""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error
from datetime import UTC, datetime, timedelta
from typing import Any

from altcha import create_challenge_v1, extract_params_v1, verify_solution_v1
from altcha.v1 import ChallengeOptions, PayloadType
from flask import current_app
from flask_babel import gettext as _

from app.core.base.moments import now
from app.core.base.records import RuleError

HARDEST = 60_000  # half of it on average: a second or less on a phone
LASTS = timedelta(hours=2)  # somebody may write slowly
LONGEST = 2_000


def _key() -> str:
    return f"public proof {current_app.config['SECRET_KEY']}"


def challenge() -> dict[str, Any]:
    """What a device is to solve; it carries when it was handed out."""
    made = create_challenge_v1(ChallengeOptions(
        max_number=HARDEST, hmac_key=_key(), expires=datetime.now(UTC) + LASTS, params={"began": now().isoformat()}))
    return {"algorithm": made.algorithm, "challenge": made.challenge, "salt": made.salt, "signature": made.signature,
            "maxnumber": HARDEST}


def check(payload: str) -> tuple[str, datetime]:
    """(what names the challenge, when it was handed out) of a solved one; RuleError says what to do otherwise."""
    try:
        given: PayloadType = json.loads(b64decode(payload[:LONGEST], validate=True))
        good = isinstance(given, dict) and isinstance(given.get("salt"), str) and verify_solution_v1(given, _key())[0]
        began = datetime.fromisoformat(extract_params_v1(given)["began"][0]) if good else None
    except (Error, ValueError, KeyError, TypeError):
        began = None
    if began is None:
        raise RuleError(_("Your device could not be checked: wait a moment until the page is ready, then send again."))
    return str(given["challenge"]), began
