"""A step of a case, said once: whose duty it is, whom it concerns, what counts it, what it asks and does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import false, func, not_

from app.core.base.fields import fields_of

HERE = ""  # a step that leaves the case in its state
RATES, FOLLOWS, REOPENS = "rates", "follows", "reopens"


class Duty(StrEnum):
    """What a role is charged with in cases: roles have duties (app/roles.py), a step is part of one."""

    RECEIVE = "receive"  # 受理, 核实: a report is taken in, and somebody looks whether it is so
    DIRECT = "direct"  # 立案, 分办, 转办, 交办: what becomes of it, and who does it
    HANDLE = "handle"  # 处置, 调解, 退回, 上报, 申请延期: the work itself
    CHECK = "check"  # 核查, 结案, 返工: whether the work was done
    VISIT = "visit"  # 现场核查, 回访: a look on the spot, before the end or after it
    CONTROL = "control"  # 延期, 挂账, 评价, 审查, 归档: what only whoever answers for the whole decides


class Whom(StrEnum):
    """Whom a step that was taken concerns."""

    LEVEL = "level"  # whoever takes the next step: at the level the case is at now, or the nearest one above
    PERSON = "person"  # the person in charge
    UNIT = "unit"  # the handling unit
    REPORTER = "reporter"  # whoever registered it
    CHIEFS = "chiefs"  # whoever answers for the whole: the secretary of its community, and the street
    BEFORE = "before"  # whoever was in charge of it before this step, or would have taken the next one


IN_CHARGE = (Whom.PERSON, Whom.UNIT)


@dataclass(frozen=True)
class Said:
    """When a step makes sense, said so that a list can ask it too: a column holds a value, or anything but it."""

    column: str
    value: Any
    otherwise: bool = False

    def holds(self, case: Any) -> bool:
        return (getattr(case, self.column) == self.value) is not self.otherwise

    def condition(self, case: Any) -> Any:
        """The same as a condition of SQL."""
        column = getattr(case, self.column)
        same = column.is_(None) if self.value is None else column == self.value
        return not_(func.coalesce(same, false())) if self.otherwise else same


@dataclass(frozen=True)
class Step:
    """One step.

    ``sources`` are the states it starts from, ``target`` the one it leads to (HERE: it stays); ``duty``
    says what a role must be charged with to take it; ``asks`` are columns of the record its form shows,
    ``must`` those it cannot do without; ``reason`` makes the written opinion a must. ``concerns`` says who
    hears of it, ``counts`` names the figures by it. ``effect`` changes further columns, ``possible`` says
    whether the step makes sense for this very case, ``lacks`` in one sentence what must be there before it and
    its form cannot bring: until then it has no button. ``suggests`` are values its form offers for what is
    still empty. ``rows`` are relations whose lines its page shows and takes; ``tells`` is what it says
    before one decides: (label, text). A step that ``adds`` a row to a relation of the case, such as one
    more mediation, asks for columns of that row; ``more`` names further columns its form shows
    for this very case. By one that ``answers``, whoever reported it at the public
    door reads an answer, and everybody where answers are posted; ``at_door`` says what he does by it there:
    RATES it, FOLLOWS it up some weeks later, or REOPENS it when he is not content.
    """

    name: str
    label: Any
    sources: tuple[str, ...]
    target: str = HERE
    _: KW_ONLY
    duty: Duty
    concerns: tuple[Whom, ...] = ()
    counts: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    more: Callable[[Any], tuple[str, ...]] = lambda case: ()
    must: tuple[str, ...] = ()
    reason: bool = False
    effect: Callable[[Any], None] = lambda case: None
    possible: Callable[[Any], bool] = lambda case: True
    when: Said | None = None  # the same, where whose turn it is depends on it
    lacks: Callable[[Any], str] = lambda case: ""
    rows: tuple[str, ...] = ()
    tells: Callable[[Any], list[tuple[Any, str]]] = lambda case: []
    main: bool = False  # what the state waits for: the button of the page
    rare: bool = False  # stands under “more” on the page, not beside the main button
    restarts: bool = False  # the limit of the state counts anew although the state stays
    photo: bool = False  # cannot be taken without one
    adds: str = ""
    suggests: Callable[[Any], dict[str, Any]] = lambda case: {}
    into: Callable[[Any], Any] = lambda case: None  # the other case it goes into, whose people hear of it too
    answers: bool = False
    at_door: str = ""
    aside: bool = False  # possible at any time, and no state waits for it
    not_by: str = ""  # the column that names who must not take it: nobody grants what he asked for himself

    def at(self, *sources: str, **changes: Any) -> Step:
        """The same step from other states, perhaps with other words, questions or effects."""
        return replace(self, sources=sources, **changes)

    def fits(self, case: Any) -> bool:
        """Whether it makes sense for a case as that stands now, whoever asks."""
        return case.state in self.sources and self.holds(case) and self.possible(case)

    def holds(self, case: Any) -> bool:
        return self.when is None or self.when.holds(case)

    def is_ready(self, case: Any) -> bool:
        """Whether it fits, and nothing is lacking that its own form cannot bring."""
        return self.fits(case) and not self.lacks(case)

    def asked(self, case: Any) -> tuple[str, ...]:
        """The columns its form shows for a case."""
        form = type(case).public
        read = self.answers and form and (case.by_public or form.posted) and form.answer not in self.asks
        return (*self.asks, *self.more(case), *((form.answer,) if read else ()))

    def needed(self, case: Any) -> tuple[str, ...]:
        """The columns of its form that cannot stay empty: its own, and those the record never leaves empty."""
        words = fields_of(self.record_of(case))
        return tuple(name for name in self.asked(case) if name in self.must or words[name].required)

    def record_of(self, case: Any) -> Any:
        """The record whose columns its form shows: the case's own, or that of the rows it adds."""
        return type(case).__mapper__.relationships[self.adds].mapper.class_ if self.adds else type(case)

    def written(self, case: Any) -> Any:
        """The row that takes what was asked: the case, or a new row of it."""
        if not self.adds:
            return case
        row = self.record_of(case)()
        getattr(case, self.adds).append(row)
        return row
