"""Taking a step: the only way by which the state of a case changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from app.core.base.moments import now
from app.core.base.records import RuleError
from app.core.cases import matter
from app.core.cases.charge import with_account
from app.core.cases.news import tell
from app.core.cases.public import check_answer
from app.core.cases.steps import Step
from app.core.cases.supervision import end_sheets, settle_late
from app.core.cases.timeline import CaseStep
from app.core.files.attachments import attach
from app.core.files.reading import PHOTO, Sent
from app.core.telling.dictionaries import label_of
from app.db import db


def take(case: Any, step: Step, values: dict[str, Any], note: str = "", sent: Sequence[Sent] = (),
         asked: Sequence[str] = ()) -> None:
    """Takes a step, with the photos and files that belong to it; the caller saves.

    ``asked`` are user names of colleagues who are asked to look. RuleError when the case is not there any more
    or something is missing.
    """
    _check(case, step, values, note, sent)
    values = with_account(case, values)
    taken = CaseStep.of(case, step, note.strip())
    before, moves = matter.told(case), step.restarts or taken.target != taken.source
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
    tell(case, step, taken.note, asked)
    if sent:
        db.session.flush()
        attach(case, list(sent), taken.id)


def _check(case: Any, step: Step, values: dict[str, Any], note: str, sent: Sequence[Sent]) -> None:
    if not step.fits(case):
        raise RuleError(_("“%(step)s” is not possible any more: the case is “%(state)s” now.", step=step.label,
                          state=label_of("case_state", case.state)))
    if lacking := step.lacks(case):
        raise RuleError(lacking)
    if step.reason and not note.strip():
        raise RuleError(_("Write your opinion or the reason: it stands in the timeline."), "opinion")
    for name in step.needed(case):
        if values.get(name) in (None, "", []):
            raise RuleError(_("Fill this in."), name)
    if step.photo and not any(one.kind == PHOTO for one in sent):
        raise RuleError(_("Add a photo: this step cannot do without one."), "files")
