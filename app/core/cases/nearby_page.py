"""While a case is being written: the open ones at its place that may be the same matter, before it is sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import request
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.core.base.fields import meaning
from app.core.base.moments import now
from app.core.base.nodes import Node
from app.core.cases.alike import nearby, same_matter
from app.core.cases.loop import MERGE
from app.core.cases.takers import may_take
from app.core.screens.forms import FormPages
from app.core.telling.places import place_name

COMPARED = ("title", "text", "place", "class", "longitude", "latitude")


class NearbyPage(FormPages):
    """One more page of a view of cases."""

    nearby_on_form = True

    @expose("/nearby", methods=["POST"])
    @has_access
    @permission_name("add")
    def nearby(self) -> Any:
        """The part of the form that names them; nothing when there are none. What is typed is kept nowhere."""
        form = self.form()
        begun = beginning(self.record, form.grid_code.data or "", {name: form[name].data for name in form._fields if name in self.words})
        found = same_matter(nearby(begun)) if begun.grid_code else []
        if not found:
            return "", 204
        merge = begun.workflow.by_name.get(MERGE)
        return self.page("nearby", found=found, place_of=place_name, merging=merge is not None and may_take(begun, merge))

    def _leads_to(self, row: Any) -> str:
        """Whoever said that it is another one merges it there next."""
        same = request.form.get("same_as", "")
        return f"{self.route_base}/step/{row.id}/{MERGE}?merged_into={quote(same[:24])}" if same else super()._leads_to(row)


def beginning(record: Any, grid_code: str, values: dict[str, Any]) -> Any:
    """A case as far as it is written, to be compared and never saved."""
    known = {name: values[name] for name in meaning(record, *COMPARED) if values.get(name) not in (None, "")}
    return record(grid_code=grid_code, level_code=Node(grid_code).at("community"), state=record.workflow.initial,
                  reported_at=now(), **known)
