"""What a type of case owes before it starts: each mistake is one sentence with its place and its remedy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from app.core.cases.figures import PARTS
from app.core.cases.records import Case
from app.core.cases.turning import Numbered


def mistakes(records: Sequence[type[Any]]) -> Iterator[str]:
    """The mistakes in the declarations of all records with running numbers, cases among them."""
    known: list[type[Any]] = sorted((record for record in records if issubclass(record, Numbered)),
                                    key=lambda record: (record.__module__, record.__name__))
    for place, record in enumerate(known):
        where = f"{record.__module__}, {record.__name__}"
        if not record.__natural_key__:
            yield f'{where}: a workbook could not find its rows again; write __natural_key__ = ("number",).'
        yield from _prefix_mistakes(record, where, known[:place])
        if issubclass(record, Case):
            yield from _case_mistakes(record, where, [one for one in known[:place] if issubclass(one, Case)])


def _prefix_mistakes(record: type[Numbered], where: str, others: Sequence[type[Any]]) -> Iterator[str]:
    """The letters of a number tell its type: no other type's may begin like them, nor they like another's."""
    letters = record.prefix
    if not letters:
        yield f'{where}: its numbers have no letters; write prefix = "XY", two letters no other type has.'
    for other in others if letters else ():
        if other.prefix and (letters.startswith(other.prefix) or other.prefix.startswith(letters)):
            yield (f"{where}: its numbers begin with {letters}, those of "
                   f"{other.__module__}, {other.__name__} with {other.prefix}; give one of them "
                   "another prefix.")


def _case_mistakes(record: type[Case], where: str, others: Sequence[type[Case]]) -> Iterator[str]:
    flow = getattr(record, "workflow", None)
    if flow is None:
        yield (f'{where}: it has no steps; write workflow = loop("{record.__tablename__}"), '
               "or a Workflow of its own.")
        return
    for other in others:
        if getattr(other, "workflow", None) is not None and other.workflow.case_type == flow.case_type:
            yield (f"{where}: {other.__module__}, {other.__name__} is the case type {flow.case_type} "
                   "already; give its workflow another name.")
    unknown = sorted(flow.counts - PARTS.keys())
    if unknown:
        yield f"{where}: its steps count {', '.join(unknown)}, which is none of {', '.join(PARTS)}."
    if record.limit_by and record.limit_by not in record.__table__.columns:
        yield f"{where}: limit_by names {record.limit_by}, which is no column of it."
