"""Taking a step: the only way by which the state of a case changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from app.core.base import history
from app.core.base.moments import now
from app.core.base.records import RuleError
from app.core.base.scope import current
from app.core.cases import matter, ratings
from app.core.cases.charge import with_account
from app.core.cases.news import alarm, involved, tell
from app.core.cases.prompts import check_answered
from app.core.cases.public import check_answer
from app.core.cases.steps import Step
from app.core.cases.supervision import end_sheets, settle_late
from app.core.cases.timeline import CaseStep, timeline
from app.core.files.attachments import attach, of
from app.core.files.reading import PHOTO, Sent
from app.core.keeping.saving import Conflict, in_words
from app.core.telling.dictionaries import label_of
from app.db import db

MOMENT = timedelta(minutes=1)  # what was sent without a version is compared with the last step, if that is so fresh


def take(case: Any, step: Step, values: dict[str, Any], note: str = "", sent: Sequence[Sent] = (),
         asked: Sequence[str] = ()) -> None:
    """Takes a step, with the photos and files that belong to it; the caller saves.

    ``asked`` are user names of colleagues who are asked to look. RuleError when the case is not there any more
    or something is missing.
    """
    _check(case, step, values, note, sent)
    values = with_account(case, values)
    taken = CaseStep.of(case, step, note.strip())
    had, before, moves = involved(case), matter.told(case), step.restarts or taken.target != taken.source
    if moves:
        settle_late(case)
    with db.session.no_autoflush:
        written = step.written(case)
        for name, value in values.items():
            setattr(written, name, value)
        step.effect(case)
    if step.answers:
        check_answer(case)
    case.enter(step)
    taken.changes = matter.differences(before, matter.told(case)) or None
    case.set_deadlines(restart=moves)
    if not case.is_open:
        end_sheets(case)
    taken.unit, taken.at = case.unit, now()
    db.session.add(taken)
    tell(case, step, taken.note, asked, had)
    for unhappy in ratings.keep(case, step, taken.note):
        alarm(case, unhappy, taken.note)
    if sent:
        with in_words(case):
            db.session.flush()
        attach(case, list(sent), taken.id)


def taken_before(case: Any, step: Step, values: dict[str, Any], note: str, sent: Sequence[Sent], seen: int | None) -> bool:
    """Whether this very step arrived a moment ago from the same hand, with the same words: twice sent is taken once.

    ``seen`` is the version the sender looked at, if he says so. Conflict when the case is another by now, or, where
    he does not say, when somebody else just took this step.
    """
    if seen is not None:
        if seen != case.version:
            raise _outrun(case, seen)
        return False
    last = next(iter(timeline(case)[-1:]), None)
    if last is None or last.step != step.name or last.at < now() - MOMENT or not step.fits(case):
        return False
    if last.by != current().actor:
        raise _outrun(case, case.version - 1)
    return not step.rows and last.note == note.strip() and _holds(case, step, values) and sorted(
        (one.name, len(one.content)) for one in sent) == sorted((kept.name, kept.size) for kept in of(case) if kept.step_id == last.id)


def _outrun(case: Any, seen: int) -> Conflict:
    told = _("Somebody changed this case just now: look at its timeline, then decide again.")
    return Conflict(history.of(case, since_version=seen or 1), told)


def _holds(case: Any, step: Step, values: dict[str, Any]) -> bool:
    """Whether what was asked stands there already, of a step that adds rows in the last one."""
    rows = getattr(case, step.adds)[-1:] if step.adds else [case]
    return all(getattr(row, name) == value for row in rows for name, value in with_account(case, values).items())


def _check(case: Any, step: Step, values: dict[str, Any], note: str, sent: Sequence[Sent]) -> None:
    if not step.fits(case):
        raise Conflict(words=_("“%(step)s” is not possible any more: the case is “%(state)s” now.", step=step.label,
                               state=label_of("case_state", case.state)))
    if lacking := step.lacks(case):
        raise RuleError(lacking)
    if step.reason and not note.strip():
        raise RuleError(_("Write your opinion or the reason: it stands in the timeline."), "opinion")
    for name in step.needed(case):
        if values.get(name) in (None, "", []):
            raise RuleError(_("Fill this in."), name)
    if step.target in case.workflow.final:
        check_answered(case)
    if step.photo and not any(one.kind == PHOTO for one in sent):
        raise RuleError(_("Add a photo: this step cannot do without one."), "files")
