"""The screens of users, roles and passwords: a name, a role and a place, in the office's words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask_appbuilder.fields import QuerySelectMultipleField
from flask_appbuilder.fieldwidgets import Select2ManyWidget
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.views import ResetMyPasswordView as FabResetMyPasswordView
from flask_appbuilder.security.views import ResetPasswordView as FabResetPasswordView
from flask_appbuilder.security.views import RoleModelView as FabRoleModelView
from flask_appbuilder.security.views import UserDBModelView as FabUserDBModelView
from flask_appbuilder.validators import PasswordComplexityValidator
from flask_babel import lazy_gettext as _
from wtforms import PasswordField, SelectField
from wtforms.validators import EqualTo, InputRequired

from app import roles
from app.accounts import manager
from app.core.base import registry
from app.core.base.language import in_english
from app.core.base.moments import local
from app.core.base.registry import security
from app.core.telling.dictionaries import labels
from app.core.telling.places import place_name, visible_places
from app.screens.sign_in import AuthDBView, SecurityApi

ACTIONS = {
    "list": _("look"), "add": _("add"), "edit": _("edit"), "delete": _("delete"), "import": _("import"),
    "export": _("export"), "chart": _("chart"), "reveal": _("show whole values"),
}
MEANT = {"show": "list", "search": "list"}


def action_words(action: str) -> str:
    """What a right lets somebody do, in words; empty for one without words."""
    return str(ACTIONS.get(MEANT.get(action, action), ""))


def duties(role: str) -> list[tuple[str, list[bool]]]:
    """What a role of the table may do: (record, one mark for every action)."""
    return [(str(view.record.__label__), [roles.allows(role, action, view.__name__) for action in ACTIONS])
            for view in registry.record_views()]


def _password_fields() -> dict[str, Any]:
    return {
        "password": PasswordField(_("New password"), description=_("Eight characters or more, of three kinds"),
                                  validators=[InputRequired(_("Fill this in.")), PasswordComplexityValidator()]),
        "conf_password": PasswordField(_("New password again"), validators=[
            EqualTo("password", message=_("The two passwords differ."))]),
    }


PasswordForm = type("PasswordForm", (DynamicForm,), _password_fields())


def _node_field() -> Any:
    return SelectField(
        _("Grid"), description=_("What the user sees: the street, a community or a base grid. Without it, no rows."),
        choices=lambda: [("", ""), *((place.code, place_name(place.code)) for place in visible_places())],
        coerce=lambda code: code or None)


def _unit_field() -> Any:
    return SelectField(
        _("Handling unit"), description=_("Cases handed to this unit are among the user's work."),
        choices=lambda: [("", ""), *labels("handling_unit").items()], coerce=lambda code: code or None)


def _unit_name(code: str | None) -> str:
    return labels("handling_unit").get(code or "", code or "")


def role_word(name: str) -> str:
    """A role's name in the user's language; one an administrator made keeps its own."""
    return str(roles.ENGLISH.get(name, name)) if in_english() else name


def _role_words(held: list[Any]) -> list[str]:
    return [role_word(role.name) for role in held]


def _roles_field() -> QuerySelectMultipleField:
    """The roles to choose from, in words."""
    return QuerySelectMultipleField(
        _("Role"), query_func=lambda: security().get_all_roles(), get_pk_func=lambda role: role.id,
        get_label=lambda role: role_word(role.name), widget=Select2ManyWidget())


def _office_time(moment: datetime | None) -> str:
    """Flask-AppBuilder keeps sign-ins in the clock of the machine; the office reads its own."""
    return local(moment.astimezone(UTC)).strftime("%Y-%m-%d %H:%M") if moment else ""


class UserDBModelView(FabUserDBModelView):
    """The screen of users, with the grid node each is held to."""

    list_title, show_title, add_title, edit_title = _("Users"), _("User"), _("Add a user"), _("Edit the user")
    user_info_title = _("My profile")
    label_columns = {
        **FabUserDBModelView.label_columns, "first_name": _("Full name"), "node": _("Grid"), "unit": _("Handling unit"),
        "active": _("May sign in"), "last_login": _("Last sign-in"), "groups": _("Groups")}
    description_columns = {"active": _("Somebody who left is not deleted: take this off.")}
    list_columns = ["username", "first_name", "roles", "node", "active", "last_login"]
    search_columns = ["username", "first_name"]
    add_columns = ["username", "first_name", "roles", "node", "unit", "active", "password", "conf_password"]
    edit_columns = ["username", "first_name", "roles", "node", "unit", "active"]
    add_form_extra_fields = {**_password_fields(), "roles": _roles_field(), "node": _node_field(), "unit": _unit_field()}
    edit_form_extra_fields = {"roles": _roles_field(), "node": _node_field(), "unit": _unit_field()}
    show_fieldsets = [("", {"fields": ["username", "first_name", "roles", "node", "unit", "active", "last_login"]})]
    user_show_fieldsets = show_fieldsets
    formatters_columns = {"roles": _role_words, "node": place_name, "unit": _unit_name, "last_login": _office_time}

    def pre_add(self, item: Any) -> None:
        """Names are one word here, and nothing is sent by mail."""
        item.last_name = item.last_name or ""
        item.email = item.email or f"{item.username}@localhost.invalid"
        super().pre_add(item)


class RoleModelView(FabRoleModelView):
    """What each role may do, to read: the roles are one table of the program (app/roles.py)."""

    list_title, show_title = _("Roles"), _("Role")
    exclude_route_methods = {"add", "edit", "delete", "action", "action_post"}
    list_columns = ["name"]
    show_columns = ["name"]
    search_columns = ["name"]
    label_columns = {"name": _("Role")}
    formatters_columns = {"name": role_word}


class ResetMyPasswordView(FabResetMyPasswordView):
    form = PasswordForm
    form_title = _("Change my password")
    message = _("The password is changed.")


class ResetPasswordView(FabResetPasswordView):
    form = PasswordForm
    form_title = _("Set a new password")
    message = _("The password is changed.")


class SecurityManager(manager.SecurityManager):
    """The accounts, with the product's own screens."""

    userdbmodelview = UserDBModelView
    authdbview = AuthDBView
    security_api = SecurityApi
    rolemodelview = RoleModelView
    resetmypasswordview = ResetMyPasswordView
    resetpasswordview = ResetPasswordView
