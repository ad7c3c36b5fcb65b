"""What is said to whoever must act on a case: 催办 with a sentence, 领导批示 that wants an answer. Kept with the case for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import DateTime, Index, String, Text, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from app.core.base import registry
from app.core.base.moments import now
from app.core.base.records import RuleError
from app.core.base.scope import GridCode, current
from app.core.cases import news
from app.core.cases.charge import colleagues
from app.core.cases.news import ANSWER, INSTRUCT, URGE
from app.core.cases.owners import NAMED, names_of, owners
from app.core.keeping.saving import Conflict
from app.db import db

WORDS = {URGE: _("Urged"), INSTRUCT: _("Instruction of a leader"), ANSWER: _("Instruction answered")}
AGAIN = timedelta(minutes=10)
LONGEST, SHOWN = 200, 20


class Prompt(db.Model):
    """One 催办 or 领导批示: on which case, to whom, and what was answered."""

    __tablename__ = "case_prompt"
    __table_args__ = (Index("ix_case_prompt_case", "record", "record_id", "id"), Index("ix_case_prompt_by", "by", "kind", "record", "record_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    case_number: Mapped[str] = mapped_column(String(24))
    grid_code: Mapped[str] = mapped_column(GridCode)
    kind: Mapped[str] = mapped_column(String(8))
    said: Mapped[str] = mapped_column(String(LONGEST))
    to: Mapped[str] = mapped_column(String(NAMED))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(DateTime)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(String(64))
    answered_at: Mapped[datetime | None] = mapped_column(DateTime)


@dataclass(frozen=True)
class Told:
    """A line of the timeline that is no step."""

    at: datetime
    by: str
    step: str
    note: str
    unit: None = None
    late: timedelta = timedelta()
    id: int = 0


def sentence() -> str:
    """What a 催办 says unless somebody writes otherwise."""
    return gettext("Please see to it at once and say in the case what was done; if it cannot be done in time, say why.")


def may_urge(case: Any, whose: Sequence[Any] | None = None) -> bool:
    """Whether the user may urge: a case of his part of the grid that somebody else has to act on. ``whose`` turn it is, where known."""
    if not case.is_open or not _may(URGE, case) or not current().covers(case.level_code):
        return False
    found = owners(case) if whose is None else whose
    return bool(found) and current().actor not in {person.username for person in found}


def may_instruct(case: Any, whose: Sequence[Any] | None = None) -> bool:
    """Whether the user may write an instruction on a case: somebody has to act on it."""
    return case.is_open and _may(INSTRUCT, case) and bool(owners(case) if whose is None else whose)


def may_answer(case: Any, whose: Sequence[Any] | None = None) -> bool:
    """Whether an instruction on a case is the user's to answer: whoever has to act on it does."""
    return current().actor in {person.username for person in (owners(case) if whose is None else whose)}


@dataclass
class Pressed:
    """How a case was pressed: how often it was urged, when last and by whom, whether since its step began; what wants an answer."""

    times: int = 0
    at: datetime | None = None
    by: str = ""
    fresh: bool = False
    asking: int = 0


@dataclass(frozen=True)
class Standing:
    """What was said on a case, and what the user may say on it, for its page."""

    prompts: Sequence[Prompt]
    asking: Sequence[Prompt]
    pressed: Pressed
    urges: bool
    instructs: bool
    answers: bool


def standing(case: Any, whose: Sequence[Any]) -> Standing:
    """What the page of a case tells of it; ``whose`` turn it is."""
    found = prompts_of(case)
    asking = [one for one in found if one.kind == INSTRUCT and one.answered_at is None]
    return Standing(found, asking, _summed(found, case.since), may_urge(case, whose), may_instruct(case, whose), may_answer(case, whose))


def _may(action: str, case: Any) -> bool:
    view = registry.view_of(type(case))
    return bool(view) and registry.may(action, view)


def held(row: Any) -> Any:
    """A case, or what was said on one, as it stands where nobody else writes it; Conflict where it is gone."""
    kind = type(row)
    if db.session.scalar(select(kind).where(kind.id == row.id).with_for_update().execution_options(populate_existing=True)) is None:
        raise Conflict()
    return row


def urge(case: Any, said: str, whose: Sequence[Any]) -> Prompt:
    """Urges ``whose`` turn it is, who hear of it; the caller saves. RuleError when it is not the user's, or he did just now."""
    if not may_urge(case, whose):
        raise RuleError(gettext("There is nobody you could urge here: it is your own turn, or the case has come to its end."))
    last = db.session.scalar(select(Prompt.at).where(
        *_of(case), Prompt.kind == URGE, Prompt.by == current().actor).order_by(Prompt.id.desc()).limit(1))
    if last is not None and last > now() - AGAIN:
        raise RuleError(gettext("You urged this case less than %(n)s minutes ago.", n=int(AGAIN.total_seconds() // 60)))
    return _say(case, URGE, said, whose)


def instruct(case: Any, said: str) -> Prompt:
    """Writes an instruction that whoever must act has to answer; the caller saves."""
    whose = owners(case)
    if not may_instruct(case, whose):
        raise RuleError(gettext("Nobody has to act on this case any more, so nobody would answer."))
    return _say(case, INSTRUCT, said, whose)


def _say(case: Any, kind: str, said: str, to: Sequence[Any]) -> Prompt:
    said = said.strip()
    if not said:
        raise RuleError(gettext("Write what is to be done."), "said")
    if len(said) > LONGEST:
        raise RuleError(gettext("At most %(n)s characters.", n=LONGEST), "said")
    made = Prompt(record=case.__tablename__, record_id=case.id, case_number=case.number, grid_code=case.grid_code, kind=kind,
                  said=said, to=names_of(to), by=current().actor, at=now())
    db.session.add(made)
    news.prompt(case, kind, said, to)
    return made


def answer(case: Any, prompt: Prompt, text: str) -> None:
    """Answers an instruction, of which its writer hears; the caller saves."""
    if prompt.answered_at is not None:
        raise RuleError(gettext("Somebody answered this instruction just now."))
    if not may_answer(case):
        raise RuleError(gettext("The answer is for whoever has to act on the case now."))
    if not text.strip():
        raise RuleError(gettext("Write what was done, or what will be done and by when."), "said")
    prompt.answer, prompt.answered_by, prompt.answered_at = text.strip(), current().actor, now()
    news.prompt(case, ANSWER, text.strip(), [one for one in colleagues(case) if one.username == prompt.by])


def prompts_of(case: Any) -> list[Prompt]:
    """What was said on a case the user may see, the first one first."""
    return list(db.session.scalars(select(Prompt).where(*_of(case)).order_by(Prompt.id)))


def instructions_on(case: Any) -> list[Prompt]:
    """The instructions written on a case, the first one first."""
    return [one for one in prompts_of(case) if one.kind == INSTRUCT]


def unanswered_of(case: Any) -> list[Prompt]:
    """The instructions on a case that still want an answer."""
    return list(db.session.scalars(select(Prompt).where(*_of(case), *unanswered()).order_by(Prompt.id)))


def awaited_by_me() -> list[Prompt]:
    """The instructions the user wrote that still want an answer, the oldest first."""
    mine = select(Prompt).where(Prompt.by == current().actor, *unanswered()).order_by(Prompt.id)
    return list(db.session.scalars(mine.limit(SHOWN)))


def check_answered(case: Any) -> None:
    """RuleError for a case that would end while an instruction wants an answer."""
    if unanswered_of(case):
        raise RuleError(gettext("A leader's instruction on this case wants an answer first: answer it on the page of the case."))


def unanswered() -> tuple[Any, ...]:
    """The conditions for instructions that still want an answer."""
    return Prompt.kind == INSTRUCT, Prompt.answered_at.is_(None)


def among(steps: Sequence[Any], prompts: Sequence[Prompt]) -> list[Any]:
    """The timeline of a case: its steps, what was said and what was answered, one after the other."""
    said = [Told(one.at, one.by, one.kind, f"{one.said}（{gettext('to %(names)s', names=one.to)}）") for one in prompts]
    answered = [Told(one.answered_at, one.answered_by or "", ANSWER, one.answer or "") for one in prompts if one.answered_at]
    return sorted([*steps, *said, *answered], key=lambda line: line.at)


def pressed(cases: Sequence[Any]) -> dict[str, Pressed]:
    """How cases were pressed, by their numbers; one statement for all of a page."""
    if not cases:
        return {}
    which = tuple_(Prompt.record, Prompt.record_id).in_([(case.__tablename__, case.id) for case in cases])
    said: dict[str, list[Prompt]] = {case.number: [] for case in cases}
    for one in db.session.scalars(select(Prompt).where(which).order_by(Prompt.id)):
        said[one.case_number].append(one)
    return {case.number: _summed(said[case.number], case.since) for case in cases}


def _summed(prompts: Sequence[Prompt], since: datetime) -> Pressed:
    """How a case was pressed by what was said; ``since``: when its step began."""
    urges = [one for one in prompts if one.kind == URGE]
    asking = sum(one.kind == INSTRUCT and one.answered_at is None for one in prompts)
    if not urges:
        return Pressed(asking=asking)
    return Pressed(len(urges), urges[-1].at, urges[-1].by, urges[-1].at >= since, asking)


def said_by_me(case: Any, kind: str) -> Any:
    """The condition of a list for the cases on which the user said something."""
    mine = select(Prompt.record_id).where(Prompt.by == current().actor, Prompt.kind == kind, Prompt.record == case.__tablename__)
    return case.id.in_(mine)


def _of(case: Any) -> tuple[Any, ...]:
    return Prompt.record == case.__tablename__, Prompt.record_id == case.id
