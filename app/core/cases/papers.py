"""文书 of a case: which papers its type has, when there is something on them, and what each sheet says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import format_date, gettext
from flask_babel import lazy_gettext as _

from app.core.base.fields import fields_of, meaning
from app.core.base.moments import local
from app.core.cases.loop import HAND_OVER
from app.core.cases.prompts import Prompt, instructions_on
from app.core.cases.public import RESIDENT
from app.core.cases.steps import Duty, Step
from app.core.cases.timeline import CaseStep, timeline
from app.core.telling.display import shown, text_of

WHOLE_SET = "all"
Say = Callable[[Any, str], str]


@dataclass(frozen=True)
class Paper:
    """One kind of paper: its words, the template of a sheet, and one sheet for each of ``parts`` of a case and its timeline.

    ``there`` says whether it can be printed yet; one whose parts are ``[None]`` is a form to be filled in by hand.
    ``in_set`` says whether it lies in the whole dossier of its type, in the order they are declared.
    """

    name: str
    label: Any
    template: str
    parts: Callable[[Any, Sequence[CaseStep]], list[Any]] = lambda case, taken: [None]
    there: Callable[[Any, Sequence[CaseStep]], bool] = lambda case, taken: True
    in_set: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet of A4: its template, and the part of the case it is about."""

    template: str
    part: Any


def available(papers: tuple[Paper, ...], case: Any, taken: Sequence[CaseStep]) -> list[Paper]:
    """The papers of a case that can be printed now."""
    return [paper for paper in papers if paper.there(case, taken)]


def sheets(papers: tuple[Paper, ...], case: Any, name: str) -> list[Sheet]:
    """The sheets of one paper of a case, or of the whole dossier in its order."""
    chosen = [paper for paper in papers if paper.in_set] if name == WHOLE_SET else [paper for paper in papers if paper.name == name]
    taken = timeline(case)
    return [Sheet(paper.template, part) for paper in chosen if paper.there(case, taken) for part in paper.parts(case, taken)]


def sayer(whole: bool) -> Say:
    """Says a column of a record as a paper does: days in full, sensitive values masked unless they are asked for."""
    def say(row: Any, name: str) -> str:
        words, value = fields_of(type(row))[name], getattr(row, name)
        if isinstance(value, datetime):
            return on(value)
        return day(value) if isinstance(value, date) else (text_of if whole else shown)(words, value)
    return say


def day(value: date) -> str:
    """A day as papers write it: 2026年1月5日."""
    return format_date(value, "long")


def on(moment: datetime) -> str:
    """The day of a moment, as papers write it."""
    return day(local(moment).date())


# 分办单, 交办单, 转办单

ASSIGNS = {"assign_down": _("Order sheet"), "transfer": _("Transfer sheet"), HAND_OVER: _("Transfer sheet")}


@dataclass(frozen=True)
class Assignment:
    """To whom a case was given: the words of the sheet, the day it is due, what was said about it."""

    title: str
    given_at: datetime | None
    due_at: datetime | None
    opinions: list[tuple[datetime, str, str]]
    text: str
    source: str
    case: Any

    @property
    def instructions(self) -> list[Prompt]:
        """What leaders wrote on the case."""
        return instructions_on(self.case)


def assigned(case: Any, taken: Sequence[CaseStep]) -> list[Assignment]:
    """The sheet of a case that somebody was charged with, or that was handed down."""
    flow, last = case.workflow, _giving(case, taken)[-1]
    worked_on = [state for state in flow.open_states if Duty.HANDLE in flow.awaited(state)]
    ended = next((entry for entry in reversed(taken) if entry.source in worked_on and entry.target not in worked_on), None)
    due = case.due_at if case.state in worked_on else ended.due_at if ended else None
    said = [(entry.at, entry.by, entry.note) for entry in taken if entry.note and entry.by != RESIDENT.actor]
    title = str(ASSIGNS.get(last.step, ASSIGNMENT.label))
    return [Assignment(title, last.at, due, said, _meant(case, "text"), _meant(case, "source"), case)]


def _giving(case: Any, taken: Sequence[CaseStep]) -> list[CaseStep]:
    """The steps by which it was given to somebody."""
    known = case.workflow.by_name
    return [entry for entry in taken if entry.step in known and _gives(known[entry.step])]


def _gives(step: Step) -> bool:
    return step.name in ASSIGNS or "unit" in step.asks or "handler" in step.asks


def _meant(case: Any, meant: str) -> str:
    """What a case says in the columns of a meaning."""
    return "\n".join(filter(None, (shown(fields_of(type(case))[name], getattr(case, name)) for name in meaning(type(case), meant))))


# 答复书

@dataclass(frozen=True)
class Answer:
    """What a resident reads: under which number, to whom by name, what he brought when, the answer, and what he may do next."""

    number: str
    column: str
    brought_at: datetime
    about: str
    text: str
    answered_at: datetime | None
    remedy: str = ""


def answered(case: Any, _taken: Sequence[CaseStep]) -> list[Answer]:
    """The answer to whoever reported a case, once it is written."""
    form: Any = type(case).public
    text = getattr(case, form.answer)
    named = next(iter(meaning(type(case), "person")), "")
    again = "" if case.is_open else str(form.again)
    return [Answer(case.number, named, case.reported_at, _meant(case, "text") or str(case), text, case.closed_at, again)]


def _is_answered(case: Any, _taken: Sequence[CaseStep]) -> bool:
    form = type(case).public
    return form is not None and bool(getattr(case, form.answer))


ASSIGNMENT = Paper("assignment", _("Assignment sheet"), "printed/assignment.html", assigned, lambda case, taken: bool(_giving(case, taken)))
ANSWER = Paper("answer", _("Written answer"), "printed/answer.html", answered, _is_answered)


def entitled(name: str, papers: tuple[Paper, ...]) -> str:
    """What a paper, or the whole dossier, is called."""
    return next((str(paper.label) for paper in papers if paper.name == name), gettext("The whole dossier"))
