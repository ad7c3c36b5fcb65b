"""Charts of any list: choose one column or two, see bars, click through to the people, carry it out."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from flask import abort, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.core.asking import listing
from app.core.asking.charts import Chart, count_by, slice_filters
from app.core.base.fields import meaning
from app.core.base.records import RuleError
from app.core.screens.downloads import sent_file
from app.core.screens.lists import ListPages
from app.core.sheets.out.charting import write_chart
from app.core.telling.masking import EXPORT, log_access

KINDS = ("bar", "line", "pie")


class ChartPages(ListPages):
    """The chart page of a record."""

    def chart_columns(self) -> list[str]:
        """Columns a chart may count by: coded ones, the grid, and ages where there is a birth date."""
        return [*meaning(self.record, "birth_date"), *self.charts]

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
        about = "；".join(f"{chip.label}：{chip.text}" for chip in self.chips(state))
        try:
            log_access(EXPORT, self.record, request.form.get("purpose", ""), rows=len(chart.categories),
                       filters=state.args(), columns=",".join(filter(None, (chart.by.name, chart.then and chart.then.name))))
        except RuleError as refused:
            return self._chart_page(state, chart, kind, error=str(refused)), 422
        title = f"{self.title} · {chart.by_label}"
        file = BytesIO()
        write_chart(chart, kind, file, title, about)
        file.seek(0)
        return sent_file(file, f"{title}.xlsx")

    def _counted(self) -> tuple[listing.ListState, Chart, str]:
        """The list's state, its rows counted as the address says, and how that is drawn."""
        offered = self.chart_columns() or abort(404)
        by, then, kind = (request.args.get(name, "") for name in ("by", "then", "kind"))
        by = by if by in offered else offered[0]
        state = listing.read_state(self, request.args)
        chart = count_by(state, self, by, then if then in offered and then != by else "")
        return state, chart, kind if kind in KINDS else KINDS[0]

    def _chart_page(self, state: listing.ListState, chart: Chart, kind: str, error: str = "") -> str:
        return self.page("chart", state=state, chart=chart, offered=self.chart_columns(), by=chart.by.name,
                         then=chart.then.name if chart.then else "", kind=kind, kinds=KINDS, error=error,
                         chips=self.chips(state), links=self.slices(state, chart))

    def slices(self, state: listing.ListState, chart: Chart) -> list[str]:
        """The list behind each category, keeping the chart's own filters."""
        return [f"{self.route_base}/list/?" + urlencode(
            {**state.args(), **slice_filters(chart, code)}, doseq=True)
            for code, _label in chart.categories]
