"""The product's own pages beside the records': registered here, with what surrounds them all."""

from __future__ import annotations

from typing import Any

from flask import current_app

from app.screens import headers, health, metrics, refusals, shell
from app.screens.access_log import AccessLogView
from app.screens.inbox import InboxView
from app.screens.news import NewsView
from app.screens.settings import OfficeSettingsView
from app.screens.sign_in import LockoutView

VIEWS = (LockoutView, OfficeSettingsView, InboxView, NewsView, AccessLogView)


def register(appbuilder: Any) -> None:
    """Registers the pages; the frame, the headers and the error pages hang on every one."""
    for view in VIEWS:
        appbuilder.add_view_no_menu(view)
    for part in (shell, headers, refusals, health, metrics):
        part.install(current_app)
