"""Charts of any list: choose one column or two, see bars, click through to the people."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import abort, request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access

from app.core import listing
from app.core.charts import Chart, count_by, slice_filters

KINDS = ("bar", "line", "pie")


class ChartPages:
    """The chart page of a record."""

    def chart_columns(self) -> list[str]:
        """Columns a chart may count by: coded ones, the grid, and ages where there is a birth date."""
        return [*self.charts, *(["birth_on"] if "birth_on" in self.words else [])]

    @expose("/chart/")
    @has_access
    def chart(self) -> Any:
        state = listing.read_state(self, request.args)
        offered = self.chart_columns()
        if not offered:
            abort(404)
        by = request.args.get("by", "")
        by = by if by in offered else offered[0]
        then = request.args.get("then", "")
        then = then if then in offered and then != by else ""
        kind = request.args.get("kind", "bar")
        chart = count_by(state, self, by, then)
        return self.page("chart", state=state, chart=chart, offered=offered, by=by, then=then,
                         kind=kind if kind in KINDS else "bar", kinds=KINDS,
                         chips=self.chips(state), links=self.slices(state, chart))

    def slices(self, state: listing.ListState, chart: Chart) -> list[str]:
        """The list behind each category, keeping the chart's own filters."""
        return [f"{self.route_base}/list/?" + urlencode(
            {**state.args(), **slice_filters(chart, code)}, doseq=True)
            for code, _label in chart.categories]
