"""What somebody with a code is told about a case, and what he may do: rate it, and have it opened again once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import request
from flask_babel import gettext as _

from app.accounts import throttle
from app.accounts.throttle import Limit
from app.core.base.records import RuleError
from app.core.base.scope import acting
from app.core.base.texts import InvalidValue, parse_text
from app.core.cases.public import ENDED, RECEIVED, RESIDENT, STAGES, stage_of, words_of
from app.core.cases.steps import FOLLOWS, RATES, REOPENS, Step
from app.core.cases.takers import Resident, offered
from app.core.cases.taking import take
from app.core.cases.timeline import timeline
from app.core.keeping import sendings
from app.core.keeping.saving import save
from app.core.telling.dictionaries import label_of
from app.core.telling.places import place_name
from app.db import db
from app.subsystems.events.public_reports import SPAM, PublicReport, find_report

RATINGS = ("satisfied", "fair", "dissatisfied")
STILL = ("yes", "no", "unclear")
LONGEST_WORDS = 500
WRONG_CODES = Limit("code", 10, timedelta(minutes=10), timedelta(minutes=10))


class TooMany(RuleError):
    """Somebody sends or asks too much: he must wait."""

    status = 429


def wait_if_needed(limit: Limit) -> None:
    """TooMany while the address of this request is held up."""
    minutes = throttle.minutes_to_wait(limit.key(request.remote_addr or ""))
    if minutes:
        raise TooMany(_("Too many tries from your network: wait %(minutes)s minutes, then try again.", minutes=minutes))


def note(limit: Limit) -> None:
    throttle.count(limit, request.remote_addr or "", request.remote_addr)
    db.session.commit()


def report_of(code: str) -> PublicReport:
    """The report of a code, in the scope of whoever calls; wrong codes are counted by the sender's address."""
    wait_if_needed(WRONG_CODES)
    found = find_report(code) if code.strip() else None
    if found is None:
        note(WRONG_CODES)
        raise RuleError(_("There is no report with this code: compare it with what you wrote down."), "code")
    return found


def progress(code: str) -> dict[str, Any]:
    """What the public page and the public API say of a report: stage, dates, words, answer; no name, no grid worker."""
    with acting(RESIDENT):
        report = report_of(code)
        case = report.case
        if case is None:
            ended = report.state == SPAM
            words = _("Not taken up") if ended else _("Received; somebody will look at it")
            return _told(report, ENDED if ended else RECEIVED, words)
        form: Any = type(case).public
        ended, own = stage_of(case.state) == ENDED, _is_own(report, case)
        return _told(report, stage_of(case.state), words_of(case.state)) | {
            "due_on": case.case_due_at if case.is_open else None,
            "unit": label_of("handling_unit", case.unit) if case.unit and case.is_open else "",
            "answer": (getattr(case, form.answer) or "") if ended else "",
            "steps": [(step.at, words_of(step.target)) for step in timeline(case) if step.target != step.source],
            "may_rate": _offered(report, case, RATES) is not None, "may_follow": _offered(report, case, FOLLOWS) is not None,
            "may_reopen": _offered(report, case, REOPENS) is not None, "again": str(form.again),
            "solved": case.solved or "" if own else "",
            "rating": label_of("satisfaction", case.satisfaction) if ended and case.satisfaction and own else ""}


def _told(report: PublicReport, stage: int, words: str) -> dict[str, Any]:
    return {"number": report.number, "about": report.title, "kind": label_of("case_type", report.case_type),
            "place": place_name(report.grid_code), "sent_at": report.sent_at, "stage": stage, "words": words,
            "stages": [(number, str(label)) for number, label in STAGES.items()],
            "due_on": None, "unit": "", "answer": "", "steps": [], "may_rate": False, "may_follow": False,
            "solved": "", "may_reopen": False, "again": "", "rating": ""}


def _is_own(report: PublicReport, case: Any) -> bool:
    """Whether the case is the one this report became: whoever was merged into another reads on, and answers nothing for its reporter."""
    return case is not None and case.number == report.case_number


def _offered(report: PublicReport, case: Any, what: str) -> Step | None:
    """The step by which the resident rates his case or has it taken up again; None when that is not possible now."""
    steps = offered(case, Resident()) if _is_own(report, case) else []
    return next((step for step in steps if step.at_door == what), None)


def done(key: str) -> bool:
    """Whether the form with this key was taken before."""
    return sendings.find(key, RESIDENT.actor) is not None


def rate(code: str, satisfaction: str, words: str = "", key: str = "") -> None:
    """Notes how content the resident is, once; it stands in the timeline as his."""
    words = _kept(words, "satisfaction")
    if satisfaction not in RATINGS:
        raise RuleError(_("Choose how content you are."), "satisfaction")
    _take(code, {"satisfaction": satisfaction}, words, key, RATES)


def follow(code: str, solved: str, words: str = "", key: str = "") -> None:
    """Says some weeks after the end whether it stayed solved; it stands in the timeline as his."""
    words = _kept(words, "solved")
    if solved not in STILL:
        raise RuleError(_("Choose whether it is solved."), "solved")
    _take(code, {"solved": solved}, words, key, FOLLOWS)


def reopen(code: str, reason: str, key: str = "") -> None:
    """Has an ended case opened again, within 30 days and as often as its type says, with the reason."""
    reason = _kept(reason, "reason")
    if len(reason) < 4:
        raise RuleError(_("Write what is still not right."), "reason")
    _take(code, {}, reason, key, REOPENS)


def _kept(words: str, field: str) -> str:
    try:
        return parse_text(words, LONGEST_WORDS)
    except InvalidValue as error:
        raise RuleError(error.message, field) from error


def _take(code: str, values: dict[str, Any], words: str, key: str, what: str) -> None:
    with acting(RESIDENT):
        report = report_of(code)  # before the key: a wrong code is written down, and would take the key along
        sendings.claim(key, RESIDENT.actor, "")
        case = report.case
        step = _offered(report, case, what)
        if step is None:
            raise RuleError(_("This is not possible now: look at how your report stands."))
        take(case, step, values, words)
        save(case)
