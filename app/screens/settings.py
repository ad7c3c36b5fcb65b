"""The page on which an administrator sets what the office decides for itself."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request
from flask_appbuilder.baseviews import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.base import options
from app.core.base.records import RuleError
from app.db import db


class OfficeSettingsView(BaseView):
    """Every declared setting, under its heading."""

    route_base = "/settings"
    default_view = "list"

    @expose("/list/")
    @has_access
    def list(self) -> str:
        return _page({})

    @expose("/list/", methods=["POST"])
    @has_access
    @permission_name("edit")
    def save(self) -> Any:
        """All or nothing; what was typed stays on the page beside the sentence that says what is wrong."""
        typed = {key: request.form[key] for key in options.OPTIONS if key in request.form}
        try:
            options.change(typed)
        except RuleError as error:
            db.session.rollback()
            return _page(typed, error), 422
        flash(_("Saved."), "success")
        return redirect("/settings/list/")


def _page(typed: dict[str, str], error: RuleError | None = None) -> str:
    return render_template("settings.html", sections=options.sections(), typed=typed, error=error)
