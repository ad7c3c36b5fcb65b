"""The steps of an assessment: 申报, 方案, 调查, 识别, 定级, 报告, 审查, 备案, 跟踪; each stage with its guard (plan 机制1)."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.core.base.moments import today
from app.core.base.nodes import Node
from app.core.base.records import RuleError
from app.core.cases.loop import CLOSED, LEAVES, STEPS
from app.core.cases.steps import Duty, Step
from app.core.cases.workflow import Workflow
from app.core.telling.dictionaries import label_of
from app.subsystems.risk.rules import CONDITIONAL, DECISIONS, POSTPONE, REFUSE, Tally, proposed

DECLARED, SURVEYING, IDENTIFYING, GRADING, REPORTING = "declared", "surveying", "identifying", "grading", "reporting"
DECIDING, FILING, TRACKING, POSTPONED, WITHDRAWN = "deciding", "filing", "tracking", "postponed", "withdrawn"
DECISIVE = ("poll", "hearing", "talk")  # of these ways of asking, one is a must before a level is set
SCORED = ("legality", "reasonableness", "feasibility", "controllability")


def _surveyed(case: Any) -> None:
    """No level without a poll, a hearing or a talk: a notice on the wall asks nobody."""
    if not any(row.method in DECISIVE for row in case.kept("surveys")):
        raise RuleError(gettext("Note a poll, a hearing or a talk first: without one no level is set."))


def _identified(case: Any) -> None:
    if not case.kept("points"):
        raise RuleError(gettext("Note at least one risk point first."))
    case.mass_event_likely = bool(case.mass_event_likely)
    _weigh(case)


def _weigh(case: Any) -> None:
    """The rates and the level by rule, from the rows as they are now."""
    tally = case.tally
    case.support_rate, case.against_rate, case.unclear_rate = tally.rates
    case.proposed_level = proposed(tally, case.values, case.mass_event_likely)


def _graded(case: Any) -> None:
    """The level by rule stands unless whoever decides says why not."""
    _surveyed(case)
    _identified(case)
    if case.level == case.proposed_level:
        case.level_reason = None
    elif not (case.level_reason or "").strip():
        raise RuleError(gettext("By rule this is “%(level)s”: say why you set another level.",
                                level=label_of("risk_level", case.proposed_level)), "level_reason")


def _submitted(case: Any) -> None:
    """The report goes to the street, which decides."""
    case.level_code = Node(case.level_code).at("street")


def _sent_back(case: Any) -> None:
    case.rework_count += 1
    _down(case)


def _down(case: Any) -> None:
    case.level_code = Node(case.grid_code).at("community")


def _reviewed(case: Any) -> None:
    if case.decision not in DECISIONS[case.level]:
        raise RuleError(gettext("At this level of risk (%(level)s) the decision cannot be “%(decision)s”.",
                                level=label_of("risk_level", case.level), decision=label_of("risk_decision", case.decision)), "decision")
    if case.decision == CONDITIONAL and not (case.conditions or "").strip():
        raise RuleError(gettext("Write the measures that must be taken first."), "conditions")
    if case.decided_on > today():
        raise RuleError(gettext("This day lies in the future."), "decided_on")


def _filed(case: Any) -> None:
    """A filing follows the decision and is no intention."""
    for name in ("local_filed_on", "upper_filed_on"):
        day = getattr(case, name)
        if day is not None and not case.decided_on <= day <= today():
            raise RuleError(gettext("A filing lies between the decision and today."), name)


def _filed_and_followed(case: Any) -> None:
    _filed(case)
    _down(case)


def _not_followed(case: Any) -> str:
    return "" if case.kept("follow_ups") else gettext("Note at least one follow-up first.")


def _followed(case: Any) -> None:
    if lacking := _not_followed(case):
        raise RuleError(lacking)


def _taken_up_again(case: Any) -> None:
    """It is assessed anew: the old decision stands in the history only."""
    for name in ("level", "level_reason", "proposed_level", "decision", "conditions", "decided_on", "filing_number",
                 "local_filed_on", "upper_filed_on"):
        setattr(case, name, None)
    _down(case)


def _told(case: Any) -> list[tuple[Any, str]]:
    """What the level is set by: the voices, the worst risk point, and the level by rule."""
    tally: Tally = case.tally
    rates = "，".join(f"{label} {count} ({rate}%)" for label, count, rate in (
        (gettext("For it"), tally.support, tally.rates[0]), (gettext("Against it"), tally.against, tally.rates[1]),
        (gettext("Not clear about it"), tally.unclear, tally.rates[2]))) if tally.total else gettext("Nobody was asked yet.")
    level = proposed(tally, case.values, case.mass_event_likely)
    return [(_("Voices in all surveys"), rates),
            (_("Highest value of a risk point"), str(max(case.values, default=0))),
            (_("A mass event is likely"), gettext("Yes") if case.mass_event_likely else gettext("No")),
            (_("Level by rule"), label_of("risk_level", level))]


def _told_for_review(case: Any) -> list[tuple[Any, str]]:
    return [*_told(case), (_("Risk level"), label_of("risk_level", case.level)), (_("Conclusion of the report"), case.report)]


FILING_ASKS = ("local_filed_on", "upper_filed_on", "filing_number")
_filing = partial(Step, duty=Duty.CONTROL, asks=FILING_ASKS, must=("local_filed_on",), main=True)
WORKFLOW = Workflow("risk", DECLARED, (
    Step("plan", _("Set out the assessment plan"), (DECLARED,), SURVEYING, duty=Duty.DIRECT, asks=("methods", "plan"),
         must=("methods", "plan"), main=True),
    Step("note_survey", _("Note surveys"), (SURVEYING,), duty=Duty.HANDLE, rows=("surveys",)),
    Step("survey", _("Survey finished"), (SURVEYING,), IDENTIFYING, duty=Duty.HANDLE, rows=("surveys",),
         effect=_surveyed, main=True),
    Step("identify", _("Name the risk points"), (IDENTIFYING,), GRADING, duty=Duty.HANDLE, asks=("mass_event_likely",),
         rows=("points",), effect=_identified, main=True),
    Step("grade", _("Set the level"), (GRADING,), REPORTING, duty=Duty.DIRECT, asks=(*SCORED, "level", "level_reason"),
         must=(*SCORED, "level"), tells=_told, effect=_graded, main=True),
    Step("survey_again", _("Survey again"), (IDENTIFYING, GRADING, REPORTING), SURVEYING, duty=Duty.HANDLE, reason=True),
    Step("report", _("Hand in the report"), (REPORTING,), DECIDING, duty=Duty.HANDLE, asks=("report", "emergency_plan"),
         must=("report", "emergency_plan"), tells=_told, effect=_submitted, main=True),
    Step("review", _("Decide"), (DECIDING,), FILING, duty=Duty.CONTROL, asks=("decision", "conditions", "decided_on"),
         must=("decision", "decided_on"), tells=_told_for_review, effect=_reviewed, main=True),
    STEPS["rework"].at(DECIDING, label=_("Return: assess again"), target=SURVEYING, effect=_sent_back),
    _filing("register", _("File, then follow up"), (FILING,), TRACKING, effect=_filed_and_followed,
         possible=lambda case: case.decision not in (POSTPONE, REFUSE)),
    _filing("register_wait", _("File: put off"), (FILING,), POSTPONED, effect=_filed,
         possible=lambda case: case.decision == POSTPONE),
    _filing("register_end", _("File: not carried out"), (FILING,), CLOSED, effect=_filed,
         possible=lambda case: case.decision == REFUSE),
    Step("follow", _("Note follow-up"), (TRACKING,), duty=Duty.HANDLE, rows=("follow_ups",), effect=_followed, main=True),
    STEPS["close"].at(TRACKING, label=_("Follow-up finished"), asks=("result",), must=("result",), main=False,
                      lacks=_not_followed),
    STEPS["resume"].at(POSTPONED, label=_("Assess anew"), target=SURVEYING, reason=True, effect=_taken_up_again),
    Step("withdraw", _("Withdraw the matter"), (DECLARED, SURVEYING, IDENTIFYING, GRADING, REPORTING, POSTPONED), WITHDRAWN,
         duty=Duty.HANDLE, concerns=LEAVES, reason=True),
), final=(CLOSED, WITHDRAWN), idle=(POSTPONED,))
