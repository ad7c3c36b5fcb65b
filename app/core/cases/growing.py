"""The screens of a record that may grow out of another matter: its form and page name that."""

from __future__ import annotations

from typing import Any

from flask import request

from app.core.cases import turning
from app.core.screens import RecordView


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
