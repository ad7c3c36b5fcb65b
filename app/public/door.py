"""The pages and addresses of the public door, registered."""

from __future__ import annotations

from typing import Any

from app.public.api import PublicApi
from app.public.pages import PublicView
from app.public.poster import PosterView


def register(appbuilder: Any) -> None:
    """Registers what needs no account, and the poster that leads to it."""
    appbuilder.add_view_no_menu(PublicView)
    appbuilder.add_view_no_menu(PosterView)
    appbuilder.add_api(PublicApi)
