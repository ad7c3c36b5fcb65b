"""The screens of a type of case: lists by state, light and person, what to do next, and the timeline."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.core.base import registry
from app.core.base.actors import me
from app.core.base.fields import Field, fields_of
from app.core.base.moments import now
from app.core.cases import boards, figures, matter, papers, prompts, way
from app.core.cases.alike import alike, merged_with
from app.core.cases.api import StepApi
from app.core.cases.growing import GrowingView
from app.core.cases.lights import AMBER, GREEN, LIGHTS, RED, light_is, mark
from app.core.cases.loop import MERGE
from app.core.cases.nearby_page import NearbyPage
from app.core.cases.number_pages import NumberPages
from app.core.cases.owners import MY_AMBER, MY_RED, in_charge, in_reach, owners, waits_here
from app.core.cases.paper_page import PaperSheets
from app.core.cases.prompt_page import PromptPage
from app.core.cases.ratings import ratings
from app.core.cases.records import Case
from app.core.cases.step_page import StepPage
from app.core.cases.supervision import Supervision, cards_of, hours_late
from app.core.cases.takers import may_take, offered
from app.core.cases.timeline import timeline
from app.core.screens import NamedFilter
from app.core.screens.screen import Lead
from app.core.telling.dictionaries import label_of
from app.core.telling.places import place_name

# What the heading of a case says already, and its facts need not repeat.
HEADED = ("number", "state", "level_code", "unit", "handler", "due_at", "case_due_at")


class CaseView(PaperSheets, StepPage, PromptPage, NearbyPage, NumberPages, GrowingView):
    """Every screen of one type of case."""

    show_page = "case"
    api_routes = (StepApi,)
    settled_by = ("state",)
    lead = Lead(_("Light"), ("amber_at", "due_at"), lambda case: mark(case.light))
    more_pages: ClassVar[tuple[tuple[str, Any, str], ...]] = (("board/", _("Board"), "fa-table-columns"), ("figures/", _("Figures"), "fa-percent"),)

    @classmethod
    def derive(cls) -> None:
        """Lists begin with the number, in which the day of the report stands; the form asks for what is reported, the steps for all else."""
        own = [name for name, words in fields_of(cls.record).items()
               if words.listed and name not in (*Case.__annotations__, "grid_code")]
        cls.list_columns = cls.list_columns or ["number", *own, "state", "urgency", "grid_code", "due_at"]
        cls.named_filters = {**_filters(cls.record), **figures.parts_of(cls.record), **cls.named_filters}
        super().derive()

    def form_of(self, row: Case) -> Any:
        """What stands from 立案 on is not asked for: the page says by which step it changes, and leads there."""
        form, step = super().form_of(row), row.workflow.by_name[matter.CORRECT]
        form.standing = matter.columns(self.record) if row.is_filed and row.is_open else ()
        for name in form.standing:
            if request.method == "POST" and name not in request.form:
                form[name].data = form[name].object_data
        labels = "、".join(str(form[name].label.text) for name in form.standing)
        form.stands = gettext("Filed: %(what)s change by the step “%(step)s” only.", what=labels, step=step.label) if labels else ""
        form.leads = f"{self.route_base}/step/{row.id}/{step.name}" if may_take(row, step) else ""
        return form

    def sections(self, form: Any) -> list[tuple[str, list[Any]]]:
        """Without what stands, but for what somebody sent another value of."""
        standing = getattr(form, "standing", ())
        shown = [(heading, [field for field in fields if field.short_name not in standing or field.errors])
                 for heading, fields in super().sections(form)]
        return [(heading, fields) for heading, fields in shown if fields]

    def is_changeable(self, row: Case) -> bool:
        """A case that has come to its end is read, and changed no more."""
        return row.is_open

    def facts(self, row: Case) -> list[tuple[str, list[tuple[Field, str, str]]]]:
        """What was written and what came of it: neither what the heading says, nor that something did not happen."""
        told = [(heading, [fact for fact in found if fact[0].name not in HEADED and not _nothing_happened(row, fact[0])])
                for heading, found in super().facts(row)]
        return [(heading, found) for heading, found in told if found]

    def extras(self, row: Case) -> dict[str, Any]:
        steps, taken, sheets, whose = offered(row), timeline(row), registry.view_of(Supervision), owners(row)
        said = prompts.standing(row, whose)
        merging = any(step.name == MERGE for step in steps)
        return {
            **super().extras(row), "acts": way.acts(row, steps), "alike": alike(row) if merging else [],
            "papers": papers.available(self.papers, row, taken), "sheets": sheets,
            "cards": cards_of(row) if sheets and registry.may("list", sheets) else [],
            "timeline": prompts.among(taken, said.prompts)[::-1], "standing": said,
            "ratings": ratings(row) if row.closed_at or row.round > 1 else [],
            "stations": way.stations(row, taken), "next": way.awaited(row, whose),
            "step_words": {**prompts.WORDS, **{step.name: step.label for step in row.workflow.steps}},
            "state": label_of("case_state", row.state), "level": place_name(row.level_code), "merged": merged_with(row),
            "late": hours_late(row.due_at, now()) if row.due_at and row.light == RED else None}

    def tags(self, row: Case) -> list[str]:
        return [label_of("urgency", row.urgency)] if row.urgency != "normal" else []

    def summary(self, row: Case) -> list[str]:
        return [row.number]


def _nothing_happened(row: Case, words: Field) -> bool:
    return words.derived and not words.relation and not getattr(row, words.name)


def _filters(record: type[Case]) -> dict[str, NamedFilter]:
    """What every list of cases can be narrowed to."""
    is_open = record.workflow.open_in
    return {
        "open": NamedFilter(_("Still open"), is_open),
        "here": NamedFilter(_("At my level"), lambda case: waits_here(record, case)),
        "mine": NamedFilter(_("In my charge"), lambda case: in_charge(case, case.handler_id, me().id)),
        "my_unit": NamedFilter(_("With my unit"), lambda case: in_charge(case, case.unit, me().unit)),
        MY_AMBER: NamedFilter(LIGHTS[AMBER], lambda case: light_is(AMBER)(case) & in_reach(case), tab=False),
        MY_RED: NamedFilter(LIGHTS[RED], lambda case: light_is(RED)(case) & in_reach(case), tab=False),
        AMBER: NamedFilter(LIGHTS[AMBER], light_is(AMBER)),
        RED: NamedFilter(LIGHTS[RED], light_is(RED)),
        GREEN: NamedFilter(LIGHTS[GREEN], light_is(GREEN), tab=False),
        "whole_late": NamedFilter(_("Whole case overdue"),
                                  lambda case: (case.case_due_at < now()) & is_open(case)),
        boards.UNLIT: NamedFilter(_("No clock runs"), lambda case: case.due_at.is_(None), tab=False),
    }
