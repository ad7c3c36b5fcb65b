"""The way of a dispute: 受理, 分办, 调解 as often as it takes, 协议 or another end, 核查, 回访, 归档 (机制二; 人民调解法)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.core.base.moments import today
from app.core.base.nodes import Node
from app.core.base.records import RuleError
from app.core.cases.counters import next_number
from app.core.cases.loop import (
    ACCEPTED,
    CLOSED,
    DISPATCHED,
    FILED,
    FILED_STATES,
    HANDLED,
    LEAVES,
    MERGED,
    OUTSIDE,
    PARKED,
    REJECTED,
    REPORTED,
    STEPS,
)
from app.core.cases.steps import Duty, Step
from app.core.cases.workflow import Workflow
from app.core.telling.places import place_name
from app.db import db
from app.subsystems.mediation import dossier
from app.subsystems.mediation.dossier import SUCCESS

WITHDRAWN, HANDED_OVER = "withdrawn", "handed_over"
ELSEWHERE = ("court", "arbitration", "administrative")  # 人民调解法 26: where parties may turn when mediation fails
CONFIRMED_WITHIN = timedelta(days=30)  # 人民调解法 33: both parties apply to the court within 30 days of the agreement
ENDED = (CLOSED, WITHDRAWN, HANDED_OVER)
AGREED = ("agreed_on", "agreement_number", "agreement", "fulfil_by", "fulfilment", "confirmation_applied_on", "confirmed_on", "court",
          "confirmation_number")


def _mediated(case: Any) -> None:
    """The newest mediation says how the case is mediated, and by whom."""
    held = case.mediations[-1]
    case.mediation_count = (case.mediation_count or 0) + 1
    case.way, case.mediators = held.way, held.mediators


def _no_success(case: Any) -> str:
    """What an agreement lacks: a mediation that succeeded."""
    if any(held.result == SUCCESS for held in case.mediations if held.deleted_at is None):
        return ""
    return gettext("No mediation of this dispute has succeeded yet: note the one that did first.")


def _no_mediation(case: Any) -> str:
    if case.mediations:
        return ""
    return gettext("Nobody has mediated this dispute yet: note at least one mediation first.")


def _agreed(case: Any) -> None:
    """An agreement has a number of its own, the next of its community and year where none is given."""
    place, year = Node(case.grid_code).at("community"), case.agreed_on.year
    case.agreement_number = case.agreement_number or gettext(
        "(%(year)s) %(place)s agreement No. %(n)s", year=year, place=place_name(place), n=next_number(f"TXY{place}{year}"))
    case.outcome, case.fulfilment = SUCCESS, case.fulfilment or "unfulfilled"
    STEPS["handle"].effect(case)


def _no_agreement(case: Any) -> None:
    """What was agreed holds no more; the history of the case still knows it."""
    case.outcome = None
    for name in AGREED:
        setattr(case, name, None)


def _failed(case: Any) -> None:
    _no_agreement(case)
    case.outcome = "failed"
    STEPS["handle"].effect(case)


def _not_settled(case: Any) -> str:
    """Nothing closes as settled without a mediation that succeeded."""
    return _no_success(case) if case.outcome == SUCCESS else ""


def _again(case: Any) -> None:
    _no_agreement(case)
    STEPS["rework"].effect(case)


def _confirmed(case: Any) -> None:
    if case.confirmation_applied_on > case.agreed_on + CONFIRMED_WITHIN:
        raise RuleError(gettext("Both parties apply for judicial confirmation within 30 days of the agreement."),
                        "confirmation_applied_on")
    if not case.agreed_on <= case.confirmation_applied_on <= case.confirmed_on <= today():
        raise RuleError(gettext("The agreement comes first, then the application, then the confirmation."), "confirmed_on")


def _handed_over(case: Any) -> None:
    if case.outcome not in ELSEWHERE:
        raise RuleError(gettext("Choose where the dispute goes: to court, to arbitration or to an authority."), "outcome")
    STEPS["handle"].effect(case)


def _withdrawn(case: Any) -> None:
    case.outcome = "withdrawn"


def _visited(case: Any) -> None:
    """The newest revisit says how the case stands now."""
    visit = case.revisits[-1]
    case.revisited_on, case.satisfaction, case.hidden_danger = visit.visited_on, visit.satisfaction, visit.hidden_danger
    case.fulfilment = visit.fulfilment or case.fulfilment


def _not_whole(case: Any) -> str:
    """A dossier is filed whole."""
    with db.session.no_autoflush:
        lacking = dossier.missing(case)
    return gettext("The dossier is not complete, this is missing: %(items)s. Tick it on the page of the dossier, or add the file.",
                   items="、".join(str(item) for item in lacking)) if lacking else ""


def _archived(case: Any) -> None:
    """Every dossier has a number of its own (一案一卷)."""
    with db.session.no_autoflush:
        record = type(case)
        taken = case.dossier_number and db.session.scalar(select(record.id).where(
            record.dossier_number == case.dossier_number, record.id != case.id))
    if taken:
        raise RuleError(gettext("Another dossier has this number: choose another, or leave it empty for the next one."), "dossier_number")
    case.archived_on = today()
    place, year = Node(case.grid_code).at("community"), case.archived_on.year
    case.dossier_number = case.dossier_number or f"{place}-{year}-{next_number(f'JFJ{place}{year}'):04d}"


def _reopened(case: Any) -> None:
    _no_agreement(case)
    STEPS["reopen"].effect(case)


_HELD = ("held_on", "way", "mediators", "story", "result")
_CONFIRMED = ("confirmation_applied_on", "confirmed_on", "court")
WORKFLOW = Workflow("dispute", REPORTED, (
    *(STEPS[name] for name in ("accept", "verify", "file", "reject", "merge", "dispatch")),
    Step("mediate", _("Note a mediation"), (DISPATCHED, OUTSIDE), duty=Duty.HANDLE, adds="mediations", main=True,
         asks=("held_on", "place", *_HELD[1:]), must=_HELD, effect=_mediated),
    STEPS["handle"].at(DISPATCHED, OUTSIDE, label=_("Agreement reached"), effect=_agreed, lacks=_no_success,
                       asks=("agreed_on", "agreement_number", "agreement", "fulfil_by", "fulfilment"),
                       must=("agreed_on", "agreement")),
    Step("fail", _("End without agreement"), (DISPATCHED, OUTSIDE), HANDLED, duty=Duty.HANDLE, reason=True, rare=True, effect=_failed,
         lacks=_no_mediation),
    Step("refer", _("Hand to court, arbitration or authority"), (DISPATCHED, OUTSIDE, HANDLED), HANDED_OVER,
         duty=Duty.HANDLE, concerns=LEAVES, reason=True, asks=("outcome", "handed_to"), must=("outcome", "handed_to"), effect=_handed_over),
    Step("withdraw", _("Withdrawn by the parties"), (REPORTED, ACCEPTED, FILED, DISPATCHED, PARKED), WITHDRAWN,
         duty=Duty.HANDLE, concerns=LEAVES, reason=True, effect=_withdrawn),
    *(STEPS[name] for name in ("transfer", "hand_over", "send_back", "ask_extension", "grant_extension",
                               "refuse_extension", "park", "resume")),
    STEPS["close"].at(HANDLED, lacks=_not_settled),
    STEPS["rework"].at(HANDLED, label=_("Checked: mediate again"), effect=_again),
    *(STEPS[name] for name in ("escalate", "report_outside", "assign_down")),
    Step("confirm", _("Judicial confirmation"), (HANDLED, CLOSED), duty=Duty.HANDLE, effect=_confirmed,
         asks=(*_CONFIRMED, "confirmation_number"), must=_CONFIRMED,
         possible=lambda case: case.outcome == SUCCESS and case.confirmed_on is None and case.archived_on is None),
    STEPS["revisit"].at(*ENDED, adds="revisits", reason=False, effect=_visited,
                        asks=("visited_on", "fulfilment", "satisfaction", "hidden_danger", "story"),
                        must=("visited_on", "satisfaction")),
    Step("archive", _("File the dossier"), ENDED, duty=Duty.CONTROL, asks=("dossier_number",), effect=_archived, main=True,
         lacks=_not_whole,
         possible=lambda case: case.archived_on is None),
    STEPS["reopen"].at(CLOSED, REJECTED, WITHDRAWN, effect=_reopened,
                       possible=lambda case: STEPS["reopen"].possible(case) and case.archived_on is None),
), final=(CLOSED, REJECTED, MERGED, WITHDRAWN, HANDED_OVER), idle=(PARKED, OUTSIDE), filed=FILED_STATES, unfiled=(REPORTED, ACCEPTED))
