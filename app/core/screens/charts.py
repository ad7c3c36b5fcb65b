"""Charts of any list: choose one column or two, see bars, click through to the people, carry it out."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from flask import abort, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.core.asking import listing
from app.core.asking.charts import Chart, behind, count_by
from app.core.asking.filters import is_unmasking
from app.core.base.fields import Field, meaning
from app.core.base.moments import today
from app.core.base.records import RuleError
from app.core.screens.downloads import named, sent_file
from app.core.screens.lists import ListPages
from app.core.sheets.out.charting import write_chart
from app.core.telling.masking import EXPORT, log_access
from app.core.telling.places import scope_name

KINDS = ("bar", "line", "pie")


class ChartPages(ListPages):
    """The chart page of a record."""

    def chart_columns(self) -> list[str]:
        """Columns a chart may count by: coded ones, the grid, ages where there is a birth date; hidden ones for some."""
        hidden = [name for name, words in self.words.items() if is_unmasking(words)] if self.may("reveal") else []
        return [*meaning(self.record, "birth_date"), *self.charts, *hidden]

    @expose("/chart/")
    @has_access
    def chart(self) -> Any:
        return self._chart_page(*self._counted())

    @expose("/chart/", methods=["POST"])
    @has_access
    @permission_name("export")
    def chart_file(self) -> Any:
        """The chart on screen as a workbook; who took it and what for is written down."""
        state, chart, kind = self._counted()
        about = "；".join(part for part in (scope_name(), self.filter_words(state)) if part)
        try:
            log_access(EXPORT, self.record, request.form.get("purpose", ""), rows=len(chart.categories),
                       filters=state.args(), columns=",".join(column.name for column in (chart.by, chart.then) if column))
        except RuleError as refused:
            return self._chart_page(state, chart, kind, error=str(refused)), 422
        title = f"{self.title} · {chart.by_label}"
        file = BytesIO()
        write_chart(chart, kind, file, title, about)
        file.seek(0)
        return sent_file(file, f"{named(title, scope_name(), f'{today():%Y%m%d}', self.filter_words(state))}.xlsx")

    def _counted(self) -> tuple[listing.ListState, Chart, str]:
        """The list's state, its rows counted as the address says, and how that is drawn."""
        offered = self.chart_columns() or abort(404)
        by, then, kind = (request.args.get(name, "") for name in ("by", "then", "kind"))
        by = by if by in offered else offered[0]
        then = then if then in offered and then != by else ""
        state = self.list_state(request.args, by, then)
        return state, count_by(state, self, by, then), kind if kind in KINDS else KINDS[0]

    def _chart_page(self, state: listing.ListState, chart: Chart, kind: str, error: str = "") -> str:
        return self.page("chart", state=state, chart=chart, offered=self.chart_columns(), by=chart.by.name,
                         then=chart.then.name if chart.then else "", kind=kind, kinds=KINDS, error=error,
                         chips=self.chips(state), links=self.slices(state, chart), pieces=self.pieces(state, chart, kind))

    def slices(self, state: listing.ListState, chart: Chart) -> list[str]:
        """The list behind each category, keeping the chart's own filters."""
        return [self._behind(state, (chart.by, code)) for code, _label in chart.categories]

    def pieces(self, state: listing.ListState, chart: Chart, kind: str) -> list[list[str]]:
        """The list behind each piece as it is drawn: by series, then by category."""
        if kind == "pie" or chart.then is None:
            return [self.slices(state, chart)]
        return [[self._behind(state, (chart.by, code), (chart.then, other)) for code, _label in chart.categories]
                for other, _name in chart.series]

    def _behind(self, state: listing.ListState, *pieces: tuple[Field, str]) -> str:
        filters = [(f"f.{name}", value) for name, values in behind(state, *pieces).items() for value in values]
        rest = {key: value for key, value in state.args().items() if not key.startswith("f.")}
        return f"{self.route_base}/list/?{urlencode([*filters, *rest.items()])}"
