"""The sheet with the QR code of a grid, to be hung up at its doors (plan 四(五) 公示制度)."""

from __future__ import annotations

from typing import Any

import segno
from flask import abort, current_app, render_template, request
from flask_appbuilder.baseviews import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from markupsafe import Markup

from app.core.base.scope import current
from app.public import my_grid


def address_of(code: str) -> str:
    """Where the QR code of a grid leads: the office's public address if it is set, else the one in use now."""
    base = current_app.extensions["settings"].public_url or request.host_url
    return f"{base.rstrip('/')}/public/?grid={code}"


class PosterView(BaseView):
    """The sheet of one grid."""

    route_base = "/poster"
    default_view = "sheet"

    @expose("/<code>")
    @has_access
    @permission_name("sheet")
    def sheet(self, code: str) -> Any:
        """The printable sheet: the grid, who is responsible, the QR code and its address."""
        card = my_grid.card(code) if current().covers(code) else None
        if card is None:
            abort(404)
        address = address_of(card.code)
        picture = segno.make(address, error="m", micro=False).svg_inline(border=2, omitsize=True)
        return render_template("public/poster.html", card=card, address=address, picture=Markup(picture))
