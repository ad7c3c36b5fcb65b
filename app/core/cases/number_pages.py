"""The pages of a type of case that count: its board, and its figures of a stretch of time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import urlencode

from flask import request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.core.base.moments import today
from app.core.cases import boards, figures
from app.core.screens.screen import Screen


class NumberPages(Screen):
    """Two more pages of a view of cases; each number opens its list."""

    @expose("/board/")
    @has_access
    @permission_name("list")
    def board(self) -> str:
        """The open cases side by side: by state, by unit or by light."""
        name = request.args.get("by", "")
        name = name if name in boards.BOARDS else "state"
        columns = boards.columns(self, boards.BOARDS[name])
        return self.page("board", boards=boards.BOARDS, by=name, columns=columns)

    @expose("/figures/")
    @has_access
    @permission_name("chart")
    def figures(self) -> str:
        """The rates of a stretch of time, in all and by place; each number opens its list."""
        first, last = chosen_days()
        rows = figures.rows(self.record, first, last)
        return self.page("figures", first=first, last=last, rows=rows, whole=figures.summed(self.record, rows),
                         behind=self._list_behind(first, last), parts=figures.parts_of(self.record))

    def _list_behind(self, first: date, last: date) -> Callable[..., str]:
        """Gives the address of the list a number counts: of one row, and perhaps one part of it."""
        period = {"f.reported_at.from": first.isoformat(), "f.reported_at.below": (last + timedelta(days=1)).isoformat()}

        def behind(row: figures.Row, part: str = "") -> str:
            narrower = {"f.grid_code": row.code, f"f.{part}": part and "1"}
            return f"{self.route_base}/list/?" + urlencode({**period, **{k: v for k, v in narrower.items() if v}})

        return behind


def chosen_days() -> tuple[date, date]:
    """The stretch of time an address names: its first and last day; without one, this month so far."""
    last = _day(request.args.get("to", ""), today())
    return min(_day(request.args.get("from", ""), last.replace(day=1)), last), last


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise
