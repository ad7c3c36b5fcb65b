"""The screens of a case: what to do next, the timeline anyone understands, and the page of a step."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import abort, flash, redirect, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.core.base.actors import me
from app.core.base.fields import Field, fields_of
from app.core.base.moments import now, today
from app.core.base.records import RuleError
from app.core.base.scope import current
from app.core.cases import boards, figures, turning
from app.core.cases import records as cases
from app.core.cases.alike import alike
from app.core.cases.api import StepApi
from app.core.cases.forms import fill_empty, step_form
from app.core.cases.loop import MERGE
from app.core.cases.news import colleagues
from app.core.cases.phrases import phrases_for
from app.core.cases.records import AMBER, GREEN, RED, Case, in_charge
from app.core.cases.supervision import cards_of, hours_late
from app.core.cases.taking import take
from app.core.cases.workflow import Step
from app.core.files.attachments import read_all
from app.core.keeping.saving import save
from app.core.screens import NamedFilter, RecordView
from app.core.screens.inlines import InlineTable
from app.core.screens.inputs import input_kind
from app.core.telling.dictionaries import label_of
from app.core.telling.places import place_name
from app.db import db

LIGHTS = {GREEN: _("In time"), AMBER: _("Nearly due"), RED: _("Overdue")}


class GrowingView(RecordView):
    """The screens of a record that may grow out of another matter, and become one."""

    def _prefill(self, form: Any) -> None:
        super()._prefill(form)
        origin = turning.find(request.args.get("origin", ""))
        if origin is not None:
            turning.begin(form, self.record, origin)

    def new_row(self) -> Any:
        row: Any = super().new_row()
        origin = turning.find(request.args.get("origin", ""))
        if origin is not None:
            row.grow_from(origin)
        return row

    def extras(self, row: Any) -> dict[str, Any]:
        before, after = turning.links(row)
        return {"ways_on": turning.ways_on(row), "grew_from": before, "became": after}


class CaseView(GrowingView):
    """Every screen of one type of case."""

    show_page = "case"
    api_routes = (StepApi,)
    more_pages = (("board/", _("Board"), "fa-table-columns"), ("figures/", _("Figures"), "fa-percent"),)

    @classmethod
    def derive(cls) -> None:
        """Lists begin with the number; the form asks for what is reported, the steps for all else."""
        own = [name for name, words in fields_of(cls.record).items() if words.listed and name not in (*Case.__annotations__, "grid_code")]
        cls.list_columns = cls.list_columns or ["number", *own, "state", "urgency", "grid_code", "due_at"]
        final = cls.record.workflow.final
        cls.named_filters = {
            "open": NamedFilter(_("Still open"), lambda case: case.state.not_in(final)),
            "here": NamedFilter(_("At my level"), lambda case: (case.level_code == current().node) & case.state.not_in(final)),
            "mine": NamedFilter(_("In my charge"), lambda case: in_charge(case, case.handler, me().name)),
            "my_unit": NamedFilter(_("With my unit"), lambda case: in_charge(case, case.unit, me().unit)),
            AMBER: NamedFilter(LIGHTS[AMBER], cases.light_is(AMBER)),
            RED: NamedFilter(LIGHTS[RED], cases.light_is(RED)),
            GREEN: NamedFilter(LIGHTS[GREEN], cases.light_is(GREEN), tab=False),
            "whole_late": NamedFilter(_("Whole case overdue"), lambda case: (case.case_due_at < now()) & case.state.not_in(final)),
            boards.UNLIT: NamedFilter(_("No clock runs"), lambda case: case.due_at.is_(None), tab=False),
            **figures.parts_of(cls.record),
            **cls.named_filters,
        }
        super().derive()

    def extras(self, row: Case) -> dict[str, Any]:
        steps = row.workflow.offered(row, self.may)
        merging = any(step.name == MERGE for step in steps)
        return {**super().extras(row), "steps": steps, "alike": alike(row) if merging else [], "cards": cards_of(row),
                "timeline": cases.timeline(row), "step_words": {name: step.label for name, step in row.workflow.by_name.items()},
                "lights": LIGHTS, "state": label_of("case_state", row.state), "level": place_name(row.level_code),
                "late": hours_late(row.due_at, now()) if row.light == RED else None}

    @expose("/board/")
    @has_access
    @permission_name("list")
    def board(self) -> str:
        """The open cases side by side: by state, by unit or by light."""
        name = request.args.get("by", "")
        name = name if name in boards.BOARDS else "state"
        return self.page("board", boards=boards.BOARDS, by=name, columns=boards.columns(self, boards.BOARDS[name]), lights=LIGHTS)

    @expose("/figures/")
    @has_access
    @permission_name("chart")
    def figures(self) -> str:
        """The rates of a stretch of time, in all and by place; each number opens its list."""
        first, last = chosen_days()
        rows = figures.rows(self.record, first, last)
        period = {"f.reported_at.from": first.isoformat(), "f.reported_at.below": (last + timedelta(days=1)).isoformat()}

        def behind(row: figures.Row, part: str = "") -> str:
            """The address of the list a number counts."""
            narrower = {"f.grid_code": row.code, f"f.{part}": part and "1"}
            return f"{self.route_base}/list/?" + urlencode({**period, **{k: v for k, v in narrower.items() if v}})

        return self.page("figures", first=first, last=last, rows=rows, whole=figures.summed(self.record, rows), behind=behind,
                         parts=figures.parts_of(self.record))

    def tags(self, row: Case) -> list[str]:
        return [label_of("urgency", row.urgency)] if row.urgency != "normal" else []

    def summary(self, row: Case) -> list[str]:
        return [row.number]

    @expose("/step/<int:pk>/<name>", methods=["GET", "POST"])
    @has_access
    @permission_name("show")
    def step(self, pk: int, name: str) -> Any:
        """The page of one step: what it asks, the opinion, and who does it next."""
        row: Any = self.row_or_404(pk)
        step = row.workflow.by_name.get(name)
        if step is None or not self.may(name) or not current().covers(row.level_code):
            abort(403 if step else 404)
        asks = step.asked(row)
        people = {person.username: person.full_name for person in colleagues(row) if person.username != current().actor}
        form = step_form(step.record_of(row), step, asks, self.targets, people)(obj=None if step.adds else row)
        posted = request.form if request.method == "POST" else None
        tables = [InlineTable(self.record, relation, row, posted) for relation in step.rows]
        if posted is None:
            fill_empty(form, {**step.suggests(row), **_named_in_address(asks, fields_of(step.record_of(row)))})
        if "handler" in form:
            form.handler.render_kw = {"list": "people"}
        if posted is not None and self._valid(form, tables) and self._take(form, row, step, tables):
            flash(gettext("Done: %(step)s.", step=step.label), "success")
            return redirect(f"{self.route_base}/show/{pk}")
        possible = row.state in step.sources and step.possible(row)
        page = self.page("step", row=row, step=step, asks=asks, form=form, kind_of=input_kind, possible=possible, people=people,
                         phrases=phrases_for(step.name), tables=tables, told=step.tells(row),
                         state=label_of("case_state", row.state), limit=row.step_limit)
        return page, 200 if request.method == "GET" else 422

    @staticmethod
    def _take(form: Any, row: Any, step: Step, tables: list[InlineTable]) -> bool:
        """Takes the step; what does not go stands on the form, and nothing typed is lost."""
        try:
            if str(form.version.data or row.version) != str(row.version):
                raise RuleError(gettext("Somebody changed this case just now: look at its timeline, then decide again."))
            with db.session.no_autoflush:
                for table in tables:
                    table.write(row)
            take(row, step, {name: form[name].data for name in step.asked(row)}, form.opinion.data or "",
                              read_all(request.files.getlist("files")), form.asked.data or ())
            save(row)
        except RuleError as error:
            db.session.rollback()
            place = form[error.field] if error.field and error.field in form else None
            if place is None:
                form.form_errors.append(str(error))
            else:
                place.errors = [*place.errors, str(error)]
            return False
        return True


def _named_in_address(asks: tuple[str, ...], words: dict[str, Field]) -> dict[str, str]:
    """The texts an address brings for a form, such as the case this one is the same as."""
    return {name: request.args[name][:words[name].length] for name in asks if words[name].kind == "text" and name in request.args}


def chosen_days() -> tuple[date, date]:
    """The stretch of time an address names: its first and last day; without one, this month so far."""
    last = _day(request.args.get("to", ""), today())
    return min(_day(request.args.get("from", ""), last.replace(day=1)), last), last


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise
